"""People of a running centre over its real database: restarts, trouble, and who sits nowhere."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from acd.bootstrap.people import Staff, operation_head, operation_store, people_store
from acd.cli.links import print_links
from acd.config import load_centre
from acd.config.people_settings import PeopleSettings
from acd.config.settings import Settings
from acd.core.engine import Engine
from acd.core.ids import AgentId
from acd.ports_people import OperationSpan, Person
from tests.fakes.centre import CENTRE
from web.passwords import hashed
from web.roles import PERSONS, Role

PASSWORD = "correct horse battery staple"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings().model_copy(update={"state_dir": tmp_path})


@pytest.fixture(scope="module")
def engine() -> Engine:
    plan = load_centre(CENTRE).plan
    return Engine(plan, ZoneInfo(plan.timezone))


async def nobody_leaves(_agent: AgentId) -> object:
    raise AssertionError("nobody should be logged out here")


async def until_known(staff: Staff) -> None:
    async with asyncio.timeout(10):
        while not staff.people.known:  # noqa: ASYNC110 - it is plain data
            await asyncio.sleep(0.01)


async def add(settings: Settings) -> None:
    await people_store(settings).put(
        Person("ada", "Ada", (Role.OPERATOR.value,), "op09", hashed(PASSWORD))
    )


async def test_a_session_outlives_a_restart_and_the_log_has_it(
    settings: Settings, engine: Engine
) -> None:
    await add(settings)
    first = Staff(settings, lambda: engine)
    async with first.at_work(nobody_leaves):
        await until_known(first)
        began = await first.entrance.sign_in.by_password("ada", PASSWORD, "", "127.0.0.1")
    again = Staff(settings, lambda: engine)
    async with again.at_work(nobody_leaves):
        await until_known(again)
        who = again.people.identify(began.secret)
        assert who is not None
        assert (who.person, who.agent) == ("ada", "op09")
        assert who.roles == {Role.OPERATOR}
    log = operation_store(settings)
    assert [each.entry.who for each in await log.read(OperationSpan())] == ["ada"]
    assert (await log.verify()).wrong_at == 0
    assert operation_head(settings).read().startswith("1 ")


async def test_a_locked_database_keeps_nobody_from_working_or_signing_in(
    settings: Settings, engine: Engine
) -> None:
    await add(settings)
    staff = Staff(settings, lambda: engine)
    async with staff.at_work(nobody_leaves):
        await until_known(staff)
        ways = staff.entrance.sign_in
        before = await ways.by_password("ada", PASSWORD, "", "127.0.0.1")
        with sqlite3.connect(settings.state_dir / "madoguchi.sqlite", isolation_level=None) as file:
            file.execute("BEGIN EXCLUSIVE")
            during = await ways.by_password("ada", PASSWORD, "", "127.0.0.1")
            assert staff.people.identify(before.secret) is not None
            assert staff.people.identify(during.secret) is not None
            file.execute("ROLLBACK")
        await staff.people.exchange()
    kept = {session.id for session in await people_store(settings).sessions()}
    assert kept == {before.session.id, during.session.id}


async def test_who_sits_nowhere_any_more_gets_no_calls(settings: Settings, engine: Engine) -> None:
    left: list[AgentId] = []

    async def leave(agent: AgentId) -> object:
        left.append(agent)
        return None

    staff = Staff(settings, lambda: engine)
    link = staff.guest_link(Role.OPERATOR, "op09", "小林")
    secret = link.removeprefix("/sign-in#link=")
    async with staff.at_work(leave):
        await until_known(staff)
        began = await staff.entrance.sign_in.by_link(secret, "127.0.0.1")
        assert staff.people.identify(began.secret) is not None
        staff.people._now_s = lambda: began.session.created_ms / 1000 + 15 * 3600
        staff.people.sweep()
        await asyncio.sleep(0.05)
    assert left == ["op09"]
    assert await people_store(settings).sessions() == [], "a guest is gone with the centre"


def test_settings_know_the_roles_of_people() -> None:
    known = set(get_args(get_args(PeopleSettings.model_fields["second_factor"].annotation)[0]))
    assert known == {role.value for role in PERSONS}
    with pytest.raises(ValueError, match="administrator"):
        PeopleSettings(second_factor=("administratr",))  # type: ignore[arg-type]


def test_links_are_printed_whole_on_a_narrow_terminal(settings: Settings, engine: Engine) -> None:
    staff = Staff(settings, lambda: engine)
    running = SimpleNamespace(staff=staff, engine=engine, centre=SimpleNamespace(settings=settings))
    console = Console(width=40, file=StringIO(), color_system=None)
    print_links(console, running)  # type: ignore[arg-type]
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    found = [
        line
        for line in lines
        if re.fullmatch(r"  http://127\.0\.0\.1:8080/sign-in#link=\S{43}", line)
    ]
    assert len(found) == 2
    board = next(line for line in lines if "http" in line)
    assert re.fullmatch(r"  http://127\.0\.0\.1:8080/wallboard#link=mdg_\S{56}", board)
    token = board.partition("#link=")[2]
    assert staff.entrance.tokens.identify(token) is not None
    print_links(console, running)  # type: ignore[arg-type]
    assert staff.entrance.tokens.identify(token) is None, "the run before is over"
