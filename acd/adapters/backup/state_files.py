"""The state directory's files, but for those that are copied in another way or made anew."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

#: Copied in another way (journals, sound), or another centre's altogether (the demo's).
_OTHER = {"spool", "copy", "next", "streams", "recordings", "demo"}
#: Of the switch's folder its own record of calls alone.
_SWITCH = "asterisk"
_RECORD = "cel.csv"
#: Locks, files half written, and logs of frames, which belong to the machine they lie on.
_PASSING = (".lock", ".new", ".part", ".sock", ".pid", ".seg", ".mdg")

#: Size in bytes and time of the last change in nanoseconds, by path below the folder.
Listing = dict[str, tuple[int, int]]


def listing(state_dir: Path, but: Path | None = None, without: str = "") -> Listing:
    """The files that belong into a backup; ``but`` is the database's file, ``without`` the name of
    one that is kept elsewhere."""
    found: Listing = {}
    database = but.name if but is not None and but.parent == state_dir else None
    for path in sorted(state_dir.rglob("*")):
        name = path.relative_to(state_dir)
        top = name.parts[0]
        if top in _OTHER or top == without or path.is_symlink() or not path.is_file():
            continue
        if top.startswith(_SWITCH) and not name.name.startswith(_RECORD):
            continue
        if name.name.endswith(_PASSING) or (database and name.name.startswith(database)):
            continue
        seen = path.stat()
        found[str(name)] = (seen.st_size, seen.st_mtime_ns)
    return found


def copy_changed(state_dir: Path, to: Path, now: Listing, before: Mapping[str, object]) -> None:
    """Copy what is not as it was before; what vanished meanwhile is left out."""
    for name, seen in now.items():
        if before.get(name) == seen:
            continue
        place = to / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(state_dir / name, place)
        except FileNotFoundError:
            continue


def copy_private(source: Path, folder: Path) -> None:
    """Copy a file for its owner alone into a folder, whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{source.name}.part"
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    shutil.copyfile(source, part)
    part.replace(folder / source.name)


def copy_folder(source: Path, to: Path) -> None:
    """Copy a centre's files: all but what only passes."""
    ignored = shutil.ignore_patterns(*(f"*{each}" for each in _PASSING), "__pycache__")
    shutil.copytree(source, to, ignore=ignored, dirs_exist_ok=True)
