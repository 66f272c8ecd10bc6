"""The Asterisk of the benches: configured as shipped, with or without the baselines' dialplan."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from acd.adapters.asterisk.conffiles import render
from acd.adapters.asterisk.process import AsteriskProcess, AsteriskSpec
from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import conf_spec, paths_of
from acd.config import Centre
from tools.bench.centre import Ports, phone_contacts, phone_names

CONF = Path(__file__).parent / "conf"


@asynccontextmanager
async def running_switch(
    centre: Centre, ports: Ports, phones: int, *, baseline: bool
) -> AsyncIterator[AsteriskProcess]:
    """A fresh Asterisk for one measurement, gone afterwards, and the centre's state with it."""
    settings = centre.settings
    shutil.rmtree(settings.state_dir, ignore_errors=True)
    paths = paths_of(settings)
    secrets = Secrets(settings.state_dir)
    spec = conf_spec(centre, secrets, paths, phone_contacts=phone_contacts(ports, phones))
    if baseline:
        spec = msgspec.structs.replace(spec, extra_dialplan=_text("extensions.conf"))
    render(spec, paths.etc)
    if baseline:
        _make_baseline(paths.etc, phones)
    async with AsteriskProcess(AsteriskSpec(paths=paths)) as switch:
        yield switch


def _make_baseline(etc: Path, phones: int) -> None:
    """Add the baseline's queue, and send the trunk's callers to the baseline's context."""
    members = "".join(f"member => PJSIP/{name}\n" for name in phone_names(phones))
    with (etc / "queues.conf").open("a", encoding="utf-8") as queues:
        queues.write(_text("queues.conf") + members)
    _edit(etc / "pjsip_trunks.conf", "identify_by = ip", "identify_by = ip\ncontext = bench")


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    if old not in text:
        raise SystemExit(f"{file.name} has no line {old!r} any more: mend the bench")
    file.write_text(text.replace(old, new), encoding="utf-8")


def _text(name: str) -> str:
    return (CONF / name).read_text(encoding="utf-8")
