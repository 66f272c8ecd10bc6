"""What the kernel says about a process and everything it started: members and CPU time."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Positions in /proc/PID/stat, counted from the field after the command's closing bracket.
_PARENT = 1
_SESSION = 3
_CPU_TIMES = slice(11, 15)  # utime, stime, and the same of children that were waited for


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()


def tree(pid: int) -> list[int]:
    """The process and all its descendants that are alive, parents first."""
    children: dict[int, list[int]] = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        if (fields := _stat(int(entry))) is not None:
            children.setdefault(int(fields[_PARENT]), []).append(int(entry))
    if _stat(pid) is None:
        return []
    found = [pid]
    for member in found:
        found.extend(sorted(children.get(member, [])))
    return found


def session(leader: int) -> set[int]:
    """The live processes of the session that ``leader`` started, itself included."""
    found = set[int]()
    for entry in filter(str.isdigit, os.listdir("/proc")):
        if (fields := _stat(int(entry))) is not None and int(fields[_SESSION]) == leader:
            found.add(int(entry))
    return found


def cpu_seconds(pid: int) -> float:
    """CPU seconds, user and system, of the process and its descendants so far."""
    ticks = 0
    for member in tree(pid):
        if (fields := _stat(member)) is not None:
            ticks += sum(int(field) for field in fields[_CPU_TIMES])
    return ticks / _TICKS_PER_S


def resident_bytes(pid: int) -> int:
    """Resident memory of one process; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def name_of(pid: int) -> str:
    """The command's name, for messages; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
