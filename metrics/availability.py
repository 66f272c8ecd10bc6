"""Availability: how much of the service hours callers could be served, and why not.

What it rests on is positive: a controller that leads writes down every few seconds that it is
there, with a switch to take calls and a line they can come by (:class:`Stretch`). What nobody wrote
down was not available, so a machine that died needs no one to say so. Time in which only the
switch's own static queue served callers counts as not available.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from enum import StrEnum

from msgspec import Struct

from acd.core.hours import Calendar
from acd.core.plan import Plan
from metrics.cells import Cells
from metrics.dimensions import Dim
from metrics.intervals import QUARTER_MS, Span, quarter_of
from metrics.measure import Better, Family, Params, Part, Unit, measure
from metrics.tally import Sums

#: What was recorded last holds until now if it is no older: it is written every few seconds.
FRESH_MS = 20_000


class ServiceState(StrEnum):
    """Whether callers could be served; ``NO_CONTROLLER`` is what nobody recorded."""

    IN_SERVICE = "in_service"
    NO_SWITCH = "no_switch"
    NO_CARRIER = "no_carrier"
    NO_CONTROLLER = "no_controller"


class Stretch(Struct, frozen=True, order=True):
    """A time [from_ms, to_ms) in which one controller led and saw the same state throughout."""

    from_ms: int
    to_ms: int
    node: str
    state: ServiceState


class Recorded(Struct, frozen=True):
    """Stretches that touch a span, and since when there is any record at all."""

    stretches: Sequence[Stretch] = ()
    since_ms: int | None = None


class Outage(Struct, frozen=True):
    """A part of the service hours in which callers could not be served."""

    span: Span
    why: ServiceState


class Service(Struct, frozen=True):
    """The service hours that are over and on record, and the outages in them, in order."""

    hours: Sequence[Span] = ()
    outages: Sequence[Outage] = ()


def service_hours(plan: Plan, named: Sequence[str], span: Span, tz: tzinfo) -> list[Span]:
    """When service is owed: while any of the calendars ``named`` by the contract is open; where it
    names none, any that a queue names; where none does either, day and night."""
    names = named or [queue.hours for queue in plan.queues if queue.hours]
    calendars = [each for each in plan.calendars if each.id in names]
    if not calendars:
        return [span]
    return _merged(open_span for each in calendars for open_span in _open(Calendar(each, tz), span))


def service_of(hours: Sequence[Span], recorded: Recorded, until_ms: int) -> Service:
    """The service of these hours up to ``until_ms`` (now), as far back as there is a record."""
    if recorded.since_ms is None:
        return Service()
    newest_ms = max((each.to_ms for each in recorded.stretches), default=until_ms)
    if 0 <= until_ms - newest_ms <= FRESH_MS:
        until_ms = newest_ms
    owed = _both(hours, [Span(recorded.since_ms, max(until_ms, recorded.since_ms))])
    left, outages = owed, []
    for state in (ServiceState.IN_SERVICE, ServiceState.NO_SWITCH, ServiceState.NO_CARRIER):
        seen = _merged(
            Span(each.from_ms, each.to_ms) for each in recorded.stretches if each.state is state
        )
        if state is not ServiceState.IN_SERVICE:
            outages += [Outage(span, state) for span in _both(left, seen)]
        left = _without(left, seen)
    outages += [Outage(span, ServiceState.NO_CONTROLLER) for span in left]
    return Service(owed, sorted(outages, key=lambda each: each.span.from_ms))


def fold_service(cells: Cells, service: Service) -> None:
    """Count service time into the cells of the whole centre, by quarters of an hour; once."""
    for span in service.hours:
        for from_ms, ms in _quarters(span):
            cells.put(from_ms, (Dim.ALL, ""), Sums(service_ms=ms, served_ms=ms))
    for outage in service.outages:
        for from_ms, ms in _quarters(outage.span):
            cells.put(from_ms, (Dim.ALL, ""), Sums(served_ms=-ms))


@measure(
    "availability",
    "システム稼働率(受付時間内)",
    "availability in service hours",
    Family.SERVICE,
    Unit.SHARE,
    Better.HIGHER,
    "(受付時間 − そのうち電話を受けられなかった時間) ÷ 受付時間",
)
def availability(sums: Sums, _: Params) -> Part:
    """(service hours - those in which callers could not be served) ÷ service hours.

    >>> availability(Sums(service_ms=31_500_000, served_ms=31_484_250), Params()).value
    0.9995
    """
    return Part(sums.served_ms, sums.service_ms)


# -- spans: ordered, apart from one another ---------------------------------------------------


def _open(calendar: Calendar, span: Span) -> Iterable[Span]:
    at_ms = span.from_ms
    while at_ms < span.to_ms:
        change_s = calendar.next_change(at_ms / 1000)
        end_ms = span.to_ms if change_s is None else min(span.to_ms, round(change_s * 1000))
        if calendar.is_open(at_ms / 1000):
            yield Span(at_ms, end_ms)
        at_ms = end_ms


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: each.from_ms):
        if found and span.from_ms <= found[-1].to_ms:
            found[-1] = Span(found[-1].from_ms, max(found[-1].to_ms, span.to_ms))
        elif span.from_ms < span.to_ms:
            found.append(span)
    return found


def _both(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    found, at, other = [], 0, 0
    while at < len(spans) and other < len(others):
        from_ms = max(spans[at].from_ms, others[other].from_ms)
        to_ms = min(spans[at].to_ms, others[other].to_ms)
        if from_ms < to_ms:
            found.append(Span(from_ms, to_ms))
        if spans[at].to_ms < others[other].to_ms:
            at += 1
        else:
            other += 1
    return found


def _without(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    if not spans:
        return []
    edges = [spans[0].from_ms, *(ms for each in others for ms in (each.from_ms, each.to_ms))]
    edges.append(max(spans[-1].to_ms, edges[-1]))
    gaps = [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
    return _both(spans, gaps)


def _quarters(span: Span) -> Iterable[tuple[int, int]]:
    for from_ms in range(quarter_of(span.from_ms), span.to_ms, QUARTER_MS):
        yield from_ms, min(from_ms + QUARTER_MS, span.to_ms) - max(from_ms, span.from_ms)
