"""What is recorded, for how long, and where gaps lie: rules without any telephone."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from acd.config import load_centre
from acd.core.ids import QueueId
from acd.core.plan import NumberPlan, Plan, QueuePlan
from acd.core.recording import (
    KEY_BEFORE_MS,
    SLACK_MS,
    TABLE,
    Gap,
    GapKind,
    NotRecorded,
    RecordingRule,
    Stretch,
    TapeState,
    TapeTrigger,
    gaps_in_sound,
    recording_rule,
    turn,
)
from acd.errors import ConfigError
from tests.fakes.centre import CENTRE

TAX, COUNSEL = QueueId("tax"), QueueId("counsel")
PLAN = Plan(
    version="t",
    queues=(
        QueuePlan(TAX, "税", "Taxes"),
        QueuePlan(COUNSEL, "相談", "Counselling", recorded=False),
    ),
    agents=(),
    numbers=(
        NumberPlan("0466001111", "main"),
        NumberPlan("0466002222", "counsel", recorded=False),
        NumberPlan("0466003333", "main", keep_days=30),
    ),
)


@pytest.mark.requirement("M16")
@pytest.mark.parametrize(
    ("enabled", "dialled", "queue", "expected"),
    [
        (True, "0466001111", TAX, RecordingRule(90)),
        (True, "0466003333", TAX, RecordingRule(30)),
        (True, "0466009999", TAX, RecordingRule(90)),
        (True, "0466001111", QueueId("gone"), RecordingRule(90)),
        (True, "0466002222", TAX, RecordingRule(why_not=NotRecorded.NUMBER_EXEMPT)),
        (True, "+81466002222", TAX, RecordingRule(why_not=NotRecorded.NUMBER_EXEMPT)),
        (True, "+81466003333", TAX, RecordingRule(30)),
        (True, "0466002222", COUNSEL, RecordingRule(why_not=NotRecorded.NUMBER_EXEMPT)),
        (True, "0466001111", COUNSEL, RecordingRule(why_not=NotRecorded.QUEUE_EXEMPT)),
        (True, "0466009999", COUNSEL, RecordingRule(why_not=NotRecorded.QUEUE_EXEMPT)),
        (False, "0466001111", TAX, RecordingRule(why_not=NotRecorded.SWITCHED_OFF)),
        (False, "0466002222", COUNSEL, RecordingRule(why_not=NotRecorded.SWITCHED_OFF)),
    ],
)
def test_the_policy_for_every_kind_of_number_and_queue(
    enabled: bool, dialled: str, queue: QueueId, expected: RecordingRule
) -> None:
    rule = recording_rule(PLAN, dialled, queue, enabled=enabled, keep_days=90)
    assert rule == expected
    assert rule.record is (expected.why_not is None)


def test_every_state_knows_every_trigger() -> None:
    assert set(TABLE) == set(itertools.product(TapeState, TapeTrigger))


def test_a_person_cannot_resume_while_private_digits_are_keyed() -> None:
    state = turn(TapeState.RUNNING, TapeTrigger.DIGIT)
    assert turn(state, TapeTrigger.RESUME) is TapeState.PAUSED_FOR_DIGITS
    assert turn(state, TapeTrigger.QUIET) is TapeState.RUNNING


def test_the_end_of_digits_does_not_end_a_pause_by_hand() -> None:
    state = turn(TapeState.PAUSED_FOR_DIGITS, TapeTrigger.PAUSE)
    assert turn(state, TapeTrigger.QUIET) is TapeState.PAUSED_BY_HAND


def test_gaps_lie_where_they_were_and_a_little_wider() -> None:
    stretches = [Stretch(GapKind.BY_HAND, 11_000, 13_000), Stretch(GapKind.DIGITS, 20_000, 24_000)]
    assert gaps_in_sound(stretches, 10_000, 40_000, 30_000) == (
        Gap(GapKind.BY_HAND, 1_000 - SLACK_MS, 3_000 + SLACK_MS, 2_000),
        Gap(GapKind.DIGITS, 10_000 - SLACK_MS - KEY_BEFORE_MS, 14_000 + SLACK_MS, 4_000),
    )


@pytest.mark.parametrize(("duration_ms", "moved_ms"), [(12_000, 8_000), (20_000, 0)])
def test_what_comes_after_a_hold_moves_forward_by_what_was_not_written(
    duration_ms: int, moved_ms: int
) -> None:
    """A phone on hold that sends nothing, and one that goes on sending."""
    stretches = [Stretch(GapKind.HOLD, 12_000, 20_000), Stretch(GapKind.BY_HAND, 21_000, 22_000)]
    assert gaps_in_sound(stretches, 10_000, 30_000, duration_ms) == (
        Gap(GapKind.HOLD, 2_000, 10_000 - moved_ms, 8_000),
        Gap(GapKind.BY_HAND, 11_000 - moved_ms - SLACK_MS, 12_000 - moved_ms + SLACK_MS, 1_000),
    )


def test_while_the_operator_asks_somebody_sound_goes_on() -> None:
    stretches = [Stretch(GapKind.APART, 12_000, 20_000)]
    assert gaps_in_sound(stretches, 10_000, 30_000, 19_500) == (
        Gap(GapKind.APART, 2_000, 10_000, 8_000),
    )


def test_a_pause_that_never_ended_reaches_to_the_end() -> None:
    (gap,) = gaps_in_sound([Stretch(GapKind.BY_HAND, 15_000)], 10_000, 19_000, 9_000)
    assert (gap.from_ms, gap.to_ms) == (5_000 - SLACK_MS, 9_000)


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """The example city, to be changed."""
    shutil.copytree(CENTRE, tmp_path / "centre")
    return tmp_path / "centre"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.requirement("M6")
@pytest.mark.requirement("M16")
def test_nobody_is_recorded_without_being_told(city: Path) -> None:
    """A number that a flow's notice leaves out must not be recorded either."""
    flow = city / "flows" / "main.toml"
    change(flow, 'kind = "notice"', 'kind = "notice"\nexempt_numbers = ["0466001111"]')
    with pytest.raises(ConfigError) as caught:
        load_centre(city)
    (fault,) = caught.value.faults
    assert fault.path.startswith("flows/main.toml:nodes.")
    change(city / "settings.toml", "[recording]\nenabled = true", "[recording]\nenabled = false")
    load_centre(city)


@pytest.mark.requirement("M16")
def test_numbers_and_queues_say_in_their_files_what_is_recorded(city: Path) -> None:
    plan = city / "plan.toml"
    change(plan, "recorded = true", "recorded = true\nkeep_days = 30")
    change(plan, "[queues.tax]", "[queues.tax]\nrecorded = false")
    made = load_centre(city).plan
    rules = {
        (number.number, queue.id): recording_rule(
            made, number.number, queue.id, enabled=True, keep_days=90
        )
        for number in made.numbers
        for queue in made.queues
    }
    assert rules["0466001111", QueueId("general")] == RecordingRule(30)
    assert rules["0466001111", TAX].why_not is NotRecorded.QUEUE_EXEMPT
    assert rules["0466001112", QueueId("general")].why_not is NotRecorded.NUMBER_EXEMPT
