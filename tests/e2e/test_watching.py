"""A controller at work is watched: its figures by a real Prometheus, its alarms by who is told."""

from __future__ import annotations

import asyncio
import json
import math
import re
import struct
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families

from sim.load.sound import tone
from tests.e2e.centre_kit import NUMBER, CentreKit, running_kit
from tests.e2e.prometheus_kit import PROJECT, Prometheus, promtool, running_prometheus
from tests.fakes.voice import PACKET_S, PCMU, SAMPLES, Voice
from web.auth import TokenStore
from web.roles import Role

DASHBOARDS = sorted((PROJECT / "docker" / "grafana" / "dashboards").glob("*.json"))
CALLER = "0466" + "987654"
#: So that every panel has something to show: a line with a limit, asked whether it is there.
LINE = {"HOST": "127.0.0.1", "MAX_CHANNELS": "10"}


class Lossy(Voice):
    """Speaks, and every tenth packet never arrives."""

    async def _speak(self, packet: bytes, to: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for number in range(1_000_000):
            if number % 10 != 5:
                stamp = number * SAMPLES
                head = struct.pack("!BBHII", 0x80, PCMU, number & 0xFFFF, stamp, self.port)
                self._transport.sendto(head + packet, to)
            await asyncio.sleep(began_s + (number + 1) * PACKET_S - loop.time())


async def metrics(kit: CentreKit) -> str:
    """What is scraped."""
    headers = {"Authorization": f"Bearer {kit.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(kit.url + "/metrics") as answer,
    ):
        assert answer.status == 200
        return await answer.text()


def value(text: str, name: str, **labels: str) -> float:
    """One sample's value; 0 when it is not there."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    return 0.0


async def heard(kit: CentreKit) -> bool:
    """Whether a talk was looked at."""
    return value(await metrics(kit), "madoguchi_line_loss_ratio_count") >= 1


async def run(kit: CentreKit, *arguments: str) -> tuple[int, str]:
    """The command, as a person would use it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "acd", *arguments, "--centre", str(kit.folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30.0)
    return process.returncode or 0, said.decode()


def check_conventions(text: str) -> None:
    """Names and labels as Prometheus wants them, and their number bounded."""
    for family in text_string_to_metric_families(text):
        assert family.name.startswith(("madoguchi_", "process_")), family.name
        assert family.documentation.endswith("."), family.name
        assert family.type in ("counter", "gauge", "histogram"), family.name
        assert len(family.samples) <= 400, family.name
        for sample in family.samples:
            assert set(sample.labels) <= {
                "queue", "state", "trunk", "direction", "outcome", "call_type", "severity", "node",
                "le", "figure", "column",
            }  # fmt: skip
            for name, label in sample.labels.items():
                assert name == "le" or re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", label), sample


async def empty_panels(prometheus: Prometheus) -> list[str]:
    """The queries of all panels that Prometheus has no figure for now."""
    queries = [
        (panel["title"], target["expr"])
        for path in DASHBOARDS
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]
        for target in panel["targets"]
    ]
    assert len(queries) > 40
    empty = []
    for title, query in queries:
        found = await prometheus.ask(query)
        if not any(math.isfinite(float(sample["value"][1])) for sample in found):
            empty.append(f"{title}: {query}")
    return empty


