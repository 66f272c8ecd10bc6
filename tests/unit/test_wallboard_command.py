"""``madoguchi wallboard``: a link is made, shown once, listed without its secret, revoked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.cli.wallboard import app
from acd.errors import NotFound
from tests.fakes.centre import CENTRE
from web.auth import TokenStore
from web.roles import Role


@pytest.fixture
def path(tmp_path: Path) -> Path:
    shutil.copytree(CENTRE, tmp_path / "centre")
    return tmp_path / "centre"


def test_a_link_is_made_listed_and_revoked(path: Path, tmp_path: Path) -> None:
    run = CliRunner()
    made = run.invoke(app, ["link", "--label", "hall", "--screen", "hall", "--centre", str(path)])
    assert made.exit_code == 0, made.output
    link = made.stdout.splitlines()[0]
    assert link.startswith("http://127.0.0.1:8080/wallboard?screen=hall#link=mdg_")
    token = link.partition("#link=")[2]
    store = TokenStore(tmp_path / "var")
    who = store.identify(token)
    assert who is not None
    assert who.roles == {Role.WALLBOARD}
    other = store.add(Role.MONITOR)
    listed = run.invoke(app, ["links", "--centre", str(path)]).stdout
    assert "hall" in listed
    assert who.token_id in listed
    assert token.rpartition("_")[2] not in listed
    assert other[4:16] not in listed
    assert run.invoke(app, ["revoke", who.token_id, "--centre", str(path)]).exit_code == 0
    assert store.identify(token) is None
    refused = run.invoke(app, ["revoke", other[4:16], "--centre", str(path)])
    assert isinstance(refused.exception, NotFound)
    assert store.identify(other) is not None
