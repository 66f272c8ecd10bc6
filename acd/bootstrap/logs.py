"""The log: structured lines on standard error, for a person or for a machine.

Only codes, ids and counts are logged; what is about a call has the call's id. Callers' numbers,
names and digits are in no log call, and as a second fence the texts of others (exceptions,
libraries) lose what looks like a telephone number, and control characters with which a line could
be forged.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from acd.config.settings import LogSettings

#: Ours, and made of digits: what a line is found by.
_IDS = frozenset({"call", "offer", "spy", "recording", "timestamp"})
#: A number as it is dialled: national with its 0, or international with its +.
_NUMBER = re.compile(r"(?<![\w.:])(?:\+[0-9]|0)[0-9() -]{6,16}[0-9](?!\w)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _cleaned(text: str, *, lines: bool = False) -> str:
    kept = _NUMBER.sub("[number]", text)
    return kept if lines else _CONTROL.sub("\ufffd", kept)


def clean(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: the texts of a line without numbers and control characters."""
    for key, value in line.items():
        if isinstance(value, str) and key not in _IDS:
            line[key] = _cleaned(value, lines=key == "exception")
        elif isinstance(value, list | tuple | dict | set | bytes):
            line[key] = _cleaned(repr(value))
    return line


class _StandardError:
    """Standard error as it is at each line: whoever runs a command inside of another process puts
    one in its place that is closed afterwards."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


def configure_logging(settings: LogSettings, stream: Any = None) -> None:
    """Set up the log once per process; the standard library's loggers go the same way."""
    level = getattr(logging, settings.level.value.upper())
    out: Any = stream if stream is not None else _StandardError()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.json_lines
        else structlog.dev.ConsoleRenderer(
            colors=hasattr(out, "isatty") and out.isatty(),
            # The default one prints the local variables: numbers, names and passwords.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, clean, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                clean,
                renderer,
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
