"""Does the ledger balance? Pure comparisons: journal against rows, rows against the switch.

The journal is folded again into a fresh book; whatever row it gives must lie in the tables as it
is. The switch's own record (CEL) is independent of us: who called, who talked with whom, when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from acd.core.cdr import Book
from acd.core.cdr_types import CallRecord, LegRecord, Source, VisitRecord
from acd.core.events import CallOpened, CallOutcome, CallQueued
from acd.core.ids import CallId, OfferId, QueueId, SwitchId, VisitId
from acd.core.inputs import CallerKind
from acd.ports import Step

#: How far our clock and the switch's may be apart about one moment of a call.
TOLERANCE_MS = 1_500
#: Detail of calls that Asterisk's own static queue took while no controller was there.
STATIC_QUEUE = "static_queue"


class Balance(Struct):
    """Counts of calls and visits, and what does not fit. ``lost`` were offered (entered) and have
    neither a row nor are in progress; ``different`` rows are not what the journal says;
    ``before`` rows belong to steps that the journal no longer holds."""

    offered: int
    outcomes: dict[str, int]
    in_progress: int
    lost: list[str]
    different: list[str]
    before: int

    @property
    def balances(self) -> bool:
        """Whether the sums are equal and every row is right."""
        total = sum(self.outcomes.values()) + self.in_progress
        return self.offered == total and not self.lost and not self.different


class Refold:
    """Folds a whole journal again, log by log, and remembers what must lie in the tables."""

    def __init__(self) -> None:
        self.opened: dict[CallId, None] = {}
        self.entered: dict[tuple[CallId, VisitId], None] = {}
        self.calls: dict[CallId, CallRecord] = {}
        self.visits: dict[tuple[CallId, VisitId], VisitRecord] = {}
        self.open_calls: set[CallId] = set()
        self.open_visits: set[tuple[CallId, VisitId]] = set()
        self.steps = 0
        self._book = Book()

    def begin(self, book: Book) -> None:
        """Go on from where a log was cut: with what was open there."""
        self._book = book
        for call_id, call in book.calls.items():
            self.opened[call_id] = None
            if call.visit is not None:
                self.entered[call_id, call.visit.visit] = None

    def take(self, step: Step) -> None:
        """Take the next step of the log."""
        self.steps += 1
        for event in step.events:
            if isinstance(event, CallOpened):
                self.opened[event.call] = None
            elif isinstance(event, CallQueued):
                self.entered[event.call, event.visit] = None
            for row in self._book.fold(step.at_s, event):
                if isinstance(row, CallRecord):
                    self.calls[row.call] = row
                elif isinstance(row, VisitRecord):
                    self.visits[row.call, row.visit] = row

    def end_of_log(self) -> None:
        """What is open now was in progress when the log ended; another log may follow. A new
        leader's log begins with the calls it knows of: one that it does not know is in progress
        no more, and ended with nobody to write it down."""
        self.open_calls = set(self._book.calls)
        for call_id, call in self._book.calls.items():
            if call.visit is not None:
                self.open_visits.add((call_id, call.visit.visit))
        self._book = Book()


def check_calls(refold: Refold, rows: Sequence[CallRecord]) -> Balance:
    """The balance of calls: offered = sum of the outcomes + in progress."""
    stored = {row.call: row for row in rows}
    open_now = {call for call in refold.open_calls if call not in stored}
    offered = refold.opened.keys() | stored.keys()
    lost = sorted(call for call in offered if call not in stored and call not in open_now)
    different = [
        call
        for call, row in refold.calls.items()
        if call in stored
        and stored[call].source is Source.CONTROLLER
        and _as_folded(stored[call], row) != row
    ]
    return Balance(
        offered=len(offered),
        outcomes=_counts(row.outcome.value for row in rows),
        in_progress=len(open_now),
        lost=list(lost),
        different=list(different),
        before=sum(
            1 for row in rows if row.source is Source.CONTROLLER and row.call not in refold.opened
        ),
    )


def check_visits(refold: Refold, rows: Sequence[VisitRecord], corrected: set[CallId]) -> Balance:
    """The balance of visits: entered = sum of the outcomes + waiting. Visits of ``corrected``
    calls were set right from the switch's record."""
    stored = {(row.call, row.visit): row for row in rows}
    open_now = {key for key in refold.open_visits if key not in stored}
    entered = refold.entered.keys() | stored.keys()
    lost = sorted(key for key in entered if key not in stored and key not in open_now)
    different = [
        key
        for key, row in refold.visits.items()
        if key in stored and key[0] not in corrected and _whole_visit(stored[key], row) != row
    ]
    return Balance(
        offered=len(entered),
        outcomes=_counts(row.outcome.value for row in rows),
        in_progress=len(open_now),
        lost=[f"{call}/{visit}" for call, visit in lost],
        different=[f"{call}/{visit}" for call, visit in different],
        before=sum(1 for key in stored if key not in refold.entered),
    )


