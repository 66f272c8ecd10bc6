"""The switch itself and the way back: one file takes another's place, and the running centre
adopts it. Either both happen or nothing does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol

from acd.bootstrap.cutover.work import FORMER, PLAN, Cutover
from acd.errors import NotFound, StoreUnavailable


class Centre(Protocol):
    """The running centre's interface, as far as it is used here."""

    def get(self, path: str) -> Any:
        """The answer to a question; raises a MadoguchiError."""
        ...

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer to a request; raises a MadoguchiError."""
        ...


def keep_way_back(work: Cutover) -> None:
    """Keep the plan of now beside the record; once only, so that a second switch cannot lose it."""
    target = work.folder / FORMER
    if not target.exists():
        write(target, (work.centre / PLAN).read_bytes())


def way_back(work: Cutover) -> bool:
    """Whether the former plan can be put back: kept already, or still in force."""
    kept = work.folder / FORMER
    return (kept if kept.exists() else work.centre / PLAN).is_file()


def adopt_after(work: Cutover, centre: Centre) -> str:
    """Put the plan after in force and return its version. When the centre refuses it the former
    plan is back in its place, and the error is raised."""
    keep_way_back(work)
    former = (work.centre / PLAN).read_bytes()
    write(work.centre / PLAN, (work.centre / work.plan.after).read_bytes())
    try:
        answer = centre.post("/api/reload")
    except BaseException:
        write(work.centre / PLAN, former)
        raise
    return str(answer["version"])


def adopt_former(work: Cutover, centre: Centre) -> str:
    """Put the former plan back in force and return its version. The file is back even when the
    centre does not run; then the error is raised, and its next start adopts it."""
    kept = work.folder / FORMER
    if not kept.is_file():
        raise NotFound(
            f"there is no former plan at {kept}",
            ja=f"もとの計画が {kept} にありません。",
        )
    write(work.centre / PLAN, kept.read_bytes())
    version = str(centre.post("/api/reload")["version"])
    # A later switch goes back to the plan of its own day.
    kept.replace(kept.with_suffix(".done"))
    return version


def write(path: Path, data: bytes) -> None:
    """Replace a file as a whole: a crash leaves the old one or the new one."""
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise StoreUnavailable(
            f"{path} cannot be written: {error.strerror}",
            ja=f"{path} に書き込めません ({error.strerror})。",
        ) from error
