"""Reports over the interface: see one, take it along, open a figure down to its calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypedDict

from aiohttp import web
from msgspec import convert

from acd.app.reports import BehindCall, Reports
from acd.core.inputs import CallerKind
from acd.errors import NotFound
from acd.ports_people import OperationKind
from acd.ports_reports import MEDIA, CutOff, Format, Kept
from metrics.dimensions import Dim
from metrics.intervals import Span
from metrics.measures import Figure
from metrics.report_make import Asked
from metrics.report_model import Kind, Report
from web.answer import SAFE_HEADERS, Media, Words
from web.api import reports_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Body
from web.roles import FLOOR, Role
from web.route import Answer, Route

#: Who sees the centre's figures, and the calls behind them without whose they were.
READERS = FLOOR | {Role.PLANNER, Role.CITY_STAFF}
#: Who may learn whose call it was; each time it is written down.
OF_CALLERS = frozenset({Role.SUPERVISOR})
#: Who sees figures of single operators.
OF_OPERATORS = FLOOR
#: So many lost callers are listed on the page; the command line lists all.
LOST_MAX = 1_000
#: A month is added up, and chromium prints one page at a time.
MAKING_S, PRINTING_S = 60.0, 120.0
#: A report is a page by itself: it may load nothing and run nothing.
_SEALED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


class ReportChoices(TypedDict):
    """What can be chosen: whether figures of operators, and whose call it was, may be asked for;
    the centre's date; queues by id; the newest revision of each report that is kept."""

    kinds: list[Kind]
    formats: list[Format]
    operators: bool
    callers: bool
    timezone: str
    today: str
    queues: dict[str, Words]
    kept: list[Kept]


class CallsBehind(TypedDict):
    """A figure, and the calls that it is made of; whether there are more."""

    figure: Figure
    calls: tuple[BehindCall, ...]
    more: bool


class LostCalls(TypedDict):
    """Callers who were cut off, the first in line first; whether there are more."""

    calls: list[CutOff]
    more: bool


class WhoseCall(TypedDict):
    """Whose call it was; null where the number was withheld."""

    call: str
    kind: CallerKind
    number: str | None


def _reports(ask: Ask) -> Reports:
    if ask.wiring.reports is None:
        raise NotFound("there are no reports here", code="reports_off")
    return ask.wiring.reports


async def choices(ask: Ask) -> ReportChoices:
    """What can be chosen, and the reports that are kept."""
    reports = _reports(ask)
    return {
        "kinds": list(Kind),
        "formats": list(Format),
        "operators": ask.who.has(OF_OPERATORS),
        "callers": ask.who.has(OF_CALLERS),
        "timezone": str(reports.zone),
        "today": reports.today().isoformat(),
        "queues": {
            each.id: {"ja": each.name_ja, "en": each.name_en}
            for each in ask.wiring.engine().plan.queues
        },
        "kept": await reports.kept(),
    }


async def model(ask: Ask) -> Report:
    """The report as data (docs/reports.md)."""
    return await _report(ask, ask.body_as(bodies.Which))


async def page(ask: Ask) -> Annotated[web.Response, Media((MEDIA[Format.HTML],))]:
    """The report as a page of its own, to be looked at."""
    body = ask.body_as(bodies.Which)
    report = await _report(ask, body)
    data = await _reports(ask).written(report, Format.HTML, body.lang.value)
    return _answer(data, Format.HTML, "inline")


async def file(ask: Ask) -> Annotated[web.Response, Media(tuple(MEDIA.values()), Report)]:
    """The report as a file to be taken along."""
    body = ask.body_as(bodies.AsFile)
    report = await _report(ask, body)
    data = await _reports(ask).written(report, body.format, body.lang.value)
    name = f"{report.kind.value}-{report.first}"
    if report.last != report.first:
        name += f"-{report.last}"
    if report.revision:
        name += f"-r{report.revision}"
    return _answer(data, body.format, f'attachment; filename="{name}.{body.format.value}"')


def _answer(data: bytes, form: Format, disposition: str) -> web.Response:
    headers = {
        **SAFE_HEADERS,
        "Content-Security-Policy": _SEALED,
        "Content-Disposition": disposition,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    charset = "utf-8" if form in (Format.HTML, Format.CSV) else None
    return web.Response(body=data, content_type=MEDIA[form], charset=charset, headers=headers)


async def _report(ask: Ask, body: bodies.Which) -> Report:
    reports = _reports(ask)
    asked = Asked(body.kind, body.first, body.last, operators=body.operators)
    if body.revision:
        first, last = reports.period(asked)
        return await reports.revision(body.kind, first, last, body.revision)
    return await reports.keep(asked)


async def calls(ask: Ask) -> CallsBehind:
    """The calls behind a figure, without whose they were."""
    body = ask.body_as(bodies.Cell)
    whole = body.value is None or body.dim is Dim.ALL
    wanted: dict[Dim, str] = {} if whole else {body.dim: body.value or ""}
    span = Span(body.from_ms, body.to_ms)
    found = await _reports(ask).behind(body.key, span, wanted, body.dim)
    return {
        "figure": found.opened.figure,
        "calls": found.calls,
        "more": found.more,
    }


async def lost(ask: Ask) -> LostCalls:
    """Callers whom a fault cut off, the first in line first, without whose calls they were."""
    body = ask.body_as(bodies.Days)
    found = await _reports(ask).lost(body.first, body.last)
    shown = [convert(each, CutOff, from_attributes=True) for each in found[:LOST_MAX]]
    return {"calls": shown, "more": len(found) > LOST_MAX}


async def caller(ask: Ask) -> WhoseCall:
    """Whose call it was."""
    body = ask.body_as(bodies.When)
    found = await _reports(ask).call(ask.names["call"], body.at_ms)
    shown = found.caller_number if found.caller_kind is CallerKind.NUMBER else None
    return {"call": found.call, "kind": found.caller_kind, "number": shown}


def _figures(path: str, handler: Callable[[Ask], Awaitable[Answer]], body: type[Body]) -> Route:
    """Figures, which are nobody's data unless they are of single operators."""
    return Route(
        "GET",
        path,
        READERS,
        handler,
        body,
        OperationKind.OPERATORS_VIEWED,
        within_s=MAKING_S,
        of_people=OF_OPERATORS,
        logged_of_people=True,
    )


_ONE = "/api/reports/calls/{call:[A-Za-z0-9._-]{1,80}}"
ROUTES = (
    Route("GET", "/api/reports/choices", READERS, choices),
    _figures("/api/reports", model, bodies.Which),
    Route(
        "GET",
        "/api/reports/file",
        READERS,
        file,
        bodies.AsFile,
        OperationKind.RECORDS_EXPORTED,
        within_s=PRINTING_S,
        of_people=OF_OPERATORS,
    ),
    _figures("/api/reports/page", page, bodies.Which),
    _figures("/api/reports/calls", calls, bodies.Cell),
    Route("GET", "/api/reports/lost", READERS, lost, bodies.Days, within_s=MAKING_S),
    Route("GET", _ONE + "/caller", OF_CALLERS, caller, bodies.When, OperationKind.HISTORY_VIEWED),
)
