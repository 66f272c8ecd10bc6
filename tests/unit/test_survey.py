"""The question after the talk: who is asked, what an answer is, and what comes of the answers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from acd.cli import ledger
from acd.cli.ledger_survey import lines
from acd.config import Centre, load_centre
from acd.core.cdr_types import CallRecord, Source
from acd.core.events import CallOutcome
from acd.core.events_floor import SurveyGiven, SurveyOffered
from acd.core.ids import CallId, SwitchId
from acd.core.inputs import AgentReadied, CallConnected, CallerKind, EndedBy, LegEnded
from acd.errors import ConfigError
from acd.ports import CallerGone
from ivr.checks import Known, check
from ivr.flow import Flow, parse
from ivr.survey import Survey, is_asked
from metrics.survey import survey_figures
from tests.fakes.caller import FakeConversation
from tests.hall import CITY, Hall

pytestmark = pytest.mark.requirement("S1")

QUESTION, THANKS, GOODBYE = (
    f"/sounds/ja/{prompt}" for prompt in ("survey-question", "survey-thanks", "goodbye")
)


def test_the_sample_is_the_share_that_was_asked_for_and_the_same_again() -> None:
    calls = [f"1795364253.{number}" for number in range(20_000)]
    drawn = [call for call in calls if is_asked(call, 1, 0.2)]
    assert abs(len(drawn) / len(calls) - 0.2) < 0.01
    assert drawn == [call for call in calls if is_asked(call, 1, 0.2)]
    assert drawn != [call for call in calls if is_asked(call, 2, 0.2)]
    assert all(is_asked(call, 1, 1.0) for call in calls)


# -- asking -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city() -> Centre:
    """The example city, asking everybody."""
    centre = load_centre(CITY)
    flow = msgspec.structs.replace(centre.flows["main"], survey=Survey(1.0))
    flows = {**centre.flows, "main": flow}
    return Centre(centre.path, centre.settings, centre.plan, flows)


@pytest.fixture
def hall(city: Centre) -> Hall:
    return Hall(city)


async def after_a_talk(hall: Hall, caller: FakeConversation) -> FakeConversation:
    """The caller waited, talked, and is still there when the operator has hung up."""
    hall.do(AgentReadied(hall.city.plan.agents[8].id))
    await hall.waiting(caller.info.call)
    (offer,) = hall.engine.state.offers.values()
    hall.do(CallConnected(offer.id))
    hall.do(LegEnded(offer.id, EndedBy.AGENT))
    hall.events.clear()
    await hall.reception.after(caller)
    return caller


@pytest.mark.parametrize("key", ["1", "5"])
async def test_an_answer_is_kept_and_thanked_for(hall: Hall, key: str) -> None:
    caller = await after_a_talk(hall, FakeConversation([key]))
    assert caller.heard == [QUESTION, THANKS, GOODBYE]
    assert hall.events == [SurveyOffered(CallId("1.1")), SurveyGiven(CallId("1.1"), int(key))]
    assert caller.next == "hangup"


@pytest.mark.parametrize("key", ["", "0", "6", "#"])
async def test_silence_and_other_keys_are_no_answer(hall: Hall, key: str) -> None:
    caller = await after_a_talk(hall, FakeConversation([key]))
    assert caller.heard == [QUESTION, GOODBYE]
    assert hall.events == [SurveyOffered(CallId("1.1"))]


async def test_who_hangs_up_during_the_question_was_asked(hall: Hall) -> None:
    with pytest.raises(CallerGone):
        await after_a_talk(hall, FakeConversation(["5"], gone_after=1))
    assert hall.engine.calls[CallId("1.1")].survey_asked


async def test_who_is_not_in_the_sample_or_is_known_to_nobody_hears_goodbye(hall: Hall) -> None:
    rare = msgspec.structs.replace(hall.city.flows["main"], survey=Survey(1e-9))
    bye = FakeConversation(call="2.2")
    await hall.reception.after(bye)
    assert bye.heard == [GOODBYE]
    hall.reception.adopt({**hall.city.flows, "main": rare})
    caller = await after_a_talk(hall, FakeConversation(["5"]))
    assert caller.heard == [GOODBYE]


# -- the flow ---------------------------------------------------------------------------------


def flow(survey: object, goodbye: bool = True) -> Flow:
    node = {"kind": "queue", "queue": "tax"}
    head = {"start": "wait", "operator": "wait", "nodes": {"wait": node}}
    return parse("main", {**head, "goodbye": goodbye, "survey": survey})


def test_a_survey_is_checked_with_its_flow() -> None:
    known = Known(queues=["tax"], calendars=[])  # type: ignore[list-item]
    assert check(flow({"share": 0.5}), known).faults == ()
    unknown = check(flow({"share": 0.5, "prompts": ["how-was-it"]}), known).faults
    assert [fault.path for fault in unknown] == ["flows/main.toml:survey"]
    never = check(flow({"share": 0.5}, goodbye=False), known).faults
    assert [fault.message for fault in never] == ["is never asked where goodbye = false"]
    for wrong in ({"share": 0}, {"share": 1.5}, {}, {"share": 0.5, "x": 1}):
        with pytest.raises(ConfigError):
            flow(wrong)


# -- the figures ------------------------------------------------------------------------------


def record(number: int, **differences: object) -> CallRecord:
    plain = CallRecord(
        CallId(f"1.{number}"), SwitchId("a"), "t", "1", CallerKind.WITHHELD, "", True, False,
        Source.CONTROLLER, 1_000, 2_000, CallOutcome.ANSWERED, 16,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **differences)


def test_rate_and_n_stand_beside_the_mean() -> None:
    rows = [record(n) for n in range(160)]
    rows += [record(n, survey_asked=True) for n in range(160, 196)]
    answers = (5, 5, 4, 2)
    rows += [record(196 + n, survey_asked=True, survey=a) for n, a in enumerate(answers)]
    rows.append(record(900, survey_asked=True, survey=1, drill=True))
    rows.append(record(901, outcome=CallOutcome.ABANDONED))
    found = survey_figures(rows)
    assert (found.talks, found.asked, found.n, found.counts) == (200, 40, 4, (0, 1, 0, 1, 2))
    assert (found.rate, found.mean, found.good) == (0.1, 4.0, 0.75)
    said = lines(found)
    assert said[0] == "200 talks, 40 asked, n = 4 (rate 10.0%)"
    assert said[1] == "mean 4.00 of 5; good (4 and 5) 75.0%"
    assert said[2] == "  5      2  " + "#" * 30


def test_nothing_is_said_of_answers_that_nobody_gave() -> None:
    assert lines(survey_figures([])) == ["0 talks, 0 asked, n = 0 (rate -)"]


def test_the_verb_reads_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("MADOGUCHI_CENTRE", str(CITY))
    done = CliRunner().invoke(ledger.app, ["survey"])
    assert done.exit_code == 1
    assert getattr(done.exception, "code", "") == "store_missing"
