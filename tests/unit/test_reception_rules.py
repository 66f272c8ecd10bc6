"""By which rules a caller is received: the notice only where it is true, a drill for its own."""

from __future__ import annotations

import msgspec
import pytest

from acd.config import Centre, load_centre
from acd.core.events import AlertKind, AlertRaised
from acd.core.ids import CallId
from acd.core.inputs import Caller, CallerKind
from acd.core.inputs_floor import ModeRequested
from acd.core.plan import Mode
from tests.fakes.caller import FakeConversation
from tests.hall import CITY, Hall

NOTICE, USUAL, WORSE = (
    f"/sounds/ja/{each}" for each in ("recording-notice", "city-greeting", "disaster-greeting")
)
MAIN, DRILL = "0466001111", "0466001199"


@pytest.fixture(scope="module")
def city() -> Centre:
    return load_centre(CITY)


@pytest.fixture
def hall(city: Centre) -> Hall:
    return Hall(city)


def exempt(city: Centre) -> Centre:
    numbers = tuple(msgspec.structs.replace(n, recorded=False) for n in city.plan.numbers)
    plan = msgspec.structs.replace(city.plan, numbers=numbers)
    return Centre(city.path, city.settings, plan, city.flows)


async def heard(hall: Hall, dialled: str, call: str = "1.1", number: str = "") -> list[str]:
    who = Caller(CallerKind.NUMBER if number else CallerKind.WITHHELD, number)
    caller = FakeConversation(["2"], call=call, dialled=dialled, caller=who)
    await hall.reception.answer(caller)
    return caller.heard


# -- the recording notice ---------------------------------------------------------------------


@pytest.mark.requirement("M6", "M16")
@pytest.mark.parametrize("dialled", [MAIN, "+81466001111"])
async def test_the_notice_is_said_only_while_talks_are_recorded(
    city: Centre, hall: Hall, dialled: str
) -> None:
    assert NOTICE in await heard(hall, dialled)
    hall.records = False
    assert NOTICE not in await heard(hall, dialled, "1.2")
    assert NOTICE not in await heard(Hall(exempt(city)), dialled)


# -- a drill ----------------------------------------------------------------------------------


def drill(hall: Hall) -> None:
    hall.do(ModeRequested(Mode.DISASTER, True, "防災訓練", "boss"))


@pytest.mark.requirement("M27")
async def test_in_a_drill_real_callers_hear_the_usual_greeting(hall: Hall) -> None:
    drill(hall)
    told = await heard(hall, MAIN)
    assert told[0] == USUAL
    assert hall.engine.calls[CallId("1.1")].queue == "residents"


@pytest.mark.requirement("M27")
async def test_a_call_of_the_drill_meets_greeting_menu_hours_and_lines(hall: Hall) -> None:
    drill(hall)
    hall.now_s += 12 * 3600
    told = await heard(hall, DRILL)
    assert told[0] == WORSE
    call = hall.engine.calls[CallId("1.1")]
    assert call.drill
    assert call.queue.startswith("drill:")
    assert AlertKind.UNLISTED_NUMBER not in [
        each.kind for each in hall.events if isinstance(each, AlertRaised)
    ]
    assert (await hall.hold("1.1", 60.0)).next == "hold"


@pytest.mark.requirement("M27")
async def test_a_drill_may_go_by_who_calls_and_then_no_number_is_led_straight(
    city: Centre,
) -> None:
    assert city.plan.disaster is not None
    disaster = msgspec.structs.replace(city.plan.disaster, drill_callers=("0466259999",))
    plan = msgspec.structs.replace(city.plan, disaster=disaster)
    hall = Hall(Centre(city.path, city.settings, plan, city.flows))
    drill(hall)
    assert (await heard(hall, MAIN, number="0466259999"))[0] == WORSE
    assert (await heard(hall, MAIN, "1.2", number="0466258888"))[0] == USUAL
    assert hall.reception.straight_numbers() == []


@pytest.mark.requirement("M27")
async def test_in_earnest_everybody_meets_the_rules_for_a_disaster(hall: Hall) -> None:
    hall.do(ModeRequested(Mode.DISASTER, False, "地震", "boss"))
    assert (await heard(hall, MAIN))[0] == WORSE
    assert not hall.engine.calls[CallId("1.1")].drill
