"""SIPp's own account of what happened: its statistics file and its lines of truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from acd.errors import LimitExceeded, StoreCorrupt

MAX_BYTES = 64 * 1024 * 1024

_FIXED = {
    "created": "TotalCallCreated",
    "current": "CurrentCall",
    "successful": "SuccessfulCall(C)",
    "failed": "FailedCall(C)",
    "retransmissions": "Retransmissions(C)",
    "unexpected": "FailedUnexpectedMessage(C)",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """The cumulative figures of one SIPp run; ``counters`` are those named in the scenario."""

    created: int = 0
    current: int = 0
    successful: int = 0
    failed: int = 0
    retransmissions: int = 0
    unexpected: int = 0
    counters: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            **{name: getattr(self, name) + getattr(other, name) for name in _FIXED},
            counters=self.counters + other.counters,
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of truth: ``who`` is the caller's row number (from 1) or the phone's user."""

    kind: str
    who: str
    what: str
    at_s: float


def read_counts(path: Path) -> Counts:
    """The last line of a statistics file; all zero when SIPp wrote none yet.

    Raises :class:`StoreCorrupt` when the file is not SIPp's.
    """
    lines = _text(path).splitlines()
    if len(lines) < 2:
        return Counts()
    names = lines[0].rstrip(";").split(";")
    values = lines[-1].rstrip(";").split(";")
    if len(names) != len(values) or any(column not in names for column in _FIXED.values()):
        raise StoreCorrupt(f"{path} is not a statistics file of SIPp 3.6 or newer")
    row = dict(zip(names, values, strict=True))
    # SIPp puts the scenario's own counters behind its fixed columns.
    own = names[names.index("CallLengthStDev(C)") + 1 :]
    counters = {
        name.removesuffix("(C)"): int(row[name])
        for name in own
        if name.endswith("(C)") and row[name].isdecimal()
    }
    return Counts(
        **{ours: int(row[theirs]) for ours, theirs in _FIXED.items()}, counters=Counter(counters)
    )


def read_facts(path: Path) -> list[Fact]:
    """The lines of truth of one run, in the order in which they happened."""
    facts = []
    for line in _text(path).splitlines():
        parts = line.split(",")
        if len(parts) != 5:
            raise StoreCorrupt(f"{path} has a line that no scenario of ours writes")
        kind, who, what, seconds, micros = parts
        # SIPp left the part of the second out once in 120,000 lines: the second is right then.
        facts.append(Fact(kind, who, what, float(seconds) + float(micros or 0) / 1e6))
    return facts


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LimitExceeded(f"{path} is larger than {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    # A line that SIPp is still writing has no end yet.
    return text[: text.rfind("\n") + 1]
