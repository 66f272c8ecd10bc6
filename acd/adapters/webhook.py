"""An alarm as an HTTPS POST, signed, to an address that the settings name.

The signature is ``X-Madoguchi-Signature: t=<Unix seconds>,v1=<hex>``: HMAC-SHA-256, under the
receiver's secret, of ``<t>.<body>``. ``X-Madoguchi-Delivery`` is the same for every try of one
message, so that a receiver can tell a repetition. Redirects are refused and proxies of the
environment are not used: nothing goes anywhere but to the configured host.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Mapping

import aiohttp

from acd.config.alarm_settings import WebhookSettings
from acd.errors import MadoguchiError

#: Tries and the pauses before them; with :data:`TRY_S` each, all end within a minute.
PAUSES_S = (0.0, 1.0, 4.0, 10.0)
TRY_S = 8.0


class WebhookFailed(MadoguchiError):
    """The receiver did not take a message, however often it was tried."""

    code = "webhook_failed"
    retryable = True


def signature(secret: str, at_s: int, body: bytes) -> str:
    """The header's value for a body sent at this moment.

    >>> signature("s", 0, b"{}")[:12]
    't=0,v1=4e7dc'
    """
    mac = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256)
    return f"t={at_s},v1={mac.hexdigest()}"


class Webhook:
    """One receiver. ``environ`` is where its secret is looked up."""

    def __init__(
        self,
        settings: WebhookSettings,
        environ: Mapping[str, str] = os.environ,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._pauses_s = pauses_s

    async def send(self, body: bytes) -> None:
        """Deliver a body of JSON; raises WebhookFailed."""
        secret = self._environ.get(self._settings.secret_variable, "")
        if not secret:
            raise WebhookFailed(
                f"the environment variable {self._settings.secret_variable} is not set",
                code="webhook_secret_missing",
            )
        delivery, why = secrets.token_hex(8), ""
        timeout = aiohttp.ClientTimeout(total=TRY_S)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            for pause_s in self._pauses_s:
                await asyncio.sleep(pause_s)
                why, final = await self._try(session, secret, delivery, body)
                if not why:
                    return
                if final:
                    break
        raise WebhookFailed(f"the receiver did not take it ({why})")

    async def _try(
        self, session: aiohttp.ClientSession, secret: str, delivery: str, body: bytes
    ) -> tuple[str, bool]:
        """What went wrong (nothing: it was taken), and whether another try is of no use."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "madoguchi",
            "X-Madoguchi-Delivery": delivery,
            "X-Madoguchi-Signature": signature(secret, int(time.time()), body),
        }
        try:
            async with session.post(
                self._settings.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                if 200 <= answer.status < 300:
                    return "", True
                again = answer.status >= 500 or answer.status in (408, 425, 429)
                return f"HTTP {answer.status}", not again
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__, False
