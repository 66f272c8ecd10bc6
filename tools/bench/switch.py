"""The Asterisk of the benches: rendered as shipped, with phones that need no registration."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from acd.adapters.asterisk.conffiles import ConfSpec, PhoneSpec, TrunkSpec, render
from acd.adapters.asterisk.process import (
    AsteriskPaths,
    AsteriskProcess,
    AsteriskSpec,
    private_root,
)

PROJECT = Path(__file__).resolve().parents[2]
CONF = Path(__file__).parent / "conf"
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a bench's processes meet; all on loopback, chosen apart from a centre's own."""

    sip: int = 15400
    callers: int = 15402
    waiters: int = 15404
    phones: int = 15406
    ami: int = 15410
    agi: int = 15411
    api: int = 15412
    media: int = 22000
    rtp_first: int = 23000
    rtp_last: int = 25999


@dataclass(frozen=True, slots=True)
class Secrets:
    """The bench's own manager secrets: it lives for a minute, on loopback."""

    events: str
    actions: str


def phone_names(count: int) -> list[str]:
    """``ag000``, ``ag001`` ...: all of one length."""
    return [f"ag{n:03d}" for n in range(count)]


def paths_in(folder: Path) -> AsteriskPaths:
    """Where a bench's Asterisk keeps its things below ``folder``."""
    return AsteriskPaths(
        etc=folder / "etc",
        run=folder / "run",
        sounds=PROJECT / "ivr" / "sounds",
        root=private_root(PROJECT),
    )


def conf_spec(
    folder: Path, ports: Ports, secrets: Secrets, phones: int, *, baseline: bool
) -> ConfSpec:
    """The configuration as shipped; a baseline's callers go to the bench's own contexts."""
    paths = paths_in(folder)
    contact = f"@{HOST}:{ports.phones}"
    return ConfSpec(
        etc_dir=paths.inside_etc,
        run_dir=paths.inside_run,
        sounds_dir=paths.inside_sounds,
        sip_port=ports.sip,
        ami_port=ports.ami,
        agi_port=ports.agi,
        ami_events_secret=secrets.events,
        ami_actions_secret=secrets.actions,
        rtp_first=ports.rtp_first,
        rtp_last=ports.rtp_last,
        trunks=(TrunkSpec(name="carrier", addresses=(HOST,), rtp_timeout_s=0),),
        phones=tuple(
            PhoneSpec(name, secret=secrets.events, contact=f"sip:{name}{contact}", rtp_timeout_s=0)
            for name in phone_names(phones)
        ),
        extra_dialplan=_text("extensions.conf") if baseline else "",
    )


@asynccontextmanager
async def running_switch(spec: ConfSpec, folder: Path) -> AsyncIterator[AsteriskProcess]:
    """A fresh Asterisk for one measurement, gone afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    paths = paths_in(folder)
    render(spec, paths.etc)
    if spec.extra_dialplan:
        _make_baseline(paths.etc, [phone.name for phone in spec.phones])
    async with AsteriskProcess(AsteriskSpec(paths=paths)) as switch:
        yield switch


def _make_baseline(etc: Path, phones: list[str]) -> None:
    """Add the baseline's queue, and send the trunk's callers to the baseline's context."""
    members = "".join(f"member => PJSIP/{name}\n" for name in phones)
    with (etc / "queues.conf").open("a", encoding="utf-8") as queues:
        queues.write(_text("queues.conf") + members)
    trunks = etc / "pjsip_trunks.conf"
    text = trunks.read_text(encoding="utf-8")
    trunks.write_text(
        text.replace("identify_by = ip", "identify_by = ip\ncontext = bench"), encoding="utf-8"
    )


def _text(name: str) -> str:
    return (CONF / name).read_text(encoding="utf-8")
