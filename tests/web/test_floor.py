"""The supervisor's floor over HTTP: what follows, what is refused, and what everybody sees."""

from __future__ import annotations

from typing import Any

import pytest

from acd.core import inputs as i
from acd.core.commands import OfferCall
from acd.core.commands_floor import SpyTalk
from acd.core.ids import AgentId
from acd.core.plan import Mode
from tests.fakes.centre import Centre
from tests.web.client import Api
from tests.web.test_command_line import at, madoguchi

CALL = "/api/calls/17000000.000001"
OP = "/api/agents/op09"


async def ask(api: Api, path: str, body: dict[str, Any], status: int = 200) -> Any:
    """A supervisor's request, and the status it must have; an error's code or the answer."""
    got, answer = await api.post(path, "supervisor", body)
    assert got == status, answer
    return answer["error"]["code"] if status >= 400 else answer


async def test_priority_and_queue_of_a_waiting_call(api: Api, centre: Centre) -> None:
    centre.call(1)
    assert (await ask(api, f"{CALL}/priority", {"priority": 7}))["priority"] == 7
    moved = await ask(api, f"{CALL}/move", {"queue": "tax"})
    assert (moved["queue"], moved["state"]) == ("tax", "queued")
    assert await ask(api, f"{CALL}/move", {"queue": "tax"}, 409) == "nothing_to_change"
    assert await ask(api, f"{CALL}/move", {"queue": "parks"}, 404) == "unknown_target"
    assert await ask(api, f"{CALL}/priority", {"priority": 10}, 400) == "bad_body"
    assert await ask(api, "/api/calls/1.1/priority", {"priority": 1}, 404) == "unknown_call"


async def test_why_a_call_waits_is_told_for_one_and_for_all(api: Api, centre: Centre) -> None:
    call = centre.call(1)
    centre.call(2, "tax")
    status, told = await api.get(f"{CALL}/why", "supervisor")
    assert (status, told["reasons"]["why"]) == (200, "nobody_logged_in")
    assert told["ja"][1] == "応対できる人がログオンしていません。"
    _, waiting = await api.get("/api/waiting", "supervisor")
    assert list(waiting["calls"]) == [call, "17000000.000002"]
    assert waiting["calls"][call]["text"]["en"] == "nobody with the skill is logged in"


async def test_a_call_is_taken_over_at_a_telephone_of_the_plan(api: Api, centre: Centre) -> None:
    centre.call(1)
    assert await ask(api, f"{CALL}/take-over", {}, 409) == "device_wanted"
    assert await ask(api, f"{CALL}/take-over", {"device": "nowhere"}, 404) == "unknown_device"
    taken = await ask(api, f"{CALL}/take-over", {"device": "web-op11"})
    assert (taken["agent"], taken["state"]) == ("@web-op11", "offered")
    assert [c.device for c in centre.commands if isinstance(c, OfferCall)] == ["web-op11"]


@pytest.mark.requirement("M17")
async def test_hearing_a_talk_is_shown_on_the_floor_and_not_to_the_operator(
    api: Api, centre: Centre
) -> None:
    centre.do(i.AgentLoggedIn(AgentId("op09")))
    centre.do(i.AgentReadied(AgentId("op09")))
    centre.connect(centre.call(1))
    heard = await ask(api, f"{CALL}/whisper", {"device": "op12"})
    supervisor = f"supervisor:{api.tokens['supervisor'].split('_')[1]}"
    assert heard["heard_by"] == [{"by": supervisor, "device": "op12", "mode": "whisper"}]
    assert any(isinstance(command, SpyTalk) for command in centre.commands)
    _, own = await api.get("/api/state", "op09")
    assert "heard_by" not in own["calls"]["17000000.000001"]
    stopped = await ask(api, f"{CALL}/stop-listening", {"device": "op12"})
    assert stopped["heard_by"] == []


@pytest.mark.requirement("M17")
async def test_nobody_hears_a_talk_on_a_switch_that_is_not_proven(api: Api, centre: Centre) -> None:
    centre.whisper_proven = False
    centre.call(1)
    body = {"device": "op12"}
    for verb in ("listen", "whisper", "barge"):
        assert await ask(api, f"{CALL}/{verb}", body, 409) == "spying_unproven"


