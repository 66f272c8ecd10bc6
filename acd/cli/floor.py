"""``madoguchi floor ...`` and ``explain``: a supervisor's view and requests."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

import typer

from acd.cli import floor_verbs
from acd.cli.agent import AgentArgument, Reason, ask
from acd.cli.client import Client
from acd.cli.labels import state_label
from acd.cli.options import DEFAULT_CENTRE, CentreOption, JsonOption
from acd.cli.words import japanese, say
from acd.errors import Refused

_OFFER = re.compile(r"o[0-9]{12}")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say("スーパーバイザーとして操作します。", "Act as a supervisor."),
)


@app.command("status", help=say("待っている人とオペレーターの状況。", "Who waits, who works."))
def status(centre: CentreOption = DEFAULT_CENTRE, as_json: JsonOption = False) -> None:
    """Queues with waiting callers, operators with their states."""
    state = Client.of(centre).get("/api/state")
    if as_json:
        typer.echo(json.dumps(state, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console()
    console.print(_queues(state))
    console.print(_agents(state))


def _queues(state: dict[str, Any]) -> Any:
    from rich.table import Table

    table = Table(say("窓口", "queue"), say("お待ちの方", "waiting"), say("最長", "longest"))
    language = "ja" if japanese() else "en"
    for queue in state["queues"].values():
        since = queue["longest_wait_from_s"]
        longest = _since(state["now_s"], since) if since is not None else "-"
        table.add_row(queue["name"][language], str(queue["waiting"]), longest)
    return table


def _agents(state: dict[str, Any]) -> Any:
    from rich.table import Table

    table = Table("ID", say("氏名", "name"), say("状態", "state"), say("経過", "since"))
    for key, agent in state["agents"].items():
        label = state_label(agent["state"], agent["reason"])
        since = _since(state["now_s"], agent["since_s"]) if agent["since_s"] else "-"
        table.add_row(key, agent["name"], label, since)
    return table


def _since(now_s: float, since_s: float) -> str:
    """``1:05``: minutes and seconds, as the wallboard counts."""
    seconds = max(0, round(now_s - since_s))
    return f"{seconds // 60}:{seconds % 60:02d}"


@app.command("logout", help=say("オペレーターをログオフさせます。", "Log an operator out."))
def log_out(agent: AgentArgument, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Log an operator out: now, or after the present talk."""
    ask(centre, agent, "logout")


@app.command("not-ready", help=say("オペレーターを離席にします。", "Set an operator not ready."))
def not_ready(agent: AgentArgument, reason: Reason, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Let an operator take no calls."""
    ask(centre, agent, "not-ready", {"reason": reason.value.replace("-", "_")})


floor_verbs.register(app)


def explain(
    offer: Annotated[
        str, typer.Argument(help=say("着信のID (o000000000001 など)。", "The offer's id."))
    ],
    centre: CentreOption = DEFAULT_CENTRE,
    as_json: JsonOption = False,
) -> None:
    """Say why a caller was offered to an operator, and not to the others."""
    if not _OFFER.fullmatch(offer):
        raise Refused(
            say(
                f"着信のIDは o000000000001 の形です ({offer[:40]!r} ではなく)。"
                "`madoguchi ledger export` の legs.csv の offer 列にあります。",
                f"an offer's id looks like o000000000001, not {offer[:40]!r}; "
                "`madoguchi ledger export` lists them in legs.csv, column offer",
            )
        )
    found = Client.of(centre).get(f"/api/explain/{offer}")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(found["ja" if japanese() else "en"]))
