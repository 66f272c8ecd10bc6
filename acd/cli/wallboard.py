"""``madoguchi wallboard ...``: links for displays on walls, made, listed and revoked."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated

import typer

from acd.cli.acts import Owed
from acd.cli.links import address
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config import load_settings
from acd.errors import NotFound
from acd.ports_people import OperationKind
from web.api.wallboard import link_path, links_of
from web.auth import TokenStore
from web.roles import Role

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say("ボード(壁の画面)のリンク。", "Links of the wallboard's displays."),
)


@app.command("link", help=say("リンクを作ります。表示は1回だけです。", "Make a link, shown once."))
def link(
    label: Annotated[str, typer.Option(help=say("どの画面か。", "Which display it is."))] = "",
    screen: Annotated[
        str, typer.Option(help=say("配置の名前。", "The layout it shows, by its name."))
    ] = "",
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Make a link for one display; it opens the wallboard and nothing else."""
    settings = load_settings(centre)
    token = TokenStore(settings.secrets_dir).add(Role.WALLBOARD, label=label)
    asyncio.run(Owed(settings).note(OperationKind.WALLBOARD_LINK_MADE, label))
    typer.echo(address(settings) + link_path(token, screen))
    once = say("このリンクは二度と表示されません。", "This link is not shown again.")
    typer.echo(once, err=True)


@app.command("links", help=say("リンクの一覧。", "List links, never their secrets."))
def links(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """All links by id, age and label."""
    for entry in links_of(TokenStore(load_settings(centre).secrets_dir).entries()):
        made = dt.datetime.fromtimestamp(entry.created_s, dt.UTC).date().isoformat()
        typer.echo(f"{entry.id}  {made}  {entry.label}")


@app.command("revoke", help=say("リンクを失効させます。", "Revoke a link at once."))
def revoke(
    link_id: Annotated[str, typer.Argument(help=say("linksで見えるID。", "The id from links."))],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Forget a link; its displays are cut off within a second."""
    settings = load_settings(centre)
    store = TokenStore(settings.secrets_dir)
    if link_id not in {entry.id for entry in links_of(store.entries())}:
        text = say(f"リンク {link_id[:20]} はありません", f"there is no link {link_id[:20]!r}")
        raise NotFound(text, code="unknown_token")
    store.revoke(link_id)
    asyncio.run(Owed(settings).note(OperationKind.WALLBOARD_LINK_REVOKED, link_id))
    typer.echo(say(f"{link_id} を失効させました", f"{link_id} is revoked"))
