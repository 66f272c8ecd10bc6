"""One caller in the example city's flow: what is heard in which order, and where it ends."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.config import Centre, load_centre
from acd.core.hours import Calendar
from acd.core.ids import QueueId
from acd.core.inputs import FlowEnding
from acd.core.plan import CalendarPlan, CallType, SkillNeed
from acd.errors import TransitionError
from ivr.flow import Flow, parse, straight_to
from ivr.session import (
    TABLE,
    EnterQueue,
    Finish,
    Listen,
    Passed,
    Phase,
    Play,
    SendTo,
    Session,
    Step,
    Surroundings,
    Turn,
)

CITY = Path(__file__).parents[2] / "centre"
TOKYO = ZoneInfo("Asia/Tokyo")
WORKDAY = "2026-11-24T10:00"


@pytest.fixture(scope="module")
def city() -> Centre:
    return load_centre(CITY)


def at(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=TOKYO).timestamp()


class Walk:
    """A caller who answers each step as told; remembers prompts in order."""

    def __init__(
        self,
        city: Centre,
        flow: Flow | None = None,
        when: str = WORKDAY,
        recorded: bool = True,
        waiting: int = 0,
        dialled: str = "0466001111",
    ) -> None:
        self.session = Session(
            flow or city.flows["main"],
            Surroundings(
                dialled=dialled,
                recorded=recorded,
                calendars={plan.id: Calendar(plan, TOKYO) for plan in city.plan.calendars},
                waiting=lambda queue: waiting,
            ),
        )
        self.now_s = at(when)
        self.prompts: list[str] = []
        self.step = self._note(self.session.begin(self.now_s))

    def _note(self, step: Step) -> Step:
        if isinstance(step, Play):
            self.prompts += step.prompts
        return step

    def press(self, key: str) -> Step:
        self.step = self._note(self.session.heard(key, self.now_s))
        return self.step

    def to_menu(self) -> Walk:
        """Listen until a menu is read out."""
        while self.session.phase is not Phase.ASKED:
            self.press("")
        return self

    def to_end(self) -> Step:
        """Press nothing more."""
        while isinstance(self.step, Play | Listen):
            self.press("")
        return self.step


def in_queue(queue: str, **more: object) -> EnterQueue:
    return EnterQueue(QueueId(queue), "ja", **more)  # type: ignore[arg-type]


@pytest.mark.requirement("M6")
def test_the_order_is_greeting_notice_menu_connecting(city: Centre) -> None:
    walk = Walk(city).to_menu()
    walk.press("2")
    assert walk.to_end() == in_queue("residents")
    assert walk.prompts == [
        "city-greeting",
        "recording-notice",
        "offer-english",
        "city-menu",
        "connecting",
    ]


@pytest.mark.requirement("M6")
def test_a_number_that_is_not_recorded_has_no_notice(city: Centre) -> None:
    walk = Walk(city, recorded=False).to_menu()
    assert "recording-notice" not in walk.prompts


def test_a_notice_can_exempt_numbers_and_cannot_be_cut_short(city: Centre) -> None:
    flow = parse(
        "x",
        {
            "start": "notice",
            "operator": "queue",
            "nodes": {
                "notice": {
                    "kind": "notice",
                    "prompts": ["recording-notice"],
                    "next": "queue",
                    "exempt_numbers": ["0466001112"],
                },
                "queue": {"kind": "queue", "queue": "general"},
            },
        },
    )
    heard = Walk(city, flow, dialled="0466001111")
    assert heard.step == Play(("recording-notice",), "ja", "")
    exempt = Walk(city, flow, dialled="0466001112")
    assert exempt.step == in_queue("general")


@pytest.mark.requirement("M2")
@pytest.mark.parametrize("keys", [["0"], [""], ["8", "8", "8"]])
def test_zero_waiting_and_wrong_keys_lead_to_the_switchboard(city: Centre, keys: list[str]) -> None:
    walk = Walk(city).to_menu()
    for key in keys:
        walk.press(key)
    assert walk.to_end() == in_queue("switchboard", call_type=CallType.SWITCHBOARD)


def test_the_second_level_and_waiting_in_it_lead_to_the_same_queue(city: Centre) -> None:
    for keys in (["1", "1"], ["1", "3"], ["1", ""], ["1", "9", "9", "9"]):
        walk = Walk(city).to_menu()
        for key in keys:
            walk.press(key)
        assert walk.to_end() == in_queue("tax")
    walk = Walk(city).to_menu()
    walk.press("1")
    walk.press("2")
    assert walk.to_end() == in_queue("tax", prefers=(SkillNeed("tax", 7),))


def test_after_a_wrong_key_the_menu_is_read_again_with_an_apology(city: Centre) -> None:
    walk = Walk(city).to_menu()
    walk.prompts.clear()
    walk.press("8")
    assert walk.prompts == ["menu-again", "offer-english", "city-menu"]
    walk.press("3")
    assert walk.to_end() == in_queue("general")


def test_two_wrong_keys_are_forgiven_and_the_third_leads_to_a_person(city: Centre) -> None:
    walk = Walk(city).to_menu()
    for _ in range(2):
        walk.press("8")
        assert walk.session.phase is Phase.ASKED
    walk.press("8")
    assert walk.session.phase is Phase.LEAVING


def test_the_most_exact_reason_decides_where_a_closed_day_leads() -> None:
    def ends(detail: str) -> dict[str, object]:
        return {"kind": "end", "ending": "closed", "prompts": [], "detail": detail}

    reasons = {"臨時": "ad-hoc", "臨時休業 (台風)": "storm"}
    flow = parse(
        "x",
        {
            "start": "hours",
            "operator": "queue",
            "nodes": {
                "hours": {
                    "kind": "hours",
                    "calendar": "x",
                    "open": "queue",
                    "closed": "other",
                    "reasons": reasons,
                },
                "queue": {"kind": "queue", "queue": "general"},
                "ad-hoc": ends("ad-hoc"),
                "storm": ends("storm"),
                "other": ends("other"),
            },
        },
    )
    closed = {
        "2026-11-24": "臨時休業 (台風 15号)",
        "2026-11-25": "臨時休業 (台風)",
        "2026-11-26": "設備点検",
    }
    calendars = {"x": Calendar(CalendarPlan("x", ((),) * 7, closed), TOKYO)}
    found = []
    for day in closed:
        session = Session(flow, Surroundings("1", True, calendars, lambda queue: 0))
        step = session.begin(at(f"{day}T10:00"))
        assert isinstance(step, Finish)
        found.append(step.detail)
    assert found == ["ad-hoc", "storm", "other"]


def test_a_key_pressed_during_the_greeting_answers_the_menu(city: Centre) -> None:
    walk = Walk(city)
    walk.press("3")
    assert walk.to_end() == in_queue("general")
    assert "city-menu" not in walk.prompts
    assert "recording-notice" in walk.prompts


def test_english_is_spoken_after_nine_and_operators_who_speak_it_are_preferred(
    city: Centre,
) -> None:
    walk = Walk(city).to_menu()
    walk.press("9")
    walk.to_menu()
    assert isinstance(walk.step, Play)
    # Who already hears English is not offered it again.
    assert (walk.step.language, walk.step.prompts) == ("en", ("city-menu",))
    walk.press("2")
    end = walk.to_end()
    assert end == EnterQueue(QueueId("residents"), "en", prefers=(SkillNeed("english", 3),))


@pytest.mark.parametrize(
    ("when", "first", "detail"),
    [
        ("2026-11-22T10:00", "closed-day", "day_off"),
        ("2026-11-23T10:00", "closed-day", "day_off"),
        ("2026-12-29T10:00", "city-year-end", "year_end"),
        ("2027-01-01T10:00", "city-year-end", "year_end"),
        ("2026-08-15T10:00", "closed-ad-hoc", "ad_hoc"),
        ("2026-11-24T18:00", "closed-hours", "outside_hours"),
    ],
)
@pytest.mark.requirement("M5")
def test_closed_says_why_and_when_to_call_again(
    city: Centre, when: str, first: str, detail: str
) -> None:
    walk = Walk(city, when=when)
    assert walk.to_end() == Finish(FlowEnding.CLOSED, detail, "ja")
    assert walk.prompts == [
        "city-greeting",
        first,
        "city-hours",
        "city-hours-english",
        "goodbye",
    ]


def test_between_counter_and_switchboard_hours_the_switchboard_answers(city: Centre) -> None:
    for when in ("2026-11-24T08:15", "2026-11-24T17:30"):
        walk = Walk(city, when=when)
        assert walk.to_end() == in_queue("switchboard", call_type=CallType.SWITCHBOARD)
        assert walk.prompts == ["city-greeting", "city-late", "recording-notice", "connecting"]


@pytest.mark.requirement("M6")
def test_a_long_line_is_said_before_the_wait(city: Centre) -> None:
    walk = Walk(city, waiting=10).to_menu()
    walk.press("2")
    assert walk.to_end() == in_queue("residents")
    assert walk.prompts[-1] == "please-hold"


@pytest.mark.requirement("M8")
def test_the_flow_for_unlisted_numbers_goes_straight_to_the_default_queue(city: Centre) -> None:
    for flow in (city.flows["unlisted"], straight_to(QueueId("general"))):
        walk = Walk(city, flow)
        while isinstance(walk.step, Play | Listen):
            assert walk.session.phase is not Phase.ASKED
            walk.press("")
        assert walk.step == in_queue("general")


def test_a_flow_may_send_callers_to_the_directory(city: Centre) -> None:
    flow = parse(
        "x",
        {
            "start": "dial",
            "operator": "queue",
            "nodes": {
                "dial": {"kind": "dial", "entry": "night-desk", "prompts": ["transferring"]},
                "queue": {"kind": "queue", "queue": "general"},
            },
        },
    )
    walk = Walk(city, flow)
    assert walk.to_end() == SendTo("night-desk", "ja")
    assert walk.prompts == ["transferring"]


def test_every_node_passed_is_told_with_its_key(city: Centre) -> None:
    walk = Walk(city).to_menu()
    walk.press("1")
    walk.press("2")
    walk.to_end()
    assert list(walk.session.passed) == [
        Passed("greeting", ""),
        Passed("hours", ""),
        Passed("notice", ""),
        Passed("menu", "1"),
        Passed("taxes", "2"),
    ]


def test_a_caller_who_only_changes_the_language_still_reaches_a_person(city: Centre) -> None:
    walk = Walk(city)
    for _ in range(500):
        if not isinstance(walk.step, Play | Listen):
            break
        walk.press("9" if walk.session.phase is Phase.ASKED else "")
    assert isinstance(walk.step, EnterQueue)
    assert walk.step.queue == "switchboard"


def test_after_the_end_nothing_more_may_be_asked(city: Centre) -> None:
    walk = Walk(city)
    walk.to_end()
    with pytest.raises(TransitionError):
        walk.press("1")


def test_every_phase_can_be_reached_and_left() -> None:
    reached = {Phase.PASSING} | set(TABLE.values())
    assert reached == set(Phase)
    assert {phase for phase, _ in TABLE} == set(Phase) - {Phase.OVER}
    assert {turn for _, turn in TABLE} == set(Turn)
