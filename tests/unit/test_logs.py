"""A traceback in the log shows code, never what was in the variables."""

from __future__ import annotations

import asyncio
import io
import json
import logging

import pytest
import structlog

from acd.app.executor import Executor
from acd.bootstrap.logs import configure_logging
from acd.config.settings import LogSettings
from acd.core.commands import HangUpCaller, SwitchCommand
from acd.core.ids import CallId, SwitchId
from acd.core.inputs import Input

NUMBER = "0466" + "123456"


def _fail(caller: str) -> None:
    assert caller
    raise ValueError("a defect")


@pytest.mark.requirement("M7")
@pytest.mark.parametrize("json_lines", [False, True])
@pytest.mark.parametrize("ours", [False, True])
def test_a_traceback_does_not_show_a_callers_number(json_lines: bool, ours: bool) -> None:
    out = io.StringIO()
    configure_logging(LogSettings(json_lines=json_lines), out)
    logger = structlog.get_logger("x") if ours else logging.getLogger("x")
    try:
        _fail(NUMBER)
    except ValueError:
        logger.exception("broke")
    assert "a defect" in out.getvalue()
    assert NUMBER not in out.getvalue()


HOSTILE = [
    NUMBER,
    "+81" + "466123456",
    f"山田 ({NUMBER})",
    f"'{NUMBER}'; \r\nEvent: Hangup",
    "0466-12-3456",
    "x\n2026-11-22T00:00:00Z [info] all is well",
    "\x1b[2J\u2028",
]


@pytest.mark.requirement("M7")
@pytest.mark.parametrize("json_lines", [False, True])
@pytest.mark.parametrize("ours", [False, True])
@pytest.mark.parametrize("value", HOSTILE)
def test_what_others_say_is_logged_without_numbers_on_one_line(
    json_lines: bool, ours: bool, value: str
) -> None:
    out = io.StringIO()
    configure_logging(LogSettings(json_lines=json_lines), out)
    if ours:
        structlog.get_logger("x").warning("refused", reason=value, parts=[value])
    else:
        logging.getLogger("x").warning("refused: %s", value)
    text = out.getvalue()
    digits = "".join(each for each in text if each.isdigit())
    assert "466123456" not in digits
    assert text.count("\n") == 1
    assert "\x1b[2J" not in text
    assert "\u2028" not in text
    if json_lines:
        assert json.loads(text)["level"] == "warning"


def test_ids_counts_and_addresses_stay_as_they_are() -> None:
    out = io.StringIO()
    configure_logging(LogSettings(json_lines=True), out)
    said = {"call": "1795364253.000001", "offer": "o000000000012", "count": 466123456}
    structlog.get_logger("x").info("x", **said, address="127.0.0.1:5060", code="agi_0815")
    line = json.loads(out.getvalue())
    assert {**said, "address": "127.0.0.1:5060", "code": "agi_0815"}.items() <= line.items()


async def test_every_line_about_a_command_has_its_calls_id() -> None:
    out, told = io.StringIO(), list[Input]()
    configure_logging(LogSettings(json_lines=True), out)

    class Broken:
        switch = SwitchId("a")

        async def run(self) -> None:
            raise NotImplementedError

        async def sweep(self) -> list[object]:
            return []

        async def execute(self, command: SwitchCommand) -> None:
            await asyncio.sleep(0)
            logging.getLogger("acd.adapters.somewhere").warning("deep inside")
            raise RuntimeError(f"caller {NUMBER}")

    executor = Executor({SwitchId("a"): Broken()}, told.append)  # type: ignore[dict-item]
    for call in ("c1", "c2"):
        executor(HangUpCaller(CallId(call), SwitchId("a"), f"PJSIP/carrier-{call}"))
    await executor.settle(2.0)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(lines) == 6
    assert sorted(line["call"] for line in lines) == ["c1"] * 3 + ["c2"] * 3
    assert NUMBER not in out.getvalue()
    assert "call" not in structlog.contextvars.get_contextvars()


def test_lines_go_to_the_standard_error_of_the_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stderr", first)
    configure_logging(LogSettings())
    first.close()  # as whoever runs a command inside of a process of its own does
    monkeypatch.setattr("sys.stderr", second)
    structlog.get_logger("test").error("still_told")
    assert "still_told" in second.getvalue()
