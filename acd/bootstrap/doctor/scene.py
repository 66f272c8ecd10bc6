"""What the checks look at: the centre's files, and ways to the parts of it that run.

Each way is tried once and the answer kept, so that twenty checks of an absent Asterisk do not wait
twenty times.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from msgspec import Struct

from acd.adapters.asterisk.session import Session
from acd.adapters.secrets import Secrets
from acd.bootstrap.doctor.echo_call import Looped, echo
from acd.bootstrap.switch import ami_address
from acd.config import Centre, Settings
from acd.errors import MadoguchiError
from web.auth import TokenStore

_T = TypeVar("_T")
#: How long one question to the running controller may take.
ASK_S = 3.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Controller(Struct, frozen=True):
    """What the running controller said of itself. ``figures`` are its metrics by name, summed over
    their labels."""

    answers: bool = False
    ready: bool = False
    missing: tuple[str, ...] = ()
    figures: dict[str, float] = {}


class Scene:
    """One installation. ``centre`` is None when its plan cannot be used; settings always can."""

    def __init__(self, folder: Path, settings: Settings, centre: Centre | None) -> None:
        self.folder, self.settings, self.centre = folder, settings, centre
        self.secrets = Secrets(settings.secrets_dir)
        self.now: Callable[[], float] = time.time
        self._controller: asyncio.Task[Controller] | None = None
        self._sessions: dict[str, asyncio.Task[Session]] = {}
        self._echoes: dict[str, asyncio.Task[Looped]] = {}

    async def echo(self, node: str) -> Looped:
        """The doctor's own test call to a switch; made once. Raises OSError without a way there."""
        if node not in self._echoes:
            called = echo(self.settings.at(node), self.secrets)
            self._echoes[node] = asyncio.create_task(called)
        return await asyncio.shield(self._echoes[node])

    async def controller(self) -> Controller:
        """The running controller; one that is not there ``answers`` not."""
        if self._controller is None:
            self._controller = asyncio.create_task(self._ask_controller())
        return await asyncio.shield(self._controller)

    async def session(self, node: str) -> Session:
        """A manager session of our own at a switch, which hears no events; raises
        SwitchUnavailable."""
        if node not in self._sessions:
            self._sessions[node] = asyncio.create_task(self._open_session(node))
        return await asyncio.shield(self._sessions[node])

    async def close(self) -> None:
        """Let go of what was opened."""
        for task in (self._controller, *self._sessions.values(), *self._echoes.values()):
            if task is None:
                continue
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, MadoguchiError, OSError):
                found: Any = await task
                if isinstance(found, Session):
                    found.close()

    @property
    def url(self) -> str:
        """Where the controller's interface is, seen from this machine."""
        host = _ANYWHERE.get(self.settings.api.bind, self.settings.api.bind)
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if self.settings.tls.certificate else "http"
        return f"{scheme}://{shown}:{self.settings.api.port}"

    async def _open_session(self, node: str) -> Session:
        address = ami_address(self.settings.at(node), self.secrets)
        return await Session.open(
            address, address.actions, on_event=lambda _event: None, events=False
        )

    async def _ask_controller(self) -> Controller:
        try:
            token = TokenStore(self.settings.secrets_dir).local()
            headers = {"Authorization": f"Bearer {token}"}
            limit = aiohttp.ClientTimeout(total=ASK_S)
            async with aiohttp.ClientSession(headers=headers, timeout=limit) as http:
                # The certificate is looked at by a check of its own.
                async with http.get(f"{self.url}/readyz", ssl=False) as answer:
                    ready = await answer.json()
                async with http.get(f"{self.url}/metrics", ssl=False) as answer:
                    text = await answer.text() if answer.status == 200 else ""
            # Only the centre whose token this is says what is missing.
            if not isinstance(ready, dict) or "missing" not in ready:
                return Controller()
            return Controller(True, bool(ready.get("ok")), tuple(ready["missing"]), figures(text))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, MadoguchiError):
            return Controller()


def figures(text: str) -> dict[str, float]:
    """Metrics in Prometheus' text by name, summed over labels.

    >>> figures('a{x="1"} 2\\na{x="2"} 3\\n# HELP b\\nb 1.5')
    {'a': 5.0, 'b': 1.5}
    """
    found: dict[str, float] = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        name = name.partition("{")[0]
        if name and not line.startswith("#"):
            with contextlib.suppress(ValueError):
                found[name] = found.get(name, 0.0) + float(value)
    return found


async def within(work: Awaitable[_T], seconds: float) -> _T:
    """The result, or TimeoutError: no check waits for ever."""
    async with asyncio.timeout(seconds):
        return await work
