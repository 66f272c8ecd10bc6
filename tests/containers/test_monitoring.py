"""Prometheus as a container watches the centre, and has what every panel of Grafana asks for."""

from __future__ import annotations

import json
import math
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.containers.stack_kit import OPERATOR, PROJECT, Stack, until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

OVERLAYS = ("monitoring.yaml",)
#: Grafana itself is an image that is pulled: a machine without a registry runs all but it.
UP = ("controller", "prometheus")
DASHBOARDS = sorted((PROJECT / "docker" / "grafana" / "dashboards").glob("*.json"))
LIMIT_S = 240.0
#: Nothing of it happens in this test: their panels are empty, as they should be. No line is asked
#: whether it is there, and before the day's first service hour nothing is owed.
SILENT = (
    "madoguchi_calls_refused_total",
    "madoguchi_trunk_limit",
    "madoguchi_trunk_up",
    "madoguchi_alarms",
    "madoguchi_availability_ratio",
)


#: Run inside the controller's container: addresses come in, answers go out.
_GET = """
import json, sys, urllib.request
ask = lambda url: json.loads(urllib.request.urlopen(url, timeout=30).read())
print(json.dumps([ask(url) for url in json.load(sys.stdin)]))
"""


def _ask(stack: Stack, path: str, *queries: str) -> list[Any]:
    """What Prometheus' own API answers to each of the queries, asked over its network."""
    base = f"http://prometheus:9090/api/v1/{path}?"
    urls = json.dumps([base + urlencode({"query": each}) for each in queries])
    python = "/opt/madoguchi/.venv/bin/python"
    answers = json.loads(stack.inside("controller", python, "-c", _GET, text=urls))
    assert [each["status"] for each in answers] == ["success"] * len(queries), answers
    return [each["data"] for each in answers]


def _panels() -> list[tuple[str, str]]:
    """Title and expression of every query of every panel."""
    panels = [each for path in DASHBOARDS for each in json.loads(path.read_text())["panels"]]
    return [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]


def _empty(stack: Stack) -> list[str]:
    """Of which panels Prometheus has no figure now."""
    missing = []
    panels = _panels()
    answers = _ask(stack, "query", *(query for _, query in panels))
    for (title, query), answer in zip(panels, answers, strict=True):
        values = [float(sample["value"][1]) for sample in answer["result"]]
        if not any(map(math.isfinite, values)) and not any(name in query for name in SILENT):
            missing.append(f"{title}: {query}")
    print(missing)
    return missing


@pytest.mark.requirement("S16")
async def test_every_panel_has_its_figures(stack: Stack) -> None:
    # So long that Asterisk looks at how the line sounds.
    phone = await stack.phone(OPERATOR, talk_s=12.0)
    stack.madoguchi("agent", "login", OPERATOR)
    stack.madoguchi("agent", "ready", OPERATOR)
    first, later = await stack.callers(1), None
    try:
        await first.wait()
        await until(lambda: _up(stack), LIMIT_S, "the controller is scraped over TLS")
        await until(lambda: _heard(stack), LIMIT_S, "the sound of the first talk is a figure")
        later = await stack.callers(1)
        await later.wait()
        await until(lambda: _empty(stack) == [], LIMIT_S, "every panel has its figures")
    finally:
        for process in (first, later, phone):
            if process is not None:
                await process.stop()
    (rules,) = _ask(stack, "rules", "")
    assert {rule["health"] for group in rules["groups"] for rule in group["rules"]} == {"ok"}


async def test_figures_are_for_who_has_the_token(stack: Stack) -> None:
    token = stack.inside("prometheus", "cat", "/run/madoguchi/token")
    assert token.startswith("mdg_")
    shown = stack.inside("prometheus", "sh", "-c", "cat /tmp/prometheus.yml; env")
    assert token not in shown
    assert "no such" in stack.inside(
        "prometheus", "sh", "-c", "ls /srv/secrets 2>/dev/null || echo no such"
    )


def _up(stack: Stack) -> bool:
    (found,) = _ask(stack, "query", 'up{job="madoguchi"}')
    return [sample["value"][1] for sample in found["result"]] == ["1"]


def _heard(stack: Stack) -> bool:
    (found,) = _ask(stack, "query", "madoguchi_line_mos_score_count")
    return bool(found["result"])
