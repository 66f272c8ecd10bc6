"""An alarm outlives the controller: it is told once, and lasts since when it began."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.e2e.centre_kit import CentreKit, running_kit

SETTINGS = """
[alarms.rules.longest_wait]
raise_at = 2
clear_at = 1
for_s = 0
clear_after_s = 5
[alarms.webhooks.desk]
url = "{url}"
secret_variable = "ALARM_SECRET"
"""


async def lasting(kit: CentreKit) -> list[dict[str, Any]]:
    """The alarms of waits that last."""
    alarms = (await kit.request("GET", "/api/alarms"))["alarms"]
    return [each for each in alarms if each["kind"] == "longest_wait" and each["until_s"] is None]


@pytest.mark.requirement("M12")
async def test_a_killed_controller_tells_no_alarm_twice_and_forgets_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        said = json.loads(await request.read())
        if said["kind"] == "longest_wait":
            told.append(said)
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    monkeypatch.setenv("ALARM_SECRET", "of the receiver")
    async with TestServer(app) as receiver:
        settings = SETTINGS.format(url=receiver.make_url("/hook"))
        async with running_kit({"novice": "tax = 2"}, more_settings=settings) as kit:
            caller = await kit.call()
            await kit.until(lambda: told, 30.0)
            (before,) = await lasting(kit)
            await kit.until(lambda: kept(kit) == [("longest_wait", "tax", None, "raised")])
            await kit.kill_controller()
            await kit.start_controller()
            await kit.until(lambda: lasting(kit), 30.0)
            (after,) = await lasting(kit)
            assert (after["since_s"], after["value"]) == (before["since_s"], before["value"])
            assert [each["event"] for each in told] == ["raised"]
            await caller.hang_up()
            await kit.until(lambda: len(told) > 1, 30.0)
            assert [(each["event"], each["since"]) for each in told] == [
                ("raised", told[0]["since"]),
                ("cleared", told[0]["since"]),
            ]
            await kit.stop_controller()
            await kit.start_controller()
            listed = (await kit.request("GET", "/api/alarms"))["alarms"]
            assert [(each["since_s"], each["until_s"] is None) for each in listed] == [
                (before["since_s"], False)
            ]


def kept(kit: CentreKit) -> list[tuple[Any, ...]]:
    """What the database has of them."""
    return kit.sql("select alarm, subject, until_ms, told from alarms")
