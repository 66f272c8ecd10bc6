"""``madoguchi alarms``: which alarms there are, and whether they reach anybody."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import typer

from acd.cli.client import Client
from acd.cli.options import DEFAULT_CENTRE, CentreOption, JsonOption
from acd.cli.words import japanese, say

app = typer.Typer(
    no_args_is_help=True,
    help=say("警報を一覧し、届くかどうか試します。", "List alarms, and try whether they arrive."),
)


@app.command("list", help=say("続いている警報と、解消した警報。", "Alarms that last, or are over."))
def listed(
    centre: CentreOption = DEFAULT_CENTRE,
    as_json: JsonOption = False,
) -> None:
    """Print every alarm, the newest first."""
    alarms = Client.of(centre).get("/api/alarms")["alarms"]
    if as_json:
        typer.echo(json.dumps(alarms, ensure_ascii=False, indent=1))
    elif not alarms:
        typer.echo(say("警報はありません。", "there are no alarms"))
    else:
        typer.echo("\n".join(_line(each) for each in alarms))


@app.command("test", help=say("すべての宛先に試しの警報を送ります。", "Send a test to everybody."))
def try_out(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Send a test by every way; exit with an error unless all arrived."""
    told = Client.of(centre).post("/api/alarms/test")["told"]
    if not told:
        typer.echo(
            say(
                "宛先がありません([alarms] で設定してください)。",
                "nobody is told: name somebody under [alarms] in settings.toml",
            )
        )
        raise typer.Exit(1)
    for each in told:
        came = say("届きました", "arrived") if not each["fault"] else each["fault"]
        typer.echo(f"{each['channel']}: {came}")
    if any(each["fault"] for each in told):
        raise typer.Exit(1)


def _line(alarm: dict[str, Any]) -> str:
    over = alarm["until_s"] is not None
    state = (
        say("解消", "over")
        if over
        else {"critical": "!!", "warning": "!"}.get(alarm["severity"], "-")
    )
    since = datetime.fromtimestamp(alarm["since_s"]).astimezone()
    text = alarm["text_ja" if japanese() else "text_en"]
    return f"{state:<4} {since:%m-%d %H:%M}  {text}"
