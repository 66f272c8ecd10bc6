"""An operator who joins on a running day: a reload brings the telephone, and no call notices."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.adapters.secrets import Secrets
from acd.config import load_centre
from sim.load.ports import free_ports
from tests.e2e.centre_kit import HOST, NUMBER, CentreKit, write_centre
from tests.e2e.raw_sip import RawSip

_NEW = """
[agents.anna]
name = "anna"
device = "desk-9"
skills = { tax = 5 }
"""


@pytest.fixture
async def kit() -> AsyncIterator[CentreKit]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-e2e-"))
    write_centre(folder / "centre", {"sato": "tax = 5"})
    settings = folder / "centre" / "settings.toml"
    text = settings.read_text("utf-8").replace("ws_port = 0", f"ws_port = {free_ports(1)[0]}")
    settings.write_text(text, "utf-8")
    kit = CentreKit(folder / "centre", load_centre(folder / "centre"))
    try:
        await kit.start_switch()
        await kit.start_controller()
        yield kit
    finally:
        await kit.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def test_a_new_telephone_works_after_a_reload_and_calls_go_on(kit: CentreKit) -> None:
    await kit.work("sato")
    talk = await kit.call(NUMBER)
    await kit.until(lambda: kit.agents_in("talking"))
    waiting = await kit.call(NUMBER)
    await kit.until(kit.waiting)

    plan = kit.folder / "plan.toml"
    plan.write_text(plan.read_text("utf-8") + _NEW, "utf-8")
    answer = await kit.request("POST", "/api/reload", {})
    assert answer["restart_needed"] is False, kit.log()
    assert "desk-9" in await kit.switch.cli("pjsip show endpoints")

    phone = await RawSip.open((HOST, kit.settings.switch.sip_port), HOST)
    secret = Secrets(kit.settings.state_dir).get("phone.desk-9")
    assert await phone.register("desk-9", secret) == 200
    phone.answer_with = 200
    await kit.work("anna")
    await kit.until(lambda: len(phone.invites) == 1)
    await kit.until(waiting.established.is_set)
    assert not talk.over.is_set()
    assert not waiting.over.is_set()
    for dialog in (talk, waiting):
        await dialog.hang_up()
    phone.close()


async def test_files_that_cannot_be_written_need_a_restart_and_harm_nothing(
    kit: CentreKit,
) -> None:
    etc = kit.settings.state_dir / "asterisk" / "etc"
    (etc / "pjsip_phones.conf").rename(etc / "elsewhere.conf")
    plan = kit.folder / "plan.toml"
    plan.write_text(plan.read_text("utf-8") + _NEW, "utf-8")
    answer = await kit.request("POST", "/api/reload", {})
    assert answer["restart_needed"] is True
    assert "telephones_not_brought" in kit.log()