@pytest.mark.requirement("M12", "S16")
async def test_a_call_on_a_bad_line_is_seen_by_prometheus_and_a_long_wait_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        told.append(json.loads(await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    monkeypatch.setenv("ALARM_SECRET", "of the receiver")
    for name, value_ in LINE.items():
        monkeypatch.setenv(f"MADOGUCHI_TRUNKS__CARRIER__{name}", value_)
    async with TestServer(app) as receiver:
        settings = f"""
[alarms.rules.trunk_down]
enabled = false
[alarms.rules.longest_wait]
raise_at = 2
clear_at = 1
for_s = 0
[alarms.rules.target_answer_rate]
at_least = 2
for_s = 0
[alarms.webhooks.desk]
url = "{receiver.make_url("/hook")}"
secret_variable = "ALARM_SECRET"
"""
        async with running_kit({"novice": "tax = 2"}) as kit:
            await _adopt(kit, settings)
            await _talk_and_look(kit, told, tmp_path)


async def _adopt(kit: CentreKit, settings: str) -> None:
    """Let the running controller take these settings of alarms; wrong ones change nothing."""
    file = kit.folder / "settings.toml"
    before = file.read_text()
    for wrong, fault in (("ALARM_SECRET", "NOT_THERE"), ("clear_at = 1", "clear_at = 3")):
        file.write_text(before + settings.replace(wrong, fault))
        code, said = await run(kit, "reload")
        assert code == 3, said
        assert "NOT_THERE" in said or "clear_at" in said
    file.write_text(before)
    code, said = await run(kit, "alarms", "test")
    assert code == 1, said
    assert "settings.toml" in said or "[alarms]" in said
    file.write_text(before + settings)
    code, said = await run(kit, "reload")
    assert code == 0, said
    assert len(said.splitlines()) == 1, "nothing waits for a restart"
    log = (await kit.request("GET", "/api/operations"))["operations"]
    assert "configuration_reloaded" in {each["kind"] for each in log}


async def sends_a_test(kit: CentreKit) -> bool:
    """Whether a test was sent: it may be asked for every few seconds."""
    code, said = await run(kit, "alarms", "test")
    assert code == 0 or "few seconds" in said, said
    return code == 0


async def _talk_and_look(kit: CentreKit, told: list[dict[str, Any]], folder: Path) -> None:
    token = TokenStore(kit.settings.state_dir).add(Role.MONITOR)
    target = kit.url.removeprefix("http://")
    async with running_prometheus(folder, target, token) as prometheus:
        await kit.until(lambda: prometheus.has("madoguchi_calls_ended_total"))
        await kit.work("novice")
        voice = await Lossy.open()
        agent = await kit.caller(CALLER)
        agent.rtp_port = voice.port
        dialog = await agent.call(NUMBER)
        await asyncio.wait_for(dialog.established.wait(), 20.0)
        voice.speak(tone(450, 0.2), dialog.sdp)
        await kit.until(lambda: len(kit.phones["novice"].rung) == 1)
        waiting = await kit.call()
        await kit.until(lambda: heard(kit), 30.0)
        await kit.until(lambda: told, 30.0)
        assert (told[0]["event"], told[0]["kind"]) == ("raised", "longest_wait")
        assert told[0]["subject"] == "tax"
        code, said = await run(kit, "alarms", "list")
        assert code == 0
        assert "Taxes" in said or "税" in said
        await kit.until(lambda: sends_a_test(kit))
        assert told[-1]["event"] == "test"
        for each in (dialog, waiting):
            await each.hang_up()
        voice.close()
        await kit.until(lambda: _ended(kit, "madoguchi_calls_ended_total"))
        await _look_at_the_figures(kit, prometheus)
        # Two calls, one of them answered: half of what came, and nine tenths were agreed.
        await kit.until(lambda: [each for each in told if each["kind"] == "target_answer_rate"])
        (missed,) = [each for each in told if each["kind"] == "target_answer_rate"]
        assert (missed["event"], missed["part"], missed["whole"]) == ("raised", 1, 2)
        assert "answer rate A is 50.0%, below the contract's target of 90%" in missed["text"]["en"]
        text = await metrics(kit)
        assert value(text, "madoguchi_today_ratio", figure="answer_rate") == 0.5
    assert CALLER not in kit.log()
    assert CALLER.removeprefix("0") not in kit.log()


async def _look_at_the_figures(kit: CentreKit, prometheus: Prometheus) -> None:
    text = await metrics(kit)
    count = value(text, "madoguchi_line_loss_ratio_count", direction="received")
    loss = value(text, "madoguchi_line_loss_ratio_sum", direction="received") / count
    score = value(text, "madoguchi_line_mos_score_sum", direction="received") / count
    # A tenth is lost; Asterisk counts what is missing every five seconds only.
    assert 0.04 < loss < 0.15
    assert 2.5 < score < 4.2
    assert value(text, "madoguchi_line_jitter_seconds_sum") > 0
    assert value(text, "madoguchi_talk_seconds_sum", queue="tax") > 5
    check_conventions(text)
    assert CALLER not in text
    assert await promtool("check", "metrics", given=text.encode()) == (0, "")

    async def all_filled() -> bool:
        empty = await empty_panels(prometheus)
        print("without a figure:", empty)
        return not empty

    await kit.until(all_filled, 30.0)


async def _ended(kit: CentreKit, name: str) -> bool:
    text = await metrics(kit)
    return sum(value(text, name, outcome=each) for each in ("answered", "abandoned")) == 2


async def test_the_rules_are_right_and_fire_when_they_should() -> None:
    code, said = await promtool("check", "rules", "rules.yml")
    assert code == 0, said
    code, said = await promtool("test", "rules", "rules_test.yml")
    assert code == 0, said
