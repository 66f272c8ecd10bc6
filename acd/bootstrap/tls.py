"""The certificate of a running centre, taken over again when its files are replaced."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import structlog

from acd.adapters.certificates import Certificate
from acd.config.people_settings import TlsSettings
from acd.errors import ConfigError

#: A renewed certificate is used within this time, without a restart.
LOOK_EVERY_S = 60.0

_log = structlog.get_logger("tls")


def certificate_of(settings: TlsSettings) -> Certificate | None:
    """The certificate by configuration, if there is one; raises ConfigError."""
    if not settings.certificate:
        return None
    return Certificate(Path(settings.certificate), Path(settings.key))


@contextlib.asynccontextmanager
async def kept_fresh(certificate: Certificate | None) -> AsyncIterator[None]:
    """Look for a renewed certificate for as long as the context lasts."""
    if certificate is None:
        yield
        return
    looking = asyncio.create_task(_look(certificate), name="certificate")
    try:
        yield
    finally:
        looking.cancel()


async def _look(certificate: Certificate) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            if certificate.refresh():
                _log.info("certificate_renewed")
        except ConfigError as error:
            _log.warning("certificate_unusable", reason=error.message)
