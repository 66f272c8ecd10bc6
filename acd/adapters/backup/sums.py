"""Check sums of a folder's files, in the format that ``sha256sum -c SHA256SUMS`` reads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

NAME = "SHA256SUMS"


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(folder: Path) -> None:
    """Put the sums of all files below the folder beside them, all of it on the disk for good."""
    lines = [f"{digest(path)}  {path.relative_to(folder)}\n" for path in _files(folder)]
    with (folder / NAME).open("w", encoding="utf-8") as file:
        file.writelines(lines)
    for path in [*_files(folder), folder / NAME]:
        sync(path)
    for each in [*(path for path in folder.rglob("*") if path.is_dir()), folder]:
        sync(each)


def wrong_sums(folder: Path) -> list[str]:
    """The files that are missing, changed or not in the list, by name; empty when all is well."""
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return [NAME]
    listed = {}
    for line in text.splitlines():
        wanted, _, name = line.partition("  ")
        listed[name] = wanted
    there = {str(path.relative_to(folder)): path for path in _files(folder)}
    wrong = sorted(there.keys() ^ listed.keys())
    return wrong + [name for name in sorted(there.keys() & listed.keys())
                    if digest(there[name]) != listed[name]]  # fmt: skip


def sync(path: Path) -> None:
    """Have a file or folder on the disk before going on."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / NAME:
            yield path
