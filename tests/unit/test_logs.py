"""A traceback in the log shows code, never what was in the variables."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from acd.bootstrap.logs import configure_logging
from acd.config.settings import LogSettings

NUMBER = "0466" + "123456"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


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
