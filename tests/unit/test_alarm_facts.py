"""The facts of the alarms are those of the engine, the adapters and the visits that just ended."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from acd.app.alarm_facts import Window
from acd.config import load_centre
from acd.config.alarm_settings import USUAL_RULES
from acd.core.cdr_types import VisitRecord
from acd.core.drill import drill_queue
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import CallId, QueueId, SwitchId
from acd.core.inputs import AgentLoggedIn, CallArrived, Caller, CallerKind, QueueRequested
from acd.core.inputs_floor import ModeRequested
from acd.core.plan import Mode
from tests.fakes.centre import CENTRE, Centre
from tests.ledger_rows import Visit, a_call, drawn_day, ms
from tests.web.watching_kit import CALM, Watched
from web.wallboard_views import centre_section, now_sections

#: A Friday, ten in the morning in Tokyo; and the night after it.
OPEN_S = ms("2026-11-20T10:00") / 1000
NIGHT_S = ms("2026-11-20T23:00") / 1000


@pytest.fixture
def watched() -> Watched:
    return Watched(Centre(load_centre(CENTRE).plan, now=OPEN_S))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"switch_up": False}, "switch_gone"),
        ({"ami_lag_s": 3.0}, "ami_lag"),
        ({"journal_failing": True}, "journal_failing"),
        ({"journal_lag": 30_000}, "journal_lag"),
        ({"spool_used": 0.6}, "spool_filling"),
        ({"disk_used": 0.96}, "disk_nearly_full"),
        ({"clock_drift_s": -3.0}, "clock_drift"),
        ({"database_fails": True}, "database_gone"),
        ({"loop_lag_s": 0.7}, "event_loop_lag"),
        ({"rebuilt": 1}, "controller_rebuilt"),
    ],
)
def test_each_level_has_its_alarm_within_a_minute_and_its_end(
    watched: Watched, change: dict[str, object], rule: str
) -> None:
    agent = watched.centre.plan.agents[0]
    watched.centre.do(AgentLoggedIn(agent.id, "phone"))
    assert watched.looks(60) == set()
    watched.levels = replace(CALM, **change)
    assert watched.looks(60) == {rule}
    if rule != "controller_rebuilt":
        watched.levels = CALM
    # That it was rebuilt is said for a quarter of an hour.
    assert watched.looks(17 * 60) == set()


def test_nobody_is_missed_only_while_the_centre_is_open(watched: Watched) -> None:
    assert watched.looks(150) == {"nobody_logged_in"}
    agent = watched.centre.plan.agents[0]
    watched.centre.do(AgentLoggedIn(agent.id, "phone"))
    assert watched.looks(120) == set()


@pytest.mark.requirement("M27")
def test_a_drill_holds_a_line_and_is_nobodys_alarm_nor_on_any_wall(watched: Watched) -> None:
    centre = watched.centre
    centre.do(ModeRequested(Mode.DISASTER, True, "訓練", "supervisor:mori"))
    for number, queue in enumerate((drill_queue(QueueId("tax")), QueueId("tax"))):
        call = CallId(f"17000000.{number:06d}")
        who = Caller(CallerKind.WITHHELD, "")
        centre.do(CallArrived(call, SwitchId("a"), "PJSIP/c-1", "carrier", "0466001199", who))
        centre.do(QueueRequested(call, queue))
    assert all(call.drill for call in centre.engine.calls.values())
    assert "longest_wait" not in watched.looks(400)
    shown = now_sections(centre.engine, centre.now)
    assert shown["waiting"] == {"count": 0, "since_s": None, "queues": {}}
    assert shown["lines"]["in_progress"] == 0
    assert shown["lines"]["by_trunk"] == {"carrier": 2}
    named = [each["id"] for each in centre_section(centre.engine, {})["queues"]]
    assert named == [each.id for each in centre.engine.planned.queues]


def test_a_trunk_and_a_queue_are_named(watched: Watched) -> None:
    watched.centre.do(AgentLoggedIn(watched.centre.plan.agents[0].id, "phone"))
    for number in range(3):
        watched.centre.call(number)
    assert watched.looks(400) == {"trunk_nearly_full", "longest_wait"}
    subjects = {each.alarm: each.subject for each in watched.watching.alarms.listed()}
    assert subjects == {"trunk_nearly_full": "carrier", "longest_wait": "general"}


@pytest.mark.requirement("M12")
def test_the_service_level_is_that_of_the_last_minutes(watched: Watched) -> None:
    watched.centre.do(AgentLoggedIn(watched.centre.plan.agents[0].id, "phone"))
    now_ms = round(watched.centre.now * 1000)
    rows = []
    for number in range(12):
        # Five of twelve within 20 s: 42 %. The other queue has too few to speak of.
        wait_s = 10.0 if number < 5 else 40.0
        visit = Visit("tax", wait_s, agent="abe", talk_s=1)
        rows += a_call(number, now_ms - 60_000, CallOutcome.ANSWERED, visit)
    gone = Visit("waste", 60.0, VisitOutcome.ABANDONED)
    rows += a_call(99, now_ms - 70_000, CallOutcome.ABANDONED, gone)
    watched.watching.take(rows)
    assert watched.looks(90) == {"service_level"}
    subjects = {each.subject for each in watched.watching.alarms.listed()}
    assert subjects == {"", "tax"}
    assert watched.looks(15 * 60) == set()


def test_a_window_holds_what_a_recount_finds() -> None:
    begin_ms = round(OPEN_S * 1000)
    rows = drawn_day(3, 300, begin_ms, begin_ms + 3_600_000)
    found = (each for each in rows if isinstance(each, VisitRecord) and not each.drill)
    visits = sorted(found, key=lambda each: each.ended_ms)
    window = Window(600.0)
    for number, visit in enumerate(visits, 1):
        window.take([visit])
        held = [each for each in visits[:number] if each.ended_ms > visit.ended_ms - 600_000]
        answered = sum(each.outcome is VisitOutcome.ANSWERED for each in held)
        sums = window.sums(visit.ended_ms)[""].visits
        assert (sums.entered, sums.answered) == (len(held), answered)


def test_a_new_window_begins_with_what_the_old_ones_remember() -> None:
    watched = Watched(Centre(load_centre(CENTRE).plan, now=OPEN_S))
    facts, usual = watched.watching.facts, USUAL_RULES["service_level"]
    rows = drawn_day(3, 200, round((OPEN_S - 900) * 1000), round(OPEN_S * 1000))
    facts.take(rows)
    before = facts()["service_level"]
    assert before[""] is not None
    own = replace(usual, id="own", window_s=usual.window_s / 3, at_least=1)
    facts.adopt([usual, own])
    after = facts()
    assert after["service_level"] == before
    assert after["own"][""] is not None
    facts.adopt([own])
    assert set(facts()) == {"own"}
