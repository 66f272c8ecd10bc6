"""Files that a verb is told to read or to write."""

from __future__ import annotations

from pathlib import Path

from acd.errors import Refused

#: A roster's file is never larger.
MAX_ROSTER_BYTES = 20_000_000


def write_file(path: Path, data: str | bytes) -> None:
    """Write a file (text as UTF-8); raises Refused, with what to do, where that cannot be."""
    try:
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    except OSError as error:
        raise Refused(
            f"{path} cannot be written ({error.strerror}): name another file",
            ja=f"{path} に書き出せません ({error.strerror})。別のファイルを指定してください。",
        ) from error


def read_text(path: Path, most_bytes: int) -> str:
    """What a file holds, as UTF-8; raises Refused where it is no such text, or too much of it."""
    try:
        with path.open("rb") as opened:
            data = opened.read(most_bytes + 1)
    except OSError as error:
        raise Refused(
            f"{path} cannot be read ({error.strerror}): name another file",
            ja=f"{path} を読めません ({error.strerror})。別のファイルを指定してください。",
        ) from error
    if len(data) > most_bytes:
        raise Refused(f"{path} is larger than {most_bytes} bytes", code="limit_exceeded")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not UTF-8 (byte {error.start})", code="bad_encoding") from error
