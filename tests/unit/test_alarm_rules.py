"""The rules of the alarms by hand, and what a file may say of them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from acd.app.alarm_rules import Active, Reading, Watch, is_bad, is_good, is_quiet
from acd.app.alarm_text import notice, said
from acd.app.day_targets import Against
from acd.config.alarm_settings import (
    OF_TARGETS,
    USUAL_RULES,
    AlarmKind,
    AlarmSettings,
    QuietSettings,
    Severity,
)

WAIT = USUAL_RULES["longest_wait"]


def changes(watch: Watch, values: list[float | None]) -> list[tuple[int, bool]]:
    return [
        (number, change.raised)
        for number, value in enumerate(values)
        for change in watch.look(number * 5.0, {"longest_wait": {"tax": value}})
    ]


def test_an_alarm_waits_for_its_time_both_ways() -> None:
    # 300 s for 10 s begins it; between 180 and 300 nothing changes; below for a minute ends it.
    values: list[float | None] = [
        100.0,
        301,
        301,
        250,
        301,
        301,
        301,
        *([250] * 20),
        *([100] * 12),
        250,
        *([100] * 13),
    ]
    assert changes(Watch([WAIT]), values) == [(6, True), (52, False)]


def test_what_cannot_be_said_ends_an_alarm_and_begins_none() -> None:
    values: list[float | None] = [None, 400.0, 400.0, 400.0, *([None] * 13)]
    assert changes(Watch([WAIT]), values) == [(3, True), (16, False)]


def test_subjects_are_told_apart_and_one_that_is_gone_comes_to_an_end() -> None:
    watch = Watch([WAIT])
    for at_s in (0.0, 10.0):
        watch.look(at_s, {"longest_wait": {"tax": 400.0, "waste": 10.0}})
    assert [each.subject for each in watch.active] == ["tax"]
    for at_s in (20.0, 80.0):
        watch.look(at_s, {"longest_wait": {"waste": 10.0}})
    assert watch.active == []


def test_what_was_never_bad_is_not_remembered() -> None:
    watch = Watch([WAIT])
    for number in range(1000):
        watch.look(float(number), {"longest_wait": {f"q{number}": 1.0}})
    assert watch._watched == {}


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-11-20 21:59", False),  # Friday
        ("2026-11-20 22:00", True),
        ("2026-11-21 06:59", True),  # the night of Friday, although Saturday is no such day
        ("2026-11-21 07:00", False),
        ("2026-11-21 22:30", False),
        ("2026-11-16 06:00", False),  # Monday's early morning belongs to Sunday's night
    ],
)
def test_a_quiet_night_belongs_to_the_day_on_which_it_begins(moment: str, quiet: bool) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    nights = QuietSettings(days=(0, 1, 2, 3, 4), begins="22:00", ends="07:00")
    at_s = datetime.fromisoformat(moment).replace(tzinfo=zone).timestamp()
    assert is_quiet(at_s, [nights], zone) is quiet


@pytest.mark.parametrize("fold", [0, 1])
def test_an_hour_that_comes_twice_is_quiet_twice(fold: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=fold)
    assert is_quiet(at.timestamp(), [QuietSettings(begins="02:00", ends="03:00")], zone)


def test_a_file_changes_a_usual_rule_takes_one_out_and_adds_its_own() -> None:
    settings = AlarmSettings.model_validate(
        {
            "rules": {
                "longest_wait": {"raise_at": 120, "clear_at": 60},
                "clock_drift": {"enabled": False},
                "tax_level": {
                    "kind": "service_level",
                    "queues": ["tax"],
                    "severity": "critical",
                    "window_s": 300,
                },
            }
        }
    )
    rules = {rule.id: rule for rule in settings.rules_in_force()}
    assert len(rules) == len(AlarmKind)
    assert (rules["longest_wait"].raise_at, rules["longest_wait"].for_s) == (120, WAIT.for_s)
    assert "clock_drift" not in rules
    own = rules["tax_level"]
    assert (own.kind, own.queues, own.window_s) == (AlarmKind.SERVICE_LEVEL, ("tax",), 300)
    assert own.severity is Severity.CRITICAL


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": {"mine": {}}},
        {"rules": {"longest_wait": {"kind": "ami_lag"}}},
        {"rules": {"longest_wait": {"raise_at": 60}}},  # clears at 180, which is worse
        {"rules": {"service_level": {"clear_at": 0.5}}},
        {"rules": {"ami_lag": {"queues": ["tax"]}}},
        {"rules": {"ami_lag": {"clear_at": -0.1}}},
        {"rules": {"ami_lag": {"against": "promise"}}},
        {"rules": {"target_availability": {"queues": ["tax"]}}},
        {"rules": {"target_answer_rate": {"raise_at": -0.01}}},  # clears at half a point
        {"rules": {"target_answer_rate": {"against": "hope"}}},
        {"rules": {"longest_wait": {"queues": ["'; drop"]}}},
        {"quiet": [{"begins": "24:00", "ends": "07:00"}]},
        {"webhooks": {"x": {"url": "http://example.jp/", "secret_variable": "SECRET"}}},
        {"webhooks": {"x": {"url": "http://127.evil.jp/", "secret_variable": "SECRET"}}},
        {"webhooks": {"x": {"url": "file:///etc/passwd", "secret_variable": "SECRET"}}},
        {"webhooks": {"x": {"url": "https://a:b@example.jp/", "secret_variable": "SECRET"}}},
        {"webhooks": {"x": {"url": "https://example.jp/", "secret_variable": "no"}}},
        {"webhooks": {"x": {"url": "https://example.jp/"}}},
        {"mail": {"to": ["a@b\nBcc: c@d"]}},
    ],
)
def test_what_a_file_may_not_say(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AlarmSettings.model_validate(wrong)


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_every_kind_has_its_words(kind: AlarmKind) -> None:
    reading: Reading = 0.5
    if kind in OF_TARGETS:
        reading = Against("sl_offered_20s", 0.5, 1, 2, 0.9, True)
    alarm = Active(USUAL_RULES[kind.value], "tax", reading, 0.0, 0.0)
    ja, en = said(alarm, {"tax": ("税", "Taxes")}, ZoneInfo("Asia/Tokyo"))
    assert "{" not in ja + en
    assert ja.endswith("。")


def test_a_notice_says_it_in_both_languages_and_for_programs() -> None:
    watch = Watch([WAIT])
    watch.look(0.0, {"longest_wait": {"tax": 400.0}})
    change = watch.look(10.0, {"longest_wait": {"tax": 410.0}})[0]
    told = notice(change, {"tax": ("税", "Taxes")})
    assert told.text_ja == "税で最も長い待ちが410秒になりました(警告は300秒)。"
    assert told.text_en == "Somebody has been waiting for 410 s in Taxes (limit 300 s)."
    assert b'"event":"raised"' in told.body
    assert b'"kind":"longest_wait"' in told.body


@pytest.mark.parametrize(
    ("target", "value", "bad", "good"),
    [
        (0.90, 0.8999, True, False),
        (0.90, 0.90, False, False),  # met, but by less than half a point
        (0.90, 0.9051, False, True),
        # 99.8 % leaves no half point: half of what is left (0.1 point) is enough.
        (0.998, 0.9985, False, False),
        (0.998, 0.9991, False, True),
        (1.0, 1.0, False, True),
    ],
)
def test_a_target_must_be_met_by_a_little_before_it_is_over(
    target: float, value: float, bad: bool, good: bool
) -> None:
    rule = USUAL_RULES["target_answer_rate"]
    now = Against("answer_rate_a", value, 0, 0, target, True)
    assert (is_bad(rule, now), is_good(rule, now)) == (bad, good)


def test_what_should_be_low_is_judged_the_other_way_round() -> None:
    rule = USUAL_RULES["target_abandonment"]
    for value, bad, good in ((0.101, True, False), (0.1, False, False), (0.094, False, True)):
        now = Against("abandonment_in_hours", value, 0, 0, 0.1, False)
        assert (is_bad(rule, now), is_good(rule, now)) == (bad, good)
