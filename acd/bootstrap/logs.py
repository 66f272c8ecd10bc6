"""The log: structured lines on standard error, for a person or for a machine.

Only codes, ids and counts are logged. Callers' numbers, names and digits are in no log call.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from acd.config.settings import LogSettings


def configure_logging(settings: LogSettings, stream: Any = None) -> None:
    """Set up the log once per process; the standard library's loggers go the same way."""
    level = getattr(logging, settings.level.value.upper())
    out = stream if stream is not None else sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.json_lines
        else structlog.dev.ConsoleRenderer(
            colors=hasattr(out, "isatty") and out.isatty(),
            # The default one prints the local variables: numbers, names and passwords.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared)
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
