"""The disaster switch in the engine: what it changes, for whom, and what stays of it."""

from __future__ import annotations

import pytest
from msgspec import structs

from acd.core import events as e
from acd.core import events_floor as f
from acd.core import inputs as i
from acd.core.cdr import Book
from acd.core.cdr_types import LegRecord, Record, VisitRecord
from acd.core.drill import drill_queue
from acd.core.events import AlertKind, CallOutcome, RefusalReason
from acd.core.ids import AgentId, CallId
from acd.core.inputs_floor import ModeRequested
from acd.core.plan import Mode, OverflowKind, OverflowRule, Plan, SkillNeed, Target, TargetKind
from metrics.tally import Tally
from tests.desk import TAX, Desk, person, plan, queue
from tests.engine_floor import disaster

pytestmark = pytest.mark.requirement("M27")
BOSS = "supervisor:boss"


def prepared(max_calls: int = 50) -> Plan:
    """In a disaster everybody takes calls for tax, and nobody waits for more than a minute."""
    usual = plan(queue(), person("sato"), person("mori", "waste"))
    sorry = OverflowRule(OverflowKind.WAIT, Target(TargetKind.ANNOUNCEMENT, "sorry"), 60.0)
    worse = (queue(needs=(), priority=5, overflow=(sorry,)),)
    made = disaster(usual, worse, max_calls)
    made = structs.replace(made, drill_numbers=("0466001199",), drill_callers=("0312345678",))
    return structs.replace(usual, disaster=made)


def turn(desk: Desk, mode: Mode, *, drill: bool = False, reason: str = "地震") -> None:
    desk.tell(ModeRequested(mode, drill, reason, BOSS))


def test_other_rules_hold_at_once_for_those_who_wait_and_back() -> None:
    desk = Desk(prepared(), "mori")
    desk.call("1")
    assert desk.rings("mori") is None
    turn(desk, Mode.DISASTER)
    changed = desk.event(f.ModeChanged)
    assert (changed.by, changed.reason, changed.drill) == (BOSS, "地震", False)
    assert desk.event(e.AlertRaised).kind is AlertKind.MODE_CHANGED
    assert desk.rings("mori") == "1"
    assert desk.engine.plan.queues[0].priority == 5
    turn(desk, Mode.NORMAL)
    assert desk.engine.plan == desk.engine.planned
    desk.call("2")
    assert desk.rings("mori") == "1"


def test_the_mode_outlives_a_restart_and_a_reload() -> None:
    desk = Desk(prepared())
    turn(desk, Mode.DISASTER, drill=True)
    desk.restart()
    now = desk.engine.state.floor.mode
    assert (now.mode, now.drill, now.by, now.reason) == (Mode.DISASTER, True, BOSS, "地震")
    assert desk.engine.plan.queues[1].needs == ()
    again = structs.replace(prepared(), version="2")
    desk.tell(i.PlanChanged(again))
    assert desk.engine.planned.version == "2"
    assert desk.engine.plan.version == "2+drill"


def test_the_cap_of_a_disaster_is_another() -> None:
    desk = Desk(prepared(max_calls=1))
    turn(desk, Mode.DISASTER)
    desk.arrive("1")
    desk.arrive("2")
    assert desk.engine.calls[CallId("2")].outcome is CallOutcome.BLOCKED


def test_overflow_of_a_disaster_is_asked_of_who_waited_before_it() -> None:
    desk = Desk(prepared())
    desk.call("1")
    desk.pass_time(90.0)
    turn(desk, Mode.DISASTER)
    assert desk.event(e.VisitEnded).rule is OverflowKind.WAIT


class Booked(Desk):
    """A desk whose events are folded into the ledger's rows."""

    def __init__(self, planned: Plan, *ready: str) -> None:
        self.book = Book()
        self.rows: list[Record] = []
        super().__init__(planned, *ready)

    def tell(self, happened: i.Input) -> None:
        super().tell(happened)
        for event in self.events:
            self.rows += self.book.fold(self.now, event)

    def tally(self) -> Tally:
        tally = Tally()
        tally.add(self.rows)
        return tally


def drill(desk: Desk, id_: str) -> None:
    """A call of the drill arrives, and is sent to the drill's line."""
    desk.arrive(id_, dialled="0466001199")
    desk.tell(i.QueueRequested(CallId(id_), drill_queue(TAX)))


