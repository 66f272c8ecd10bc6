"""A whole cut-over on a real Asterisk: checked, rehearsed with real calls, switched, rolled back.

The commands are those that a person gives; the evidence that they leave is read back.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pypdf import PdfReader
from typer.testing import CliRunner

from acd.cli import app
from tests.e2e.centre_kit import CentreKit, running_kit

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

#: The city's number, and the one under which it is tried.
REAL, TEMPORARY, UNLISTED = "0466771111", "0466001111", "0466779999"
WHO = "山田 太郎"
RUN = CliRunner()

_CUTOVER = """
id = "city-2027"
title = "試験市コンタクトセンター"
after = "plan.after.toml"
min_ready = 0
[decides]
name = "{who}"
[times]
switch_from = {first}
switch_until = {last}
back_until = {last}
[[numbers]]
number = "{real}"
temporary = "{temporary}"
carrier = "east"
[carriers.east]
name = "東回線"
contact = "0120-000-000"
switch_step = "番号を新回線へ"
back_step = "番号を旧回線へ"
"""
_CALL = """
[[calls]]
id = "{kind}"
kind = "{kind}"
number = "{number}"
{more}
"""
#: Somebody calls from a telephone of their own, after the machine has made its calls.
_BY_HAND = 'by = "person"\nwait_min = 1'
KINDS = ("ordinary", "withheld", "payphone", "no_number", "unlisted", "overseas", "fax", "relay")


def write_cutover(folder: Path) -> None:
    """The plan of the cut-over, and the plan of the day after."""
    now = dt.datetime.now(dt.UTC)
    first, last = now - dt.timedelta(hours=1), now + dt.timedelta(hours=1)
    text = _CUTOVER.format(
        who=WHO, first=first.isoformat(), last=last.isoformat(), real=REAL, temporary=TEMPORARY
    )
    for kind in KINDS:
        number = UNLISTED if kind == "unlisted" else REAL
        # Music begins after a second: two of them stay for it.
        more = "stay_s = 1.3" if kind in ("ordinary", "fax") else "stay_s = 0.3\nsound = false"
        text += _CALL.format(kind=kind, number=number, more=more)
    (folder / "cutover.toml").write_text(text)
    plan = (folder / "plan.toml").read_text()
    after = plan.replace('version = "test"', 'version = "after"')
    after += f'\n[[numbers]]\nnumber = "{REAL}"\nflow = "tax"\n'
    after += 'name = { ja = "代表", en = "Main" }\n'
    (folder / "plan.after.toml").write_text(after)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    async with running_kit({"op1": "tax = 5"}, ring_s=5.0) as running:
        write_cutover(running.folder)
        with (running.folder / "cutover.toml").open("a") as file:
            file.write(_CALL.format(kind="ordinary", number=REAL, more=_BY_HAND).replace(
                'id = "ordinary"', 'id = "by-hand"'
            ))  # fmt: skip
        yield running


async def run(kit: CentreKit, *words: str) -> tuple[int, str]:
    """A command as a person gives it: exit code, and all that it said."""
    done = await asyncio.to_thread(RUN.invoke, app, [*words, "--centre", str(kit.folder)])
    said = done.output + (getattr(done.exception, "message", "") if done.exception else "")
    return done.exit_code, said


async def calls_by_hand(kit: CentreKit, after: int) -> None:
    """A person calls the temporary number once the machine's calls are in the ledger."""
    await kit.until(lambda: kit.sql("select count(*) from calls") == [(after,)], 120.0)
    # The one before went to the same number and is over: it is not the person's.
    await asyncio.sleep(1.0)
    dialog = await kit.call(TEMPORARY, "0466778899")
    await kit.until(kit.waiting)
    await dialog.hang_up()


def evidence(kit: CentreKit) -> Any:
    folder = kit.settings.state_dir / "cutover" / "city-2027"
    return json.loads((folder / "evidence.json").read_text())


@pytest.mark.requirement("M19")
async def test_a_whole_cut_over_with_a_way_back(kit: CentreKit) -> None:
    code, said = await run(kit, "cutover", "rehearse")
    assert code == 1, "nothing is rehearsed that was not checked"
    assert "cutover check" in said
    resident = await kit.call()
    await kit.until(kit.waiting)
    code, said = await run(kit, "cutover", "check")
    assert code == 0, said
    assert not resident.over.is_set(), "a look at everything touches no caller"
    assert await kit.waiting() == 1
    await resident.hang_up()
    await kit.until(kit.no_channels)
    code, said = await run(kit, "cutover", "switch", "--by", WHO, "--yes")
    assert code == 1, "nothing is switched that was not rehearsed"
    assert evidence(kit)["entries"][-1]["deed"] == "no_go"

    person = asyncio.create_task(calls_by_hand(kit, 1 + len(KINDS)))
    code, said = await run(kit, "cutover", "rehearse")
    assert code == 0, said
    await person
    calls = {each["id"]: each for each in evidence(kit)["entries"][-1]["facts"]["calls"]}
    assert set(calls) == {*KINDS, "by-hand"}
    assert (calls["by-hand"]["by"], calls["by-hand"]["passed"]) == ("person", True)
    assert calls["by-hand"]["call"] not in {calls[kind]["call"] for kind in KINDS}
    assert calls["withheld"]["caller"] == "withheld"
    assert calls["payphone"]["caller"] == "payphone"
    assert calls["unlisted"]["dialled"] == UNLISTED
    assert {each["outcome"] for each in calls.values()} == {"abandoned"}

    code, said = await run(kit, "cutover", "switch", "--by", "somebody else", "--yes")
    assert code == 1, "only who decides may switch"
    assert (await kit.state())["plan"].startswith("test")
    code, said = await run(kit, "cutover", "switch", "--by", WHO, "--yes")
    assert code == 0, said
    assert (await kit.state())["plan"].startswith("after")
    assert evidence(kit)["stage"] == "proven"

    code, said = await run(
        kit, "cutover", "rollback", "--by", WHO, "--reason", "音が途切れる", "--yes"
    )
    assert code == 0, said
    assert (await kit.state())["plan"].startswith("test")
    found = evidence(kit)
    assert found["stage"] == "rolled_back"
    back = found["entries"][-1]["facts"]
    assert back["in_time"]
    assert back["took_s"] < 60.0, "of the 15 minutes that there are"
    print(f"way back: adopted in {back['adopted_s']} s, proven in {back['took_s']} s")

    page = (kit.settings.state_dir / "cutover" / "city-2027" / "evidence.html").read_text()
    assert found["record_sha256"] in page
    assert "音が途切れる" in page
    assert not re.search(r"(src|href)=", page), "it needs nothing else"
    assert "0466000000" not in page, "no caller's number is in it"
    assert "0466778899" not in page
    code, said = await run(kit, "cutover", "evidence")
    assert code == 0, said
    pdf = PdfReader(kit.settings.state_dir / "cutover" / "city-2027" / "evidence.pdf")
    text = "".join(each.extract_text() for each in pdf.pages)
    assert found["record_sha256"] in "".join(text.split())
