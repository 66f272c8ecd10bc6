"""Asterisk's own record of events (CEL, format in ``asterisk-conf/cel.conf``) as calls.

One CSV line per event: event, seconds, unique id, linked id, channel, context, extra (JSON). The
file is input like any other: lines that are not such a line are counted and left out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from acd.app.ledger_check import SwitchCall, SwitchTalk
from acd.core.ids import CallId, OfferId
from acd.errors import NotFound

ENTRY_CONTEXT = "from-trunk"
FALLBACK_CONTEXT = "fallback"
#: What the dialplan puts down when a caller reaches the static queue, with the number dialled.
FALLBACK_EVENT = "FALLBACK"
_DIALLED = re.compile(r"[0-9+*#]{1,40}")
_HOLDING = "holding_bridge"
#: Contexts of legs of ours that are no operator's: who was asked or called in.
_PARTIES = ("party", "handed")
_LEG_PREFIX = "mdg-"
_FIELDS = 7
MAX_LINE_BYTES = 16_384


class CelEvent(Struct, frozen=True):
    """One line. ``bridge`` is empty for the waiting bridge and for events outside a bridge;
    ``said`` is what the dialplan itself put down."""

    name: str
    at_ms: int
    unique_id: str
    channel: str
    context: str
    bridge: str
    cause: int
    said: str = ""


class CelRecord(Struct):
    """All calls of a record by id, and how many lines could not be read."""

    calls: dict[CallId, SwitchCall] = {}
    unreadable: int = 0


class _Extra(Struct):
    bridge_id: str = ""
    bridge_technology: str = ""
    hangupcause: int = 0
    extra: str = ""


class _Party(Struct):
    unique_id: str
    context: str
    from_ms: int
    to_ms: int | None = None


def read_cel(paths: Iterable[Path]) -> CelRecord:
    """Read record files, the older ones first; raises NotFound when one is not there."""
    record = CelRecord()
    bridges: dict[str, list[_Party]] = {}
    for path in paths:
        try:
            with path.open(encoding="utf-8", errors="replace", newline="") as file:
                for event in _events(file, record):
                    _take(event, record.calls, bridges)
        except OSError as error:
            raise cannot_be_read(path) from error
    return _whole(record, bridges)


def read_cel_lines(lines: Iterable[str]) -> CelRecord:
    """Read lines of a record, in order, wherever they come from."""
    record = CelRecord()
    bridges: dict[str, list[_Party]] = {}
    for event in _events(lines, record):
        _take(event, record.calls, bridges)
    return _whole(record, bridges)


def offers_answered(lines: Iterable[str]) -> set[OfferId]:
    """The offers whose legs were in a talk with somebody, as far as these lines say."""
    bridges: dict[str, list[_Party]] = {}
    for event in _events(lines, CelRecord()):
        _take(event, {}, bridges)
    return {
        OfferId(party.unique_id.removeprefix(_LEG_PREFIX))
        for parties in bridges.values()
        if len({party.unique_id for party in parties}) > 1
        for party in parties
        if party.unique_id.startswith(_LEG_PREFIX) and party.context not in _PARTIES
    }


def cannot_be_read(path: Path) -> NotFound:
    """What to say of a record that is not there, or not for us."""
    return NotFound(f"the switch's record {path} cannot be read", code="no_cel")


def _whole(record: CelRecord, bridges: dict[str, list[_Party]]) -> CelRecord:
    for parties in bridges.values():
        _talks(parties, record.calls)
    return record


def _events(lines: Iterable[str], record: CelRecord) -> Iterator[CelEvent]:
    bounded = (line if len(line) <= MAX_LINE_BYTES else "too long\n" for line in lines)
    for row in csv.reader(bounded, strict=False):
        if not row:
            continue
        event = _event(row)
        if event is None:
            record.unreadable += 1
        else:
            yield event


def _event(row: list[str]) -> CelEvent | None:
    if len(row) != _FIELDS:
        return None
    name, seconds, unique_id, linked_id, channel, context, extra_text = row
    try:
        at_ms = round(float(seconds) * 1000)
        extra = msgspec.json.decode(extra_text, type=_Extra) if extra_text else _Extra()
    except (ValueError, OverflowError, msgspec.DecodeError, msgspec.ValidationError):
        return None
    bridge = "" if extra.bridge_technology == _HOLDING else extra.bridge_id
    cause = extra.hangupcause
    if context == ENTRY_CONTEXT and (
        linked_id not in ("", unique_id) or unique_id.startswith(_LEG_PREFIX)
    ):
        # What goes out through a trunk is made where calls come in; it is none.
        context = ""
    return CelEvent(name, at_ms, unique_id, channel, context, bridge, cause, extra.extra)


def _take(
    event: CelEvent, calls: dict[CallId, SwitchCall], bridges: dict[str, list[_Party]]
) -> None:
    if event.name == "CHAN_START" and event.context == ENTRY_CONTEXT:
        call = CallId(event.unique_id)
        calls[call] = SwitchCall(call, _trunk(event.channel), event.at_ms)
    elif event.name == FALLBACK_EVENT:
        known = calls.get(CallId(event.unique_id))
        if known is not None and _DIALLED.fullmatch(event.said):
            known.dialled = event.said
    elif event.name == "HANGUP":
        known = calls.get(CallId(event.unique_id))
        if known is not None:
            known.ended_ms, known.cause = event.at_ms, event.cause
    elif event.name == "BRIDGE_ENTER" and event.bridge:
        party = _Party(event.unique_id, event.context, event.at_ms)
        bridges.setdefault(event.bridge, []).append(party)
    elif event.name == "BRIDGE_EXIT" and event.bridge:
        for party in bridges.get(event.bridge, []):
            if party.unique_id == event.unique_id and party.to_ms is None:
                party.to_ms = event.at_ms


def _talks(parties: list[_Party], calls: dict[CallId, SwitchCall]) -> None:
    """Every stretch in which a caller and somebody else were in this bridge together."""
    for caller in parties:
        call = calls.get(CallId(caller.unique_id))
        if call is None:
            continue
        for other in parties:
            if other.unique_id == caller.unique_id:
                continue
            from_ms = max(caller.from_ms, other.from_ms)
            ends = [one.to_ms for one in (caller, other) if one.to_ms is not None]
            to_ms = min(ends) if ends else call.ended_ms
            if to_ms is not None and to_ms < from_ms:
                continue
            offer = other.unique_id.removeprefix(_LEG_PREFIX)
            ours = other.unique_id.startswith(_LEG_PREFIX) and other.context not in _PARTIES
            call.talks.append(
                SwitchTalk(
                    from_ms,
                    to_ms,
                    OfferId(offer if ours else ""),
                    fallback=caller.context == FALLBACK_CONTEXT,
                )
            )


def _trunk(channel: str) -> str:
    """The endpoint in ``PJSIP/<endpoint>-xxxxxxxx``."""
    return channel.partition("/")[2].rpartition("-")[0]
