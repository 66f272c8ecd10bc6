"""A telephone of our own for single test calls: it dials, speaks, listens and says what it met.

Where SIPp plays many callers, this one makes a single call and looks at it closely. It speaks as
much of RFC 3261 over UDP as a call needs: repeats, proof of who it is, requests within the call.
Everything is bounded: each wait has an end, and what comes from the network is read as text and
never trusted.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
import socket
from collections.abc import Sequence

from msgspec import Struct

from sim.load.line import Line

#: RFC 3261's T1, and how often a request is sent in all.
_REPEAT_S = 0.5
_REPEATS = 6
_UNAUTHORIZED = (401, 407)
_MAX_DATAGRAM = 16_384
#: Codecs by static payload type, with what the SDP calls them.
CODECS = {0: "PCMU", 8: "PCMA"}
_FIRST_OK, _FIRST_REFUSAL = 200, 300


class Dialled(Struct, frozen=True):
    """Whom to call and as whom. ``caller`` is the whole From (name and address), ``headers`` are
    further lines, ``user`` and ``secret`` prove a telephone of ours where that is asked for."""

    number: str
    caller: str = "<sip:0466000000@test.invalid>"
    headers: tuple[str, ...] = ()
    user: str = ""
    secret: str = ""
    codecs: tuple[int, ...] = (0,)


class Telephone(asyncio.DatagramProtocol):
    """One call. ``status`` is the final answer (0: none came), ``sdp`` the other's description,
    ``gone`` is set when either side has hung up."""

    def __init__(self, server: tuple[str, int], dialled: Dialled) -> None:
        self.status = 0
        self.sdp = ""
        self.answered_s = 0.0
        self.gone = asyncio.Event()
        self.hung_up_by_other = False
        self.line: Line
        self._server, self._dialled = server, dialled
        self._final = asyncio.Event()
        self._bye_done = asyncio.Event()
        self._heard_of = False
        self._call_id = f"{secrets.token_hex(10)}"
        self._tag = secrets.token_hex(6)
        self._to = self._invite_to = f"<sip:{dialled.number}@{server[0]}:{server[1]}>"
        self._target = f"sip:{dialled.number}@{server[0]}:{server[1]}"
        self._cseq = 0
        self._proof: list[str] = []
        self._branch = ""
        self._host, self._port = "", 0
        self._transport: asyncio.DatagramTransport

    @classmethod
    async def call(
        cls, server: tuple[str, int], dialled: Dialled, within_s: float = 8.0
    ) -> Telephone:
        """Dial and return when the call is answered, refused, or was passed over for
        ``within_s`` (``status`` 0). Raises OSError where this machine has no way there."""
        loop = asyncio.get_running_loop()
        host = await asyncio.to_thread(own_address, server)
        transport, phone = await loop.create_datagram_endpoint(
            lambda: cls(server, dialled), local_addr=(host, 0), family=socket.AF_INET
        )
        phone._transport = transport
        phone._host, phone._port = transport.get_extra_info("sockname")[:2]
        try:
            phone.line = await Line.open(host)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await phone._dial()
        except BaseException:
            transport.close()
            raise
        return phone

    @property
    def up(self) -> bool:
        """Whether the call was answered and nobody has hung up."""
        return _FIRST_OK <= self.status < _FIRST_REFUSAL and not self.gone.is_set()

    def speak(self, audio: Sequence[bytes], keys: Sequence[tuple[float, str]] = ()) -> None:
        """Begin to send sound, packets of ``audio`` over and over, with keys at their times."""
        self.line.speak(self.sdp, audio, keys)

    async def hang_up(self) -> None:
        """End the call whatever state it is in, and let go of the sockets."""
        try:
            if self.up:
                self._cseq += 1
                await self._repeat("BYE", self._bye_done)
            elif not self._final.is_set() and self._heard_of:
                self._send("CANCEL", self._cseq, self._invite_to, self._branch)
                await asyncio.sleep(_REPEAT_S)
        finally:
            self.gone.set()
            self.line.close()
            self._transport.close()

    # -- out --------------------------------------------------------------------------------

    async def _dial(self) -> None:
        for _attempt in (1, 2):
            self._final.clear()
            self._cseq += 1
            await self._repeat("INVITE", self._final)
            await self._final.wait()
            if self.status not in _UNAUTHORIZED or self._attempted():
                return

    def _attempted(self) -> bool:
        """Whether proof was given already, or none can be."""
        if self._proof or not self._dialled.user:
            return True
        self._proof = _proof(self._challenge, self._dialled, self._target)
        return not self._proof

    async def _repeat(self, method: str, until: asyncio.Event) -> None:
        """Send a request until it is heard of (RFC 3261 17.1): UDP loses packets."""
        self._heard_of = False
        branch = f"z9hG4bK{secrets.token_hex(8)}"
        if method == "INVITE":
            self._branch = branch
        for repeat in range(_REPEATS):
            self._send(method, self._cseq, self._to, branch)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REPEAT_S * 2 ** min(repeat, 3)):
                    await until.wait()
            if until.is_set() or self._heard_of:
                return

    def _send(self, method: str, cseq: int, to: str, branch: str) -> None:
        body = self._own_sdp() if method == "INVITE" else ""
        lines = [
            f"{method} {self._target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._host}:{self._port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: {self._dialled.caller};tag={self._tag}",
            f"To: {to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:test@{self._host}:{self._port}>",
        ]
        if method == "INVITE":
            lines += [*self._dialled.headers, *self._proof]
        self._write(lines, body)

    def _write(self, lines: list[str], body: str = "") -> None:
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        if not self._transport.is_closing():
            self._transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._server)

    def _own_sdp(self) -> str:
        kinds = " ".join(map(str, self._dialled.codecs))
        names = "".join(f"a=rtpmap:{kind} {CODECS[kind]}/8000\r\n" for kind in self._dialled.codecs)
        return (
            f"v=0\r\no=- 1 1 IN IP4 {self._host}\r\ns=-\r\nc=IN IP4 {self._host}\r\nt=0 0\r\n"
            f"m=audio {self.line.port} RTP/AVP {kinds} 101\r\n{names}"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
        )

    # -- in ---------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """An answer to one of our requests, or a request within the call."""
        text = data[:_MAX_DATAGRAM].decode("utf-8", "replace")
        if header(text, "Call-ID") != self._call_id:
            return
        if text.startswith("SIP/2.0 "):
            self._answered(text)
        elif not text.startswith("ACK "):
            self._asked(text)

    def _answered(self, text: str) -> None:
        code, (number, _, method) = text[8:11], header(text, "CSeq").partition(" ")
        if not code.isdecimal() or number != str(self._cseq):
            return
        status = int(code)
        self._heard_of = True
        if method == "BYE" and status >= _FIRST_OK:
            self._bye_done.set()
        if method != "INVITE" or status < _FIRST_OK:
            return
        self._to = header(text, "To") if status < _FIRST_REFUSAL else self._to
        if status < _FIRST_REFUSAL:
            found = re.search(r"<(sip:[^>\s]{1,200})>", header(text, "Contact"))
            self._target = found[1] if found else self._target
            self._send("ACK", self._cseq, self._to, f"z9hG4bK{secrets.token_hex(8)}")
        else:
            self._send("ACK", self._cseq, header(text, "To"), self._branch)
        if self._final.is_set():
            return
        self.status, self._challenge = status, text
        self.sdp = text.partition("\r\n\r\n")[2]
        self.answered_s = asyncio.get_running_loop().time()
        self._final.set()

    def _asked(self, text: str) -> None:
        method = text.partition(" ")[0]
        lines = ["SIP/2.0 200 OK"]
        lines += [line for line in text.split("\r\n") if line.lower().startswith("via:")]
        lines += [f"{name}: {header(text, name)}" for name in ("From", "To", "Call-ID", "CSeq")]
        lines.append(f"Contact: <sip:test@{self._host}:{self._port}>")
        self._write(lines, self._own_sdp() if method in ("INVITE", "UPDATE") else "")
        if method == "BYE":
            self.hung_up_by_other = True
            self.gone.set()


def header(text: str, name: str) -> str:
    """The first value of a header, empty when there is none."""
    head = text.partition("\r\n\r\n")[0]
    found = re.search(rf"^{name}[ \t]*:[ \t]*(.*?)\r?$", head, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def codecs_of(sdp: str) -> list[str]:
    """The codecs that an SDP names for its sound, in its order."""
    line = re.search(r"^m=audio \d{1,5} RTP/S?AVPF? ([\d ]{1,80})", sdp, re.MULTILINE)
    known = {str(kind): name for kind, name in CODECS.items()}
    return [known[kind] for kind in line[1].split() if kind in known] if line else []


def own_address(server: tuple[str, int]) -> str:
    """The address of this machine from which the server is reached; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(server)
        host: str = probe.getsockname()[0]
        return host


def _proof(challenge: str, dialled: Dialled, uri: str) -> list[str]:
    """The header that answers a challenge (RFC 7616, MD5 as Asterisk asks), or none."""
    said = header(challenge, "WWW-Authenticate") or header(challenge, "Proxy-Authenticate")
    asked = dict(re.findall(r'(\w+)="?([^",]{1,400})"?', said))
    if "nonce" not in asked or "realm" not in asked:
        return []
    own = secrets.token_hex(8)
    one = _md5(f"{dialled.user}:{asked['realm']}:{dialled.secret}")
    two = _md5(f"INVITE:{uri}")
    response = _md5(f"{one}:{asked['nonce']}:00000001:{own}:auth:{two}")
    name = "Authorization" if header(challenge, "WWW-Authenticate") else "Proxy-Authorization"
    opaque = f', opaque="{asked["opaque"]}"' if "opaque" in asked else ""
    return [
        f'{name}: Digest username="{dialled.user}", realm="{asked["realm"]}", '
        f'nonce="{asked["nonce"]}", uri="{uri}", response="{response}", algorithm=MD5, qop=auth, '
        f'nc=00000001, cnonce="{own}"{opaque}'
    ]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
