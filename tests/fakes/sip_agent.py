"""A small SIP user agent on UDP for tests: a caller or an operator's phone, without media.

It speaks enough of RFC 3261 to call and to be called by an Asterisk on the same machine, where
nothing is lost: no retransmission of its own, but repeated requests get the same answer again. Its
SDP names a port where nobody listens, unless ``rtp_port`` is set. ``Dialog.sdp`` is the other's.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

_ids = itertools.count(1)
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a={direction}\r\n"
)
#: A port of the discard service: nobody listens.
_RTP_PORT = 9
#: So long after a change of media that was refused a phone tries again.
_CROSSED_S = 0.4


@dataclass
class SipMessage:
    """A request or response, taken apart. ``source`` is where it came from."""

    start: str
    headers: list[tuple[str, str]]
    body: str
    source: tuple[str, int] | None = None

    @classmethod
    def parse(cls, data: bytes, source: tuple[str, int] | None = None) -> SipMessage:
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        headers = []
        for line in lines:
            name, _, value = line.partition(":")
            headers.append((name.strip().lower(), value.strip()))
        return cls(start, headers, body, source)

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def method(self) -> str:
        return "" if self.status else self.start.partition(" ")[0]

    @property
    def status(self) -> int:
        return int(self.start.split(" ")[1]) if self.start.startswith("SIP/2.0") else 0


class Ring(Enum):
    """What a phone does when it is called."""

    ANSWER = "answer"
    RING = "ring"
    IGNORE = "ignore"


@dataclass
class Dialog:
    """One call of the agent: enough to send requests in it and to answer those that come. It stays
    with its ``peer``, wherever the agent registers meanwhile."""

    agent: SipAgent
    peer: tuple[str, int]
    call_id: str
    local: str
    remote: str
    target: str
    invite: SipMessage | None = None
    cseq: int = 1
    branch: str = ""
    sent_last: bytes = b""
    established: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    final_status: int = 0
    sdp: str = ""
    holding: bool = False
    #: Whether the caller knows of the answer; before, who was called may not hang up (RFC 3261 15).
    acknowledged: bool = False

    def request(self, method: str, *, cseq: int | None = None, body: str = "") -> None:
        """Send a request in this dialog."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        branch = self.branch if method == "CANCEL" else f"z9hG4bK{next(_ids)}x{self.call_id}"
        if method == "INVITE":
            self.branch = branch
        self.agent.send_request(self, method, cseq, branch, body)

    async def hang_up(self) -> None:
        """End the call, whatever state it is in."""
        self.put_down()

    def put_down(self) -> None:
        """The same, at once."""
        if self.over.is_set():
            return
        if self.established.is_set():
            if self.invite is None or self.acknowledged:
                self.request("BYE")
        elif self.invite is None:
            self.request("CANCEL", cseq=self.cseq)
            return
        else:
            self.agent.respond(self, self.invite, 603, "Decline")
        self.over.set()

    def heed_acknowledgement(self) -> None:
        """The caller knows of the answer: who has put down since then may say so now."""
        if self.established.is_set() and not self.acknowledged:
            self.acknowledged = True
            if self.over.is_set():
                self.request("BYE")

    def hold(self, on: bool) -> None:
        """Put the other side on hold, or come back."""
        self.holding = on
        self.request("INVITE", body=self.agent.sdp("sendonly" if on else "sendrecv"))

    def hold_again(self) -> None:
        """Ask once more for what could not be done just now."""
        if not self.over.is_set():
            self.hold(self.holding)

    def answer(self) -> None:
        """Pick up a call that rings."""
        if self.invite is not None and not self.over.is_set():
            self.established.set()
            body = self.agent.sdp()
            self.agent.respond(self, self.invite, 200, "OK", body=body)


