"""The record store in memory: for simulation and tests; forgets everything with its process."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from acd.app.frames import decode_details, decode_rows
from acd.core.cdr_types import (
    CallRecord,
    DetailDropped,
    DispositionRecord,
    LegRecord,
    OutsideRecord,
    PartyRecord,
    Record,
    Segment,
    VisitRecord,
)
from acd.ports import Frame, Snapshot


class MemoryRecords:
    """A RecordStore whose rows are dictionaries by key."""

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}
        self.calls: dict[str, CallRecord] = {}
        self.visits: dict[tuple[str, str], VisitRecord] = {}
        self.legs: dict[tuple[str, str], LegRecord] = {}
        self.segments: dict[tuple[str, int], Segment] = {}
        self.outside: dict[str, OutsideRecord] = {}
        self.parties: dict[tuple[str, str], PartyRecord] = {}
        self.dispositions: dict[tuple[str, str, int], DispositionRecord] = {}
        self.dropped: dict[tuple[str, int], DetailDropped] = {}
        self.journal: dict[tuple[str, int], Frame] = {}
        self.snapshots: dict[tuple[str, int], Snapshot] = {}

    async def position(self, stream: str) -> int:
        """Number of the newest frame of ``stream`` that is stored; 0 for none."""
        return self.positions.get(stream, 0)

    async def store(self, stream: str, frames: Sequence[Frame]) -> None:
        """Store the frames and the position after them."""
        for frame in frames:
            for row in decode_rows(frame):
                self._keep(stream, row)
            if frame.detail:
                for detail in decode_details(frame)[1]:
                    self._keep(stream, detail)
                self.journal[stream, frame.seq] = frame
        self.positions[stream] = frames[-1].seq

    async def keep_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot to replay from."""
        self.snapshots[snapshot.stream, snapshot.seq] = snapshot

    def _keep(
        self,
        stream: str,
        row: Record | DetailDropped,
    ) -> None:
        match row:
            case CallRecord():
                self.calls[row.call] = row
            case VisitRecord():
                self.visits[row.call, row.visit] = row
            case LegRecord():
                self.legs[row.call, row.offer] = row
            case Segment():
                self.segments[row.call, row.number] = row
            case OutsideRecord():
                self.outside[row.call] = row
            case PartyRecord():
                self.parties[row.call, row.party] = row
            case DetailDropped():
                kept = self._journal_in(stream, row)
                left = row.after(max(kept, default=0))
                self.dropped[stream, left.first_seq] = left
            case DispositionRecord():
                self.dispositions[row.call, row.agent, row.at_ms] = row
                self._classify(row)

    def _journal_in(self, stream: str, row: DetailDropped) -> list[int]:
        among = range(row.first_seq, row.last_seq + 1)
        return [seq for log, seq in self.journal if log == stream and seq in among]

    def _classify(self, row: DispositionRecord) -> None:
        call = self.calls.get(row.call)
        if call is not None:
            self.calls[row.call] = msgspec.structs.replace(
                call,
                disposition=row.code,
                resolved=row.resolved,
                call_type=row.call_type or call.call_type,
            )
