"""What goes over the stream of state: messages, their bounds, and how a message is sealed.

``message = length 4 | seal 16 | msgpack``. The seal is a truncated HMAC-SHA256 over the number of
the message in its direction and its body, under a key of this connection alone: nothing can be put
in, left out, repeated or turned around. What is said is readable on the wire unless it runs over
TLS.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import Any

import msgspec
from msgspec import Struct

from acd.errors import LimitExceeded, StoreCorrupt
from acd.ports import Frame, Snapshot

VERSION = 1
HEAD = struct.Struct("<I16s")
NONCE_BYTES = 32
#: Longest message of somebody who has not proved who it is, or only acknowledges.
MAX_SMALL = 2_048
#: Longest message of a leader: a snapshot with its plan.
MAX_LARGE = 128 * 1024 * 1024


class _Message(Struct, tag=True, array_like=True, frozen=True, forbid_unknown_fields=True):
    pass


class Hello(_Message, frozen=True):
    """A standby introduces itself."""

    version: int
    node: str
    nonce: bytes


class Challenge(_Message, frozen=True):
    """The leader does, and proves that it knows the secret."""

    node: str
    nonce: bytes
    proof: bytes


class Proof(_Message, frozen=True):
    """So does the standby."""

    proof: bytes


class Have(_Message, frozen=True):
    """What the standby has already."""

    stream: str
    seq: int


class Begin(_Message, frozen=True):
    """From where the leader goes on: from a snapshot, or without one from what the standby has."""

    token: int
    snapshot: Snapshot | None


class Past(_Message, frozen=True):
    """Frames before the snapshot that the database does not have; ``done``: the last of them."""

    frames: list[Frame]
    done: bool


class More(_Message, frozen=True):
    """Frames in order; none is a sign of life."""

    frames: list[Frame]
    stored_seq: int


class Got(_Message, frozen=True):
    """Everything up to this frame is kept."""

    seq: int


class Heir(_Message, frozen=True):
    """The leader has stopped deciding and gives the lease to this standby: all was sent."""

    seq: int


Greeting = Hello | Challenge | Proof
FromStandby = Have | Got
FromLeader = Begin | Past | More | Heir

_ENCODER = msgspec.msgpack.Encoder()


def encode(message: _Message) -> bytes:
    """A message's body."""
    return _ENCODER.encode(message)


def decode(body: bytes, kind: Any) -> Any:
    """A body read as one of ``kind``; raises StoreCorrupt."""
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        # Types and positions only, never a value.
        raise StoreCorrupt(f"the stream of state cannot be read: {error}") from error


def proof(secret: str, role: str, said: tuple[str, bytes, str, bytes]) -> bytes:
    """What only somebody with the secret can answer to these two names and nonces."""
    node, nonce, other, other_nonce = said
    text = b"\0".join((role.encode(), node.encode(), nonce, other.encode(), other_nonce))
    return hmac.digest(secret.encode(), text, hashlib.sha256)


class Seal:
    """One direction of one connection: counts its messages and vouches for each."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._number = 0

    def make(self, body: bytes) -> bytes:
        """Head and body, ready to be sent."""
        return HEAD.pack(len(body), self._next(body)) + body

    def check(self, body: bytes, seal: bytes) -> None:
        """Raises StoreCorrupt when the body is not the next message of the other side."""
        if not hmac.compare_digest(seal, self._next(body)):
            raise StoreCorrupt(
                "the stream of state was tampered with, or its secret differs",
                code="stream_seal_wrong",
            )

    def _next(self, body: bytes) -> bytes:
        self._number += 1
        data = self._number.to_bytes(8, "little") + body
        return hmac.digest(self._key, data, hashlib.sha256)[:16]


def read_head(head: bytes, most: int) -> tuple[int, bytes]:
    """Length and seal of the message that follows; raises LimitExceeded beyond ``most``."""
    length, seal = HEAD.unpack(head)
    if length > most:
        raise LimitExceeded(f"a message of the stream of state is longer than {most} bytes")
    return length, seal
