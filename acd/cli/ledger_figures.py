"""``madoguchi ledger figure | roster | tallies``: any figure, the calls behind it, the roster."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from acd.cli import acts
from acd.cli.files import MAX_ROSTER_BYTES, read_text
from acd.cli.options import DEFAULT_CENTRE, CentreOption, JsonOption
from acd.cli.words import japanese, say
from acd.errors import Refused
from acd.ports_people import OperationKind

if TYPE_CHECKING:
    from acd.config import Centre
    from metrics.intervals import Span
    from metrics.measure import Measure
    from metrics.measures import Figure

_DAY = ["%Y-%m-%d"]
#: Exit code when kept sums are not what the rows give.
DIFFERS = 1

FirstDay = Annotated[
    dt.datetime,
    typer.Option("--from", formats=_DAY, help=say("この日から。", "From this day.")),
]
LastDay = Annotated[
    dt.datetime | None,
    typer.Option(
        "--to",
        formats=_DAY,
        help=say("この日まで(省略時は同じ日)。", "Up to this day (default: the same)."),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verbs to ``madoguchi ledger``."""
    app.command(
        help=say(
            "指標を1つ計算し、計算式と、もとになった通話を示します (docs/measures.md)。",
            "Compute one figure, with its formula and the calls behind it (docs/measures.md).",
        )
    )(figure)
    app.command(
        help=say(
            "勤務予定のCSV (date,operator,from,to,kind) を取り込みます。",
            "Take in a planned roster as CSV (date,operator,from,to,kind).",
        )
    )(roster)
    app.command(
        help=say(
            "保存した15分ごとの集計を確かめ、または作ります。",
            "Check the kept sums of quarters of an hour against the ledger's rows, or make them.",
        )
    )(tallies)


def _span(zone: ZoneInfo, first: dt.datetime, last: dt.datetime | None) -> Span:
    from metrics.intervals import between

    return between(first.date(), (last or first).date(), zone)


def figure(
    key: Annotated[str, typer.Argument(help="answer_rate_a, sl_offered_20s, asa ...")],
    first_day: FirstDay,
    last_day: LastDay = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            help=say(
                "内訳: queue number skill call_type language operator team trunk",
                "One line for each: queue number skill call_type language operator team trunk",
            ),
        ),
    ] = None,
    calls: Annotated[
        bool,
        typer.Option("--calls", help=say("もとになった通話も示す。", "Show the calls behind it.")),
    ] = False,
    centre: CentreOption = DEFAULT_CENTRE,
    as_json: JsonOption = False,
) -> None:
    """Days are the centre's own; the contract's parameters apply where the key says none."""
    from acd.bootstrap.ledger_figures import cells_of, opened
    from acd.config import load_centre
    from metrics import measures
    from metrics.dimensions import PEOPLE_DIMS, Dim

    found = load_centre(centre)
    span = _span(ZoneInfo(found.plan.timezone), first_day, last_day)
    measure, _ = measures.parsed(key)
    if by is not None and by not in {dim.value for dim in Dim}:
        raise Refused(f"there is no dimension {by[:40]!r}", code="unknown_dimension")
    dim = Dim(by or "all")
    contract = found.contract
    if dim in PEOPLE_DIMS and dim is not Dim.ALL:
        subject = f"dim={dim.value} {acts.span(first_day, last_day)}"
        asyncio.run(acts.note(found.settings, OperationKind.OPERATORS_VIEWED, subject))
    if calls:
        shown = asyncio.run(opened(found, key, span, {}, contract.params()))
        figures = {"": shown.figure}
    else:
        shown = None
        cells = asyncio.run(cells_of(found, span, (dim,), now_ms=round(time.time() * 1000)))
        values = cells.by(span, dim) or {"": cells.sums(span)}
        figures = {
            value: measures.figure(key, sums, contract.params(dim, value, found.plan.queues))
            for value, sums in values.items()
        }
    if as_json:
        what = {"figures": figures, "opened": shown}
        typer.echo(msgspec.json.format(msgspec.json.encode(what)).decode())
        return
    typer.echo(_formula(measure, next(iter(figures.values()))))
    for value, one in figures.items():
        typer.echo(f"{value or '-':<20} {_text(measure, one)}" if by else _text(measure, one))
    if shown is not None:
        typer.echo(say("分子: ", "above the line: ") + " ".join(shown.part))
        typer.echo(say("分母: ", "below the line: ") + " ".join(shown.whole))


def _formula(measure: Measure, one: Figure) -> str:
    name, formula = (
        (measure.ja, measure.formula_ja) if japanese() else (measure.en, measure.formula_en)
    )
    return f"{one.key}  {name} = {formula}"


def _text(measure: Measure, one: Figure) -> str:
    from metrics.measure import Unit
    from metrics.report_text import share

    if one.value is None:
        return "–" if one.whole is None else f"–  ({one.part} ÷ {one.whole})"
    texts = {
        Unit.SHARE: share(one.value).replace(" ", ""),
        Unit.MS: f"{one.value / 1000:.1f} s",
        Unit.SCORE: f"{one.value:.2f}",
        Unit.COUNT: f"{one.value:g}",
    }
    parts = f"  ({one.part} ÷ {one.whole})" if one.whole is not None else ""
    return texts[measure.unit] + parts


def roster(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """The file replaces what was planned for its days; with any fault nothing is changed."""
    from acd.bootstrap.ledger_figures import bring_roster, read_roster
    from acd.config import load_centre

    text, found = read_text(file, MAX_ROSTER_BYTES), load_centre(centre)
    roster = read_roster(found, text)

    async def bring() -> None:
        days = acts.span(roster.first, roster.last)
        await acts.note(found.settings, OperationKind.ROSTER_CHANGED, days)
        await bring_roster(found, roster)

    asyncio.run(bring())
    done = len(roster.shifts)
    typer.echo(say(f"勤務予定 {done} 件を取り込みました。", f"{done} planned stretches taken in."))


def tallies(
    first_day: FirstDay,
    last_day: LastDay = None,
    build: Annotated[
        bool,
        typer.Option(
            "--build", help=say("まだない集計を作る。", "Compute and keep what is missing.")
        ),
    ] = False,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help=say("すべて作り直す。", "Compute and keep all of it anew.")),
    ] = False,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Exit code 1 when a quarter's kept sums are not what the rows give."""
    from acd.bootstrap.ledger_figures import check_tallies
    from acd.config import load_centre

    found = load_centre(centre)
    zone = ZoneInfo(found.plan.timezone)
    span = _span(zone, first_day, last_day)
    if build or rebuild:
        _build(found, span, anew=rebuild)
        return
    wrong = asyncio.run(check_tallies(found, span))
    for at_ms in wrong:
        typer.echo(dt.datetime.fromtimestamp(at_ms / 1000, zone).isoformat(timespec="minutes"))
    if wrong:
        raise typer.Exit(DIFFERS)
    typer.echo(say("保存した集計は通話記録と一致します。", "The kept sums are what the rows give."))


def _build(centre: Centre, span: Span, *, anew: bool) -> None:
    """What is kept stays when this is broken off: ``--build`` goes on from there."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from acd.bootstrap.ledger_figures import build_tallies

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(say("集計", "Adding up"), total=None)

        def told(done: int, whole: int) -> None:
            progress.update(task, completed=done, total=whole)

        now_ms = round(time.time() * 1000)
        done = asyncio.run(build_tallies(centre, span, now_ms=now_ms, anew=anew, told=told))
    typer.echo(
        say(f"15分ごとの集計を {done} 件作りました。", f"Kept the sums of {done} quarter hours.")
    )
