"""A caller of the load whose moment is the very first dials: SIPp itself forgets a pause of nothing
that begins in its own first millisecond, which happens to one run in five."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sim.load import scenario, sound
from sim.load.ports import free_ports
from sim.load.sipp import Load, Sipp

RUNS, LIMIT_S = 16, 30.0


async def test_who_calls_at_once_dials(tmp_path: Path) -> None:
    keys = tmp_path / "keys.pcap"
    keys.write_bytes(sound.stream(((0.5, "3"),), 1.0, hz=350))
    runs = [await _start(keys, tmp_path / str(n)) for n in range(RUNS)]
    try:
        for _ in range(round(LIMIT_S / 0.1)):
            if all(run.facts for run in runs):
                break
            await asyncio.sleep(0.1)
    finally:
        await asyncio.gather(*(run.stop() for run in runs))
    assert [run.facts[0].what for run in runs if run.facts] == ["dialled"] * RUNS


async def _start(keys: Path, folder: Path) -> Sipp:
    port, media = free_ports(2)
    identity = "<sip:0466000001@127.0.0.1>"
    load = Load(
        name="callers",
        scenario=scenario.caller([keys]),
        port=port,
        media_port=media,
        calls=1,
        limit_s=LIMIT_S,
        # Where nobody answers: that somebody dials is enough.
        remote=f"127.0.0.1:{free_ports(1)[0]}",
        rows=[["0", "0466001111", identity, "", "Privacy: none", "1", "1000"]],
        at_once=1,
    )
    return await Sipp.start(load, folder)
