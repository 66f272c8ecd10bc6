"""The loops compiled by numba: the same functions, with heaps that are arrays instead of lists."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from sim.kernel import array_heap, loops, shapes

#: Fewer calls than this in all are done before numba is loaded.
LARGE = 150_000
_HEAP = ("heappush", "heappop", "heapreplace")
_LOOPS = ("fifo", "route")
#: What every call passes through is written into the loops themselves: handing bundles of arrays
#: from function to function takes a tenth of the time.
_EACH_CALL = (*_HEAP, "class_to_serve", "longest_idle", "stand_by", "stand_in_line", "who_frees")


def worth_it(calls: float) -> bool:
    """Whether so many calls in all are worth the loading of numba, and numba is there."""
    if "numba" in sys.modules and compiled.cache_info().currsize:
        return True
    return calls >= LARGE and importlib.util.find_spec("numba") is not None


@cache
def compiled() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """``fifo`` and ``route``, compiled when first called and kept in a folder of the user's."""
    import numba

    kept = _folder() is not None
    names = {**vars(array_heap), **vars(loops)}

    functions = [getattr(array_heap, name) for name in _HEAP]
    functions += [
        value
        for value in vars(loops).values()
        if isinstance(value, FunctionType) and value.__module__ == loops.__name__
    ]
    for function in functions:
        copy = FunctionType(function.__code__, names, function.__name__)
        copy.__qualname__ = function.__qualname__
        inline: Any = "always" if function.__name__ in _EACH_CALL else "never"
        names[function.__name__] = numba.njit(copy, cache=kept, error_model="numpy", inline=inline)
    fifo, route = (names[name] for name in _LOOPS)
    return fifo, route


def _folder() -> Path | None:
    """Where compiled code is kept: by user, and by the sources, so that it is never stale.

    A folder that numba was told to use already stays. None: nowhere can be written to, so the
    compiling is done in each run anew.
    """
    import numba

    config: Any = numba.config
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR)
    digest = hashlib.sha256()
    for source in (__file__, *(module.__file__ for module in (array_heap, loops, shapes))):
        digest.update(Path(source or "").read_bytes())
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    own = Path(tempfile.gettempdir()) / f"madoguchi-{os.getuid()}"
    for base in (home / "madoguchi", own):
        folder = base / f"kernel-{digest.hexdigest()[:16]}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid():
            config.CACHE_DIR = str(folder)
            return folder
    return None