def test_in_a_drill_real_callers_are_served_as_ever() -> None:
    desk = Desk(prepared(), "mori")
    turn(desk, Mode.DISASTER, drill=True)
    desk.call("real")
    assert desk.rings("mori") is None
    assert not desk.engine.calls[CallId("real")].drill
    drill(desk, "drill")
    assert desk.rings("mori") == "drill"
    desk.pass_time(90.0)
    assert desk.engine.calls[CallId("real")].queue == "tax"


def test_the_rules_for_a_disaster_hold_for_a_drills_calls_alone() -> None:
    desk = Desk(prepared())
    turn(desk, Mode.DISASTER, drill=True)
    desk.call("real")
    drill(desk, "drill")
    desk.pass_time(70.0)
    assert desk.engine.calls[CallId("real")].queue == "tax"
    assert desk.engine.calls[CallId("drill")].outcome is CallOutcome.BLOCKED


def test_the_cap_of_a_drill_is_that_of_a_disaster_and_real_callers_do_not_count() -> None:
    desk = Desk(prepared(max_calls=1))
    turn(desk, Mode.DISASTER, drill=True)
    desk.call("real")
    drill(desk, "1")
    assert desk.engine.calls[CallId("1")].outcome is None
    drill(desk, "2")
    assert desk.engine.calls[CallId("2")].outcome is CallOutcome.BLOCKED
    desk.call("real too")
    assert desk.engine.calls[CallId("real too")].outcome is None


@pytest.mark.parametrize(
    ("dialled", "number", "belongs"),
    [
        ("0466001199", "", True),
        ("+81466001199", "", True),
        ("1", "0312345678", True),
        ("1", "", False),
        ("1", "0466251111", False),
    ],
)
def test_a_call_belongs_to_a_drill_by_number_or_by_who_calls(
    dialled: str, number: str, belongs: bool
) -> None:
    desk = Desk(prepared())
    desk.arrive("before", dialled=dialled, number=number)
    turn(desk, Mode.DISASTER, drill=True)
    desk.arrive("in it", dialled=dialled, number=number)
    turn(desk, Mode.DISASTER)
    desk.arrive("earnest", dialled=dialled, number=number)
    marks = [call.drill for call in desk.engine.calls.values()]
    assert marks == [False, belongs, False]


def test_whoever_waits_in_a_drill_that_ends_is_served_by_the_usual_rules() -> None:
    desk = Desk(prepared())
    turn(desk, Mode.DISASTER, drill=True)
    drill(desk, "drill")
    turn(desk, Mode.NORMAL)
    desk.ready("sato")
    assert desk.rings("sato") == "drill"


def test_calls_of_a_drill_are_in_no_figure() -> None:
    desk = Booked(prepared(), "mori")
    turn(desk, Mode.DISASTER, drill=True)
    desk.call("real")
    drill(desk, "drill")
    desk.connect("mori")
    desk.hang_up("drill")
    desk.pass_time(10.0)
    desk.hang_up("real")
    marks = [row.drill for row in desk.rows if isinstance(row, VisitRecord | LegRecord)]
    assert sorted(marks) == [False, True, True]
    assert desk.tally().calls.offered == 1
    assert desk.tally().legs == {}
    mori = desk.engine.agents[AgentId("mori")]
    assert (mori.day_calls, mori.day_handled, mori.day_busy_s) == (0, 0, 0.0)


def test_what_cannot_be_turned_is_refused() -> None:
    desk = Desk(plan(person("sato")))
    turn(desk, Mode.DISASTER)
    assert desk.event(e.RequestRefused).reason is RefusalReason.NO_DISASTER_PLAN
    desk = Desk(prepared())
    turn(desk, Mode.NORMAL)
    assert desk.event(e.RequestRefused).reason is RefusalReason.NOTHING_TO_CHANGE
    turn(desk, Mode.DISASTER, reason="")
    assert desk.event(e.RequestRefused).reason is RefusalReason.OUT_OF_BOUNDS
    turn(desk, Mode.DISASTER, drill=True)
    turn(desk, Mode.DISASTER)
    assert not desk.engine.state.floor.mode.drill


def test_a_lost_way_in_a_disaster_leads_to_a_queue_that_exists() -> None:
    desk = Desk(prepared(), "mori")
    turn(desk, Mode.DISASTER)
    desk.call("1", "parks", needs=(SkillNeed("waste"),))
    assert desk.rings("mori") == "1"
