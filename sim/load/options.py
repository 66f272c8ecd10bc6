"""Asking a SIP address whether it is there: one OPTIONS request, repeated as UDP needs."""

from __future__ import annotations

import asyncio
import secrets
import socket

from sim.load.telephone import header, own_address

_WAIT_S = 0.7
_TRIES = 3


async def ask_options(server: tuple[str, int]) -> int:
    """The status with which the address answers, whatever it is; 0 when nobody does."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[int] = loop.create_future()
    call_id = secrets.token_hex(10)
    try:
        host = await asyncio.to_thread(own_address, server)
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(call_id, answer), local_addr=(host, 0), family=socket.AF_INET
        )
    except OSError:
        return 0
    try:
        port = transport.get_extra_info("sockname")[1]
        for _ in range(_TRIES):
            where = f"sip:{server[0]}:{server[1]}"
            lines = [
                f"OPTIONS {where} SIP/2.0",
                f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{secrets.token_hex(8)};rport",
                "Max-Forwards: 70",
                f"From: <sip:test@{host}:{port}>;tag={secrets.token_hex(4)}",
                f"To: <{where}>",
                f"Call-ID: {call_id}",
                "CSeq: 1 OPTIONS",
                f"Contact: <sip:test@{host}:{port}>",
                "Accept: application/sdp",
                "Content-Length: 0",
            ]
            transport.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), server)
            done, _ = await asyncio.wait([answer], timeout=_WAIT_S)
            if done:
                return answer.result()
        return 0
    finally:
        transport.close()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, call_id: str, answer: asyncio.Future[int]) -> None:
        self._call_id, self._answer = call_id, answer

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data[:4096].decode("utf-8", "replace")
        known = text.startswith("SIP/2.0 ") and header(text, "Call-ID") == self._call_id
        if known and text[8:11].isdecimal() and not self._answer.done():
            self._answer.set_result(int(text[8:11]))
