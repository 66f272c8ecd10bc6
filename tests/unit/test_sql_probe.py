"""``madoguchi check`` tries the database as well, and leaves nothing behind in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.probe import KEY, probe
from acd.cli.check import check
from acd.errors import ConfigError, StoreUnavailable
from tests.fakes.centre import CENTRE


def test_a_file_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    sqlite3.connect(file).executescript("CREATE TABLE kept (a)").close()
    before = file.read_bytes()
    assert probe(sqlite_url(file)) == sqlite_url(file)
    assert file.read_bytes() == before


def test_a_file_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "not" / "yet" / "x.sqlite"
    probe(sqlite_url(file))
    assert list(tmp_path.iterdir()) == []


def test_a_file_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="state_dir"):
        probe(sqlite_url(tmp_path / "file" / "x.sqlite"))


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    file.write_bytes(b"something else" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        probe(sqlite_url(file))


def test_a_locked_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acd.adapters.sql.probe.ANSWER_S", 0.1)
    file = tmp_path / "x.sqlite"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="locked"):
        probe(sqlite_url(file))
    other.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://u:p@h/n", "sqlite:///x", "oracle://"])
def test_a_database_that_is_not_known_is_a_fault_of_the_settings(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        probe(url)
    fault = refused.value.faults[0]
    assert fault.path == KEY
    assert fault.ja


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(StoreUnavailable, match="server runs") as refused:
        probe("postgresql+psycopg://u:secret-word@127.0.0.1:1/n")
    assert "secret-word" not in refused.value.message + refused.value.ja


def test_the_verb_tries_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer

    app = typer.Typer()
    app.command()(check)
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("LANG", "C.UTF-8")
    done = CliRunner().invoke(app, [str(CENTRE)])
    assert done.exit_code == 0
    assert "can be written" in done.output
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = CliRunner().invoke(app, [str(CENTRE)]).exception
    assert isinstance(missing, ConfigError)
    assert "flac" in str(missing.faults)
    monkeypatch.setenv("MADOGUCHI_STORE__DATABASE_URL", "mysql://h/n")
    assert isinstance(CliRunner().invoke(app, [str(CENTRE)]).exception, ConfigError)
    assert CliRunner().invoke(app, [str(CENTRE), "--files-only"]).exit_code == 0
