"""``madoguchi check``, ``reload`` and ``version``."""

from __future__ import annotations

import datetime as dt
from importlib import metadata
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from acd.cli.options import DEFAULT_CENTRE, CentreArgument, CentreOption
from acd.cli.words import say
from acd.japanese import in_japanese


def check(
    centre: CentreArgument = DEFAULT_CENTRE,
    files_only: Annotated[
        bool,
        typer.Option(
            "--files-only",
            help=say(
                "ファイルだけを調べ、この機械とデータベースは試しません。",
                "Look at the files alone, not at this machine and the database.",
            ),
        ),
    ] = False,
) -> None:
    """Check settings, plan, calendars and flows as a whole, the programs that recording needs, and
    whether the database can be written; print every fault, or a summary."""
    from acd.adapters.sql.probe import probe
    from acd.bootstrap.recording import check_programs
    from acd.config import load_centre

    found = load_centre(centre)
    if not files_only:
        check_programs(found.settings)
    database = "" if files_only else probe(found.settings.database_url)
    plan = found.plan
    holidays = found.holidays_until or "-"
    typer.echo(
        say(
            f"問題ありません: {plan.version}\n"
            f"  窓口 {len(plan.queues)}、オペレーター {len(plan.agents)}、"
            f"番号 {len(plan.numbers)}、取り次ぎ先 {len(plan.directory)}\n"
            f"  カレンダー {len(plan.calendars)} (祝日は {holidays} 年まで確認済み)、"
            f"音声ガイダンス {len(found.flows)}、回線 {len(found.settings.trunks)}\n"
            f"  状態の保存先 {found.settings.state_dir}",
            f"ok: {plan.version}\n"
            f"  {len(plan.queues)} queues, {len(plan.agents)} operators, "
            f"{len(plan.numbers)} numbers, {len(plan.directory)} directory entries\n"
            f"  {len(plan.calendars)} calendars (holidays reviewed until {holidays}), "
            f"{len(found.flows)} flows, "
            f"{len(found.settings.trunks)} trunks\n"
            f"  state in {found.settings.state_dir}",
        )
    )
    if database:
        typer.echo(
            say(
                f"  データベース {database} に書き込めます",
                f"  the database {database} can be written",
            )
        )
    if found.holidays_until is not None and found.holidays_until <= _this_year(plan.timezone):
        typer.echo(
            say(
                "  注意: 来年の祝日が確認されていません (calendars.toml)",
                "  note: next year's holidays are not reviewed yet (calendars.toml)",
            )
        )
    for note in found.notes:
        japanese = in_japanese(note.message) or note.message
        typer.echo(say(f"  注意: {note.path}: {japanese}", f"  note: {note!r}"))


def _this_year(timezone: str) -> int:
    return dt.datetime.now(ZoneInfo(timezone)).year


def reload(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Let the running centre read its files again; a wrong file changes nothing."""
    from acd.cli.client import Client

    answer = Client.of(centre).post("/api/reload")
    typer.echo(
        say(
            f"読み直しました: {answer['version']}",
            f"the running centre works under {answer['version']} now",
        )
    )
    if answer["restart_needed"]:
        typer.echo(
            say(
                "  注意: 設定または電話機の変更は、再起動後に有効になります",
                "  note: changed settings or telephones take effect after a restart",
            )
        )


def takeover(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Let the controller that stands by lead; calls, places and sign-ins go on."""
    from acd.cli.client import Client

    leads = Client.of(centre).post("/api/takeover")["leads"]
    typer.echo(
        say(
            f"コントローラー {leads} に引き継ぎました。このコントローラーは待機に回ります。",
            f"controller {leads} leads now; this one stands by",
        )
    )


def version() -> None:
    """Print the version."""
    typer.echo(f"madoguchi {metadata.version('madoguchi')}")
