"""``madoguchi ledger survey``: what callers answered after their talks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import typer

from acd.cli.options import DEFAULT_CENTRE, CentreOption, FirstDayOption, JsonOption, LastDayOption
from acd.cli.words import say

if TYPE_CHECKING:
    from metrics.survey import SurveyFigures


def register(app: typer.Typer) -> None:
    """Add the verb to ``madoguchi ledger``."""
    told = say(
        "応対後アンケートの件数、回答率、平均を示します。",
        "Say how many callers were asked after the talk, how many answered, and what.",
    )
    app.command(help=told)(survey)


def survey(
    centre: CentreOption = DEFAULT_CENTRE,
    first_day: FirstDayOption = None,
    last_day: LastDayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Days are the centre's own; drills do not count."""
    from acd.bootstrap.ledger_export import span_ms, survey_of
    from acd.config import load_centre

    found = load_centre(centre)
    zone = ZoneInfo(found.plan.timezone)
    figures = asyncio.run(survey_of(found.settings, *span_ms(first_day, last_day, zone)))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(figures)).decode())
    else:
        typer.echo("\n".join(lines(figures)))


def lines(figures: SurveyFigures) -> list[str]:
    """The figures in sentences; nothing is said of a mean without an answer."""
    rate = "-" if figures.rate is None else f"{figures.rate:.1%}"
    said = [
        say(
            f"応対 {figures.talks} 件、うち質問 {figures.asked} 件、回答 n = {figures.n}"
            f"(回答率 {rate})",
            f"{figures.talks} talks, {figures.asked} asked, n = {figures.n} (rate {rate})",
        )
    ]
    if figures.mean is None or figures.good is None:
        return said
    said.append(
        say(
            f"平均 {figures.mean:.2f}(1~5)、良い(4・5) {figures.good:.1%}",
            f"mean {figures.mean:.2f} of 5; good (4 and 5) {figures.good:.1%}",
        )
    )
    longest = max(figures.counts)
    for answer, count in reversed(list(enumerate(figures.counts, 1))):
        bar = "#" * round(30 * count / longest)
        said.append(f"  {answer}  {count:>5}  {bar}".rstrip())
    return said
