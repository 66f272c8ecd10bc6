"""A SIP socket that sends exactly what a test says, well-formed or not.

:class:`tests.fakes.sip_agent.SipAgent` is a polite phone; this one writes any header, comes from
any address of this machine and remembers every byte that reached it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

_numbers = itertools.count(1)
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


@dataclass
class RawCall:
    """One call: what was answered last, and whether the other side ended it."""

    call_id: str
    status: int = 0
    answer: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    decided: asyncio.Event = field(default_factory=asyncio.Event)
    request: list[str] = field(default_factory=list)


class RawSip(asyncio.DatagramProtocol):
    """One socket. Calls that come are answered with ``answer_with`` (0: never)."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server
        self.answer_with = 200
        self.registrations: list[str] = []
        self.received: list[str] = []
        self.invites: list[str] = []
        self.calls: dict[str, RawCall] = {}
        self.host = ""
        self.port = 0
        self._transport: asyncio.DatagramTransport

    @classmethod
    async def open(cls, server: tuple[str, int], host: str, port: int = 0) -> Self:
        """Open the socket at an address of this machine."""
        loop = asyncio.get_running_loop()
        transport, agent = await loop.create_datagram_endpoint(
            lambda: cls(server), local_addr=(host, port)
        )
        agent._transport = transport
        agent.host, agent.port = transport.get_extra_info("sockname")[:2]
        return agent

    def close(self) -> None:
        """Close the socket."""
        self._transport.close()

    async def call(
        self,
        number: str,
        *headers: str,
        caller: str = "<sip:0466112233@carrier.invalid>",
        to: str = "",
        uri_parameters: str = "",
        within_s: float = 20.0,
    ) -> RawCall:
        """Send an INVITE; returns when it is answered, refused or, with status 0, passed over for
        ``within_s``. ``number`` is the user part of the request URI as it is written, ``to`` the
        whole To."""
        call_id = f"raw{next(_numbers)}-{self.port}"
        where = f"sip:{number}@{self.server[0]}:{self.server[1]}{uri_parameters}"
        call = RawCall(call_id)
        call.request = [
            self._via(call_id),
            "Max-Forwards: 70",
            f"From: {caller};tag={call_id}",
            f"To: {to or f'<{where}>'}",
            f"Call-ID: {call_id}",
            f"Contact: <sip:x@{self.host}:{self.port}>",
        ]
        self.calls[call_id] = call
        body = _SDP.format(host=self.host)
        self._send(f"INVITE {where} SIP/2.0", [*call.request, "CSeq: 1 INVITE", *headers], body)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(call.decided.wait(), within_s)
        return call

    def hang_up(self, call: RawCall) -> None:
        """End a call that was answered."""
        self._send(*self._in_dialog(call, "BYE", 2))

    def hang_up_answered(self, call: RawCall) -> None:
        """End a call that came to us: its parties are those of the request, turned round."""
        request = call.answer
        contact = re.search(r"<([^>]+)>", header(request, "Contact"))
        assert contact is not None
        lines = [
            self._via(f"{next(_numbers)}bye"),
            "Max-Forwards: 70",
            f"From: {header(request, 'To')};tag=p{self.port}",
            f"To: {header(request, 'From')}",
            f"Call-ID: {call.call_id}",
            "CSeq: 9 BYE",
        ]
        self._send(f"BYE {contact[1]} SIP/2.0", lines, "")

    def refer(self, call: RawCall, to: str) -> None:
        """Ask for a transfer of a call that was answered."""
        start, lines, _ = self._in_dialog(call, "REFER", 3)
        self._send(start, [*lines, f"Refer-To: <{to}>"], "")

    async def call_as(self, name: str, secret: str, number: str) -> RawCall:
        """Call as a registered phone: the challenge is answered."""
        caller = f"<sip:{name}@{self.server[0]}>"
        first = await self.call(number, caller=caller)
        assert first.status == 401
        where = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        proof = authorization(first.answer, name, secret, where, "INVITE")
        return await self.call(number, proof, caller=caller)

    async def register(self, name: str, secret: str) -> int:
        """Register as a phone; returns the final status."""
        call = RawCall(f"reg{next(_numbers)}-{self.port}")
        self.calls[call.call_id] = call
        where = f"sip:{self.server[0]}:{self.server[1]}"
        user = f"<sip:{name}@{self.server[0]}>"
        extra: list[str] = []
        for cseq in (1, 2):
            call.decided.clear()
            lines = [
                self._via(f"{call.call_id}{cseq}"),
                "Max-Forwards: 70",
                f"From: {user};tag={call.call_id}",
                f"To: {user}",
                f"Call-ID: {call.call_id}",
                f"CSeq: {cseq} REGISTER",
                f"Contact: <sip:{name}@{self.host}:{self.port}>",
                "Expires: 60",
            ]
            self._send(f"REGISTER {where} SIP/2.0", lines + extra, "")
            await asyncio.wait_for(call.decided.wait(), 20.0)
            if call.status != 401:
                break
            extra = [authorization(call.answer, name, secret, where)]
        return call.status

    def _in_dialog(self, call: RawCall, method: str, cseq: int) -> tuple[str, list[str], str]:
        to = header(call.answer, "To")
        contact = re.search(r"<([^>]+)>", header(call.answer, "Contact"))
        where = contact[1] if contact else f"sip:{self.server[0]}:{self.server[1]}"
        kept = [line for line in call.request if not line.startswith(("Via", "To"))]
        # What acknowledges a refusal belongs to the refused request.
        via = self._via(call.call_id + (method if call.status < 300 else ""))
        return f"{method} {where} SIP/2.0", [via, f"To: {to}", *kept, f"CSeq: {cseq} {method}"], ""

    def _via(self, branch: str) -> str:
        return f"Via: SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{branch};rport"

    def _send(self, start: str, lines: list[str], body: str) -> None:
        kind = ["Content-Type: application/sdp"] if body else []
        head = [start, *lines, *kind, f"Content-Length: {len(body)}"]
        self._transport.sendto(("\r\n".join(head) + "\r\n\r\n" + body).encode(), self.server)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take an answer to one of our requests, or a request."""
        text = data.decode("utf-8", "replace")
        self.received.append(text)
        call = self.calls.get(header(text, "Call-ID"))
        if text.startswith("SIP/2.0"):
            if call is not None:
                self._answered(call, text)
            return
        method = text.partition(" ")[0]
        if method == "INVITE":
            self._invited(text)
        elif method == "REGISTER":
            self._registered(text)
        elif method != "ACK":
            self._respond(text, 200)
            if method in ("BYE", "CANCEL"):
                if method == "CANCEL" and call is not None:
                    self._respond(call.answer, 487)
                if call is not None:
                    call.ended.set()

    def _answered(self, call: RawCall, text: str) -> None:
        status = int(text.split(" ", 2)[1])
        cseq, _, method = header(text, "CSeq").partition(" ")
        if status < 200 or method == "BYE":
            return
        call.status, call.answer = status, text
        if method == "INVITE":
            self._send(*self._in_dialog(call, "ACK", int(cseq)))
        call.decided.set()

    def _invited(self, text: str) -> None:
        call_id = header(text, "Call-ID")
        if call_id not in self.calls:
            self.invites.append(text)
        self.calls[call_id] = RawCall(call_id, answer=text)
        self._respond(text, 180)
        if self.answer_with:
            self._respond(text, self.answer_with, _SDP.format(host=self.host))

    def _registered(self, text: str) -> None:
        """Be a registrar: ask for proof, and then believe it."""
        self.registrations.append(text)
        if header(text, "Authorization"):
            lease = [f"Contact: {header(text, 'Contact')};expires=60", "Expires: 60"]
            self._respond(text, 200, extra=lease)
        else:
            ask = (
                'WWW-Authenticate: Digest realm="carrier", nonce="n0nce", algorithm=MD5, qop="auth"'
            )
            self._respond(text, 401, extra=[ask])

    def _respond(
        self, request: str, status: int, body: str = "", extra: Sequence[str] = ()
    ) -> None:
        lines = [line for line in request.split("\r\n") if line.startswith("Via:")]
        lines += [f"{name}: {header(request, name)}" for name in ("From", "Call-ID", "CSeq")]
        to = header(request, "To")
        lines.append(f"To: {to}" + ("" if ";tag=" in to else f";tag=p{self.port}"))
        lines += extra or [f"Contact: <sip:x@{self.host}:{self.port}>"]
        self._send(f"SIP/2.0 {status} As Said", lines, body)


def proves(request: str, secret: str) -> bool:
    """Whether the digest in a REGISTER was made with this secret."""
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', header(request, "Authorization")))
    one = _md5(f"{said['username']}:{said['realm']}:{secret}")
    two = _md5(f"REGISTER:{said['uri']}")
    middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}"
    return bool(said["response"] == _md5(f"{one}:{middle}:{two}"))


def header(text: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def authorization(
    challenge: str, user: str, secret: str, uri: str, method: str = "REGISTER"
) -> str:
    """The header that answers a challenge (RFC 7616)."""
    asked = dict(re.findall(r'(\w+)="?([^",]+)"?', header(challenge, "WWW-Authenticate")))
    one, two = _md5(f"{user}:{asked['realm']}:{secret}"), _md5(f"{method}:{uri}")
    nonce, count, mine = asked["nonce"], "00000001", "abcdef01"
    response = _md5(f"{one}:{nonce}:{count}:{mine}:auth:{two}")
    return (
        f'Authorization: Digest username="{user}", realm="{asked["realm"]}", nonce="{nonce}", '
        f'uri="{uri}", response="{response}", algorithm=MD5, qop=auth, nc={count}, '
        f'cnonce="{mine}"' + (f', opaque="{asked["opaque"]}"' if "opaque" in asked else "")
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
