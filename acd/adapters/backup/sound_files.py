"""Sealed recordings, copied once: a file changes only when it is put under a new key."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from acd.adapters.backup.sums import sync

SUFFIX = ".rec"


class SoundCopied(Struct):
    """How many files were copied, how many bytes, and how many were removed."""

    files: int = 0
    size_bytes: int = 0
    removed: int = 0


def copy_sound(source: Path, to: Path) -> SoundCopied:
    """Copy what is new or has another key. Nothing is removed because it is missing in the source:
    a broken disk must not empty the backup."""
    done = SoundCopied()
    touched = set()
    for path in _stored(source):
        place = to / path.parent.name / path.name
        try:
            seen = path.stat()
            if _same(place, seen):
                continue
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = place.with_suffix(".part")
            shutil.copy2(path, part)
            sync(part)
            part.rename(place)
        except FileNotFoundError:
            continue  # deleted meanwhile
        touched.add(place.parent)
        done.files += 1
        done.size_bytes += seen.st_size
    for folder in touched:
        sync(folder)
    return done


def remove_deleted(folder: Path, deleted: Iterable[str], destroy: Callable[[Path], None]) -> int:
    """Destroy the copies of recordings whose deletion is proven; returns how many."""
    removed = 0
    for recording in deleted:
        path = folder / recording[:2] / f"{recording}{SUFFIX}"
        if path.exists():
            destroy(path)
            removed += 1
    return removed


def stored_ids(folder: Path) -> set[str]:
    """The recordings in a folder."""
    return {path.stem for path in _stored(folder)}


def _stored(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for part in sorted(each for each in folder.iterdir() if len(each.name) == 2):
            yield from (path for path in sorted(part.iterdir()) if path.suffix == SUFFIX)


def _same(place: Path, seen: os.stat_result) -> bool:
    try:
        there = place.stat()
    except FileNotFoundError:
        return False
    return (there.st_size, there.st_mtime_ns) == (seen.st_size, seen.st_mtime_ns)
