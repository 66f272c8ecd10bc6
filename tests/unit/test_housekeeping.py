"""What a running centre tidies up by itself, and what it does when that cannot be done."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from acd.bootstrap.housekeeping import tidy_up
from acd.bootstrap.ledger import cel_file
from acd.config import load_settings
from acd.config.settings import Settings
from tests.fakes.centre import CENTRE
from tests.unit.test_cel import abandoned


def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> Settings:
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path))
    for name, value in more.items():
        monkeypatch.setenv(f"MADOGUCHI_{name}", value)
    return load_settings(CENTRE)


async def test_the_record_of_the_switch_is_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings(tmp_path, monkeypatch)
    record = cel_file(here)
    record.parent.mkdir(parents=True)
    record.write_text(abandoned(1)[0].replace("1800", "1500") + "\n", "utf-8")
    with capture_logs() as lines:
        await tidy_up(here)
    assert not record.exists()
    assert len(list(record.parent.glob("cel.csv.*"))) == 1
    assert lines == []


async def test_a_record_on_another_machine_is_left_to_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings(tmp_path, monkeypatch, SWITCH__KIND="remote")
    record = cel_file(here)
    record.parent.mkdir(parents=True)
    record.write_text(abandoned(1)[0].replace("1800", "1500") + "\n", "utf-8")
    await tidy_up(here)
    assert record.exists()


async def test_a_database_that_is_gone_is_told_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = "postgresql+psycopg://u:secret-word@127.0.0.1:1/n"
    here = settings(tmp_path, monkeypatch, STORE__DATABASE_URL=gone)
    with capture_logs() as lines:
        await tidy_up(here)
    assert [line["event"] for line in lines] == ["ledger_not_pruned"]
    assert "secret-word" not in str(lines)
