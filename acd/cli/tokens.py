"""``madoguchi tokens ...`` and ``secret``: who may use the interface, and what carriers gave us."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from enum import StrEnum
from typing import Annotated

import typer

from acd.cli.acts import Owed, note, word
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config import load_centre, load_settings
from acd.errors import NotFound, Refused
from acd.ports_people import OperationKind
from web.auth import TokenStore
from web.roles import Role

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say("APIのトークン。", "API tokens."),
)

RoleOption = StrEnum("RoleOption", {each.name: each.value for each in Role})  # type: ignore[misc]


@app.command("add", help=say("トークンを作ります。表示は1回だけです。", "Make a token."))
def add(
    role: RoleOption,
    agent: Annotated[
        str, typer.Option(help=say("オペレーターのID。", "The operator, for that role."))
    ] = "",
    label: Annotated[str, typer.Option(help=say("覚え書き。", "A note on whose it is."))] = "",
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Make a token; its text is printed once and kept nowhere."""
    loaded = load_centre(centre)
    if agent and agent not in {each.id for each in loaded.plan.agents}:
        raise NotFound(say(f"オペレーター {agent} はいません", f"there is no operator {agent}"))
    if (role.value == Role.OPERATOR) != bool(agent):
        raise Refused(
            say(
                "operator のトークンには --agent が要り、ほかの役割には付けられません。",
                "a token of an operator needs --agent, and no other token takes it",
            )
        )
    subject = f"{agent} roles={role.value}".strip()
    asyncio.run(note(loaded.settings, OperationKind.TOKEN_MADE, subject))
    token = TokenStore(loaded.settings.secrets_dir).add(Role(role.value), agent, label)
    typer.echo(token)
    once = say("このトークンは二度と表示されません。", "This token is not shown again.")
    typer.echo(once, err=True)


@app.command("revoke", help=say("トークンを失効させます。", "Revoke a token at once."))
def revoke(
    token_id: Annotated[str, typer.Argument(help=say("listで見えるID。", "The id from list."))],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Forget a token; open screens of it are closed within seconds."""
    settings = load_settings(centre)
    TokenStore(settings.secrets_dir).revoke(token_id)
    # A token that is lost is shut out whatever the database does.
    asyncio.run(Owed(settings).note(OperationKind.TOKEN_REVOKED, word(token_id)))
    typer.echo(say(f"{token_id} を失効させました", f"{token_id} is revoked"))


@app.command("list", help=say("トークンの一覧。", "List tokens, never their text."))
def list_tokens(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """All tokens by id, role, operator, age and note."""
    for entry in TokenStore(load_settings(centre).secrets_dir).entries():
        made = dt.datetime.fromtimestamp(entry.created_s, dt.UTC).date().isoformat()
        who = f"{entry.role.value} {entry.agent}".strip()
        typer.echo(f"{entry.id}  {made}  {who:<18} {entry.label}")


def secret(
    name: Annotated[
        str, typer.Argument(help=say("名前 (trunk.ID など)。", "Its name, such as trunk.ID."))
    ],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Keep a password that a person was given; read from the terminal or standard input."""
    from acd.adapters.secrets import Secrets

    if sys.stdin.isatty():
        value = typer.prompt(name, hide_input=True, confirmation_prompt=True)
    else:
        value = sys.stdin.readline().rstrip("\n")
    Secrets(load_settings(centre).secrets_dir).put(name, value)
    typer.echo(say(f"{name} を保存しました", f"{name} is kept"))
