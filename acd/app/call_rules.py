"""By which numbers, hours and lines a caller is received: the usual ones, or those of a drill."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from acd.core.dialled import number_of, same_number
from acd.core.drill import PREFIX, drill_queue, is_called
from acd.core.engine import Engine
from acd.core.hours import Calendar
from acd.core.ids import QueueId
from acd.core.plan import NumberPlan
from acd.ports import CallInfo


class CallRules(Struct, frozen=True):
    """What holds for one call. ``number`` is the plan's entry for the number dialled; ``flow`` the
    id of the flow that answers; ``listed``: the number is one of ours."""

    number: NumberPlan | None
    flow: str
    listed: bool
    drill: bool
    calendars: Mapping[str, Calendar]
    default_queue: QueueId
    waiting: Mapping[QueueId, int]

    def queue(self, queue: QueueId) -> QueueId:
        """The line that stands for a line of the flow."""
        return drill_queue(queue) if self.drill else queue

    def waiting_in(self, queue: str) -> int:
        """How many wait where a line of the flow leads."""
        return self.waiting.get(self.queue(QueueId(queue)), 0)


def rules_for(engine: Engine, info: CallInfo) -> CallRules:
    """The rules for a call, by what it is marked as; a new one by what it would be."""
    state, plan, disaster = engine.state, engine.plan, engine.planned.disaster
    known = engine.calls.get(info.call)
    now = state.floor.mode.drill
    drill = now and (
        known.drill if known else is_called(disaster, info.dialled, info.caller.number)
    )
    number = number_of(plan, info.dialled)
    listed = number is not None
    default_flow, calendars = plan.default_flow, state.calendars
    if drill and disaster is not None:
        planned = (each for each in disaster.numbers if same_number(each.number, info.dialled))
        number = next(planned, None)
        default_flow = disaster.default_flow
        calendars = {
            name.removeprefix(PREFIX): each
            for name, each in calendars.items()
            if name.startswith(PREFIX)
        }
        listed = True
    return CallRules(
        number,
        number.flow if number is not None else default_flow,
        listed,
        drill,
        calendars,
        plan.default_queue,
        state.waiting_in,
    )
