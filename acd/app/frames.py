"""How a step is written into a frame and read back: msgpack with a schema version.

A frame has two parts. ``rows`` is a list of outcome rows, or empty bytes. ``detail`` holds time,
input, events and the other rows; above :data:`COMPRESS_ABOVE` bytes it is deflated (a plan is).
Structs grow by appended fields with defaults, so the decoder of this version reads frames of the
version before as well; any other version is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from acd.core.cdr_types import DetailRow, OutcomeRow
from acd.core.events import SCHEMA, Event
from acd.core.inputs import Input
from acd.errors import StoreCorrupt
from acd.ports import Frame, Step

#: Schema versions that this version reads.
READABLE = tuple(version for version in (SCHEMA - 1, SCHEMA) if version > 0)
COMPRESS_ABOVE = 65_536
#: No detail may inflate beyond this: a damaged length must not eat the memory.
MAX_DETAIL_BYTES = 256 * 1024 * 1024
_DEFLATED = 0x78  # first byte of a zlib stream; an encoded body starts with 0x94


class _Body(Struct, array_like=True, gc=False):
    at_s: float
    happened: Input
    events: Sequence[Event]
    details: Sequence[DetailRow]


class _Details(Struct, array_like=True, gc=False):
    at_s: float
    happened: Raw
    events: Raw
    details: list[DetailRow]


_T = TypeVar("_T")
_ENCODER = msgspec.msgpack.Encoder()
_BODY = msgspec.msgpack.Decoder(_Body)
_DETAILS = msgspec.msgpack.Decoder(_Details)
_ROWS = msgspec.msgpack.Decoder(list[OutcomeRow])


def encode(seq: int, step: Step, rows: Sequence[OutcomeRow], details: Sequence[DetailRow]) -> Frame:
    """The frame of one step and of the rows that the step finished."""
    detail = _ENCODER.encode(_Body(step.at_s, step.happened, step.events, details))
    if len(detail) > COMPRESS_ABOVE:
        detail = zlib.compress(detail, 1)
    return Frame(seq, SCHEMA, _ENCODER.encode(rows) if rows else b"", detail)


def encode_rows(rows: Sequence[OutcomeRow]) -> bytes:
    """Outcome rows alone, as they lie in a frame."""
    return _ENCODER.encode(rows)


def decode_step(frame: Frame) -> Step:
    """The step in a frame; raises StoreCorrupt for an unknown schema or unreadable bytes."""
    body = _decode(frame, _BODY)
    return Step(body.at_s, body.happened, body.events)


def decode_time(frame: Frame) -> float:
    """When the step was taken, without decoding the rest."""
    return _decode(frame, _DETAILS).at_s


def decode_rows(frame: Frame) -> list[OutcomeRow]:
    """The outcome rows in a frame."""
    check_schema(frame.schema, f"step {frame.seq}")
    if not frame.rows:
        return []
    try:
        return _ROWS.decode(frame.rows)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _corrupt(frame, error) from error


def decode_details(frame: Frame) -> tuple[float, list[DetailRow]]:
    """Time and the other rows in a frame; input and events stay encoded."""
    details = _decode(frame, _DETAILS)
    return details.at_s, details.details


def _decode(frame: Frame, decoder: msgspec.msgpack.Decoder[_T]) -> _T:
    check_schema(frame.schema, f"step {frame.seq}")
    try:
        return decoder.decode(_inflate(frame.detail))
    except (msgspec.DecodeError, msgspec.ValidationError, zlib.error) as error:
        raise _corrupt(frame, error) from error


def _inflate(detail: bytes) -> bytes:
    if detail[:1] != bytes((_DEFLATED,)):
        return detail
    inflater = zlib.decompressobj()
    plain = inflater.decompress(detail, MAX_DETAIL_BYTES)
    if inflater.unconsumed_tail or not inflater.eof:
        raise zlib.error("longer than its bound, or cut off")
    return plain


def check_schema(schema: int, what: str) -> None:
    """Raise StoreCorrupt for a schema that this version does not read."""
    if schema not in READABLE:
        known = " and ".join(str(version) for version in READABLE)
        raise StoreCorrupt(
            f"{what} was written in schema {schema}, and this version reads "
            f"{known}: start the version of madoguchi that wrote it",
            code="store_schema_unknown",
        )


def _corrupt(frame: Frame, error: Exception) -> StoreCorrupt:
    # The decoder's message names types and positions, never values: no personal data in it.
    return StoreCorrupt(f"step {frame.seq} of the journal cannot be read: {error}")
