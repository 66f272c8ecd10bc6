"""The files that browsers load, kept in memory: hashed, compressed once, with what each imports.

Every file is served below one folder named after the hash of all of them, so that a browser may
keep it for ever and relative imports stay within one version: no build, no rewriting of imports.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from posixpath import normpath

HERE = Path(__file__).parent
STATIC, LOCALE = HERE / "static", HERE / "locale"
LANGUAGES = ("ja", "en")

#: What is served, by the end of its name. Other files (licences, notes) stay on the disk.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wav": "audio/wav",
    ".woff2": "font/woff2",
}
#: What is compressed already, or so small that it does not matter.
NOT_COMPRESSED = (".wav", ".woff2")

_IMPORT = re.compile(rb"""(?:^|[;}\s])(?:import|export)\b[^;'"()]*?\bfrom\s*["'](\.[^"']+)["']""")
_BARE_IMPORT = re.compile(rb"""(?:^|[;}\s])import\s*["'](\.[^"']+)["']""")


class Asset:
    """One file: its bytes as they are and compressed, and the entity tag of both."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self.data = name, data
        self.type = TYPES[PurePosixPath(name).suffix]
        self.etag = hashlib.sha256(data).hexdigest()[:20]

    @cached_property
    def compressed(self) -> bytes | None:
        """The gzipped bytes, or ``None`` where compressing does not pay."""
        if self.name.endswith(NOT_COMPRESSED) or len(self.data) < 256:
            return None
        packed = gzip.compress(self.data, 9, mtime=0)
        return packed if len(packed) < len(self.data) else None

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """The modules that this one names, as names of assets; lazy ones are not among them."""
        if not self.name.endswith(".js"):
            return ()
        folder = PurePosixPath(self.name).parent
        found = [*_IMPORT.findall(self.data), *_BARE_IMPORT.findall(self.data)]
        return tuple(normpath(str(folder / each.decode())) for each in found)


class Assets:
    """All files of all screens, and the version that their folder is named after."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._assets = {name: Asset(name, data) for name, data in sorted(files.items())}
        whole = hashlib.sha256()
        for name, asset in self._assets.items():
            whole.update(f"{name} {asset.etag}\n".encode())
        self.version = "v-" + whole.hexdigest()[:12]

    def get(self, name: str) -> Asset | None:
        """The asset of this name, without the version's folder."""
        return self._assets.get(name)

    def graph(self, module: str) -> list[str]:
        """The module and all that it needs at the start, each once, the nearest first."""
        found: dict[str, None] = {}
        waiting = [module]
        while waiting:
            name = waiting.pop(0)
            asset = self._assets.get(name)
            if asset is not None and name not in found:
                found[name] = None
                waiting += asset.imports
        return list(found)


@cache
def assets() -> Assets:
    """The files of this installation, read once: a new version comes with a restart."""
    files = {
        path.relative_to(STATIC).as_posix(): path.read_bytes()
        for path in STATIC.rglob("*")
        if path.is_file() and path.suffix in TYPES
    }
    files |= {f"locale/{lang}.json": _encoded(texts(lang)) for lang in LANGUAGES}
    return Assets(files)


def texts(lang: str) -> dict[str, str]:
    """Every text of a language: the files ``<part>.<lang>.json`` together."""
    merged: dict[str, str] = {}
    for path in sorted(LOCALE.glob(f"*.{lang}.json")):
        merged |= json.loads(path.read_text(encoding="utf-8"))
    return merged


def _encoded(words: dict[str, str]) -> bytes:
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
