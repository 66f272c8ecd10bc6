"""The disaster switch and the survey as callers meet them, on a real Asterisk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.config import load_centre
from tests.e2e.centre_kit import CentreKit
from tests.e2e.test_menu import MAIN, Caller, calls, write_city

#: The number of the example city that a drill is played with.
DRILL = "0466001199"


@pytest.fixture
async def kit() -> AsyncIterator[CentreKit]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-e2e-"))
    write_city(folder)
    flow = folder / "flows" / "main.toml"
    words = flow.read_text("utf-8").replace("share = 0.2", "share = 1.0")
    flow.write_text(words, "utf-8")
    # A controller that starts on a busy machine is waited for.
    settings = folder / "settings.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("beat_max_s = 5.0", "beat_max_s = 30.0")
    )
    kit = CentreKit(folder, load_centre(folder))
    try:
        await kit.start_switch()
        await kit.start_controller()
        # Somebody is there, but away: callers wait.
        await kit.request("POST", "/api/agents/op05/login", {})
        await kit.request("POST", "/api/agents/op10/login", {})
        yield kit
    finally:
        await kit.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def turn(kit: CentreKit, mode: str, *, drill: bool = False) -> None:
    await kit.request("POST", "/api/mode", {"mode": mode, "drill": drill, "reason": "防災訓練"})


async def waiting_in(kit: CentreKit, queue: str) -> bool:
    state = await kit.state()
    return any(call["queue"] == queue for call in state["calls"].values())


async def all_gone(kit: CentreKit) -> bool:
    return not await kit.channels()


async def recorded(kit: CentreKit, query: str, rows: int) -> bool:
    return len(kit.sql(query)) == rows


async def leaves(kit: CentreKit, caller: Caller) -> None:
    await caller.dialog.hang_up()
    await kit.until(lambda: all_gone(kit))
    caller.ear.close()


@pytest.mark.requirement("M27")
async def test_a_drill_changes_greeting_menu_rules_and_banner_and_is_in_no_figure(
    kit: CentreKit,
) -> None:
    await turn(kit, "disaster", drill=True)
    banner = (await kit.state())["banner"]
    assert banner["kind"] == "drill"
    assert banner["text"]["ja"].startswith("【訓練】")
    # Whoever really calls meanwhile notices nothing.
    real = await calls(kit, MAIN)
    await kit.until(lambda: real.began("ja/city-greeting"), 20.0)
    await leaves(kit, real)
    caller = await calls(kit, DRILL)
    await kit.until(lambda: caller.began("ja/disaster-greeting"), 20.0)
    await caller.ear.press("1")
    await kit.until(lambda: waiting_in(kit, "drill:general"), 20.0)
    (call,) = (await kit.state())["calls"].values()
    assert (call["priority"], call["drill"]) == (9, True)

    await kit.kill_controller()
    await kit.start_controller()
    assert (await kit.state())["banner"]["kind"] == "drill"
    # op05 knows nothing of general enquiries, and takes them in a disaster.
    await kit.request("POST", "/api/agents/op05/ready", {})
    await kit.until(lambda: talking(kit, "op05"))
    await leaves(kit, caller)

    # In earnest whoever calls meets it.
    await turn(kit, "disaster")
    assert (await kit.state())["banner"]["kind"] == "disaster"
    caller = await calls(kit, MAIN)
    await kit.until(lambda: caller.began("ja/disaster-greeting"), 20.0)
    await leaves(kit, caller)

    await turn(kit, "normal")
    assert (await kit.state())["banner"] is None
    caller = await calls(kit, MAIN)
    await kit.until(lambda: caller.began("ja/city-greeting"), 20.0)
    await leaves(kit, caller)
    drills = "select drill, count(*) from calls group by drill order by drill"
    await kit.until(lambda: recorded(kit, drills, 2))
    await kit.until(lambda: kit.sql(drills) == [(0, 3), (1, 1)])
    assert kit.sql("select distinct drill from visits union select drill from legs") == [(1,)]


async def talking(kit: CentreKit, agent: str) -> bool:
    return agent in await kit.agents_in("talking")


@pytest.mark.requirement("S1")
async def test_a_caller_is_asked_after_the_talk_and_the_answer_is_on_the_record(
    kit: CentreKit,
) -> None:
    await kit.request("POST", "/api/agents/op05/ready", {})
    caller = await calls(kit, MAIN)
    await kit.until(lambda: caller.began("ja/city-greeting"), 20.0)
    await caller.ear.press("2")
    await kit.until(lambda: talking(kit, "op05"), 20.0)
    await kit.request("POST", "/api/agents/op05/hang-up", {})
    await kit.until(lambda: caller.began("ja/survey-question"), 20.0)
    await caller.ear.press("5")
    await kit.until(lambda: caller.heard("ja/survey-thanks", "ja/goodbye"), 20.0)
    await kit.until(lambda: all_gone(kit))
    query = "select survey_asked, survey, outcome from calls"
    await kit.until(lambda: recorded(kit, query, 1))
    assert kit.sql(query) == [(1, 5, "answered")]
    caller.ear.close()
