"""The plan: everything a centre decides beforehand, as immutable data.

``acd.config`` makes it from TOML files; the engine only ever sees these types. A plan travels in
the journal, so that a replay knows the rules under which a decision was made.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.ids import AgentId, Personal, QueueId, SwitchId
from acd.core.outbound import OutboundPlan


class CallType(StrEnum):
    """The two jobs of the one number."""

    ENQUIRY = "enquiry"
    SWITCHBOARD = "switchboard"


class Strategy(StrEnum):
    """Which of several idle operators is offered a call.

    Ties go to the longest idle; of those idle since the same instant, to who became ready first.
    """

    LONGEST_IDLE = "longest_idle"
    MOST_SKILLED = "most_skilled"
    LEAST_OCCUPIED = "least_occupied"
    FEWEST_CALLS = "fewest_calls"
    ROUND_ROBIN = "round_robin"
    RANDOM = "random"


class TargetKind(StrEnum):
    """Where a call may be sent."""

    QUEUE = "queue"
    NUMBER = "number"
    ANNOUNCEMENT = "announcement"
    CALL_BACK = "call_back"
    AGENT = "agent"
    OUTSIDE = "outside"


class OverflowKind(StrEnum):
    """What makes a call overflow."""

    WAIT = "wait"
    LENGTH = "length"
    NO_AGENTS = "no_agents"
    EXPECTED_WAIT = "expected_wait"
    CLOSED = "closed"
    OFFERS = "offers"


class Mode(StrEnum):
    """The rules that a centre works under: its usual ones, or those for a disaster."""

    NORMAL = "normal"
    DISASTER = "disaster"


class SkillNeed(Struct, frozen=True, order=True):
    """A skill and the lowest level (1-9) that will do; for an operator, the level held."""

    skill: str
    level: int = 1


class Target(Struct, frozen=True):
    """A destination: queue id, directory entry, announcement id, operator's id; empty for a
    call-back and for a number outside of the directory (which is personal data)."""

    kind: TargetKind
    value: str = ""


class LadderStep(Struct, frozen=True):
    """What becomes easier after ``after_s`` seconds in the queue (all fields may be combined).

    ``lower`` replaces levels by skill (0 drops the skill), ``drop_preferences`` forgets preferred
    skills and the preferred operator, ``add_queue`` lets that queue's operators serve the call too,
    ``raise_priority`` adds to the priority (the sum stays within 0-9).
    """

    after_s: float
    lower: tuple[SkillNeed, ...] = ()
    drop_preferences: bool = False
    add_queue: QueueId | None = None
    raise_priority: int = 0


class OverflowRule(Struct, frozen=True):
    """When a call leaves a queue unanswered, and where it goes.

    ``threshold``: seconds for WAIT and EXPECTED_WAIT (its median), calls already waiting for
    LENGTH, failed offers for OFFERS; unused for NO_AGENTS and CLOSED. LENGTH, EXPECTED_WAIT and
    CLOSED are asked when the call enters, and of those who wait when another plan brought them;
    WAIT, NO_AGENTS, OFFERS while it waits as well.
    """

    kind: OverflowKind
    target: Target
    threshold: float = 0.0


class QueuePlan(Struct, frozen=True):
    """One queue: what its calls need, how operators are chosen, what happens when nobody is.
    ``reading``, here and below: the Japanese name in hiragana, by which it is looked up."""

    id: QueueId
    name_ja: str
    name_en: str
    call_type: CallType = CallType.ENQUIRY
    needs: tuple[SkillNeed, ...] = ()
    prefers: tuple[SkillNeed, ...] = ()
    priority: int = 0
    strategy: Strategy = Strategy.LONGEST_IDLE
    ring_timeout_s: float = 15.0
    wrap_up_s: float = 10.0
    max_length: int = 200
    max_wait_s: float = 3600.0
    max_offers: int = 10
    prefer_last_agent_s: float = 0.0
    hours: str = ""
    sl_threshold_s: float = 20.0
    announce_every_s: float = 30.0
    name_prompt: str = ""
    ladder: tuple[LadderStep, ...] = ()
    overflow: tuple[OverflowRule, ...] = ()
    recorded: bool = True
    reading: str = ""


class SkillName(Struct, frozen=True):
    """What people call a skill."""

    id: str
    ja: str
    en: str


class SeatPlan(Struct, frozen=True):
    """Where somebody sits on the map of the seats: row from the front, column from the left, from 1
    on."""

    row: int
    column: int


class AgentPlan(Struct, frozen=True):
    """One operator: the person, the device that rings, the skills with levels 1-9. ``outside`` is
    the dial string of a telephone in the public network that may ring instead; ``team`` is whom the
    operator's figures are added up with."""

    id: AgentId
    name: str
    device: str
    skills: tuple[SkillNeed, ...] = ()
    switch: SwitchId = SwitchId("a")
    outside: Personal = ""
    team: str = ""
    seat: SeatPlan | None = None
    reading: str = ""


