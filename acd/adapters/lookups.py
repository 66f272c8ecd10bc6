"""Names looked up without piling up: a name server that hangs holds one thread per name, not all.

What asks the system for a name cannot be called back. So at most one question per name is under
way, in a thread of its own that nobody waits for at the end; whoever asks meanwhile waits for the
same answer. Every connection still asks anew, so a name that moved is followed at once; only when
no answer comes in a moment the last one is taken.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
import time

#: How long a new answer is waited for where there is one of before.
PATIENCE_S = 0.05
#: So long an answer of before is good enough while no new one comes.
REMEMBERED_S = 3_600.0
#: So many different names may be under way: sentinels may name any master.
MAX_NAMES = 32

_Answer = tuple[str, ...]


class Lookups:
    """Addresses by name, for connections of one loop."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Future[_Answer]] = {}
        self._known: dict[str, tuple[float, _Answer]] = {}

    async def addresses(self, host: str) -> _Answer:
        """All addresses of ``host``, the system's first choice first; a number is its own.

        Waits for as long as the caller does when there is no answer of before; raises OSError.
        """
        if _is_number(host):
            return (host,)
        before = self._remembered(host)
        asked = self._under_way.get(host)
        new = asked is None
        if asked is None:
            if len(self._under_way) >= MAX_NAMES:
                raise OSError(f"{host} cannot be looked up: too many look-ups are under way")
            asked = self._under_way[host] = self._ask(host)
        if before and not new and not asked.done():
            return before  # whoever asked has waited for it already
        try:
            async with asyncio.timeout(PATIENCE_S if before else None):
                return await asyncio.shield(asked)
        except TimeoutError:
            return before
        except socket.gaierror as error:
            if before and error.errno == socket.EAI_AGAIN:
                return before
            raise

    def _remembered(self, host: str) -> _Answer:
        at_s, found = self._known.get(host, (0.0, ()))
        return found if found and time.monotonic() - at_s < REMEMBERED_S else ()

    def _ask(self, host: str) -> asyncio.Future[_Answer]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Answer] = loop.create_future()
        # Perhaps everybody has given up by the time it fails.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())

        def told(found: _Answer, error: OSError | None) -> None:
            self._under_way.pop(host, None)
            if error is not None:
                answer.set_exception(error)
                return
            self._known.pop(host, None)
            self._known[host] = (time.monotonic(), found)
            while len(self._known) > MAX_NAMES:
                del self._known[next(iter(self._known))]
            answer.set_result(found)

        def ask() -> None:
            found: _Answer = ()
            wrong: OSError | None = None
            try:
                found = _look_up(host)
            except OSError as error:
                wrong = error
            except UnicodeError:
                wrong = OSError(f"{host} is no name")
            try:
                loop.call_soon_threadsafe(told, found, wrong)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more

        threading.Thread(target=ask, name="look-up", daemon=True).start()
        return answer


def _look_up(host: str) -> _Answer:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
