"""Who leads: one controller's part in the lease, as a machine that is told the time and answers.

It asks one question of the store at a time (:meth:`Leader.ask`), is told the answer or that none
came, and says at every moment whether its controller may act (:meth:`Leader.holds`). It reads no
clock and touches no wire; :mod:`acd.app.candidate` does both.

**Why never two.** The record has one holder, and a holder acts until ``hold_s`` (the lease less its
margin) after it *sent* the last renewal that was confirmed. Whoever takes over has seen the record
unchanged for ``lease_s`` after an *answer* came, and takes it only if it is unchanged still. Every
confirmed renewal was therefore sent before that answer, so the holder ended ``margin_s`` before.
Delays, lost answers, paused processes and wrong clocks at any end change nothing: both count time
on their own monotonic clock, and only its speed matters (``margin_s`` is for that, too).

**What it cannot promise.** (1) A store that goes back to an older state (fails over and loses the
newest writes): a renewal counts when the replicas asked for have it, whoever reaches the store
anew begins to watch anew, and a store without the record counts as one more change; what remains is
a store that loses confirmed writes *and* the holder's way to it at once. (2) A process that stops
between asking :meth:`Leader.holds` and the write that follows. (3) Two tokens that are the same,
after the store lost the record and whoever takes over had not seen it. Against all three stand the
fences (token in the database, in the dialplan), which ask nobody's clock: a new leader puts its
token into the database first, which refuses one that it knows of somebody else
(:meth:`Leader.refused`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from acd.errors import TransitionError
from acd.ports_cluster import Lease


class LeaderState(StrEnum):
    """Where a controller of a cluster stands."""

    STANDING_BY = "standing_by"
    LEADING = "leading"
    SUSPENDED = "suspended"
    STEPPING_DOWN = "stepping_down"


class LeaderTrigger(StrEnum):
    """What changes it."""

    ELECTED = "elected"
    RAN_OUT = "ran_out"
    REGAINED = "regained"
    ASKED = "asked"
    DEPOSED = "deposed"
    STOPPED = "stopped"


S, T = LeaderState, LeaderTrigger

TABLE: dict[tuple[LeaderState, LeaderTrigger], LeaderState] = {
    (S.STANDING_BY, T.ELECTED): S.LEADING,
    (S.LEADING, T.RAN_OUT): S.SUSPENDED,
    (S.LEADING, T.ASKED): S.STEPPING_DOWN,
    (S.LEADING, T.DEPOSED): S.STEPPING_DOWN,
    (S.SUSPENDED, T.REGAINED): S.LEADING,
    (S.SUSPENDED, T.ASKED): S.STEPPING_DOWN,
    (S.SUSPENDED, T.DEPOSED): S.STEPPING_DOWN,
    (S.STEPPING_DOWN, T.DEPOSED): S.STEPPING_DOWN,
    (S.STEPPING_DOWN, T.STOPPED): S.STANDING_BY,
}


def next_state(state: LeaderState, trigger: LeaderTrigger) -> LeaderState:
    """Where ``trigger`` leads from ``state``; raises TransitionError."""
    try:
        return TABLE[state, trigger]
    except KeyError:
        raise TransitionError(f"a controller that is {state} cannot be {trigger}") from None


class Times(Struct, frozen=True):
    """The lease's times in seconds, as ``[cluster]`` gives them."""

    lease_s: float = 1.5
    renew_every_s: float = 0.4
    margin_s: float = 0.4
    ask_every_s: float = 0.1

    @property
    def hold_s(self) -> float:
        """How long after sending a renewal its holder may act."""
        return self.lease_s - self.margin_s


class Look(Struct, frozen=True):
    """What is the record?"""

    sent_s: float


class Acquire(Struct, frozen=True):
    """Put ``wanted`` in place of ``seen``."""

    sent_s: float
    seen: Lease | None
    wanted: Lease


class Renew(Struct, frozen=True):
    """Raise the beat of ``mine``."""

    sent_s: float
    mine: Lease
    restore: bool


class Release(Struct, frozen=True):
    """Give ``mine`` back, first to ``heir``."""

    sent_s: float
    mine: Lease
    heir: str


Question = Look | Acquire | Renew | Release


