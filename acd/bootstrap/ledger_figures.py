"""Figures of any range from the ledger, the calls behind them, and the roster they are held to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.roster import SqlRoster
from acd.adapters.sql.service import SqlService
from acd.adapters.sql.tallies import Tallies
from acd.bootstrap.ledger import settle
from acd.config import Centre
from metrics.availability import fold_service, service_hours, service_of
from metrics.cells import Cells
from metrics.dimensions import PEOPLE_DIMS, Dim, shape_of
from metrics.intervals import QUARTER_MS, Span, between, date_of
from metrics.measure import Params
from metrics.opening import Opened, open_figure
from metrics.roster import Shift, fold_roster, parse_roster

#: How much is computed between two looks at what is missing.
DAY_MS = 96 * QUARTER_MS


async def cells_of(
    centre: Centre, span: Span, dims: Sequence[Dim] = tuple(Dim), *, now_ms: int
) -> Cells:
    """The cells of an aligned span, from the kept sums as far as they hold, with the roster's and
    those of the service hours."""
    await settle(centre.settings)
    url = centre.settings.database_url
    tallies = Tallies(url, shape_of(centre.plan))
    try:
        cells = await tallies.cells(span, dims, now_ms=now_ms)
    finally:
        await tallies.close()
    shifts = await SqlRoster(url).shifts(span) if set(dims) & set(PEOPLE_DIMS) else []
    if shifts:
        reader = LedgerReader(url)
        try:
            whole = Span(
                min(shift.from_ms for shift in shifts), max(shift.to_ms for shift in shifts)
            )
            spans = await reader.agent_spans(whole.from_ms, whole.to_ms)
        finally:
            await reader.close()
        fold_roster(cells, shifts, spans, now_ms)
    if Dim.ALL in dims:
        hours = service_hours(
            centre.plan, centre.contract.service_hours, span, ZoneInfo(centre.plan.timezone)
        )
        fold_service(cells, service_of(hours, await SqlService(url).recorded(span), now_ms))
    return cells


async def opened(
    centre: Centre, key: str, span: Span, wanted: Mapping[Dim, str], params: Params
) -> Opened:
    """A figure of any span and any combination of values, with the calls that it is made of."""
    await settle(centre.settings)
    reader = LedgerReader(centre.settings.database_url)
    try:
        rows = await reader.figure_rows(span.from_ms, span.to_ms)
    finally:
        await reader.close()
    return open_figure(key, rows, span, shape_of(centre.plan), wanted, params)


@dataclass(frozen=True)
class Roster:
    """What a roster's file plans, from its first day to its last."""

    shifts: Sequence[Shift]
    first: dt.date
    last: dt.date


def read_roster(centre: Centre, text: str) -> Roster:
    """Read a roster's file. Raises ConfigError with every fault of it."""
    zone = ZoneInfo(centre.plan.timezone)
    shifts = parse_roster(text, [agent.id for agent in centre.plan.agents], zone)
    days = [date_of(shift.from_ms, zone) for shift in shifts]
    return Roster(shifts, min(days), max(days))


async def bring_roster(centre: Centre, roster: Roster) -> None:
    """Put a roster in place of what was planned for its days."""
    await settle(centre.settings)
    days = between(roster.first, roster.last, ZoneInfo(centre.plan.timezone))
    await SqlRoster(centre.settings.database_url).replace(days, roster.shifts)


async def check_tallies(centre: Centre, span: Span) -> list[int]:
    """Quarters (Unix milliseconds) whose kept sums are not what the rows give."""
    await settle(centre.settings)
    tallies = Tallies(centre.settings.database_url, shape_of(centre.plan))
    try:
        return await tallies.check(span)
    finally:
        await tallies.close()


async def build_tallies(
    centre: Centre, span: Span, *, now_ms: int, anew: bool, told: Callable[[int, int], None]
) -> int:
    """Compute and keep the sums of every quarter of a span that is over and not kept (``anew``: of
    all that are over); ``told`` hears how many of how many are done. Returns how many were kept."""
    await settle(centre.settings)
    tallies = Tallies(centre.settings.database_url, shape_of(centre.plan))
    whole = max(0, (min(span.to_ms, now_ms) - span.from_ms) // QUARTER_MS)
    done = 0
    try:
        if anew:
            await tallies.forget(span)
        for at_ms in range(span.from_ms, span.to_ms, DAY_MS):
            day = Span(at_ms, min(at_ms + DAY_MS, span.to_ms))
            while number := await tallies.refresh(day, now_ms=now_ms):
                done += number
                told(done, whole)
    finally:
        await tallies.close()
    return done
