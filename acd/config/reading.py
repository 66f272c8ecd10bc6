"""Reading TOML files that a person wrote: bounded, and a broken file is a fault with its line."""

from __future__ import annotations

import copy
import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from acd.config.faults import Faults, quoted

#: A file larger than this is not one that a person wrote.
MAX_FILE_BYTES = 1_000_000

Table = dict[str, Any]
M = TypeVar("M", bound=BaseModel)


class Reader:
    """Reads the files of one centre; remembers a digest of all that was read."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with any byte read so far."""
        return self._digest.hexdigest()[:12]

    def read(self, path: Path, name: str) -> Table | None:
        """The file as a table, or ``None`` with a fault noted under ``name``."""
        data = self._bytes(path, name)
        if data is None:
            return None
        self._digest.update(name.encode() + b"\0" + data + b"\0")
        try:
            return tomllib.loads(data.decode("utf-8"))
        except UnicodeDecodeError as error:
            self.faults.add(name, f"is not UTF-8 (byte {error.start})")
        except tomllib.TOMLDecodeError as error:
            self.faults.add(name, f"is not TOML: {error}")
        except RecursionError:
            self.faults.add(name, "is nested too deeply")
        except ValueError as error:
            # An integer of thousands of digits is refused by the interpreter, not by TOML.
            self.faults.add(name, f"holds a value that cannot be read: {error}")
        return None

    def _bytes(self, path: Path, name: str) -> bytes | None:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            self.faults.add(name, f"cannot be read: {error.strerror or error}")
            return None
        if len(data) > MAX_FILE_BYTES:
            self.faults.add(name, f"is larger than {MAX_FILE_BYTES} bytes")
            return None
        return data


def validate(model: type[M], value: object, base: str, faults: Faults) -> M | None:
    """``value`` as ``model``; every fault is noted below ``base``.

    A table with faults comes back without the keys that are wrong, or as ``None``.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults.add_validation(base, error, model)
        rest = _without(value, error)
    # The centre is refused by now. What is left of the table is still worth having: the names
    # that it refers to can be checked in the same run.
    try:
        return model.model_validate(rest)
    except ValidationError:
        return None


def validate_each(
    model: type[M], table: object, base: str, faults: Faults, key_ok: Callable[[str], str]
) -> dict[str, M]:
    """The tables of a table (``[queues.tax]`` ...), one by one: a wrong one hides no other.

    ``key_ok`` returns what is wrong with a key, or an empty string.
    """
    if not isinstance(table, dict):
        faults.add(base, f"must be a table of tables, not {quoted(table)}")
        return {}
    good: dict[str, M] = {}
    for key, value in table.items():
        path = f"{base}.{key}"
        wrong = key_ok(key)
        if wrong:
            faults.add(path, wrong)
        entry = validate(model, value, path, faults)
        if entry is not None:
            good[key] = entry
    return good


def _without(value: object, error: ValidationError) -> object:
    """A copy of a table without the keys that are wrong, however deep they lie."""
    rest = copy.deepcopy(value)
    for detail in error.errors(include_url=False, include_context=False):
        place, keys = rest, list(detail["loc"])
        holder, last = None, None
        for key in keys:
            if isinstance(place, dict) and key in place:
                holder, last, place = place, key, place[key]
            elif isinstance(place, list) and isinstance(key, int) and key < len(place):
                place = place[key]
            else:
                break
        if holder is not None:
            holder.pop(last, None)
    return rest