class Leader:
    """One controller's part; all times are its own monotonic seconds.

    ``draw`` makes a fresh random name for each tenure. ``willing``: whether it takes the lease when
    it could; a standby that is not ready is not.
    """

    def __init__(self, node: str, times: Times, draw: Callable[[], str]) -> None:
        self.state = S.STANDING_BY
        self.willing = True
        self.highest = 0  # of all tokens heard of, here or elsewhere
        self._node, self._times, self._draw = node, times, draw
        self._mine: Lease | None = None  # of the present tenure, or what we tried to put in place
        self._until_s = -math.inf  # may act before
        self._not_before_s = -math.inf  # must not lead before, though the record is ours
        self._seen: Lease | None = None
        self._seen_s: float | None = None  # since when, without a change; None: not watching
        self._connection: int | None = None
        self._release: tuple[Lease, str] | None = None
        self._heir = ""
        self._due_s = -math.inf

    @property
    def token(self) -> int:
        """The token of the present tenure; 0 outside of one."""
        return self._mine.token if self._mine and self.state is not S.STANDING_BY else 0

    def holds(self, now_s: float) -> bool:
        """Whether the controller may act at this moment."""
        return now_s < self._until_s

    @property
    def until_s(self) -> float:
        """When the lease runs out, if it is not renewed; minus infinity outside of a tenure."""
        return self._until_s

    @property
    def has_record(self) -> bool:
        """Whether the present tenure's record was ours when last heard of."""
        return self._until_s > -math.inf

    @property
    def releasing(self) -> bool:
        """Whether a record is still to be given back."""
        return self._release is not None

    @property
    def wake_s(self) -> float:
        """When something is to be done: the next question, or the lease runs out."""
        return min(self._due_s, self._until_s) if self.state is S.LEADING else self._due_s

    def tick(self, now_s: float) -> None:
        """Notice that the lease has run out."""
        if self.state is S.LEADING and now_s >= self._until_s:
            self._move(T.RAN_OUT)

    def refused(self, token: int) -> None:
        """A fence let nothing of ours pass, since it knows ``token``, not below ours, of somebody
        else: stop at once, and go on above it."""
        self.highest = max(self.highest, token)
        if self.has_record and self.token <= token:
            self._depose()

    def step_down(self, heir: str = "") -> None:
        """Stop acting soon and give the lease back, first to ``heir``; it is kept until
        :meth:`stopped`. Does nothing where nobody leads."""
        if self.state in (S.LEADING, S.SUSPENDED):
            self._heir = heir
            self._move(T.ASKED)

    def stopped(self) -> None:
        """The controller does nothing any more: give the lease back, if it is still ours."""
        self._move(T.STOPPED)
        if self.has_record and self._mine is not None:
            self._release = (self._mine, self._heir)
        self._until_s, self._mine, self._heir = -math.inf, None, ""
        self._look_anew()
        self._due_s = -math.inf

    def end(self) -> None:
        """Nobody will ask the store any more: never act again."""
        self.willing = False
        if self.state is not S.STANDING_BY:
            self._depose()

    # -- questions ---------------------------------------------------------------------------

    def ask(self, now_s: float) -> Question | None:
        """The question to put now, if it is time for one. The next comes after its answer."""
        if now_s < self._due_s:
            return None
        self._due_s = math.inf
        if self._release is not None:
            return Release(now_s, *self._release)
        if self.state is not S.STANDING_BY:
            return self._renewal(now_s)
        if self._mine is not None and self._ours(self._seen) and self._mine.token >= self.highest:
            return self._keep(now_s, self._mine)
        if self.willing and now_s >= self._free_s:
            self._mine = self._wanted()
            return Acquire(now_s, self._seen, self._mine)
        return Look(now_s)

    def failed(self, question: Question, now_s: float) -> None:
        """No answer came, or an error did: what was asked may or may not have happened."""
        if isinstance(question, Acquire):
            # Should it have happened, then perhaps over a connection that nobody watched.
            self._not_before_s = now_s + self._times.lease_s
        self._release = None if isinstance(question, Release) else self._release
        self._look_anew()
        self._due_s = max(now_s, question.sent_s + self._times.ask_every_s)

    def answered(
        self, question: Question, record: Lease | None, now_s: float, connection: int = 0
    ) -> None:
        """The store's answer: the record as it stands. ``connection``: see LeaseStore."""
        times = self._times
        match question:
            case Release():
                self._release, self._due_s = None, now_s
                return
            case Renew() if self.state is not S.STANDING_BY:
                self._due_s = max(now_s, question.sent_s + times.renew_every_s)
                self._renewed(question, record, now_s)
                return
            case Acquire() if connection != self._connection:
                # It was put in place over another connection than the one watched: the store may
                # have gone back meanwhile, so a holder whom we did not see is given its time.
                self._not_before_s = now_s + times.lease_s
        self._watch(record, now_s, connection)
        if not isinstance(question, Look) and self._ours(record):
            self._stand(question.sent_s, now_s)
        self._due_s = self._next_look_s(question, now_s)

    # -- inside ------------------------------------------------------------------------------

    def _move(self, trigger: LeaderTrigger) -> None:
        self.state = next_state(self.state, trigger)

    def _depose(self) -> None:
        self._until_s = -math.inf
        self._move(T.DEPOSED)

    def _renewal(self, now_s: float) -> Renew | None:
        """The holder's next renewal; none when the tenure is lost and only waits for its end."""
        if self._mine is None or not self.has_record:
            return None
        return Renew(now_s, self._mine, restore=self.holds(now_s))

    def _keep(self, now_s: float, mine: Lease) -> Question:
        """The record turned out to be ours, though no answer said so when we put it there."""
        if self.willing:
            return Renew(now_s, mine, restore=False)
        self._mine = None
        return Release(now_s, mine, "")

    def _ours(self, record: Lease | None) -> bool:
        mine = self._mine
        return (
            record is not None
            and mine is not None
            and (record.node, record.term, record.token) == (mine.node, mine.term, mine.token)
        )

    def _renewed(self, question: Renew, record: Lease | None, now_s: float) -> None:
        """The answer to the holder's renewal."""
        if not self.has_record:
            return  # deposed since it was asked
        if record is None or not self._ours(record):
            self._depose()
            self.highest = max(self.highest, record.token if record else 0)
            return
        self._mine = record
        self._until_s = max(self._until_s, question.sent_s + self._times.hold_s)
        if self.state is S.SUSPENDED and self.holds(now_s):
            self._move(T.REGAINED)

    def _stand(self, sent_s: float, now_s: float) -> None:
        """The record is ours and nobody acts under an earlier one: lead, from this moment on."""
        until_s = sent_s + self._times.hold_s
        late = now_s < self._not_before_s or now_s >= until_s
        if late or self._mine is None or self._mine.token < self.highest:
            return
        self._until_s, self._mine = until_s, self._seen
        self._look_anew()
        self._move(T.ELECTED)

    def _watch(self, record: Lease | None, now_s: float, connection: int) -> None:
        if self._seen_s is None or record != self._seen or connection != self._connection:
            self._seen_s = now_s
        self._seen, self._connection = record, connection
        if record is not None:
            self.highest = max(self.highest, record.token)

    def _look_anew(self) -> None:
        self._seen, self._seen_s, self._connection = None, None, None

    @property
    def _free_s(self) -> float:
        """When the record that is watched may be taken, if it does not change until then."""
        if self._seen_s is None:
            return math.inf
        if self._seen and self._seen.given_back and self._seen.heir in ("", self._node):
            return self._seen_s
        return self._seen_s + self._times.lease_s

    def _wanted(self) -> Lease:
        """What to put in place of what is seen: the same again when it was tried before."""
        token = max(self.highest, self._seen.token if self._seen else 0) + 1
        if self._mine is not None and self._mine.token == token:
            return self._mine
        self._not_before_s = -math.inf
        return Lease(node=self._node, term=self._draw(), token=token, beat=0)

    def _next_look_s(self, question: Question, now_s: float) -> float:
        if self.state is not S.STANDING_BY:
            return max(now_s, question.sent_s + self._times.renew_every_s)
        due_s = question.sent_s + self._times.ask_every_s
        return max(now_s, min(due_s, self._free_s) if self.willing else due_s)
