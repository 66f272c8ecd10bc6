"""``madoguchi ledger figure | roster | tallies`` on a ledger of known calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from msgspec.structs import replace

from acd.cli import ledger, report
from acd.core.cdr_types import AgentSpan
from acd.core.ids import AgentId
from acd.errors import ConfigError, MadoguchiError
from tests.ledger_rows import ms, stored
from tests.unit.test_ledger_commands import RUN, state
from tests.unit.test_measures_by_hand import MORNING

__all__ = ["state"]

DAY = ["--from", "2026-11-20"]


@pytest.fixture
def known(state: Path) -> Iterator[sqlalchemy.Engine]:
    """The dozen calls; sato is one of the example city's operators."""
    rows = [
        replace(row, agent=AgentId("op10"))
        if isinstance(row, AgentSpan) and row.agent == "sato"
        else row
        for row in MORNING
    ]
    engine = stored(rows, state / "madoguchi.sqlite")
    yield engine
    engine.dispose()


def said(*args: str) -> str:
    found = RUN.invoke(ledger.app, [*args], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_a_figure_with_its_formula(known: sqlalchemy.Engine) -> None:
    text = said("figure", "answer_rate_a", *DAY)
    assert "answer_rate_a  answer rate A = answered ÷ offered in hours" in text
    assert "54.5%  (6 ÷ 11)" in text
    by_queue = said("figure", "sl_offered_20s", *DAY, "--by", "queue")
    assert "tax                  42.9%  (3 ÷ 7)" in by_queue
    assert "–" in said("figure", "answer_rate_a", "--from", "2026-11-19")


@pytest.mark.requirement("M11")
def test_a_figure_opened(known: sqlalchemy.Engine) -> None:
    text = said("figure", "mis_transfer_rate", *DAY, "--calls")
    assert "above the line: c8\n" in text
    assert "below the line: c4 c8\n" in text
    found = json.loads(said("figure", "blocked", *DAY, "--calls", "--json"))
    assert found["opened"]["part"] == ["c10"]


def test_what_is_no_figure_is_refused(known: sqlalchemy.Engine) -> None:
    for args in (["nonsense"], ["answer_rate_a", "--by", "colour"]):
        found = RUN.invoke(ledger.app, ["figure", args[0], *DAY, *args[1:]])
        assert isinstance(found.exception, MadoguchiError)


@pytest.mark.requirement("M26")
def test_a_roster_is_taken_in_and_held_against_the_day(
    known: sqlalchemy.Engine, tmp_path: Path
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("2026-11-20,op10,08:30,09:30,work\n", encoding="utf-8-sig")
    assert "1 planned" in said("roster", str(file))
    # Planned an hour of work; 08:50 to 09:10 were worked, then lunch: 20 of 60 minutes.
    assert "33.3%  (1200000 ÷ 3600000)" in said("figure", "adherence", *DAY, "--by", "operator")
    file.write_text("2026-11-20,op10,09:00,09:20,work\n", encoding="utf-8")
    said("roster", str(file))
    assert "50.0%  (600000 ÷ 1200000)" in said("figure", "adherence", *DAY)
    file.write_text("2026-11-20,op10,09:00,09:20,work\n2026-11-20,ghost,1,2,3\n", encoding="utf-8")
    found = RUN.invoke(ledger.app, ["roster", str(file)])
    assert isinstance(found.exception, ConfigError)
    assert [fault.path for fault in found.exception.faults] == [
        "roster:2:operator", "roster:2:from", "roster:2:to", "roster:2:kind"
    ]  # fmt: skip
    assert "50.0%" in said("figure", "adherence", *DAY)


def test_the_kept_sums_are_checked(known: sqlalchemy.Engine) -> None:
    said("figure", "offered", *DAY)
    assert "what the rows give" in said("tallies", *DAY)
    with known.begin() as connection:
        at = {"at": ms("2026-11-20T09:00")}
        connection.execute(sqlalchemy.text("DELETE FROM tallies WHERE quarter_ms = :at"), at)
    found = RUN.invoke(ledger.app, ["tallies", *DAY])
    assert (found.exit_code, found.output) == (1, "2026-11-20T09:00+09:00\n")
    assert "0 quarter hours" in said("tallies", *DAY, "--build")
    assert "96 quarter hours" in said("tallies", *DAY, "--rebuild")
    assert "what the rows give" in said("tallies", *DAY)


def test_what_a_report_gathers_is_checked_too(known: sqlalchemy.Engine) -> None:
    assert "96 quarter hours" in said("tallies", *DAY, "--build")
    with known.begin() as connection:
        spoil = "DELETE FROM tallies WHERE quarter_ms = :at AND dim = 'gathered'"
        connection.execute(sqlalchemy.text(spoil), {"at": ms("2026-11-20T09:00")})
    found = RUN.invoke(ledger.app, ["tallies", *DAY])
    assert (found.exit_code, found.output) == (1, "2026-11-20T09:00+09:00\n")
    daily = ["daily", "--date", "2026-11-20", "--check"]
    found = RUN.invoke(report.app, daily)
    assert found.exit_code == 1
    assert "Use of lines / total / calls" in found.output
    said("tallies", *DAY, "--rebuild")
    found = RUN.invoke(report.app, daily)
    assert found.exit_code == 0
    assert "to the last digit" in found.output


def test_a_revision_is_listed_and_shown_as_it_was_kept(known: sqlalchemy.Engine) -> None:
    daily = ["daily", "--date", "2026-11-20", "--format", "json"]

    def run(*args: str) -> str:
        found = RUN.invoke(report.app, [*args], catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return found.stdout

    assert "No report is kept yet" in run("kept")
    first = json.loads(run(*daily))
    with known.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE calls SET disposition = 'tax'"))
        connection.execute(sqlalchemy.text("UPDATE tally_quarters SET holds = 0"))
    second = json.loads(run(*daily))
    assert [len(each["revisions"]) for each in (first, second)] == [1, 2]
    assert "2026-11-20               revisions 1–2" in run("kept")
    assert json.loads(run(*daily, "--revision", "1")) == first
    assert RUN.invoke(report.app, [*daily, "--revision", "3"]).exit_code != 0


def test_time_is_told_apart_by_operator(known: sqlalchemy.Engine) -> None:
    assert "op10                 50.0%  (600000 ÷ 1200000)" in said(
        "figure", "occupancy", *DAY, "--by", "operator"
    )
