"""One caller in a flow: a state machine without clocks or sockets.

The shell asks :meth:`Session.begin` for the first step, carries it out, reports what came of it by
:meth:`Session.heard`, and so on until a step is final. A step says what to play or what to wait
for; the session decides everything else. It always ends: in a queue, at a number or with a
goodbye, after at most :data:`MAX_VISITS` nodes, whatever is pressed or not pressed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from enum import StrEnum

from msgspec import Struct

from acd.core.hours import Calendar
from acd.core.ids import QueueId
from acd.core.inputs import FlowEnding
from acd.core.plan import CallType, SkillNeed
from acd.errors import TransitionError
from ivr.flow import (
    FINAL,
    KEYS,
    Dial,
    End,
    Flow,
    Hours,
    Language,
    Menu,
    Node,
    NodeId,
    Notice,
    Say,
    ToQueue,
    skill_needs,
)
from ivr.prompts import CATALOGUE

#: Nodes that one caller may pass; then the flow's operator takes over.
MAX_VISITS = 60


class Phase(StrEnum):
    """What the caller is doing."""

    PASSING = "passing"
    SPOKEN_TO = "spoken_to"
    ASKED = "asked"
    AWAITED = "awaited"
    LEAVING = "leaving"
    OVER = "over"


class Turn(StrEnum):
    """What moves a session on."""

    SPEAK = "speak"
    ASK = "ask"
    AWAIT = "await"
    GO_ON = "go_on"
    BID_FAREWELL = "bid_farewell"
    END = "end"


_P = Phase
_T = Turn

#: (phase, turn) -> next phase. A pair that is not here raises.
TABLE: dict[tuple[Phase, Turn], Phase] = {
    (_P.PASSING, _T.SPEAK): _P.SPOKEN_TO,
    (_P.PASSING, _T.ASK): _P.ASKED,
    (_P.PASSING, _T.GO_ON): _P.PASSING,
    (_P.PASSING, _T.BID_FAREWELL): _P.LEAVING,
    (_P.PASSING, _T.END): _P.OVER,
    (_P.SPOKEN_TO, _T.GO_ON): _P.PASSING,
    (_P.ASKED, _T.AWAIT): _P.AWAITED,
    (_P.ASKED, _T.ASK): _P.ASKED,
    (_P.ASKED, _T.GO_ON): _P.PASSING,
    (_P.AWAITED, _T.ASK): _P.ASKED,
    (_P.AWAITED, _T.GO_ON): _P.PASSING,
    (_P.LEAVING, _T.END): _P.OVER,
}


class Play(Struct, frozen=True):
    """Play prompts in a language; a key of ``keys`` cuts them short and is reported."""

    prompts: tuple[str, ...]
    language: str
    keys: str = ""


class Listen(Struct, frozen=True):
    """Wait for a key; silence after ``timeout_s`` is reported as ``""``."""

    timeout_s: float


class EnterQueue(Struct, frozen=True):
    """Final: the caller goes to a queue."""

    queue: QueueId
    language: str
    call_type: CallType | None = None
    needs: tuple[SkillNeed, ...] = ()
    prefers: tuple[SkillNeed, ...] = ()
    priority: int | None = None


class SendTo(Struct, frozen=True):
    """Final: the caller goes to an entry of the directory."""

    entry: str
    language: str


class Finish(Struct, frozen=True):
    """Final: hang up."""

    ending: FlowEnding
    detail: str
    language: str


Step = Play | Listen | EnterQueue | SendTo | Finish


class Passed(Struct, frozen=True):
    """A node the caller passed, and the key that decided there (may be empty)."""

    node: NodeId
    key: str


class Surroundings(Struct, frozen=True):
    """What a session may look at: the number dialled, the calendars, the lines."""

    dialled: str
    recorded: bool
    calendars: Mapping[str, Calendar]
    waiting: Callable[[QueueId], int]


class Session:
    """Walks one caller through a flow. ``passed`` fills as nodes are left; the shell empties it."""

    def __init__(self, flow: Flow, around: Surroundings) -> None:
        self._flow = flow
        self._around = around
        self.language = flow.language
        self.goodbye = flow.goodbye
        self.phase = Phase.PASSING
        self.passed: deque[Passed] = deque()
        self._at: NodeId = flow.start
        self._visits = 0
        self._ahead = ""
        self._silences = 0
        self._wrong_keys = 0
        self._prefers: dict[str, int] = {}

    def begin(self, now_s: float) -> Step:
        """The first step. ``now_s`` is Unix seconds, as in :meth:`heard`."""
        return self._walk(now_s)

    def heard(self, key: str, now_s: float) -> Step:
        """What came of the last step: the key pressed or ``""``; returns the next step.

        Anything that is no single key counts as silence. Raises :class:`TransitionError` after a
        final step.
        """
        key = key if len(key) == 1 and key in KEYS else ""
        node = self._flow.nodes[self._at]
        if self.phase is Phase.SPOKEN_TO and isinstance(node, Say | Notice):
            self._ahead = key or self._ahead
            self._go(node.next, "")
            return self._walk(now_s)
        if self.phase is Phase.ASKED and not key and isinstance(node, Menu):
            self._turn(Turn.AWAIT)
            return Listen(node.timeout_s)
        if self.phase in (Phase.ASKED, Phase.AWAITED) and isinstance(node, Menu):
            return self._answered(node, key, now_s)
        self._turn(Turn.END)
        return self._last(node)

    @property
    def decided(self) -> Finish | None:
        """How the call ends, while nothing but the last words is left to be heard."""
        node = self._flow.nodes[self._at]
        if self.phase is Phase.LEAVING and isinstance(node, End):
            return Finish(node.ending, node.detail, self.language)
        return None

    def _walk(self, now_s: float) -> Step:
        """Pass nodes until one needs the caller's ear, or the flow is over."""
        while True:
            node = self._flow.nodes[self._at]
            self._visits += 1
            if self._visits > MAX_VISITS and not isinstance(node, ToQueue | Dial | End):
                self._go(self._flow.operator, "")
                node = self._flow.nodes[self._at]
            step = self._enter(node, now_s)
            if step is not None:
                return step

    def _enter(self, node: Node, now_s: float) -> Step | None:
        """The step of a node just reached; None when it is passed without a sound."""
        if isinstance(node, Say | Notice):
            prompts = self._audible(node.prompts) if self._is_due(node) else ()
            if not prompts:
                self._go(node.next, "")
                return None
            self._turn(Turn.SPEAK)
            return Play(prompts, self.language, KEYS if _may_cut_in(node) else "")
        if isinstance(node, Language):
            self.language = node.language
            self._prefers |= node.prefers
            self._go(node.next, "")
            return None
        if isinstance(node, Hours):
            self._go(self._by_hours(node, now_s), "")
            return None
        if isinstance(node, Menu):
            self._silences = self._wrong_keys = 0
            return self._ask(node)
        prompts = self._audible(self._farewell(node))
        if prompts:
            self._turn(Turn.BID_FAREWELL)
            return Play(prompts, self.language)
        self._turn(Turn.END)
        return self._last(node)

    def _ask(self, node: Menu) -> Step | None:
        """Read the menu out, unless the caller pressed a key on the way to it."""
        ahead, self._ahead = self._ahead, ""
        if ahead in node.choices:
            self._go(node.choices[ahead], ahead)
            return None
        self._turn(Turn.ASK)
        repeated = self._silences + self._wrong_keys > 0
        prompts = (*node.again, *node.prompts) if repeated else node.prompts
        return Play(self._audible(prompts), self.language, KEYS)

    def _answered(self, node: Menu, key: str, now_s: float) -> Step:
        """A key or a silence at a menu: choose, ask again, or lead to a person."""
        if key in node.choices:
            self._go(node.choices[key], key)
            return self._walk(now_s)
        if key:
            self._wrong_keys += 1
            given_up = self._wrong_keys > node.max_wrong_keys
            instead = node.on_wrong_key
        else:
            self._silences += 1
            given_up = self._silences >= node.max_silences
            instead = node.on_silence
        if given_up:
            self._go(instead or self._flow.operator, key)
            return self._walk(now_s)
        return self._ask(node) or self._walk(now_s)

    def _by_hours(self, node: Hours, now_s: float) -> NodeId:
        """Where the calendar sends the caller now."""
        opening = self._around.calendars[node.calendar].status(now_s)
        if opening.open:
            return node.open
        fitting = [why for why in node.reasons if opening.reason.startswith(why)]
        return node.reasons[max(fitting, key=len)] if fitting else node.closed

    def _is_due(self, node: Say | Notice) -> bool:
        """Whether it is said at all: a recording notice only where calls are recorded."""
        if isinstance(node, Say):
            return True
        return self._around.recorded and self._around.dialled not in node.exempt_numbers

    def _farewell(self, node: Node) -> tuple[str, ...]:
        """What is said before a final step."""
        if isinstance(node, ToQueue) and 0 < node.congested_from <= self._around.waiting(
            node.queue
        ):
            return node.congested
        return node.prompts if isinstance(node, FINAL) else ()

    def _last(self, node: Node) -> Step:
        """The final step of a queue, number or ending."""
        if isinstance(node, ToQueue):
            return EnterQueue(
                queue=node.queue,
                language=self.language,
                call_type=node.call_type,
                needs=skill_needs(node.needs),
                prefers=skill_needs({**node.prefers, **self._prefers}),
                priority=node.priority,
            )
        if isinstance(node, Dial):
            return SendTo(node.entry, self.language)
        if isinstance(node, End):
            return Finish(node.ending, node.detail, self.language)
        raise TransitionError(f"node {self._at} is no end of a flow")

    def _audible(self, prompts: tuple[str, ...]) -> tuple[str, ...]:
        """The prompts that say something in the caller's language."""
        own = self._flow.prompts
        return tuple(
            prompt
            for prompt in prompts
            if (text := own.get(prompt) or CATALOGUE.get(prompt)) and text.text(self.language)
        )

    def _go(self, target: NodeId, key: str) -> None:
        """Leave this node for another."""
        self.passed.append(Passed(self._at, key))
        self._at = target
        self._turn(Turn.GO_ON)

    def _turn(self, turn: Turn) -> None:
        try:
            self.phase = TABLE[self.phase, turn]
        except KeyError:
            raise TransitionError(
                f"a session that is {self.phase.value} cannot {turn.value}"
            ) from None


def _may_cut_in(node: Say | Notice) -> bool:
    return isinstance(node, Say) and node.barge_in
