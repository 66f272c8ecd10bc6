"""Who came and left between two leaders is in the ledger by the new one's own doing, once."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from acd.adapters.asterisk.cel import read_cel
from acd.adapters.sql.late import LateRecords
from acd.app.ledger_check import taken_over
from acd.bootstrap.centre import running_centre
from acd.bootstrap.cluster import unmet
from acd.bootstrap.cluster.folders import Folders
from acd.bootstrap.cluster.unmet import Unmet
from acd.config import load_centre
from acd.core.ids import SwitchId
from sim.load.ports import free_ports
from tests.call_stories import abandoned_call, call_id
from tests.contract.test_record_store import STREAM, frames_of
from tests.fakes.centre import CENTRE
from tests.unit.test_cel import abandoned, by_fallback


def row(event: str, at_s: float, call: str) -> str:
    extra = json.dumps({"hangupcause": 16}) if event == "HANGUP" else ""
    fields = (event, f"{at_s:.6f}", call, call, "PJSIP/carrier-00000001", "from-trunk", extra)
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields) + "\n"


async def test_the_new_leader_records_whom_nobody_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, agi, ami = free_ports(3)
    record = tmp_path / "seen" / "cel.csv"
    for name, value in {
        "STATE_DIR": str(tmp_path / "var"),
        "STORE__SPOOL_MIB": "8",
        "STORE__RESERVE_MIB": "1",
        "API__PORT": str(api),
        "AGI__PORT": str(agi),
        "AGI__DRAIN_S": "0",
        "SWITCH__AMI_PORT": str(ami),
        "SWITCH__CEL_FILE": str(record),
    }.items():
        monkeypatch.setenv(f"MADOGUCHI_{name}", value)
    monkeypatch.setattr(unmet, "SETTLED_S", 0.01)
    monkeypatch.setattr(unmet, "STORED_EVERY_S", 0.02)
    centre = load_centre(CENTRE)

    def recorded() -> list[tuple[str, str, str]]:
        with sqlite3.connect(tmp_path / "var" / "madoguchi.sqlite") as database:
            return database.execute("select call, source, outcome from calls").fetchall()

    with capture_logs() as lines:
        async with asyncio.timeout(60.0), running_centre(centre) as running:
            look = Unmet(centre.settings, Folders(centre.settings))

            async def said(since_s: float) -> list[MutableMapping[str, Any]]:
                lines.clear()
                await look.record(running, since_s)
                return [line for line in lines if line["event"].startswith("unmet")]

            now_s = running.clock.now()
            assert not await said(0.0), "nobody led before the first one"
            [unseen] = await said(now_s)
            assert unseen["event"] == "unmet_calls_not_seen"
            assert "cel_file" in unseen["why"]
            assert not await said(now_s), "it is said once"
            record.parent.mkdir()
            record.write_text(
                row("CHAN_START", now_s - 9_000, "1.1")
                + row("HANGUP", now_s - 8_999, "1.1")
                + row("CHAN_START", now_s, "1.2")
                + row("HANGUP", now_s + 0.4, "1.2"),
                "utf-8",
            )
            [found] = await said(now_s)
            assert (found["call"], found["outcome"]) == ("1.2", "abandoned")
            assert recorded() == [("1.2", "switch", "abandoned")]
            # Another leader looks at the same minutes: what is there already stays as it is.
            with record.open("a", encoding="utf-8") as file:
                file.write(row("CHAN_START", now_s + 0.1, "1.3"))
                file.write(row("HANGUP", now_s + 1.0, "1.3"))
            assert [each["call"] for each in await said(now_s)] == ["1.3"]
            assert not await said(now_s)
            assert len(recorded()) == 2


async def test_what_a_controller_has_recorded_stays_as_it_is(tmp_path: Path) -> None:
    database = tmp_path / "m.sqlite"
    store = LateRecords(f"sqlite+aiosqlite:///{database}")
    path = tmp_path / "cel.csv"
    path.write_text("\n".join([*abandoned(2), *by_fallback(3)]) + "\n", "utf-8")
    seen = read_cel([path]).calls.values()
    rows = [taken_over(call, SwitchId("a"), None) for call in seen]
    await store.store(STREAM, frames_of(abandoned_call(2)))
    assert [each.call for each in await store.put_in(rows)] == [call_id(3)]
    assert await store.put_in(rows) == []
    await store.close()
    with sqlite3.connect(database) as connection:
        found = connection.execute("select call, source, outcome from calls order by call")
        assert found.fetchall() == [
            (call_id(2), "controller", "abandoned"),
            (call_id(3), "switch", "answered"),
        ]


async def test_a_controller_that_met_the_caller_after_all_knows_more(tmp_path: Path) -> None:
    database = tmp_path / "m.sqlite"
    store = LateRecords(f"sqlite+aiosqlite:///{database}")
    path = tmp_path / "cel.csv"
    path.write_text("\n".join(abandoned(2)) + "\n", "utf-8")
    [seen] = read_cel([path]).calls.values()
    assert len(await store.put_in([taken_over(seen, SwitchId("a"), None)])) == 1
    await store.store(STREAM, frames_of(abandoned_call(2)))
    await store.close()
    with sqlite3.connect(database) as connection:
        assert connection.execute("select call, source from calls").fetchall() == [
            (call_id(2), "controller")
        ]
        assert connection.execute("select count(*) from visits").fetchall() == [(1,)]
