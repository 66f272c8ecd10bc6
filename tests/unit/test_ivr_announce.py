"""What callers on hold are told: how often, places that only improve, ranges that only shrink."""

from __future__ import annotations

import pytest

from acd.core.expected import ExpectedWait
from ivr.announce import (
    Told,
    Waiting,
    due_s,
    in_another_line,
    stay,
    stay_due_s,
    what_to_say,
)
from ivr.prompts import (
    CATALOGUE,
    MAX_POSITION,
    WAIT_MINUTES,
    WaitRange,
    position_prompt,
    wait_range,
)


@pytest.mark.parametrize(
    ("every_s", "told", "due"),
    [
        (30.0, None, 1015.0),
        (10.0, None, 1010.0),
        (30.0, Told(1015.0, 3), 1045.0),
        (0.0, None, None),
        (0.0, Told(1015.0, 3), None),
    ],
)
def test_never_more_often_than_the_queue_says(
    every_s: float, told: Told | None, due: float | None
) -> None:
    assert due_s(told, 1000.0, every_s) == due


@pytest.mark.requirement("M6")
def test_place_and_range_are_told() -> None:
    prompts, told = what_to_say(50.0, Waiting(3, ExpectedWait(130.0, 280.0)), None)
    assert prompts == ("position-3", "wait-2-5")
    assert told == Told(50.0, 3, 5)


def test_the_words_instead_of_music_leave_all_else_as_it_was() -> None:
    prompts, told = stay(80.0, Told(50.0, 3, 5))
    assert prompts == ("stay-on-line",)
    assert due_s(told, 1.0, 45.0) == 95.0
    assert stay_due_s(told, 1.0) == 110.0
    assert what_to_say(95.0, Waiting(2, None), told)[0] == ("position-2",)


def test_who_was_told_something_needs_no_words_instead_of_music() -> None:
    assert stay_due_s(None, 1000.0) == 1015.0
    assert stay_due_s(Told(1020.0, 3), 1000.0) == 1050.0


def test_unsure_is_silent_about_the_wait() -> None:
    assert what_to_say(50.0, Waiting(3, None), None)[0] == ("position-3",)
    # From next to nothing up to more than half an hour: nothing worth saying.
    assert what_to_say(50.0, Waiting(3, ExpectedWait(10.0, 9_000.0)), None)[0] == ("position-3",)


def test_a_place_that_got_worse_is_not_told_and_not_forgotten() -> None:
    told = Told(50.0, 2, 5)
    prompts, told = what_to_say(80.0, Waiting(4, ExpectedWait(60.0, 120.0)), told)
    assert prompts == ("hold-comfort",)
    prompts, told = what_to_say(110.0, Waiting(2, None), told)
    assert prompts == ("hold-comfort",)
    prompts, told = what_to_say(140.0, Waiting(1, None), told)
    assert prompts == ("position-1",)


def test_a_wait_that_grew_is_not_told() -> None:
    told = Told(50.0, 3, 5)
    prompts, told = what_to_say(80.0, Waiting(2, ExpectedWait(200.0, 550.0)), told)
    assert prompts == ("position-2",)
    prompts, told = what_to_say(110.0, Waiting(1, ExpectedWait(30.0, 100.0)), told)
    assert prompts == ("position-1", "wait-within-2")
    assert told.end_min == 2


def test_in_another_line_place_and_wait_count_anew_but_not_the_pause() -> None:
    told = in_another_line(Told(50.0, 1, 2))
    assert due_s(told, 60.0, 30.0) == 80.0
    prompts, _ = what_to_say(80.0, Waiting(7, ExpectedWait(300.0, 900.0)), told)
    assert prompts == ("position-7", "wait-5-15")


def test_a_caller_without_a_place_gets_a_word_of_comfort() -> None:
    assert what_to_say(50.0, Waiting(0, None), None)[0] == ("hold-comfort",)


@pytest.mark.parametrize(
    ("low_s", "high_s", "prompt"),
    [
        (0.0, 30.0, "wait-within-1"),
        (59.0, 60.0, "wait-within-1"),
        (60.0, 60.0, "wait-1-2"),
        (130.0, 280.0, "wait-2-5"),
        (299.0, 301.0, "wait-3-10"),
        (1200.0, 1800.0, "wait-20-30"),
        (1200.0, 1801.0, "wait-over-20"),
        (4000.0, 5000.0, "wait-over-30"),
    ],
)
def test_what_is_said_holds_whenever_the_estimate_does(
    low_s: float, high_s: float, prompt: str
) -> None:
    span = wait_range(low_s, high_s)
    assert span is not None
    assert span.prompt == prompt
    assert span.low_min * 60 <= low_s
    assert not span.high_min or span.high_min * 60 >= high_s


def test_every_sentence_that_can_be_chosen_is_written_in_both_languages() -> None:
    chosen = {position_prompt(place) for place in range(1, 200)}
    ends = [0, *WAIT_MINUTES]
    for low in ends:
        chosen |= {WaitRange(low, high).prompt for high in WAIT_MINUTES if high > low}
        if low:
            chosen.add(WaitRange(low, 0).prompt)
    assert len(chosen) == MAX_POSITION + 1 + 8 + 8 + 28
    assert all(CATALOGUE[prompt].ja and CATALOGUE[prompt].en for prompt in chosen)