class SipAgent(asyncio.DatagramProtocol):
    """One socket; any number of calls. ``name`` is the user part of its address.

    ``on_ring`` is told of each call that rings, in place of what ``ring`` says.
    """

    def __init__(self, name: str, server: tuple[str, int]) -> None:
        self.name = name
        self.server = server
        self.ring = Ring.ANSWER
        self.refuse_with = 0
        self.answer_after_s = 0.0
        self.on_ring: Callable[[Dialog], None] | None = None
        self.calls: dict[str, Dialog] = {}
        self.rung: list[SipMessage] = []
        self.host, self.port = "127.0.0.1", 0
        self.rtp_port = _RTP_PORT
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(
        cls, name: str, server: tuple[str, int], port: int = 0, host: str = "127.0.0.1"
    ) -> Self:
        """Open the agent's socket at an address of this machine."""
        loop = asyncio.get_running_loop()
        transport, agent = await loop.create_datagram_endpoint(
            lambda: cls(name, server), local_addr=(host, port)
        )
        agent._transport = transport
        agent.host, agent.port = transport.get_extra_info("sockname")
        return agent

    def sdp(self, direction: str = "sendrecv") -> str:
        """Where this agent wants its sound."""
        return _SDP.format(host=self.host, port=self.rtp_port, direction=direction)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def call(
        self, number: str, *, headers: tuple[str, ...] = (), user: str | None = None
    ) -> Dialog:
        """Call a number; returns when it is answered or refused (``final_status``)."""
        call_id = f"t{next(_ids)}-{self.port}"
        host, port = self.server
        shown = self.name if user is None else user
        dialog = Dialog(
            self,
            self.server,
            call_id,
            f"<sip:{shown}@{self.host}:{self.port}>;tag={call_id}",
            f"<sip:{number}@{host}:{port}>",
            f"sip:{number}@{host}:{port}",
        )
        self.calls[call_id] = dialog
        dialog.branch = f"z9hG4bK{next(_ids)}x{call_id}"
        body = self.sdp()
        self.send_request(dialog, "INVITE", 1, dialog.branch, body, headers)
        return dialog

    def send_request(
        self,
        dialog: Dialog,
        method: str,
        cseq: int,
        branch: str,
        body: str,
        headers: tuple[str, ...] = (),
    ) -> None:
        lines = [
            f"{method} {dialog.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{self.port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: {dialog.local}",
            f"To: {dialog.remote}",
            f"Call-ID: {dialog.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.name}@{self.host}:{self.port}>",
            *headers,
        ]
        self._send(lines, body, dialog.peer)

    def respond(
        self, dialog: Dialog | None, request: SipMessage, status: int, text: str, body: str = ""
    ) -> None:
        lines = [f"SIP/2.0 {status} {text}"]
        lines += [f"Via: {value}" for name, value in request.headers if name == "via"]
        tag = "" if status == 100 or "tag=" in request.get("to") else f";tag=a{self.port}"
        lines += [
            f"From: {request.get('from')}",
            f"To: {request.get('to')}{tag}",
            f"Call-ID: {request.get('call-id')}",
            f"CSeq: {request.get('cseq')}",
            f"Contact: <sip:{self.name}@{self.host}:{self.port}>",
        ]
        data = self._send(lines, body, request.source)
        if dialog is not None:
            dialog.sent_last = data

    def _send(self, lines: list[str], body: str, to: tuple[str, int] | None = None) -> bytes:
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        data = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, to or self.server)
        return data

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = SipMessage.parse(data, addr)
        dialog = self.calls.get(message.get("call-id"))
        if message.status:
            if dialog is not None:
                self._response(dialog, message)
        elif message.method == "INVITE":
            self._invited(dialog, message)
        elif message.method == "CANCEL":
            self.respond(None, message, 200, "OK")
            if dialog is not None and dialog.invite is not None:
                self.respond(dialog, dialog.invite, 487, "Request Terminated")
                dialog.over.set()
        elif message.method == "BYE":
            self.respond(None, message, 200, "OK")
            if dialog is not None:
                dialog.over.set()
        elif message.method == "ACK":
            if dialog is not None:
                dialog.heed_acknowledgement()
        else:
            self.respond(None, message, 200, "OK")

    def _response(self, dialog: Dialog, message: SipMessage) -> None:
        cseq, _, method = message.get("cseq").partition(" ")
        if method != "INVITE" or message.status < 200:
            return
        if message.status < 300:
            dialog.remote = message.get("to")
            contact = re.search(r"<([^>]+)>", message.get("contact"))
            if contact is not None:
                dialog.target = contact[1]
            dialog.request("ACK", cseq=int(cseq))
            dialog.final_status = message.status
            dialog.sdp = message.body
            dialog.established.set()
            return
        remote, dialog.remote = dialog.remote, message.get("to")
        self.send_request(dialog, "ACK", int(cseq), dialog.branch, "")
        dialog.remote = remote
        if dialog.established.is_set():
            # It crossed a change of media that was under way, which ends no call (RFC 3261 14.1).
            asyncio.get_running_loop().call_later(_CROSSED_S, dialog.hold_again)
            return
        dialog.final_status = message.status
        dialog.over.set()

    def _invited(self, dialog: Dialog | None, message: SipMessage) -> None:
        if dialog is not None and dialog.established.is_set() and dialog.invite is not message:
            if dialog.invite is None or dialog.invite.get("cseq") != message.get("cseq"):
                self.respond(None, message, 200, "OK", body=self.sdp())
            else:
                self._again(dialog)
            return
        if dialog is not None:
            self._again(dialog)
            return
        self.rung.append(message)
        if self.ring is Ring.IGNORE:
            return
        contact = re.search(r"<([^>]+)>", message.get("contact"))
        dialog = Dialog(
            self,
            message.source or self.server,
            message.get("call-id"),
            f"{message.get('to')};tag=a{self.port}",
            message.get("from"),
            contact[1] if contact is not None else "",
            invite=message,
            sdp=message.body,
        )
        self.calls[dialog.call_id] = dialog
        if self.refuse_with:
            self.respond(dialog, message, self.refuse_with, "No")
            dialog.over.set()
            return
        self.respond(dialog, message, 180, "Ringing")
        if self.on_ring is not None:
            self.on_ring(dialog)
        elif self.ring is Ring.ANSWER:
            loop = asyncio.get_running_loop()
            loop.call_later(self.answer_after_s, dialog.answer)

    def _again(self, dialog: Dialog) -> None:
        if self._transport is not None and dialog.sent_last:
            self._transport.sendto(dialog.sent_last, dialog.peer)
