"""Which alarms begin and which are over: pure rules over measured values, with hysteresis.

An alarm begins when its value was bad for ``for_s`` without a break, and is over when it was good
for ``clear_after_s`` without a break. What lies between bad and good changes nothing, so a value
that trembles around a limit cannot make an alarm come and go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from msgspec import Struct, structs

from acd.app.day_targets import Against
from acd.config.alarm_settings import LOW_IS_BAD, QuietSettings, Rule, Severity

#: What was measured: a plain value, or a figure of the day beside its target.
Reading = float | Against
#: What was measured: by rule (its id), by subject (a queue, a trunk, or nothing). None is "cannot
#: be said", and neither begins an alarm nor keeps one.
Facts = Mapping[str, Mapping[str, Reading | None]]

_RANK = {Severity.NOTICE: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


def at_least(severity: Severity, least: Severity) -> bool:
    """Whether something is as bad as ``least``, or worse."""
    return _RANK[severity] >= _RANK[least]


class Active(Struct, frozen=True):
    """An alarm that has begun and is not over. ``bad_since_s``: since when what was measured has
    been bad; ``since_s``: since when that is an alarm."""

    rule: Rule
    subject: str
    reading: Reading
    since_s: float
    bad_since_s: float

    @property
    def value(self) -> float:
        """What was measured, when it began."""
        return plain(self.reading)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return (self.rule.id, self.subject)


class Change(Struct, frozen=True):
    """An alarm began (``raised``) or is over; ``reading`` is of this moment, or None."""

    alarm: Active
    raised: bool
    at_s: float
    reading: Reading | None

    @property
    def value(self) -> float:
        """The last one known."""
        return plain(self.alarm.reading if self.reading is None else self.reading)


def plain(reading: Reading) -> float:
    """The value alone."""
    return reading.value if isinstance(reading, Against) else reading


class _Watched(Struct):
    """``turning_s``: since when the value has been on the other side without a break."""

    active: Active | None = None
    turning_s: float | None = None


class Watch:
    """The state of every rule and subject. ``look`` is called again and again with new facts."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._watched: dict[tuple[str, str], _Watched] = {}

    @property
    def active(self) -> list[Active]:
        """Alarms that have begun and are not over, the oldest first."""
        found = [each.active for each in self._watched.values() if each.active is not None]
        return sorted(found, key=lambda each: (each.since_s, each.key))

    def adopt(self, rules: Sequence[Rule], at_s: float) -> list[Change]:
        """Other rules from now on. What lasts goes on under the rule of its name, and is over where
        there is none any more: that is returned."""
        self._rules = {rule.id: rule for rule in rules}
        over = []
        for key, watched in list(self._watched.items()):
            active, rule = watched.active, self._rules.get(key[0])
            if rule is None:
                del self._watched[key]
                if active is not None:
                    over.append(Change(active, False, at_s, None))
            elif active is not None:
                watched.active = structs.replace(active, rule=rule)
        return over

    def resume(self, alarms: Sequence[Active], at_s: float) -> list[Change]:
        """Go on with what lasted when another controller looked last. Under the rules of now: what
        has none any more is over, and that is returned."""
        over = []
        for alarm in alarms:
            rule = self._rules.get(alarm.rule.id)
            if rule is None or rule.kind is not alarm.rule.kind:
                over.append(Change(alarm, False, at_s, None))
            else:
                self._watched[alarm.key] = _Watched(structs.replace(alarm, rule=rule))
        return over

    def look(self, at_s: float, facts: Facts) -> list[Change]:
        """What has changed, by these values of now; ``at_s`` never goes back."""
        changes = []
        for rule in self._rules.values():
            values = facts.get(rule.id, {})
            known = [subject for name, subject in self._watched if name == rule.id]
            for subject in dict.fromkeys([*values, *known]):
                change = self._one(rule, subject, at_s, values.get(subject))
                if change is not None:
                    changes.append(change)
        return changes

    def _one(self, rule: Rule, subject: str, at_s: float, value: Reading | None) -> Change | None:
        key = (rule.id, subject)
        watched = self._watched.setdefault(key, _Watched())
        began = watched.active
        if began is None:
            turns, after_s = is_bad(rule, value), rule.for_s
        else:
            turns, after_s = is_good(rule, value), rule.clear_after_s
        if not turns:
            watched.turning_s = None
            if began is None:
                del self._watched[key]
            return None
        if watched.turning_s is None:
            watched.turning_s = at_s
        turned_s = watched.turning_s
        if at_s - turned_s < after_s:
            return None
        watched.turning_s = None
        if began is not None:
            del self._watched[key]
            return Change(began, False, at_s, value)
        watched.active = Active(rule, subject, value or 0.0, at_s, turned_s)
        return Change(watched.active, True, at_s, value)


def is_bad(rule: Rule, value: Reading | None) -> bool:
    """Whether a value speaks for an alarm."""
    if value is None:
        return False
    if isinstance(value, Against):
        return value.short_by > rule.raise_at
    return value <= rule.raise_at if rule.kind in LOW_IS_BAD else value >= rule.raise_at


def is_good(rule: Rule, value: Reading | None) -> bool:
    """Whether a value speaks for its end; what cannot be said any more does.

    A target may leave no room for what ``clear_at`` asks beyond it: half of the room is enough.
    """
    if value is None:
        return True
    if isinstance(value, Against):
        enough = max(rule.clear_at, -value.room / 2)
        return not is_bad(rule, value) and value.short_by <= enough
    if rule.clear_at == rule.raise_at:
        return not is_bad(rule, value)
    return value >= rule.clear_at if rule.kind in LOW_IS_BAD else value <= rule.clear_at


def is_quiet(at_s: float, quiet: Sequence[QuietSettings], tz: tzinfo) -> bool:
    """Whether the local wall clock shows a quiet time at this moment.

    The wall clock decides: where it jumps, a stretch is an hour shorter or longer.
    """
    local = datetime.fromtimestamp(at_s, tz)
    now, today = f"{local:%H:%M}", local.weekday()
    yesterday = (today - 1) % 7
    for each in quiet:
        begins, ends = each.begins, each.ends
        if begins < ends:
            if today in each.days and begins <= now < ends:
                return True
        elif (today in each.days and now >= begins) or (yesterday in each.days and now < ends):
            return True
    return False
