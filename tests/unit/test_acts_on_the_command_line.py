"""What the command line shows, takes along and changes of people, and what the log says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
import typer
from typer.testing import CliRunner

from acd.bootstrap.people import operation_store
from acd.cli import VERBS, backup, ledger, operations, report, tokens, users
from acd.cli.acts import Owed, note
from acd.config import load_settings
from acd.errors import MadoguchiError
from acd.ports_people import OperationKind, OperationSpan
from tests.backup_kit import make_centre, put_person, settings_of
from tests.ledger_rows import stored
from tests.unit.test_ledger_commands import PROJECT, state
from tests.unit.test_measures_by_hand import MORNING

__all__ = ["state"]

K = OperationKind
RUN = CliRunner()
DAY = "2026-11-20"
#: Why a verb writes no entry itself.
NOBODY = "nobody's data: figures, states, ids, rules"
CENTRE = "asks the running centre, which logs it: docs/access-table.md"
STAFF = "names and ids of those at work: no entry"
WITHIN = "keeps a log of its own, which is part of its evidence"

#: Every verb, and as what it is logged.
SAID: dict[str, OperationKind | str] = {
    "demo": NOBODY,
    "up": NOBODY,
    "serve": NOBODY,
    "check": NOBODY,
    "doctor": NOBODY,
    "cutover": WITHIN,
    "reload": CENTRE,
    "takeover": CENTRE,
    "agent": CENTRE,
    "floor": CENTRE,
    "alarms": CENTRE,
    "explain": CENTRE,
    "ivr": NOBODY,
    "ledger survey": NOBODY,
    "ledger figure": K.OPERATORS_VIEWED,
    "ledger roster": K.ROSTER_CHANGED,
    "ledger tallies": NOBODY,
    "ledger outside": K.OPERATORS_VIEWED,
    "ledger lost": K.RECORDS_EXPORTED,
    "ledger check": NOBODY,
    "ledger export": K.RECORDS_EXPORTED,
    "ledger spool": NOBODY,
    "ledger prune": NOBODY,
    "report daily": K.RECORDS_EXPORTED,
    "report weekly": K.RECORDS_EXPORTED,
    "report monthly": K.RECORDS_EXPORTED,
    "report yearly": K.RECORDS_EXPORTED,
    "report range": K.RECORDS_EXPORTED,
    "report kept": NOBODY,
    "recordings list": K.RECORDING_SEARCHED,
    "recordings verify": K.RECORDING_SEARCHED,
    "recordings hold": K.RECORDING_HELD,
    "recordings release": K.RECORDING_RELEASED,
    "recordings delete": K.RECORDING_DELETED,
    "recordings purge": K.RECORDING_DELETED,
    "recordings proofs": K.RECORDING_SEARCHED,
    "recordings new-key": K.RECORDING_REKEYED,
    "replay": NOBODY,
    "users add": K.PERSON_ADDED,
    "users list": K.PEOPLE_VIEWED,
    "users disable": K.PERSON_DISABLED,
    "users enable": K.PERSON_CHANGED,
    "users password": K.PASSWORD_CHANGED,
    "users totp": K.SECOND_FACTOR_CHANGED,
    "users role": K.PERSON_CHANGED,
    "backup": K.BACKED_UP,
    "restore": K.RESTORED,
    "verify": NOBODY,
    "operations list": K.OPERATIONS_READ,
    "operations verify": NOBODY,
    "tls": NOBODY,
    "wallboard link": K.WALLBOARD_LINK_MADE,
    "wallboard links": NOBODY,
    "wallboard revoke": K.WALLBOARD_LINK_REVOKED,
    "tokens add": K.TOKEN_MADE,
    "tokens revoke": K.TOKEN_REVOKED,
    "tokens list": NOBODY,
    "secret": NOBODY,
    "asterisk-conf": NOBODY,
    "proxy-conf": NOBODY,
    "plan": STAFF,
    "bench": NOBODY,
    "soak": NOBODY,
    "version": NOBODY,
}


@pytest.fixture
def known(state: Path) -> Iterator[None]:
    """The example city after a morning of calls."""
    engine = stored(MORNING, state / "madoguchi.sqlite")
    yield
    engine.dispose()


def run(app: typer.Typer, *args: str) -> str:
    found = RUN.invoke(app, [*args], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def told(centre: Path = PROJECT / "centre") -> list[tuple[OperationKind, str]]:
    """What the log says, the oldest first, and that the command line did it."""
    store = operation_store(load_settings(centre))
    entries = [kept.entry for kept in asyncio.run(store.read(OperationSpan()))]
    assert all(each.who.startswith("command line:") for each in entries)
    return [(each.kind, each.subject) for each in reversed(entries)]


def verbs() -> set[str]:
    """Every verb as it is typed; of those that are one thing with many forms, the first word."""
    whole = {name for name in SAID if " " not in name}
    found: set[str] = set()
    for verb in VERBS:
        command: Any = verb.load()
        below = getattr(command, "commands", None) or {}
        found |= {verb.name} if verb.name in whole else {f"{verb.name} {each}" for each in below}
    return found


def refuse_entries(engine: sqlalchemy.Engine) -> None:
    with engine.begin() as connection:
        refuse = "BEFORE INSERT ON operations BEGIN SELECT RAISE(ABORT, 'full'); END"
        connection.execute(sqlalchemy.text(f"CREATE TRIGGER full {refuse}"))


def test_every_verb_stands_in_the_table() -> None:
    assert verbs() == set(SAID), "say of what is new whose data it shows, and log that"


@pytest.mark.requirement("M24")
def test_whoever_looks_at_people_is_told(known: None) -> None:
    assert "op10" not in run(users.app, "list")
    run(operations.app, "list")
    run(ledger.app, "outside", "--from", DAY)
    run(ledger.app, "figure", "answered", "--from", DAY, "--by", "queue")
    run(ledger.app, "figure", "answered", "--from", DAY, "--by", "operator")
    run(ledger.app, "figure", "answered", "--from", DAY, "--to", "2026-11-21", "--by", "team")
    assert told() == [
        (K.PEOPLE_VIEWED, ""),
        (K.OPERATIONS_READ, ""),
        (K.OPERATORS_VIEWED, f"first={DAY}"),
        (K.OPERATORS_VIEWED, f"dim=operator first={DAY}"),
        (K.OPERATORS_VIEWED, f"dim=team first={DAY} last=2026-11-21"),
    ]


@pytest.mark.requirement("M26")
def test_a_report_that_is_taken_along_or_names_operators_is_told(
    known: None, tmp_path: Path
) -> None:
    out = str(tmp_path / "report.html")
    one = ("daily", "--date", DAY)
    run(report.app, *one)
    run(report.app, *one, "--operators")
    run(report.app, *one, "--operators", "--out", out)
    run(report.app, "range", "--from", DAY, "--to", "2026-11-21", "--format", "json")
    run(report.app, *one, "--check", "--operators")
    assert told() == [
        (K.OPERATORS_VIEWED, f"kind=daily first={DAY} operators=yes"),
        (K.RECORDS_EXPORTED, f"kind=daily first={DAY} operators=yes format=html"),
        (K.RECORDS_EXPORTED, f"kind=range first={DAY} last=2026-11-21 format=json"),
        (K.OPERATORS_VIEWED, f"kind=daily first={DAY} operators=yes"),
    ]


@pytest.mark.requirement("M26", "M24")
def test_a_roster_is_a_change_and_a_wrong_one_is_none(known: None, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(f"{DAY},op10,08:30,09:30,work\n2026-11-22,op10,08:30,09:30,work\n")
    run(ledger.app, "roster", str(file))
    assert told() == [(K.ROSTER_CHANGED, f"first={DAY} last=2026-11-22")]
    file.write_text(f"{DAY},ghost,08:30,09:30,work\n")
    assert RUN.invoke(ledger.app, ["roster", str(file)]).exit_code != 0
    assert len(told()) == 1


@pytest.mark.requirement("M24")
def test_who_lets_programs_in_and_shuts_them_out_is_told(state: Path) -> None:
    token = run(tokens.app, "add", "operator", "--agent", "op10", "--label", "test").split()[0]
    (listed,) = run(tokens.app, "list").splitlines()
    name = listed.split()[0]
    run(tokens.app, "revoke", name)
    assert told() == [
        (K.TOKEN_MADE, "op10 roles=operator"),
        (K.TOKEN_REVOKED, name),
    ]
    assert token not in repr(told())


@pytest.mark.requirement("M24")
def test_nothing_is_shown_and_nobody_let_in_unless_it_is_written_down(
    known: None, state: Path
) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{state / 'madoguchi.sqlite'}")
    run(users.app, "list")
    refuse_entries(engine)
    engine.dispose()
    for app, *words in (
        (users.app, "list"),
        (tokens.app, "add", "administrator"),
        (report.app, "daily", "--date", DAY, "--operators"),
    ):
        found = RUN.invoke(app, words)
        assert isinstance(found.exception, MadoguchiError), (words, found.output)
        assert DAY not in found.output
    assert run(tokens.app, "list") == ""


@pytest.mark.requirement("M28", "M24")
def test_a_backup_takes_everything_along_and_a_restore_brings_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    centre, to, there = make_centre(tmp_path / "here"), tmp_path / "backup", tmp_path / "there"
    put_person(settings_of(centre), "ada", "Ada")
    app = typer.Typer()
    for verb in (backup.backup, backup.restore):
        app.command(verb.__name__)(verb)
    run(app, "backup", "--to", str(to), "--centre", str(centre))
    run(app, "backup", "--to", str(to), "--centre", str(centre))
    assert told(centre) == [(K.BACKED_UP, f"folder={to}")] * 2
    run(app, "restore", str(to), "--into", str(there))
    (made,) = [each.name for each in to.iterdir() if each.is_dir() and each.name[0].isdigit()]
    assert told(there / "centre")[-1] == (K.RESTORED, f"{made} folder={to}")
    assert "3" in run(operations.app, "verify", "--centre", str(there / "centre"))


@pytest.mark.requirement("M28", "M24")
async def test_a_backup_waits_for_no_log_and_tells_it_later(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings(PROJECT / "centre")
    await note(settings, K.SIGNED_IN)
    engine = sqlalchemy.create_engine(f"sqlite:///{state / 'madoguchi.sqlite'}")
    refuse_entries(engine)
    owed = Owed(settings)
    await owed.note(K.BACKED_UP, "folder=/mnt/1")
    assert "operation log" in capsys.readouterr().err
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TRIGGER full"))
    engine.dispose()
    await owed.note(K.BACKED_UP, "folder=/mnt/2")
    assert capsys.readouterr().err == ""
    kept = [each.entry for each in await operation_store(settings).read(OperationSpan())]
    assert [each.subject for each in kept] == ["folder=/mnt/2", "folder=/mnt/1", ""]
    assert kept[0].at_ms >= kept[1].at_ms
