"""``madoguchi users``, ``operations`` and ``tls`` as an administrator runs them."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from acd.adapters.certificates import CERTIFICATE
from acd.bootstrap.people import operation_head, people_store
from acd.cli import operations, tls, users
from acd.config import load_settings
from acd.errors import MadoguchiError, NotFound, Refused
from acd.ports_people import Person
from tests.fakes.centre import CENTRE

RUN = CliRunner()
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("MADOGUCHI_CENTRE", str(CENTRE))
    monkeypatch.setenv("LANG", "C.UTF-8")
    return tmp_path


def run(*args: str, typed: str = "") -> Result:
    return RUN.invoke(users.app, args, input=typed)


def refused(*args: str, typed: str = "") -> MadoguchiError:
    error = run(*args, typed=typed).exception
    assert isinstance(error, MadoguchiError)
    return error


def known() -> dict[str, Person]:
    people = asyncio.run(people_store(load_settings(CENTRE)).people())
    return {each.user: each for each in people}


def test_the_first_administrator_is_made_before_anything_runs() -> None:
    assert run("add", "root", "administrator", typed=f"{PASSWORD}\n").exit_code == 0
    listed = run("list").output
    assert "administrator" in listed
    assert "password" in listed
    assert "argon2" not in listed


def test_people_are_changed(at: Path) -> None:
    assert run("add", "ada", "operator", "--agent", "op09", typed=f"{PASSWORD}\n").exit_code == 0
    ada = known()["ada"]
    assert (ada.name, ada.agent) == ("小林", "op09")
    assert ada.password.startswith("$argon2id$")
    secret = run("totp", "ada").output.split()[0]
    assert known()["ada"].totp == secret
    assert run("totp", "ada", "--off").exit_code == 0
    assert run("role", "ada", "auditor", "supervisor").exit_code == 0
    assert run("password", "ada", typed="another long sentence\n").exit_code == 0
    assert run("disable", "ada").exit_code == 0
    changed = known()["ada"]
    assert (changed.roles, changed.agent, changed.totp, changed.disabled) == (
        ("supervisor", "auditor"),
        "",
        "",
        True,
    )
    assert changed.password != ada.password
    assert changed.valid_from_ms > ada.valid_from_ms
    assert run("enable", "ada").exit_code == 0
    log = RUN.invoke(operations.app, ["list"]).output
    assert [line.split()[5] for line in log.splitlines()][::-1] == [
        "person_added",
        "second_factor_changed",
        "second_factor_changed",
        "person_changed",
        "password_changed",
        "person_disabled",
        "person_changed",
        "operations_read",
    ]
    assert operation_head(load_settings(CENTRE)).read().startswith("8 ")


@pytest.mark.parametrize(
    ("args", "typed", "kind"),
    [
        (("add", "ada", "operator"), PASSWORD, Refused),
        (("add", "ada", "auditor", "--agent", "op09"), PASSWORD, Refused),
        (("add", "ada", "operator", "--agent", "nobody"), PASSWORD, NotFound),
        (("add", "Ada!", "auditor"), PASSWORD, Refused),
        (("add", "ada", "auditor"), "short", Refused),
        (("add", "ada", "auditor"), "aaaaaaaaaaaaaaa", Refused),
        (("add", "ada", "auditor", "--name", "a\nb"), PASSWORD, Refused),
        (("disable", "ada"), "", NotFound),
        (("role", "ada", "auditor"), "", NotFound),
    ],
)
def test_what_makes_no_sense_is_refused(
    args: tuple[str, ...], typed: str, kind: type[MadoguchiError]
) -> None:
    assert isinstance(refused(*args, typed=f"{typed}\n"), kind)
    assert known() == {}


def test_nobody_is_added_twice() -> None:
    run("add", "ada", "auditor", "--no-password")
    assert isinstance(refused("add", "ada", "auditor", "--no-password"), Refused)


def test_an_edited_or_shortened_log_is_told(at: Path) -> None:
    for user in ("ada", "bob", "eve"):
        run("add", user, "auditor", "--no-password")
    verify = RUN.invoke(operations.app, ["verify"])
    assert (verify.exit_code, verify.output) == (0, "3 entries, all whole.\n")
    with sqlite3.connect(at / "madoguchi.sqlite") as file:
        file.execute("DROP TRIGGER operations_no_delete")
        file.execute("DELETE FROM operations WHERE number = 3")
    cut = RUN.invoke(operations.app, ["verify"])
    assert (cut.exit_code, cut.output) == (1, "Numbers 3 to 3 have been cut off.\n")
    with sqlite3.connect(at / "madoguchi.sqlite") as file:
        file.execute("DELETE FROM operations WHERE number = 1")
    edited = RUN.invoke(operations.app, ["verify"])
    assert edited.exit_code == 1
    assert "changed at number 1" in edited.output


def test_a_self_made_certificate_says_what_to_write(at: Path) -> None:
    done = RUN.invoke(tls.app, ["self-made", "madoguchi.example"])
    assert done.exit_code == 0
    assert f'certificate = "{at / "tls" / CERTIFICATE}"' in done.output
    assert (at / "tls" / CERTIFICATE).read_text().startswith("-----BEGIN CERTIFICATE-----")
