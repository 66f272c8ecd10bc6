"""``madoguchi report daily|weekly|monthly|yearly|range``: a report from the ledger, as a file."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli import acts
from acd.cli.files import write_file
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import japanese, say
from acd.errors import Refused
from acd.ports_people import OperationKind
from acd.ports_reports import Format
from metrics.report_model import Kind

if TYPE_CHECKING:
    from acd.config.settings import Settings
    from metrics.report_make import Asked
    from metrics.report_model import Change, Report

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say(
        "日報・週報・月報・年報、期間の報告を通話記録から作ります。",
        "Make reports from the records: by day, week, month, year, or any range.",
    ),
)
_DAY = "%Y-%m-%d"
_TEXTS = (Format.CSV, Format.JSON, Format.HTML)

DateOption = Annotated[
    dt.datetime | None,
    typer.Option(
        "--date",
        formats=[_DAY],
        help=say(
            "この日、またはこの日を含む週・月・年。省略時は前の日・週・月・年。",
            "This day, or the week, month, year that holds it. Default: the one before today.",
        ),
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        help=say("形式。省略時は端末に表示します。", "Format. Default: show it in the terminal."),
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help=say("書き出すファイル。", "File to write to."))
]
LangOption = Annotated[
    str | None,
    typer.Option("--lang", help=say("言語 (ja、en)。", "Language (ja, en).")),
]
OperatorsOption = Annotated[
    bool,
    typer.Option(
        "--operators",
        help=say(
            "オペレーターごとの表も入れます(この報告は保存されません)。",
            "With a line for each operator (such a report is not kept).",
        ),
    ),
]
CheckOption = Annotated[
    bool,
    typer.Option(
        "--check",
        help=say(
            "保存した集計による報告を、通話記録そのものから作り直して比べます。",
            "Make it from every record as well, and compare: exit code 1 if they differ.",
        ),
    ),
]
RevisionOption = Annotated[
    int | None,
    typer.Option(
        "--revision",
        min=1,
        help=say(
            "保存した報告のこの版を、そのまま出します (madoguchi report kept)。",
            "This revision as it was kept, not made anew (madoguchi report kept).",
        ),
    ),
]
#: Exit code when the kept sums give another report than the records.
DIFFERS = 1


def _verb(kind: Kind, ja: str, en: str) -> None:
    def run(
        date: DateOption = None,
        form: FormatOption = None,
        out: OutOption = None,
        lang: LangOption = None,
        operators: OperatorsOption = False,
        check: CheckOption = False,
        revision: RevisionOption = None,
        centre: CentreOption = DEFAULT_CENTRE,
    ) -> None:
        if check:
            _check(centre, kind, date, operators=operators)
            return
        _report(centre, kind, date, None, form, out, lang, operators=operators, revision=revision)

    app.command(name=kind.value, help=say(ja, en))(run)


_verb(Kind.DAILY, "日報。", "The report of a day.")
_verb(Kind.WEEKLY, "週報 (月曜から日曜)。", "The report of a week, Monday to Sunday.")
_verb(Kind.MONTHLY, "月報。", "The report of a month.")
_verb(Kind.YEARLY, "年報。", "The report of a calendar year.")


@app.command(name="range", help=say("期間の報告。", "The report of any days."))
def free_range(
    first: Annotated[
        dt.datetime,
        typer.Option("--from", formats=[_DAY], help=say("この日から。", "From this day.")),
    ],
    last: Annotated[
        dt.datetime,
        typer.Option("--to", formats=[_DAY], help=say("この日まで。", "Up to this day.")),
    ],
    form: FormatOption = None,
    out: OutOption = None,
    lang: LangOption = None,
    operators: OperatorsOption = False,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Both days are included."""
    _report(centre, Kind.RANGE, first, last, form, out, lang, operators=operators)


