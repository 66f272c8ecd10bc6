"""A manager interface that does as it is told: a TCP server whose answers a test sets."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable

from acd.adapters.asterisk.session import AmiAccount, AmiAddress

_GREETING = b"Asterisk Call Manager/11.0.0\r\n"
#: What an answer may be: header lines, or None to stay silent.
Answer = str | None


class AmiServer:
    """Answers actions by name with ``answers``; knows every action it got, per account.

    An answer is the text of a message without ``ActionID``; several are separated by empty lines.
    """

    def __init__(self) -> None:
        self.port = 0
        #: Speak TLS, with this certificate.
        self.tls: ssl.SSLContext | None = None
        self.got: list[tuple[str, dict[str, str]]] = []
        #: Connections that ended by a reset: what was on its way on them is lost.
        self.resets = 0
        self.answers: dict[str, Answer | Callable[[dict[str, str]], Answer]] = {
            "Login": "Response: Success\r\nMessage: Authentication accepted",
            "Ping": lambda _: f"Response: Success\r\nPing: Pong\r\nTimestamp: {time.time():.6f}",
            "CoreSettings": "Response: Success\r\nAsteriskVersion: 22.10.1",
            "CoreStatus": "Response: Success\r\nCoreStartupDate: 2026-11-22\r\nCoreStartupTime: 1",
            "Status": "Response: Success\r\nEventList: start\r\n\r\n"
            "Event: StatusComplete\r\nEventList: Complete",
            "BridgeList": "Response: Success\r\nEventList: start\r\n\r\n"
            "Event: BridgeListComplete\r\nEventList: Complete",
        }
        self._server: asyncio.Server | None = None
        self._writers: dict[str, list[asyncio.StreamWriter]] = {}

    @property
    def address(self) -> AmiAddress:
        return AmiAddress(
            "127.0.0.1", self.port, AmiAccount("hears", "s1"), AmiAccount("acts", "s2")
        )

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self, *accounts: str) -> None:
        """Break the connections of these accounts, or of all."""
        for account, writers in list(self._writers.items()):
            if not accounts or account in accounts:
                for writer in writers:
                    writer.transport.abort()

    @property
    def live(self) -> int:
        """How many connections there are."""
        return sum(map(len, self._writers.values()))

    def actions(self, name: str) -> list[dict[str, str]]:
        return [headers for got, headers in self.got if got == name]

    def send(self, data: bytes, account: str = "hears") -> None:
        """Send bytes as they are on the live connections of an account."""
        for writer in self._writers.get(account, []):
            writer.write(data)

    def event(self, text: str) -> None:
        self.send((text.replace(" | ", "\r\n") + "\r\n\r\n").encode())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_GREETING)
        account = ""
        try:
            while True:
                block = await reader.readuntil(b"\r\n\r\n")
                lines = block.decode().strip("\r\n").split("\r\n")
                pairs = [line.partition(": ") for line in lines]
                headers = {name: value for name, _, value in pairs}
                name = headers["Action"]
                if name == "Login":
                    account = headers["Username"]
                    self._writers.setdefault(account, []).append(writer)
                self.got.append((name, headers))
                self._answer(writer, name, headers)
        except ConnectionResetError:
            self.resets += 1
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            if writer in self._writers.get(account, []):
                self._writers[account].remove(writer)
            writer.close()

    def _answer(self, writer: asyncio.StreamWriter, name: str, headers: dict[str, str]) -> None:
        answer = self.answers.get(name, "Response: Success")
        text = answer(headers) if callable(answer) else answer
        if text is None:
            return
        for part in text.split("\r\n\r\n"):
            first, _, rest = part.partition("\r\n")
            own, more = f"ActionID: {headers['ActionID']}", [rest] if rest else []
            # The switch names the question first in an answer, last in a row of a list.
            lines = [first, *more, own] if first.startswith("Event") else [first, own, *more]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