async def test_a_forced_state_and_skills_of_today(api: Api, centre: Centre) -> None:
    centre.do(i.AgentLoggedIn(AgentId("op09")))
    forced = await ask(api, f"{OP}/force", {"state": "ready"})
    assert (forced["state"], forced["by"]) == (
        "ready",
        f"supervisor:{api.tokens['supervisor'].split('_')[1]}",
    )
    forced = await ask(api, f"{OP}/force", {"state": "not_ready", "reason": "meeting"})
    assert (forced["state"], forced["reason"]) == ("not_ready", "meeting")
    assert await ask(api, f"{OP}/force", {"state": "not_ready"}, 400) == "bad_body"
    given = await ask(api, f"{OP}/skills", {"skill": "tax", "level": 4})
    assert given["skills_today"] == {"tax": 4}
    assert await ask(api, f"{OP}/skills", {"skill": "flying", "level": 4}, 404) == "unknown_skill"
    given = await ask(api, f"{OP}/skills", {"skill": "tax", "level": None})
    assert given["skills_today"] == {}
    assert (await ask(api, f"{OP}/force", {"state": "logged_out"}))["state"] == "logged_out"


@pytest.mark.requirement("M27")
async def test_the_disaster_switch_is_on_every_screen(api: Api, centre: Centre) -> None:
    assert (await api.get("/api/state", "op09"))[1]["banner"] is None
    body = {"mode": "disaster", "drill": True, "reason": "防災訓練"}
    turned = await ask(api, "/api/mode", body)
    assert (turned["mode"], turned["drill"], turned["prepared"]) == ("disaster", True, True)
    assert centre.modes_followed == 1
    banner = (await api.get("/api/state", "op09"))[1]["banner"]
    assert (banner["kind"], banner["text"]["en"][:6]) == ("drill", "DRILL:")
    assert (await api.get("/api/mode", "op09"))[1]["reason"] == "防災訓練"
    assert await ask(api, "/api/mode", body, 409) == "nothing_to_change"
    assert (await ask(api, "/api/mode", {"mode": "disaster", "reason": "地震"}))["drill"] is False
    assert (await ask(api, "/api/mode", {"mode": "normal", "reason": "解除"}))["banner"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "disaster"},
        {"mode": "disaster", "reason": ""},
        {"mode": "disaster", "reason": "a\nb"},
        {"mode": "disaster", "reason": "x" * 201},
        {"mode": "chaos", "reason": "x"},
        {"mode": "disaster", "reason": "x", "drill": "yes"},
    ],
)
async def test_a_switch_without_a_good_reason_is_not_turned(
    api: Api, centre: Centre, body: dict[str, Any]
) -> None:
    assert await ask(api, "/api/mode", body, 400) == "bad_body"
    assert centre.engine.state.floor.mode.mode is Mode.NORMAL


@pytest.mark.requirement("M27")
async def test_the_switch_on_the_command_line(api: Api, centre: Centre) -> None:
    boss = at(api, "supervisor")
    assert (await madoguchi("floor", "mode", **boss))[1] == "normal mode\n"
    code, _, err = await madoguchi("floor", "mode", "disaster", **boss)
    assert (code, err) == (1, "madoguchi: say why with --reason\n")
    words = ("floor", "mode", "disaster", "--drill", "--reason", "drill of the year")
    _, out, _ = await madoguchi(*words, **boss)
    assert out.splitlines()[0].startswith("DRILL: Disaster mode")
    assert out.splitlines()[1].endswith(": drill of the year")
    assert centre.engine.state.floor.mode.drill


async def test_a_supervisor_works_on_the_command_line(api: Api, centre: Centre) -> None:
    call, boss = centre.call(1), at(api, "supervisor")
    _, out, _ = await madoguchi("floor", "why", call, **boss)
    assert "Nobody with the skill is logged in." in out
    assert (await madoguchi("floor", "priority", call, "9", **boss))[1] == "done\n"
    assert (await madoguchi("floor", "move", call, "tax", **boss))[1] == "done\n"
    assert (await madoguchi("floor", "take-over", call, "--device", "op12", **boss))[1] == "done\n"
    _, out, _ = await madoguchi("floor", "skill", "op09", "tax", "4", **boss)
    assert out.startswith("op09 小林")
    assert (await madoguchi("floor", "skill", "op09", "tax", "x", **boss))[0] == 1