def _as_folded(stored: CallRecord, folded: CallRecord) -> CallRecord:
    """The stored row without what a later classification rightly changed in it, and with the
    skills, which rows of before they were kept do not know."""
    return msgspec.structs.replace(
        stored,
        disposition=folded.disposition,
        resolved=folded.resolved,
        call_type=folded.call_type,
        skills=stored.skills or folded.skills,
    )


def _whole_visit(stored: VisitRecord, folded: VisitRecord) -> VisitRecord:
    return msgspec.structs.replace(stored, skills=stored.skills or folded.skills)


def _counts(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


# -- the switch's own record -------------------------------------------------------------------


class SwitchTalk(Struct, frozen=True):
    """A caller and another party in one bridge. ``offer`` is empty for anybody but an operator
    whom we rang; ``fallback`` is true for a member of the static queue."""

    from_ms: int
    to_ms: int | None
    offer: OfferId
    fallback: bool


class SwitchCall(Struct):
    """A call as the switch saw it; ``ended_ms`` None = its end is not in the record. ``dialled`` is
    known of calls that the static queue took."""

    call: CallId
    trunk: str
    started_ms: int
    ended_ms: int | None = None
    cause: int = 0
    talks: list[SwitchTalk] = []
    dialled: str = ""


class Differences(Struct):
    """What switch and ledger say differently, by call or offer id.

    ``only_switch`` calls, and ``answered_unseen`` ones (somebody talked with a caller whom the
    ledger does not count as answered: the static queue, or an operator while no controller ran),
    can be taken over. ``talk_length`` and ``moments`` are expected for calls that went on while
    the controller was away: it learned of them later.
    """

    compared: int
    only_switch: list[CallId]
    answered_unseen: list[CallId]
    only_ledger: list[CallId]
    talk_not_in_ledger: list[OfferId]
    talk_not_in_switch: list[OfferId]
    talk_length: list[OfferId]
    moments: list[CallId]

    @property
    def none(self) -> bool:
        """Whether both know the same calls and the same talks."""
        return not (
            self.only_switch
            or self.answered_unseen
            or self.only_ledger
            or self.talk_not_in_ledger
            or self.talk_not_in_switch
        )


def compare_with_switch(
    seen: Mapping[CallId, SwitchCall],
    calls: Sequence[CallRecord],
    legs: Sequence[LegRecord],
    open_calls: set[CallId],
    *,
    tolerance_ms: int = TOLERANCE_MS,
) -> Differences:
    """Hold ledger rows against the switch's calls, from the switch's first moment on.

    A talk shorter than the tolerance may be missing on either side: a caller who hangs up in the
    moment of the answer was joined, or was not, depending on who looks.
    """
    first_ms = min((call.started_ms for call in seen.values()), default=0)
    ours = {row.call: row for row in calls if row.offered_ms >= first_ms - tolerance_ms}
    ended = {call.call: call for call in seen.values() if call.ended_ms is not None}
    unseen = [
        call.call
        for call in ended.values()
        if call.call in ours
        and ours[call.call].outcome is not CallOutcome.ANSWERED
        and any((talk.to_ms or 0) - talk.from_ms > tolerance_ms for talk in call.talks)
    ]
    alike = {
        call
        for call in ours.keys() & ended
        if ours[call].source is Source.CONTROLLER and call not in unseen
    }
    by_leg = _switch_talks(ended[call] for call in ended if call in alike)
    talked = [leg for leg in legs if leg.result is None and leg.call in alike]
    by_us = {leg.offer: leg.talk_ms + leg.hold_ms for leg in talked}
    # A telephone that holds stays with its caller; whom the switch holds is apart from the caller.
    at_least = {leg.offer: leg.talk_ms for leg in talked}
    return Differences(
        compared=len(ours.keys() & ended.keys()),
        only_switch=[call for call in ended if call not in ours and call not in open_calls],
        answered_unseen=unseen,
        only_ledger=[call for call in ours if call not in seen],
        talk_not_in_ledger=_missing(by_leg, by_us, tolerance_ms),
        talk_not_in_switch=_missing(by_us, by_leg, tolerance_ms),
        talk_length=[
            offer
            for offer, ms in by_us.items()
            if offer in by_leg
            and not at_least[offer] - tolerance_ms <= by_leg[offer] <= ms + tolerance_ms
        ],
        moments=[
            call for call in ours if call in alike and _apart(ours[call], ended[call], tolerance_ms)
        ],
    )


def _missing(
    here: Mapping[OfferId, int], there: Mapping[OfferId, int], tolerance_ms: int
) -> list[OfferId]:
    return [offer for offer, ms in here.items() if ms > tolerance_ms and offer not in there]


def _switch_talks(calls: Iterable[SwitchCall]) -> dict[OfferId, int]:
    """Offer → milliseconds, of talks that we arranged."""
    talks: dict[OfferId, int] = {}
    for call in calls:
        for talk in call.talks:
            if talk.offer and talk.to_ms is not None:
                talks[talk.offer] = talks.get(talk.offer, 0) + talk.to_ms - talk.from_ms
    return talks


def _apart(row: CallRecord, seen: SwitchCall, tolerance_ms: int) -> bool:
    begin = not row.adopted and abs(row.offered_ms - seen.started_ms) > tolerance_ms
    return begin or abs(row.closed_ms - (seen.ended_ms or 0)) > tolerance_ms


def taken_over(seen: SwitchCall, switch: SwitchId, ours: CallRecord | None) -> CallRecord:
    """The row of a call that only the switch, or its static queue, served.

    What the switch cannot know (caller's number, menu, language, which of our queues) stays empty,
    or as we had it. Who was with the static queue has :data:`STATIC_QUEUE` as detail.
    """
    end_ms = seen.ended_ms if seen.ended_ms is not None else seen.started_ms
    talks = [talk for talk in seen.talks if talk.to_ms is not None]
    talk_ms = sum((talk.to_ms or 0) - talk.from_ms for talk in talks)
    answered_ms = min((talk.from_ms for talk in talks), default=None)
    wait_ms = (end_ms if answered_ms is None else answered_ms) - seen.started_ms
    return CallRecord(
        call=seen.call,
        switch=switch,
        trunk=seen.trunk,
        dialled=(ours.dialled if ours else "") or seen.dialled,
        caller_kind=ours.caller_kind if ours else CallerKind.UNAVAILABLE,
        caller_number=ours.caller_number if ours else "",
        listed=ours.listed if ours else True,
        adopted=False,
        source=Source.SWITCH,
        offered_ms=seen.started_ms,
        closed_ms=end_ms,
        outcome=CallOutcome.ANSWERED if talks else CallOutcome.ABANDONED,
        cause=seen.cause,
        detail=STATIC_QUEUE if seen.dialled or any(t.fallback for t in talks) else "",
        call_type=ours.call_type if ours else None,
        language=ours.language if ours else "",
        answered_ms=answered_ms,
        wait_ms=wait_ms,
        talk_ms=talk_ms,
        after_ms=end_ms - seen.started_ms - wait_ms - talk_ms,
        visits=ours.visits if ours else 0,
        legs=len(talks),
        queue=ours.queue if ours else QueueId(""),
        skills=ours.skills if ours else "",
    )
