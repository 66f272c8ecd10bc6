"""The demo as a newcomer runs it: real Asterisk, real SIPp, exit 0 and a ledger that balances."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MADOGUCHI = PROJECT / ".venv" / "bin" / "madoguchi"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example centre, with a state directory of its own."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(PROJECT / "centre", folder / "centre")
    return folder / "centre"


@pytest.fixture(scope="module")
def played(centre: Path) -> subprocess.CompletedProcess[str]:
    """A quarter of a minute of the demo, without a terminal."""
    return subprocess.run(
        [MADOGUCHI, "demo", "--centre", centre],
        env={**os.environ, "DEMO_S": "15", "DEMO_SEED": "3", "LANG": "C.UTF-8", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


@pytest.mark.requirement("M10")
def test_the_demo_ends_well_and_balances(played: subprocess.CompletedProcess[str]) -> None:
    assert played.returncode == 0, played.stdout + played.stderr
    assert "Balanced, call by call and ring by ring" in played.stdout
    assert "differs" not in played.stdout


def test_the_command_that_checks_it_again_does(
    played: subprocess.CompletedProcess[str], centre: Path
) -> None:
    state = centre.parent / "var" / "demo"
    told = re.sub(r"\s+", "", played.stdout.partition("check it again")[2])
    assert told == f"MADOGUCHI_STATE_DIR={state}{MADOGUCHI}ledgercheck--centre{centre}"
    checked = subprocess.run(
        [MADOGUCHI, "ledger", "check", "--centre", centre],
        env={**os.environ, "MADOGUCHI_STATE_DIR": str(state), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "calls compared" in checked.stdout


def test_a_newcomer_is_given_a_link_for_each_side(played: subprocess.CompletedProcess[str]) -> None:
    links = re.findall(r"^  (http://\S+/sign-in#link=\S{43})$", played.stdout, re.MULTILINE)
    assert len(set(links)) == 2


def test_the_report_names_every_queue_and_its_formula(
    played: subprocess.CompletedProcess[str],
) -> None:
    flat = re.sub(r"\s+", " ", played.stdout)
    for word in ("Taxes", "Switchboard", "sl_offered_20s = A_T ÷ O", "sl_offered_10s = A_T ÷ O"):
        assert word in flat
    for word in ("answered", "abandoned", "answer rate A", "Contract", "Promise", "longest wait"):
        assert word in flat


@pytest.mark.requirement("M7")
def test_no_withheld_number_is_kept_anywhere(
    played: subprocess.CompletedProcess[str], centre: Path
) -> None:
    demo = centre.parent / "var" / "demo"
    rows = (demo / "sipp" / "callers.rows.csv").read_text().splitlines()
    withheld = [re.findall(r"sip:(0466\d{6})@", row)[-1] for row in rows if "Privacy: id" in row]
    assert withheld
    kept = [path for path in demo.rglob("*") if path.is_file() and "sipp" not in path.parts]
    for number in withheld:
        assert number not in played.stdout + played.stderr
        holders = [path for path in kept if number.encode() in path.read_bytes()]
        assert holders == []


@pytest.mark.requirement("M8")
def test_the_unlisted_number_was_answered_by_the_default_queue(
    played: subprocess.CompletedProcess[str], centre: Path
) -> None:
    ledger = centre.parent / "var" / "demo" / "madoguchi.sqlite"
    query = (
        "select v.queue from calls c join visits v on v.call = c.call"
        " where c.dialled = '0466009999' and c.listed = 0"
    )
    with sqlite3.connect(ledger) as connection:
        queues = {row[0] for row in connection.execute(query)}
    assert queues == {"general"}
    assert played.returncode == 0


def test_menu_keys_arrived_as_rfc_4733_digits(
    played: subprocess.CompletedProcess[str], centre: Path
) -> None:
    ledger = centre.parent / "var" / "demo" / "madoguchi.sqlite"
    with sqlite3.connect(ledger) as connection:
        queues = {row[0] for row in connection.execute("select distinct queue from visits")}
    assert {"tax", "residents", "general", "switchboard"} <= queues
    assert played.returncode == 0
