"""Asterisk's side of a FastAGI session, for tests of the menu server."""

from __future__ import annotations

import asyncio
import contextlib

KEY = "key-of-the-dialplan"


def headers(script: str, unique_id: str = "1.1") -> bytes:
    """Headers as Asterisk sends them, for a script as it is written."""
    own = f"agi_network_script: {script}\nagi_uniqueid: {unique_id}\nagi_channel: P/x-1\n"
    return (own + "".join(f"agi_more_{n}: unknown\n" for n in range(12)) + "\n").encode()


class Client:
    """Asterisk's side of a session, as far as a test wants it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int, script: str = "ivr", *more: str) -> Client:
        client = cls(*await asyncio.open_connection("127.0.0.1", port))
        client.send(
            f"agi_network_script: {KEY}/{script}",
            "agi_channel: PJSIP/carrier-00000001",
            "agi_uniqueid: 1795362024.1",
            "agi_callerid: 0466112233",
            *(f"agi_more_{number}: unknown" for number in range(12)),  # as many as Asterisk's
            *more,
            "",
        )
        return client

    def send(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\n" for line in lines).encode())

    async def asked(self) -> str:
        return (await asyncio.wait_for(self.reader.readline(), 20.0)).decode().rstrip("\n")

    async def closed(self) -> bool:
        """Whether the server closes (what it still says is passed over)."""
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(self.reader.read(), 20.0)
        return self.reader.at_eof()