class NumberPlan(Struct, frozen=True):
    """A number callers dial: the flow that answers it.

    ``recorded``: talks are recorded, and callers are told; ``keep_days`` 0: as the settings say.
    """

    number: str
    flow: str
    name_ja: str = ""
    name_en: str = ""
    recorded: bool = True
    keep_days: int = 0


class DirectoryEntry(Struct, frozen=True):
    """A department or outside number that calls may be sent to; nothing else may be dialled."""

    id: str
    name_ja: str
    name_en: str
    dial: str
    hours: str = ""
    reading: str = ""


class InterpreterPlan(Struct, frozen=True):
    """Who interprets a language: a directory entry, whose hours count. First come, first asked."""

    language: str
    entry: str


class TalkPlan(Struct, frozen=True):
    """What operators may do with a talk.

    ``ring_s``: how long somebody who is asked is rung; ``return_s``: how long a caller whom nobody
    took comes back to the same operator alone; ``shown``: our number, shown on outside lines.
    """

    ring_s: float = 20.0
    return_s: float = 30.0
    shown: str = ""
    interpreters: tuple[InterpreterPlan, ...] = ()
    outbound: OutboundPlan = OutboundPlan()


class DaySpan(Struct, frozen=True):
    """Open from/to in minutes after local midnight: 510-1035 is 8:30-17:15, the end excluded."""

    from_min: int
    to_min: int


class CalendarPlan(Struct, frozen=True):
    """Opening hours: spans per weekday (0 = Monday), and days that differ.

    ``closed`` and ``special`` are keyed by ISO date (``2026-12-29``); ``closed`` gives the reason
    (holiday name, year end, ad-hoc); ``special`` replaces the day's spans and wins over ``closed``.
    """

    id: str
    week: tuple[tuple[DaySpan, ...], ...]
    closed: dict[str, str] = {}
    special: dict[str, tuple[DaySpan, ...]] = {}


class CooldownPlan(Struct, frozen=True):
    """Seconds until an operator whose offer failed is ready again by itself; 0 = never by itself.

    A ring that nobody answers always leaves the operator not ready until a person acts, unless
    ``no_answer_s`` is set.
    """

    no_answer_s: float = 0.0
    rejected_s: float = 15.0
    busy_s: float = 15.0
    unreachable_s: float = 30.0


class DisasterPlan(Struct, frozen=True):
    """What takes the place of the plan's own parts in a disaster, each of them whole.

    The banner stands on every screen as long as it lasts. A drill is played with the calls to
    ``drill_numbers`` and those from ``drill_callers``.
    """

    queues: tuple[QueuePlan, ...]
    numbers: tuple[NumberPlan, ...]
    calendars: tuple[CalendarPlan, ...]
    default_flow: str
    max_calls: int
    banner_ja: str
    banner_en: str
    drill_numbers: tuple[str, ...] = ()
    drill_callers: tuple[Personal, ...] = ()


class Plan(Struct, frozen=True):
    """A whole centre. Tuples keep the order of the files; ``version`` names it in the journal."""

    version: str
    queues: tuple[QueuePlan, ...]
    agents: tuple[AgentPlan, ...]
    numbers: tuple[NumberPlan, ...] = ()
    directory: tuple[DirectoryEntry, ...] = ()
    calendars: tuple[CalendarPlan, ...] = ()
    default_queue: QueueId = QueueId("")
    default_flow: str = ""
    timezone: str = "Asia/Tokyo"
    priority_step_s: float = 60.0
    last_agent_memory_s: float = 86_400.0
    offer_lease_s: float = 10.0
    max_calls: int = 10_000
    cooldown: CooldownPlan = CooldownPlan()
    seed: int = 1
    talk: TalkPlan = TalkPlan()
    disaster: DisasterPlan | None = None
    skills: tuple[SkillName, ...] = ()
