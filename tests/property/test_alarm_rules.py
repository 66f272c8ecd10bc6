"""Whatever values come: alarms never flap, and quiet hours are what the wall clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from acd.app.alarm_rules import Reading, Watch, is_bad, is_good, is_quiet
from acd.app.day_targets import Against
from acd.config.alarm_settings import (
    OF_TARGETS,
    USUAL_RULES,
    AlarmKind,
    QuietSettings,
    Rule,
    Severity,
)

STEP_S = 5.0
values = st.one_of(st.none(), st.floats(0, 10, allow_nan=False))


def reading(rule: Rule, value: float | None) -> Reading | None:
    """The value as such a rule meets it: of targets, how far a figure is from its own."""
    if value is None or rule.kind not in OF_TARGETS:
        return value
    return Against("answer_rate_a", 5.0 - value, 0, 0, 5.0, True)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    kinds = [AlarmKind.LONGEST_WAIT, AlarmKind.SERVICE_LEVEL, AlarmKind.TARGET_ANSWER_RATE]
    kind = draw(st.sampled_from(kinds))
    worse, better = draw(st.floats(0, 5)), draw(st.floats(0, 5))
    raise_at, clear_at = max(worse, better), min(worse, better)
    if kind is AlarmKind.SERVICE_LEVEL:
        raise_at, clear_at = clear_at, raise_at
    for_s, clear_after_s = draw(st.floats(0, 60)), draw(st.floats(5, 60))
    return Rule("r", kind, Severity.WARNING, raise_at, clear_at, for_s, clear_after_s)


@given(rules(), st.lists(values, max_size=200))
def test_an_alarm_never_comes_or_goes_without_its_time(
    rule: Rule, values: list[float | None]
) -> None:
    seen = [reading(rule, value) for value in values]
    watch, at_s, last = Watch([rule]), 0.0, None
    for number, value in enumerate(seen):
        at_s = number * STEP_S
        for change in watch.look(at_s, {"r": {"": value}}):
            held_s = rule.for_s if change.raised else rule.clear_after_s
            speaks = is_bad if change.raised else is_good
            # All that was seen for so long spoke for it, without a break.
            back = int(held_s // STEP_S) + 1
            assert number + 1 >= back
            assert all(speaks(rule, each) for each in seen[number + 1 - back : number + 1])
            assert last is None or last.raised != change.raised
            assert last is None or at_s - last.at_s >= held_s
            last = change
    assert bool(watch.active) == (last is not None and last.raised)


@given(st.sampled_from(list(USUAL_RULES.values())), st.lists(st.booleans(), max_size=400))
def test_a_value_that_trembles_between_the_limits_changes_nothing(
    rule: Rule, ups: list[bool]
) -> None:
    if rule.raise_at == rule.clear_at:
        return
    watch = Watch([rule])
    low, high = sorted((rule.raise_at, rule.clear_at))
    tremble = (high - low) * 0.4
    changes = [
        change
        for number, up in enumerate(ups)
        for change in watch.look(
            number * STEP_S,
            {rule.id: {"": reading(rule, (low + high) / 2 + (tremble if up else -tremble))}},
        )
    ]
    assert changes == []


#: The night to 29 March 2026 has no 02:30 in Berlin; the one to 25 October has two.
BERLIN = ZoneInfo("Europe/Berlin")
hours = st.integers(0, 23)


@given(
    st.integers(0, 2 * 366 * 24 * 60),
    hours,
    hours,
    st.sets(st.integers(0, 6)),
    st.sampled_from([BERLIN, ZoneInfo("Asia/Tokyo")]),
)
def test_quiet_hours_are_what_the_wall_clock_says(
    minute: int, begins: int, ends: int, days: set[int], zone: ZoneInfo
) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    local = at.astimezone(zone)
    quiet = QuietSettings(days=tuple(days), begins=f"{begins:02d}:00", ends=f"{ends:02d}:00")
    # Said in another way: go through the hours of the stretch, from the day on which it begins.
    length = (ends - begins) % 24 or 24
    shown = {
        ((day + (begins + hour) // 24) % 7, (begins + hour) % 24)
        for day in days
        for hour in range(length)
    }
    expected = (local.weekday(), local.hour) in shown
    assert is_quiet(at.timestamp(), [quiet], zone) == expected
