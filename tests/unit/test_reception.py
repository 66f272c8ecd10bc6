"""The reception with a real engine: menu, hold, goodbye, and what happens when things go wrong."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest

from acd.app.reception import DUE, NEVER_S
from acd.config import Centre, load_centre
from acd.core.call import CallState
from acd.core.commands import DialTarget
from acd.core.dialled import same_number
from acd.core.engine import Engine
from acd.core.events import (
    AlertKind,
    AlertRaised,
    CallClosed,
    CallOutcome,
    FlowFinished,
    MenuPassed,
)
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.inputs import (
    AgentReadied,
    CallArrived,
    CallConnected,
    Caller,
    CallerHungUp,
    CallerKind,
    OfferFailed,
    OfferFailure,
    QueueRequested,
)
from acd.core.plan import Plan
from acd.ports import CallerGone
from ivr.flow import parse
from tests.fakes.caller import FakeConversation
from tests.hall import CITY, WORKDAY_S, Hall


@pytest.fixture(scope="module")
def city() -> Centre:
    return load_centre(CITY)


@pytest.fixture
def hall(city: Centre) -> Hall:
    return Hall(city)


def changed_plan(city: Centre, **changes: object) -> Centre:
    plan: Plan = msgspec.structs.replace(city.plan, **changes)
    return Centre(city.path, city.settings, plan, city.flows)


async def test_a_caller_is_led_to_the_queue_and_every_node_is_told(hall: Hall) -> None:
    caller = FakeConversation(["1", "2"])
    await hall.reception.answer(caller)
    call = hall.engine.calls[CallId("1.1")]
    assert (call.queue, call.state, call.language) == ("tax", CallState.QUEUED, "ja")
    assert caller.heard[0] == "/sounds/ja/city-greeting"
    assert caller.heard[-1] == "/sounds/ja/connecting"
    assert caller.next == "hold"
    passed = [(e.node, e.key) for e in hall.events if isinstance(e, MenuPassed)]
    assert passed[-2:] == [("menu", "1"), ("taxes", "2")]


async def test_english_callers_are_spoken_to_in_english_to_the_end(hall: Hall) -> None:
    await hall.waiting("1.1", "9")
    caller = await hall.hold("1.1", 15.0)
    assert caller.heard == ["/sounds/en/position-1"]
    hall.do(AgentReadied(hall.city.plan.agents[8].id))
    (offer,) = hall.engine.state.offers.values()
    hall.do(CallConnected(offer.id))
    bye = FakeConversation(call="1.1")
    await hall.reception.after(bye)
    assert (bye.heard, bye.next) == (["/sounds/en/goodbye"], "hangup")


async def test_out_of_hours_the_call_ends_as_closed(hall: Hall) -> None:
    hall.now_s += 9 * 3600
    caller = FakeConversation()
    await hall.reception.answer(caller)
    assert caller.next == "hangup"
    finished = [e for e in hall.events if isinstance(e, FlowFinished)]
    assert [(e.outcome, e.detail) for e in finished] == [(CallOutcome.CLOSED, "outside_hours")]


@pytest.mark.requirement("M11")
async def test_who_hangs_up_while_it_is_said_that_it_is_closed_came_out_of_hours(
    hall: Hall,
) -> None:
    hall.now_s += 9 * 3600
    caller = FakeConversation(gone_after=2)
    with pytest.raises(CallerGone):
        await hall.reception.answer(caller)
    hall.do(CallerHungUp(CallId("1.1")))
    (closed,) = [each for each in hall.events if isinstance(each, CallClosed)]
    assert closed.outcome is CallOutcome.CLOSED
    # Heard to the end it is told once as well.
    await hall.reception.answer(FakeConversation(call="1.2"))
    finished = [each for each in hall.events if isinstance(each, FlowFinished)]
    assert [each.call for each in finished] == ["1.1", "1.2"]


@pytest.mark.requirement("M8")
@pytest.mark.parametrize("dialled", ["0466009999", "", "anything", "9" * 200])
async def test_an_unlisted_number_reaches_the_default_queue_and_raises_an_alert(
    hall: Hall, dialled: str
) -> None:
    caller = FakeConversation(dialled=dialled)
    await hall.reception.answer(caller)
    assert hall.engine.calls[CallId("1.1")].queue == "general"
    assert AlertKind.UNLISTED_NUMBER in [e.kind for e in hall.events if isinstance(e, AlertRaised)]
    assert caller.next == "hold"


@pytest.mark.requirement("M8")
async def test_an_unlisted_number_needs_no_flow_at_all(city: Centre) -> None:
    hall = Hall(Centre(city.path, city.settings, city.plan, {}))
    caller = FakeConversation(dialled="0466009999")
    await hall.reception.answer(caller)
    assert hall.engine.calls[CallId("1.1")].queue == "general"
    assert caller.heard == ["/sounds/ja/greeting"]


@pytest.mark.requirement("M7")
@pytest.mark.parametrize("kind", [CallerKind.WITHHELD, CallerKind.PAYPHONE, CallerKind.UNAVAILABLE])
async def test_callers_without_a_number_hear_and_reach_the_same(
    hall: Hall, kind: CallerKind
) -> None:
    named = FakeConversation(["2"], call="1.1")
    nameless = FakeConversation(["2"], call="1.2", caller=Caller(kind))
    await hall.reception.answer(named)
    await hall.reception.answer(nameless)
    assert nameless.heard == named.heard
    assert nameless.next == named.next == "hold"
    assert hall.engine.calls[CallId("1.2")].queue == hall.engine.calls[CallId("1.1")].queue


@pytest.mark.parametrize(
    ("ours", "dialled", "same"),
    [
        ("0466001111", "0466001111", True),
        ("0466001111", "+81466001111", True),
        ("0466001111", "+358466001111", True),
        ("0466001111", "466001111", False),
        ("0466001111", "+466001111", False),
        ("0466001111", "00810466001111", False),
        ("0466001111", "0466001112", False),
        ("118", "+118", False),
    ],
)
def test_carriers_may_write_our_number_with_the_country_code(
    ours: str, dialled: str, same: bool
) -> None:
    assert same_number(ours, dialled) is same


async def test_a_caller_who_hangs_up_in_the_menu_requests_nothing(hall: Hall) -> None:
    caller = FakeConversation(["1"], gone_after=2)
    with pytest.raises(CallerGone):
        await hall.reception.answer(caller)
    hall.do(CallerHungUp(CallId("1.1")))
    assert not any(e for e in hall.events if isinstance(e, FlowFinished))
    assert caller.next == ""
    assert hall.engine.calls == {}


async def test_a_flow_that_fails_still_leads_to_a_person(
    city: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = parse("main", {"start": "gone", "operator": "gone", "nodes": {}})
    hall = Hall(Centre(city.path, city.settings, city.plan, {"main": broken}))
    caller = FakeConversation()
    await hall.reception.answer(caller)
    assert hall.engine.calls[CallId("1.1")].queue == "general"
    assert caller.next == "hold"


async def test_without_an_engine_no_marker_is_set_so_that_the_dialplan_helps_itself(
    hall: Hall,
) -> None:
    hall.broken = True
    caller = FakeConversation(["3"])
    with pytest.raises(RuntimeError):
        await hall.reception.answer(caller)
    assert caller.next == ""


async def test_a_second_try_after_a_crash_asks_nothing_again(hall: Hall) -> None:
    await hall.waiting("1.1")
    again = FakeConversation(["1"], call="1.1")
    await hall.reception.answer(again)
    assert (again.heard, again.next) == ([], "hold")
    assert hall.engine.calls[CallId("1.1")].queue == "general"


async def test_a_flow_may_send_the_caller_to_the_directory(city: Centre) -> None:
    flow = parse(
        "main",
        {
            "start": "dial",
            "operator": "queue",
            "nodes": {
                "dial": {"kind": "dial", "entry": "night-desk", "prompts": ["transferring"]},
                "queue": {"kind": "queue", "queue": "general"},
            },
        },
    )
    hall = Hall(Centre(city.path, city.settings, city.plan, {"main": flow}))
    caller = FakeConversation()
    await hall.reception.answer(caller)
    assert caller.next == "dial"
    dialled = [c for c in hall.commands if isinstance(c, DialTarget)]
    assert [command.dial for command in dialled] == ["PJSIP/dept-night"]
    finished = [e.outcome for e in hall.events if isinstance(e, FlowFinished)]
    assert finished == [CallOutcome.SENT_ELSEWHERE]


@pytest.mark.requirement("M6")
async def test_on_hold_the_place_is_told_in_time_and_not_more_often(hall: Hall) -> None:
    for number in range(3):
        caller = await hall.waiting(f"1.{number}")
    assert caller.variables[DUE] == str(int(WORKDAY_S + 15))
    assert (await hall.hold("1.2", 14.0)).heard == []
    said = await hall.hold("1.2", 1.0)
    assert said.heard == ["/sounds/ja/position-3"]
    assert (said.next, said.variables[DUE]) == ("hold", str(int(WORKDAY_S + 45)))
    assert (await hall.hold("1.2", 29.0)).heard == []
    assert (await hall.hold("1.2", 1.0)).heard == ["/sounds/ja/hold-comfort"]
    hall.do(CallerHungUp(CallId("1.0")))
    assert (await hall.hold("1.2", 30.0)).heard == ["/sounds/ja/position-2"]


@pytest.mark.requirement("M6")
async def test_the_expected_wait_is_told_once_the_engine_is_sure(hall: Hall) -> None:
    for number in range(30):
        await hall.waiting(f"1.{number}")
    for number in range(12):
        hall.do(AgentReadied(AgentId("op09")))
        offer = hall.engine.calls[CallId(f"1.{number}")].offer
        assert offer is not None
        hall.do(CallConnected(offer))
        hall.now_s += 40.0 + number % 3
        hall.do(CallerHungUp(CallId(f"1.{number}")))
    hall.do(AgentReadied(AgentId("op09")))
    said = await hall.hold("1.16")
    assert said.heard[0] == "/sounds/ja/position-4"
    assert said.heard[1].startswith("/sounds/ja/wait-")


async def test_a_queue_that_announces_nothing_is_silent_for_ever(city: Centre) -> None:
    queues = tuple(
        msgspec.structs.replace(queue, announce_every_s=0.0) for queue in city.plan.queues
    )
    hall = Hall(changed_plan(city, queues=queues))
    caller = await hall.waiting("1.1")
    assert caller.variables[DUE] == str(NEVER_S)
    assert (await hall.hold("1.1", 600.0)).heard == []


async def test_who_waits_without_music_hears_now_and_then_that_the_line_holds(city: Centre) -> None:
    queues = tuple(
        msgspec.structs.replace(queue, announce_every_s=0.0) for queue in city.plan.queues
    )
    hall = Hall(changed_plan(city, queues=queues), quiet=True)
    await hall.waiting("1.1")
    for after_s, heard in ((16.0, True), (10.0, False), (21.0, True)):
        said = await hall.hold("1.1", after_s)
        assert said.heard == (["/sounds/ja/stay-on-line"] if heard else [])
    assert int(said.variables[DUE]) == int(hall.now_s + 30.0)
    hall.quiet = False
    assert (await hall.hold("1.1", 600.0)).heard == []


async def test_without_music_the_queue_s_own_announcements_come_as_ever(city: Centre) -> None:
    queues = tuple(
        msgspec.structs.replace(queue, announce_every_s=45.0) for queue in city.plan.queues
    )
    hall = Hall(changed_plan(city, queues=queues), quiet=True)
    await hall.waiting("1.1")
    heard = [(await hall.hold("1.1", after_s)).heard[0] for after_s in (16.0, 31.0, 15.0)]
    assert heard == [
        "/sounds/ja/position-1",
        "/sounds/ja/stay-on-line",
        "/sounds/ja/hold-comfort",
    ]


async def test_who_is_being_offered_hears_nothing(hall: Hall) -> None:
    await hall.waiting("1.1")
    hall.do(AgentReadied(AgentId("op09")))
    assert hall.engine.calls[CallId("1.1")].state is CallState.OFFERED
    caller = await hall.hold("1.1", 60.0)
    assert (caller.heard, caller.next) == ([], "hold")
    offer = hall.engine.calls[CallId("1.1")].offer
    assert offer is not None
    hall.do(OfferFailed(offer, OfferFailure.NO_ANSWER))
    assert (await hall.hold("1.1", 60.0)).heard != []


async def test_a_caller_whom_the_engine_does_not_know_keeps_waiting(hall: Hall) -> None:
    caller = await hall.hold("9.9")
    assert (caller.heard, caller.next) == ([], "hold")


async def test_nobody_waits_for_ever_after_the_engine_gave_up_on_them(hall: Hall) -> None:
    full = msgspec.structs.replace(hall.city.plan, max_calls=0)
    hall.engine = Engine(full, ZoneInfo(full.timezone))
    await hall.waiting("1.1")
    caller = await hall.hold("1.1", 30.0)
    assert caller.next == "hangup"
    assert caller.heard == ["/sounds/ja/trouble", "/sounds/ja/goodbye"]


@pytest.mark.parametrize(
    ("announcement", "heard"),
    [
        ("congestion", ["congestion", "goodbye"]),
        ("call_back_taken", ["call_back_taken", "goodbye"]),
        ("goodbye", ["goodbye"]),
        ("city-hours", ["city-hours", "goodbye"]),
        ("../../etc/passwd", ["trouble", "goodbye"]),
        ("", ["trouble", "goodbye"]),
    ],
)
@pytest.mark.requirement("M6")
async def test_announcements_end_with_goodbye_and_a_hang_up(
    hall: Hall, announcement: str, heard: list[str]
) -> None:
    caller = FakeConversation()
    await hall.reception.announce(caller, announcement)
    assert caller.heard == [f"/sounds/ja/{prompt}" for prompt in heard]
    assert caller.next == "hangup"


async def test_new_flows_apply_to_the_next_caller(hall: Hall) -> None:
    flow = parse(
        "main",
        {
            "start": "queue",
            "operator": "queue",
            "nodes": {"queue": {"kind": "queue", "queue": "residents"}},
        },
    )
    hall.reception.adopt({"main": flow})
    caller = FakeConversation()
    await hall.reception.answer(caller)
    assert caller.heard == []
    assert hall.engine.calls[CallId("1.1")].queue == "residents"


async def test_a_language_that_we_do_not_speak_becomes_japanese(hall: Hall) -> None:
    info = FakeConversation().info
    hall.do(
        CallArrived(info.call, info.switch, info.channel, info.trunk, info.dialled, info.caller)
    )
    hall.do(QueueRequested(info.call, QueueId("general"), language="../xx"))
    hall.do(AgentReadied(hall.city.plan.agents[8].id))
    (offer,) = hall.engine.state.offers.values()
    hall.do(CallConnected(offer.id))
    bye = FakeConversation()
    await hall.reception.after(bye)
    assert bye.heard == ["/sounds/ja/goodbye"]
