"""Durations, rates, shares and changes as people write them, and what is said to the rest."""

from __future__ import annotations

import doctest
from collections.abc import Callable

import pytest

from acd.errors import Refused
from sim.inputs import quantities
from sim.inputs.quantities import (
    changed,
    duration_s,
    factor,
    positive_duration_s,
    rate_per_s,
    share,
)


def test_the_examples_of_the_docstrings_hold() -> None:
    result = doctest.testmod(quantities)
    assert result.attempted > 5
    assert result.failed == 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0.0),
        ("250ms", 0.25),
        ("1.5h", 5400.0),
        (" 2 min ", 120.0),
        ("1h 30m 5s", 5405.0),
        ("１８０秒", 180.0),
        ("1時間30分", 5400.0),
        ("1e3s", 1000.0),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


def test_rates() -> None:
    assert rate_per_s("194/h") == pytest.approx(194 / 3600)
    assert rate_per_s("0/h") == 0
    assert rate_per_s("12 calls / min") == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("reader", "text", "told"),
    [
        (duration_s, "180", "has no unit"),
        (duration_s, "-180", "write 180s"),
        (duration_s, "-5s", "negative"),
        (duration_s, "3mins2", "not understood"),
        (duration_s, "3 secnds", 'did you mean "seconds"'),
        (duration_s, "", "not understood"),
        (duration_s, "nan s", "not understood"),
        (duration_s, "1e300h", "too large"),
        (duration_s, "9" * 100, "more than 60 characters"),
        (positive_duration_s, "0s", "more than 0"),
        (rate_per_s, "194", "not understood"),
        (rate_per_s, "-5/h", "negative"),
        (rate_per_s, "5/0s", "more than 0"),
        (rate_per_s, "5/hor", 'did you mean "hour"'),
        (rate_per_s, "1e9/ms", "too large"),
        (share, "95", '"95%"'),
        (share, "-1%", "between"),
        (share, "high", "not understood"),
        (changed, "-300s", "less than 0"),
        (changed, "-200%", "less than 0"),
        (factor, "0", "more than 0"),
        (factor, "-100%", "more than 0"),
        (factor, "much", "not understood"),
    ],
)
def test_what_is_wrong_is_told_in_both_languages(
    reader: Callable[..., float], text: str, told: str
) -> None:
    with pytest.raises(Refused) as refused:
        reader(*((text, 240) if reader is changed else (text,)))
    assert told in refused.value.message
    assert refused.value.ja


def test_a_number_is_taken_where_a_file_has_one() -> None:
    assert share(0.8) == 0.8
    assert factor(1.3) == 1.3
