"""What a supervisor changed for the time being: part of the engine's memory.

The mode of the centre with the rules that follow from it, skills of today, and who hears whose
talk. It outlives a restart as everything else does.
"""

from __future__ import annotations

from msgspec import Struct, structs

from acd.core.drill import with_drill
from acd.core.ids import AgentId, CallId, OfferId, SpyId, SwitchId, TimerToken
from acd.core.inputs_floor import SpyMode
from acd.core.plan import AgentPlan, Mode, Plan
from acd.core.timers import NO_TIMER
from agents.state import AgentState


class ModeNow(Struct, frozen=True):
    """The rules in force: which, for a drill or not, since when, who said so and why."""

    mode: Mode = Mode.NORMAL
    drill: bool = False
    since_s: float = 0.0
    by: str = ""
    reason: str = ""


class Spy(Struct, frozen=True):
    """A supervisor's leg: the talk that ``device`` hears, and how."""

    id: SpyId
    device: str
    switch: SwitchId
    offer: OfferId
    mode: SpyMode
    by: str


class Taking(Struct, gc=False):
    """A supervisor's telephone that rings for a talk. ``before``: the state that an operator who
    is logged in there comes from; None for a guest."""

    id: OfferId
    call: CallId
    agent: AgentId
    device: str
    by: str
    before: AgentState | None = None
    picked_up: bool = False
    timer: TimerToken = NO_TIMER


class FloorMemory(Struct):
    """``skills`` holds levels by skill by operator; ``midnight`` is the timer that ends them.
    ``takings`` are telephones that ring for a talk, by the id that the offer will have."""

    mode: ModeNow = ModeNow()
    skills: dict[str, dict[str, int]] = {}
    midnight: TimerToken = NO_TIMER
    spies: dict[SpyId, Spy] = {}
    spy_count: int = 0
    takings: dict[OfferId, Taking] = {}

    def levels(self, planned: AgentPlan) -> dict[str, int]:
        """An operator's levels today."""
        usual = {skill.skill: skill.level for skill in planned.skills}
        return {**usual, **self.skills.get(planned.id, {})}

    def spy_at(self, device: str) -> Spy | None:
        """The leg at this telephone, if it hears a talk."""
        return next((spy for spy in self.spies.values() if spy.device == device), None)

    def taking_of(self, call: CallId) -> Taking | None:
        """The telephone that rings for this talk, if one does."""
        return next((each for each in self.takings.values() if each.call == call), None)

    def rings_at(self, device: str) -> bool:
        """Whether this telephone rings for a talk."""
        return any(each.device == device for each in self.takings.values())


def in_force(plan: Plan, now: ModeNow) -> Plan:
    """The plan as it applies under a mode: for a disaster with the parts it has for that, if any;
    in a drill with the drill's lines beside its own. Its version says so, and whoever compares
    versions learns of the change."""
    if now.mode is Mode.NORMAL:
        return plan
    version = f"{plan.version}+{'drill' if now.drill else now.mode.value}"
    disaster = plan.disaster
    if disaster is None:
        return structs.replace(plan, version=version)
    if now.drill:
        return with_drill(plan, disaster, version)
    return structs.replace(
        plan,
        version=version,
        queues=disaster.queues,
        numbers=disaster.numbers,
        calendars=disaster.calendars,
        default_flow=disaster.default_flow,
        max_calls=disaster.max_calls,
    )