@app.command(
    name="kept",
    help=say("保存した報告と、その版の一覧。", "The reports that are kept, and their revisions."),
)
def kept(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """One line each, the newest period first."""
    from acd.bootstrap.reports import reports_of
    from acd.config import load_centre

    found = asyncio.run(reports_of(load_centre(centre), time.time).kept())
    if not found:
        typer.echo(say("保存した報告はまだありません。", "No report is kept yet."))
    for each in found:
        days = each.first if each.first == each.last else f"{each.first} – {each.last}"
        revisions = (
            say(f"第1〜{each.revision}版", f"revisions 1–{each.revision}")
            if each.revision > 1
            else say("第1版", "revision 1")
        )
        typer.echo(f"{each.kind.value:<8} {days:<23}  {revisions}")


def before(kind: Kind, today: dt.date) -> dt.date:
    """A day of the last whole period before today."""
    if kind is Kind.WEEKLY:
        return today - dt.timedelta(days=7)
    if kind is Kind.MONTHLY:
        return today.replace(day=1) - dt.timedelta(days=1)
    if kind is Kind.YEARLY:
        return today.replace(month=1, day=1) - dt.timedelta(days=1)
    return today - dt.timedelta(days=1)


def _report(
    folder: Path,
    kind: Kind,
    first: dt.datetime | None,
    last: dt.datetime | None,
    form: Format | None,
    out: Path | None,
    lang: str | None,
    *,
    operators: bool,
    revision: int | None = None,
) -> None:
    from metrics.report_make import Asked

    chosen = lang or ("ja" if japanese() else "en")
    if chosen not in ("ja", "en"):
        raise Refused("a report is in ja or en", ja="言語は ja か en です。")
    if form is None and out is not None:
        form = _by_name(out)
    if form is not None and form not in _TEXTS and out is None:
        raise Refused(
            f"say where the {form.value} goes: --out FILE",
            ja=f"{form.value} の書き出し先を --out で指定してください。",
        )

    def asked(today: dt.date) -> Asked:
        day = first.date() if first else before(kind, today)
        return Asked(kind, day, last.date() if last else None, operators=operators)

    report, data = asyncio.run(_made(folder, asked, form, chosen, revision))
    if data is None:
        from acd.cli.report_terminal import show

        show(report, chosen)
    elif out is None:
        sys.stdout.buffer.write(data)
    else:
        write_file(out, data)
        typer.echo(_said(out, report), err=True)


def _check(folder: Path, kind: Kind, first: dt.datetime | None, *, operators: bool) -> None:
    from acd.bootstrap.ledger import settle
    from acd.bootstrap.reports import reports_of
    from acd.config import load_centre
    from metrics.report_make import Asked

    async def both() -> tuple[Report, list[Change]]:
        centre = load_centre(folder)
        await settle(centre.settings)
        reports = reports_of(centre, time.time)
        day = first.date() if first else before(kind, reports.today())
        wanted = Asked(kind, day, operators=operators)
        await _note(centre.settings, wanted, None)
        return await reports.checked(wanted)

    report, found = asyncio.run(both())
    for each in found:
        name = each.where.of("ja" if japanese() else "en")
        typer.echo(f"{name}: {each.before} → {each.after}")
    if found:
        raise typer.Exit(DIFFERS)
    days = report.first if report.first == report.last else f"{report.first} – {report.last}"
    typer.echo(
        say(
            f"{days}: 保存した集計による報告は、{report.basis.calls:,}件の通話記録そのものから"
            "作った報告と最後の桁まで一致します。",
            f"{days}: the report from kept sums is the one made from the records of its"
            f" {report.basis.calls:,} calls, to the last digit.",
        )
    )


def _by_name(out: Path) -> Format:
    try:
        return Format(out.suffix.lstrip(".").lower())
    except ValueError:
        known = ", ".join(each.value for each in Format)
        raise Refused(
            f"say the format: --format {known}", ja=f"--format で形式を指定してください: {known}"
        ) from None


async def _made(
    folder: Path,
    asked: Callable[[dt.date], Asked],
    form: Format | None,
    lang: str,
    revision: int | None,
) -> tuple[Report, bytes | None]:
    from acd.bootstrap.ledger import settle
    from acd.bootstrap.logs import configure_logging
    from acd.bootstrap.reports import reports_of
    from acd.config import load_centre

    centre = load_centre(folder)
    configure_logging(centre.settings.log)
    reports = reports_of(centre, time.time)
    wanted = asked(reports.today())
    await _note(centre.settings, wanted, form)
    if revision is None:
        await settle(centre.settings)
        report = await reports.keep(wanted)
    else:
        report = await reports.revision(wanted.kind, *reports.period(wanted), revision)
    return report, await reports.written(report, form, lang) if form else None


async def _note(settings: Settings, asked: Asked, form: Format | None) -> None:
    """A file is taken along, and figures of single operators are somebody's: the log says so, as
    of the reports page."""
    subject = f"kind={asked.kind.value} {acts.span(asked.first, asked.last)}"
    if asked.operators:
        subject += " operators=yes"
    if form is not None:
        subject += f" format={form.value}"
        await acts.note(settings, OperationKind.RECORDS_EXPORTED, subject)
    elif asked.operators:
        await acts.note(settings, OperationKind.OPERATORS_VIEWED, subject)


def _said(out: Path, report: Report) -> str:
    if not report.complete:
        return say(f"{out} (途中の集計)", f"{out} (provisional)")
    if not report.revision:
        return str(out)
    return say(f"{out} (第{report.revision}版)", f"{out} (revision {report.revision})")
