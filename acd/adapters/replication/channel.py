"""One connection between two controllers that have proved to each other that they know the secret.

Both challenge and both prove, before either says anything of the centre. A stranger costs one task,
two kilobytes and :data:`GREET_S`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import ssl
from typing import Any

from acd.adapters.replication import messages as m
from acd.errors import Refused, StoreUnavailable

#: How a TLS connection begins, and the answer that makes its caller say that there is no TLS here.
_TLS_HELLO = b"\x16\x03"
_TLS_DIFFERS = "stream_tls_differs"
_NO_TLS = b"\x15\x03\x01\x00\x02\x02\x46"
#: How long connecting and the greeting may take.
GREET_S = 2.0
#: Whoever does not take what is sent for so long is dropped.
SEND_S = 5.0


class Channel:
    """Sealed messages both ways; ``node`` is who is at the other end."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        node: str,
        keys: tuple[bytes, bytes],
    ) -> None:
        self.node = node
        self._reader = reader
        self._writer = writer
        self._out, self._in = (m.Seal(key) for key in keys)

    async def send(self, message: Any) -> None:
        """Send, and wait until there is room for more; raises StoreUnavailable."""
        self.put(message)
        try:
            async with asyncio.timeout(SEND_S):
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            raise _gone(error) from error

    def put(self, message: Any) -> None:
        """Send without waiting: for what is short."""
        self._writer.write(self._out.make(m.encode(message)))

    async def receive(self, kind: Any, most: int, within_s: float) -> Any:
        """The next message; raises StoreUnavailable, StoreCorrupt or LimitExceeded."""
        try:
            async with asyncio.timeout(within_s):
                head = await self._reader.readexactly(m.HEAD.size)
                length, seal = m.read_head(head, most)
                body = await self._reader.readexactly(length)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise _gone(error) from error
        self._in.check(body, seal)
        return m.decode(body, kind)

    def close(self) -> None:
        """Drop the connection at once."""
        self._writer.transport.abort()


async def call(
    host: str, port: int, node: str, secret: str, context: ssl.SSLContext | None = None
) -> Channel:
    """Connect to a leader as the standby ``node``; raises StoreUnavailable or Refused."""
    try:
        async with asyncio.timeout(GREET_S):
            reader, writer = await asyncio.open_connection(host, port, ssl=context)
    except ssl.SSLError as error:
        raise _tls_differs() from error
    except (OSError, TimeoutError) as error:
        raise _gone(error) from error
    try:
        async with asyncio.timeout(GREET_S):
            mine = secrets.token_bytes(m.NONCE_BYTES)
            _write(writer, m.Hello(m.VERSION, node, mine))
            theirs: m.Challenge = await _read(reader, m.Challenge)
            said = (node, mine, theirs.node, theirs.nonce + _binding(writer))
            _check(theirs.proof, m.proof(secret, "leader", said))
            _write(writer, m.Proof(m.proof(secret, "standby", said)))
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        writer.transport.abort()
        if context is None and await _speaks_tls(host, port):
            raise _tls_differs() from error
        raise _gone(error) from error
    except BaseException:
        writer.transport.abort()
        raise
    keys = (m.proof(secret, "to-leader", said), m.proof(secret, "to-standby", said))
    return Channel(reader, writer, theirs.node, keys)


async def greet(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    node: str,
    secret: str,
    binding: bytes = b"",
) -> Channel:
    """Let in a standby that called the leader ``node``, whose certificate has the print
    ``binding``; raises StoreUnavailable or Refused."""
    try:
        async with asyncio.timeout(GREET_S):
            hello: m.Hello = await _read(reader, m.Hello)
            if hello.version != m.VERSION or len(hello.nonce) != m.NONCE_BYTES:
                raise Refused(
                    "the other controller is of a version that speaks another stream",
                    code="stream_version",
                )
            mine = secrets.token_bytes(m.NONCE_BYTES)
            said = (hello.node, hello.nonce, node, mine + binding)
            _write(writer, m.Challenge(node, mine, m.proof(secret, "leader", said)))
            answer: m.Proof = await _read(reader, m.Proof)
            _check(answer.proof, m.proof(secret, "standby", said))
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        raise _gone(error) from error
    except Refused as error:
        if error.code == _TLS_DIFFERS:
            writer.write(_NO_TLS)
        raise
    keys = (m.proof(secret, "to-standby", said), m.proof(secret, "to-leader", said))
    return Channel(reader, writer, hello.node, keys)


def _binding(writer: asyncio.StreamWriter) -> bytes:
    """The print of the certificate that we see: with somebody in between it is another one than
    the leader's own, and the proofs do not match. So no authority is needed."""
    tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
    seen = tls.getpeercert(binary_form=True) if tls is not None else None
    return hashlib.sha256(seen).digest() if seen else b""


def _write(writer: asyncio.StreamWriter, message: Any) -> None:
    body = m.encode(message)
    writer.write(m.HEAD.pack(len(body), bytes(16)) + body)


async def _read(reader: asyncio.StreamReader, kind: Any) -> Any:
    head = await reader.readexactly(m.HEAD.size)
    if head[:2] == _TLS_HELLO:
        raise _tls_differs()
    length, _ = m.read_head(head, m.MAX_SMALL)
    return m.decode(await reader.readexactly(length), kind)


def _check(said: bytes, expected: bytes) -> None:
    if not hmac.compare_digest(said, expected):
        raise Refused(
            "the other controller does not know the secret of this cluster, or somebody stands in"
            " between with another certificate: give all of them the same secrets ([cluster]"
            " secrets_dir), and let nothing on the way end their TLS",
            code="stream_secret_wrong",
            ja="相手のコントローラーと秘密の値が違うか、途中で別の証明書に差し替えられています。"
            "すべてのコントローラーに同じもの([cluster] secrets_dir)を置き、"
            "途中の機器でTLSを終端しないでください。",
        )


async def _speaks_tls(host: str, port: int) -> bool:
    """Whether who hung up on a greeting without TLS would have talked to one with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(GREET_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True


def _tls_differs() -> Refused:
    return Refused(
        "one of the two controllers speaks TLS and the other does not: give both a certificate"
        " ([tls]), or neither",
        code=_TLS_DIFFERS,
        ja="2台のコントローラーの一方だけがTLSを使っています。両方に証明書([tls])を設定するか、"
        "両方とも設定しないでください。",
    )


def _gone(error: BaseException) -> StoreUnavailable:
    return StoreUnavailable(
        f"the other controller does not answer ({type(error).__name__})", code="stream_gone"
    )
