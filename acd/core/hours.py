"""Opening hours: the one calendar that engine, menu and measures ask.

Plans speak of local wall time; the engine speaks of Unix seconds. A :class:`Calendar` turns each
local day into open intervals of seconds once and keeps it, so that asking costs a comparison. On
days when clocks change, a wall time that comes twice means the first of the two, and one that is
skipped means the moment of the change.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from msgspec import Struct

from acd.core.plan import CalendarPlan, DaySpan

#: Why it is closed when the plan gives no reason of its own for the day.
OUTSIDE_HOURS = "outside_hours"
DAY_OFF = "day_off"

#: How far ahead a change is looked for: a year with every holiday, and some.
HORIZON_DAYS = 400
#: Local days kept; a year of previews fits, and memory stays bounded.
_MAX_DAYS_KEPT = 800

_SECOND = timedelta(seconds=1)


class Opening(Struct, frozen=True):
    """Open or closed at a moment.

    ``reason`` is empty when open; else the plan's words for the day (a holiday's name, an ad-hoc
    closing), ``outside_hours`` on a day with hours, ``day_off`` on a weekday without any.
    ``until_s`` is when that changes, None if not within the horizon.
    """

    open: bool
    reason: str
    until_s: float | None


def next_midnight(at_s: float, tz: tzinfo) -> float:
    """When the local day that holds this moment ends."""
    day = datetime.fromtimestamp(at_s, tz).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=tz).timestamp()


class _Day(Struct, frozen=True):
    """One local day in Unix seconds: [from_s, to_s), open in ``spans``, and why if it never is."""

    date: date
    from_s: float
    to_s: float
    spans: tuple[tuple[float, float], ...]
    reason: str


class Calendar:
    """Answers for one calendar of the plan. ``tz`` is any tzinfo, handed in."""

    def __init__(self, plan: CalendarPlan, tz: tzinfo) -> None:
        self.id = plan.id
        self._plan = plan
        self._tz = tz
        self._days: dict[date, _Day] = {}
        self._today = self._day(date(1970, 1, 2))

    def is_open(self, at_s: float) -> bool:
        """Whether calls are taken at this moment; the end of a span is excluded."""
        today = self._at(at_s)
        return any(from_s <= at_s < to_s for from_s, to_s in today.spans)

    def status(self, at_s: float) -> Opening:
        """Open or closed, why, and until when."""
        today = self._at(at_s)
        is_open = any(from_s <= at_s < to_s for from_s, to_s in today.spans)
        return Opening(is_open, "" if is_open else today.reason, self.next_change(at_s))

    def next_change(self, at_s: float) -> float | None:
        """When it opens if closed, when it closes if open; None if not within the horizon.

        A span that ends at midnight and one that begins there are one: that is no change.
        """
        now_open = self.is_open(at_s)
        day = self._at(at_s)
        moment = at_s
        for _ in range(HORIZON_DAYS):
            for from_s, to_s in day.spans:
                if to_s <= moment:
                    continue
                if now_open:
                    if from_s > moment:
                        return moment
                    moment = to_s
                else:
                    return from_s
            if now_open and moment < day.to_s:
                return moment
            day = self._day(day.date + timedelta(days=1))
        return None

    def _at(self, at_s: float) -> _Day:
        """The local day that holds this moment."""
        if not self._today.from_s <= at_s < self._today.to_s:
            self._today = self._day(datetime.fromtimestamp(at_s, self._tz).date())
        return self._today

    def _day(self, day: date) -> _Day:
        """A local day in seconds, made once."""
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= _MAX_DAYS_KEPT:
                self._days.clear()
            known = self._days[day] = self._make(day)
        return known

    def _make(self, day: date) -> _Day:
        key = day.isoformat()
        reason = OUTSIDE_HOURS
        spans = self._plan.special.get(key)
        if spans is None:
            spans = self._plan.week[day.weekday()] if self._plan.week else ()
            if not spans:
                reason = DAY_OFF
            if key in self._plan.closed:
                spans, reason = (), self._plan.closed[key]
        elif not spans:
            reason = self._plan.closed.get(key, DAY_OFF)
        return _Day(
            date=day,
            from_s=self._moment(day, 0),
            to_s=self._moment(day, 1440),
            spans=self._seconds(day, spans),
            reason=reason,
        )

    def _seconds(self, day: date, spans: tuple[DaySpan, ...]) -> tuple[tuple[float, float], ...]:
        """Spans in Unix seconds; one that lies wholly in a skipped hour vanishes."""
        made = ((self._moment(day, s.from_min), self._moment(day, s.to_min)) for s in spans)
        return tuple(sorted((from_s, to_s) for from_s, to_s in made if from_s < to_s))

    def _moment(self, day: date, minute: int) -> float:
        """The first moment at which the wall clock shows this minute of the day or later."""
        if minute >= 1440:
            day, minute = day + timedelta(days=1), minute - 1440
        wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001
        first = wall.replace(tzinfo=self._tz)
        at = first.astimezone(UTC)
        if at.astimezone(self._tz).replace(tzinfo=None) == wall:
            return at.timestamp()
        # Skipped: fold 1 reads it with the offset after the change, which lies before the change.
        low = first.replace(fold=1).astimezone(UTC)
        high = at
        while high - low > _SECOND:
            middle = low + (high - low) // 2
            if middle.astimezone(self._tz).replace(tzinfo=None) < wall:
                low = middle
            else:
                high = middle
        return float(round(high.timestamp()))
