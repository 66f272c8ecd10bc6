"""Writing what a verb was asked to put into a file."""

from __future__ import annotations

from pathlib import Path

from acd.errors import Refused


def write_file(path: Path, data: str | bytes) -> None:
    """Write a file (text as UTF-8); raises Refused, with what to do, where that cannot be."""
    try:
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    except OSError as error:
        raise Refused(
            f"{path} cannot be written ({error.strerror}): name another file",
            ja=f"{path} に書き出せません ({error.strerror})。別のファイルを指定してください。",
        ) from error
