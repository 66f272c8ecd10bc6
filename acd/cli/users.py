"""``madoguchi users ...`` and ``operations ...``: who may sign in, and what they did.

Works on the database, with or without a running centre: a running one reads the changes within
seconds.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from msgspec import structs

from acd.cli.acts import note
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config import Centre, load_centre, load_settings
from acd.config.settings import Settings
from acd.errors import NotFound, Refused
from acd.ports_people import OperationKind, Person
from web.passwords import check_new_password, hashed
from web.people import check_person
from web.roles import PERSONS, Role, in_order
from web.totp import new_secret, uri

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say("サインインできる人。", "Who may sign in."),
)

PersonRole = StrEnum(  # type: ignore[misc]
    "PersonRole", {role.name: role.value for role in Role if role in PERSONS}
)

UserArgument = Annotated[
    str, typer.Argument(help=say("ユーザー名。", "The user name."), metavar="USER")
]


def _now_ms() -> int:
    return round(time.time() * 1000)


def _new_password(user: str, name: str) -> str:
    """A password from the terminal (twice) or from standard input; returns its hash."""
    if sys.stdin.isatty():
        asked = say("パスワード (12文字以上)", "password (12 characters or more)")
        password = typer.prompt(asked, hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    check_new_password(password, user, name)
    return hashed(password)


async def _find(settings: Settings, user: str) -> Person:
    from acd.bootstrap.people import people_store

    for person in await people_store(settings).people():
        if person.user == user:
            return person
    raise NotFound(say(f"{user} という利用者はいません", f"there is no person {user}"))


async def _put(settings: Settings, person: Person, kind: OperationKind) -> None:
    from acd.bootstrap.people import people_store

    check_person(person)
    await note(settings, kind, person.user)
    await people_store(settings).put(person)


def _change(centre: Path, user: str, kind: OperationKind, **fields: object) -> None:
    settings = load_settings(centre)

    async def work() -> None:
        now = _now_ms()
        person = await _find(settings, user)
        changed = structs.replace(person, changed_ms=now, valid_from_ms=now, **fields)
        await _put(settings, changed, kind)

    asyncio.run(work())


def _names(roles: Sequence[StrEnum]) -> tuple[str, ...]:
    """Roles as a person keeps them: each once, in their order."""
    return tuple(role.value for role in in_order(Role(each.value) for each in roles))


def _check_agent(centre: Centre, agent: str) -> None:
    if agent and agent not in {each.id for each in centre.plan.agents}:
        raise NotFound(say(f"オペレーター {agent} はいません", f"there is no operator {agent}"))


@app.command("add", help=say("サインインできる人を加えます。", "Add somebody who may sign in."))
def add(
    user: UserArgument,
    roles: Annotated[
        list[PersonRole], typer.Argument(help=say("役割（複数可）。", "The role, or several."))
    ],
    name: Annotated[str, typer.Option(help=say("表示する名前。", "The name shown."))] = "",
    agent: Annotated[
        str, typer.Option(help=say("オペレーターのID。", "The operator, for that role."))
    ] = "",
    no_password: Annotated[
        bool,
        typer.Option(
            "--no-password",
            help=say("市のアカウント(OIDC)だけで使います。", "Only by the city's accounts (OIDC)."),
        ),
    ] = False,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Add a person; the password is asked for, or read from standard input."""
    from acd.bootstrap.people import people_store
    from web.api.people_bodies import is_user

    loaded = load_centre(centre)
    _check_agent(loaded, agent)
    if not is_user(user):
        raise Refused(
            say(
                "ユーザー名は英小文字・数字・._@- の64文字以内です",
                "a user name has up to 64 of a-z, 0-9 and ._@-",
            )
        )
    known = {each.user for each in asyncio.run(people_store(loaded.settings).people())}
    if user in known:
        raise Refused(say(f"{user} はすでにいます", f"there is a person {user} already"))
    own = name or next((each.name for each in loaded.plan.agents if each.id == agent), user)
    password = "" if no_password else _new_password(user, own)
    now = _now_ms()
    person = Person(user, own, _names(roles), agent, password, "", False, now, now, 0)
    asyncio.run(_put(loaded.settings, person, OperationKind.PERSON_ADDED))
    typer.echo(say(f"{user} を加えました", f"{user} may sign in now"))


@app.command("list", help=say("サインインできる人の一覧。", "List who may sign in."))
def list_users(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Everybody by user name, role, operator, and what they sign in with."""
    from acd.bootstrap.people import people_store

    settings = load_settings(centre)

    async def look() -> list[Person]:
        await note(settings, OperationKind.PEOPLE_VIEWED)
        return await people_store(settings).people()

    for person in asyncio.run(look()):
        made = dt.datetime.fromtimestamp(person.created_ms / 1000, dt.UTC).date().isoformat()
        ways = [
            word for word, there in (("password", person.password), ("totp", person.totp)) if there
        ]
        if person.disabled:
            ways = [say("停止中", "disabled")]
        who = f"{'+'.join(person.roles)} {person.agent}".strip()
        typer.echo(f"{person.user:<20} {made}  {who:<22} {'+'.join(ways):<14} {person.name}")


@app.command("disable", help=say("サインインを止めます。", "Let somebody sign in no more."))
def disable(user: UserArgument, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Stop somebody; open screens close within seconds."""
    _change(centre, user, OperationKind.PERSON_DISABLED, disabled=True)
    typer.echo(say(f"{user} のサインインを止めました", f"{user} may not sign in any more"))


@app.command("enable", help=say("サインインの停止を解きます。", "Let somebody sign in again."))
def enable(user: UserArgument, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Undo ``disable``."""
    _change(centre, user, OperationKind.PERSON_CHANGED, disabled=False)
    typer.echo(say(f"{user} はサインインできます", f"{user} may sign in"))


@app.command("password", help=say("パスワードを変えます。", "Give somebody a new password."))
def password(user: UserArgument, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Set a password; the person's sessions end."""
    person = asyncio.run(_find(load_settings(centre), user))
    kept = _new_password(user, person.name)
    _change(centre, user, OperationKind.PASSWORD_CHANGED, password=kept)
    typer.echo(say("パスワードを変えました", "the password is changed"))


@app.command("totp", help=say("確認コードを設定・解除します。", "Set or remove a second factor."))
def totp(
    user: UserArgument,
    off: Annotated[bool, typer.Option("--off", help=say("解除します。", "Remove it."))] = False,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Make a second factor; its secret is printed once, for an authenticator app."""
    secret = "" if off else new_secret()
    _change(centre, user, OperationKind.SECOND_FACTOR_CHANGED, totp=secret)
    if off:
        typer.echo(say("確認コードを解除しました", "the second factor is removed"))
        return
    typer.echo(secret)
    typer.echo(uri(secret, user))
    note = say("この値は二度と表示されません。", "This is not shown again.")
    typer.echo(note, err=True)


@app.command("role", help=say("役割を変えます。", "Change somebody's roles."))
def role(
    user: UserArgument,
    new: Annotated[
        list[PersonRole],
        typer.Argument(help=say("役割（複数可）。", "The role, or several."), metavar="ROLE..."),
    ],
    agent: Annotated[
        str, typer.Option(help=say("オペレーターのID。", "The operator, for that role."))
    ] = "",
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Change what somebody may do; the person's sessions end."""
    _check_agent(load_centre(centre), agent)
    _change(centre, user, OperationKind.PERSON_CHANGED, roles=_names(new), agent=agent)
    said = ", ".join(_names(new))
    typer.echo(say(f"{user} は {said} になりました", f"{user} is {said} now"))
