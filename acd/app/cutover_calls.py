"""The test calls of a cut-over: what each kind sends, and whether what came of it is right.

Pure: who dials is ``sim.load.telephone``, who reads the ledger ``acd.bootstrap.cutover``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from acd.config.cutover_file import CallKind, CallRow
from acd.core.cdr_types import CallRecord
from acd.core.inputs import CallerKind

#: The numbers that test callers have: from ranges that are nobody's.
ORDINARY, OVERSEAS, RELAY = "0466000000", "+12025550100", "05000000000"
#: How far the clocks of caller and ledger may be apart for one call.
_NEAR_MS = 4_000
_HOST = "test.invalid"
#: What the ledger says of the caller, by the kind of call.
_CALLER = {
    CallKind.WITHHELD: (CallerKind.WITHHELD, ""),
    CallKind.PAYPHONE: (CallerKind.PAYPHONE, ""),
    CallKind.NO_NUMBER: (CallerKind.UNAVAILABLE, ""),
    CallKind.OVERSEAS: (CallerKind.NUMBER, OVERSEAS),
    CallKind.RELAY: (CallerKind.NUMBER, RELAY),
}


class Identity(Struct, frozen=True):
    """How a caller is told to us: the From (name and address), and further lines."""

    caller: str
    headers: tuple[str, ...] = ()


def identity(kind: CallKind) -> Identity:
    """As carriers tell it (the table of numbers in docs/glossary.md)."""
    match kind:
        case CallKind.WITHHELD:
            return Identity(
                '"Anonymous" <sip:anonymous@anonymous.invalid>',
                (f"P-Asserted-Identity: <sip:{ORDINARY}@{_HOST}>", "Privacy: id"),
            )
        case CallKind.PAYPHONE:
            return Identity(f'"Coin line/payphone" <sip:anonymous@{_HOST}>')
        case CallKind.NO_NUMBER:
            return Identity(f'"Unavailable" <sip:anonymous@{_HOST}>')
        case CallKind.OVERSEAS:
            return Identity(f"<sip:{OVERSEAS}@{_HOST}>")
        case CallKind.RELAY:
            return Identity(f"<sip:{RELAY}@{_HOST}>")
        case _:
            return Identity(f"<sip:{ORDINARY}@{_HOST}>")


class Heard(Struct, frozen=True):
    """The caller's side of one call. Times are Unix milliseconds; ``status`` is SIP's answer (0:
    none), ``sound_ms`` how long after the answer something was heard (None: nothing)."""

    dialled: str
    from_ms: int
    to_ms: int
    status: int
    sound_ms: int | None = None
    ended_by_us: bool = False


class Wrong(Struct, frozen=True):
    """One thing that was not as it should be: what was expected, what was met."""

    what: str
    expected: str
    met: str


class Tried(Struct, frozen=True):
    """One test call with its result, as it is kept. ``call`` is the ledger's id of it."""

    id: str
    kind: str
    by: str
    dialled: str
    at_ms: int
    passed: bool
    call: str = ""
    queue: str = ""
    outcome: str = ""
    caller: str = ""
    sound_ms: int | None = None
    wrong: tuple[Wrong, ...] = ()


def found(
    row: CallRow,
    heard: Heard,
    records: Iterable[CallRecord],
    before: Collection[str] = (),
    *,
    surely: bool = True,
) -> CallRecord | None:
    """The ledger's row of a call: the number dialled, begun and ended when the caller says.
    ``before`` are ids of calls that were told already. Others may call the same number in the
    same seconds: with ``surely`` only one that is told as ours was is taken."""
    near = [
        each
        for each in records
        if each.dialled == heard.dialled
        and each.call not in before
        and heard.from_ms - _NEAR_MS <= each.offered_ms <= heard.to_ms + _NEAR_MS
        and abs(each.closed_ms - heard.to_ms) <= _NEAR_MS
    ]
    ours = expected_caller(row)
    if surely:
        near = [each for each in near if (each.caller_kind, each.caller_number) == ours]
    near.sort(key=lambda each: abs(each.closed_ms - heard.to_ms))
    return near[0] if near else None


def expected_caller(row: CallRow) -> tuple[CallerKind, str]:
    """How the ledger must tell the caller; a person's own number is not known beforehand."""
    return _CALLER.get(row.kind, (CallerKind.NUMBER, ORDINARY))


def judge(row: CallRow, heard: Heard, record: CallRecord | None) -> Tried:
    """Hold both sides of a call against what must be."""
    wrong: list[Wrong] = []

    def want(what: str, expected: object, met: object, good: bool) -> None:
        if not good:
            wrong.append(Wrong(what, str(expected), str(met)))

    machine = heard.status != _BY_HAND
    if machine:
        want("status", 200, heard.status or "-", heard.status == 200)
        if heard.status == 200 and row.sound:
            want("sound", "sound", "silence", heard.sound_ms is not None)
    want("ledger", "one row", "none", record is not None)
    if record is not None:
        kind, number = expected_caller(row)
        want("caller", kind.value, record.caller_kind.value, record.caller_kind is kind)
        if machine or kind is not CallerKind.NUMBER:
            # Never the number itself: evidence is filed, and a withheld one is to be nowhere.
            same = record.caller_number == number
            want("number", "as sent" if number else "none", "another", same)
        listed = row.kind is not CallKind.UNLISTED
        want("listed", listed, record.listed, record.listed is listed)
        names = [each.value for each in row.outcomes]
        want("outcome", "/".join(names), record.outcome.value, record.outcome in row.outcomes)
        if row.queue is not None:
            want("queue", row.queue, record.queue or "-", record.queue == row.queue)
    return Tried(
        id=row.id,
        kind=row.kind.value,
        by=row.by.value,
        dialled=heard.dialled,
        at_ms=heard.from_ms,
        passed=not wrong,
        call=record.call if record else "",
        queue=record.queue if record else "",
        outcome=record.outcome.value if record else "",
        caller=record.caller_kind.value if record else "",
        sound_ms=heard.sound_ms,
        wrong=tuple(wrong),
    )


#: ``Heard.status`` of a call that a person made: only the ledger saw it.
_BY_HAND = -1


def by_hand(dialled: str, record: CallRecord) -> Heard:
    """The caller's side of a call that a person made, as far as the ledger tells it."""
    return Heard(dialled, record.offered_ms, record.closed_ms, _BY_HAND)
