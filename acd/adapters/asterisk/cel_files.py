"""The files of Asterisk's own record: the one that is written, and those put aside before it.

Asterisk opens the file anew for every event, so a rename is enough to begin another one.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

#: A file that has grown to this is put aside.
ASIDE_FROM_BYTES = 64 * 1024 * 1024
_STAMP = "%Y%m%dT%H%M%S"
_DAY = dt.timedelta(days=1)
#: Characters of the first line that are looked at.
_LINE = 200


def record_files(newest: Path) -> list[Path]:
    """The record's files that are there, the oldest first."""
    older = sorted(newest.parent.glob(f"{newest.name}.*"), key=_age)
    return [*older, newest] if newest.exists() else older


def _age(path: Path) -> tuple[int, str]:
    # Somebody else's rotation counts: .2 is older than .1.
    count = path.suffix[1:]
    return (-int(count), "") if count.isdigit() else (0, count)


def put_aside(newest: Path, now: dt.datetime, keep: dt.timedelta) -> int:
    """Begin another file when this one is large or a day old; drop what is older than ``keep``.

    ``now`` is in UTC. A name tells when its file was put aside, so all in it is older. Returns how
    many files were dropped; raises OSError.
    """
    dropped = 0
    for path in record_files(newest):
        aside = _aside_at(path)
        if aside is not None and now - aside > keep:
            path.unlink(missing_ok=True)
            dropped += 1
    if newest.exists() and (
        newest.stat().st_size >= ASIDE_FROM_BYTES or now - _begun(newest, now) >= _DAY
    ):
        newest.rename(newest.with_name(f"{newest.name}.{now.strftime(_STAMP)}"))
    return dropped


def _aside_at(path: Path) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(path.suffix[1:], _STAMP).replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def _begun(path: Path, now: dt.datetime) -> dt.datetime:
    """When the file's first event happened; ``now`` if it does not say."""
    with path.open(encoding="utf-8", errors="replace") as file:
        fields = file.readline(_LINE).split(",")
    try:
        return dt.datetime.fromtimestamp(float(fields[1].strip('"')), dt.UTC)
    except (IndexError, ValueError, OverflowError, OSError):
        return now
