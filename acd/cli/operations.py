"""``madoguchi operations ...``: what people did, and whether the log of it is whole."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated

import typer

from acd.cli.acts import note
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config import load_settings
from acd.ports_people import KeptOperation, OperationKind, OperationSpan

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say("操作記録。", "The operation log."),
)


@app.command("list", help=say("操作記録を新しい順に表示します。", "Show the log, newest first."))
def list_operations(
    who: Annotated[str, typer.Option(help=say("だれの。", "Whose."))] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=say("件数。", "How many."))] = 50,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Number, time, who, what, to which id, why."""
    from acd.bootstrap.people import operation_store

    settings = load_settings(centre)

    async def look() -> list[KeptOperation]:
        await note(settings, OperationKind.OPERATIONS_READ)
        return await operation_store(settings).read(OperationSpan(who=who, limit=limit))

    for kept in asyncio.run(look()):
        typer.echo(_line(kept))


def _line(kept: KeptOperation) -> str:
    entry = kept.entry
    at = dt.datetime.fromtimestamp(entry.at_ms / 1000, dt.UTC).astimezone()
    refused = "" if entry.allowed else say("  拒否", "  refused")
    about = "  ".join(word for word in (entry.subject, entry.reason) if word)
    return (
        f"{kept.number:>8}  {at.isoformat(sep=' ', timespec='seconds')}  {entry.who:<20}"
        f" {entry.kind.value}{refused}  {about}".rstrip()
    )


@app.command(
    "verify",
    help=say("操作記録が書き換えられていないか確かめます。", "Prove that nobody changed the log."),
)
def verify(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Go through the whole chain, and compare its end with what is kept beside the database."""
    from acd.bootstrap.people import operation_head, operation_store

    settings = load_settings(centre)
    found = asyncio.run(operation_store(settings).verify())
    newest = int(operation_head(settings).read().partition(" ")[0] or 0)
    if found.wrong_at:
        typer.echo(
            say(
                f"{found.wrong_at} 番から記録が変わっています(書き換え、削除、入れ替え)。",
                f"The log was changed at number {found.wrong_at} (edited, deleted or swapped).",
            )
        )
        raise typer.Exit(1)
    if found.last < newest:
        typer.echo(
            say(
                f"{found.last + 1} 番から {newest} 番までが失われています。",
                f"Numbers {found.last + 1} to {newest} have been cut off.",
            )
        )
        raise typer.Exit(1)
    typer.echo(
        say(f"{found.last} 件、すべて正しくつながっています。", f"{found.last} entries, all whole.")
    )
