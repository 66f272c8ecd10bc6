"""The shape of ``[talk]`` in ``plan.toml``: what operators may do with a talk."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import Field, StrictStr

from acd.config.faults import Faults, nearest
from acd.config.kinds import FileTable, Id, Number
from acd.core.plan import InterpreterPlan, TalkPlan

#: Interpreters that a plan may have.
MAX_INTERPRETERS = 500


class InterpreterRow(FileTable):
    """One interpreter: the language (``en``, ``zh``, ``pt-BR``) and the directory entry."""

    language: Annotated[StrictStr, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,8})?$")]
    entry: Id


class TalkTable(FileTable):
    """``[talk]``: see :class:`acd.core.plan.TalkPlan`."""

    ring_s: Annotated[float, Field(strict=True, ge=3, le=120)] = 20.0
    return_s: Annotated[float, Field(strict=True, ge=0, le=600)] = 30.0
    shown: Number | None = None
    interpreters: Annotated[tuple[InterpreterRow, ...], Field(max_length=MAX_INTERPRETERS)] = ()

    def plan(self) -> TalkPlan:
        """As the engine knows it."""
        return TalkPlan(
            self.ring_s,
            self.return_s,
            self.shown or "",
            tuple(InterpreterPlan(row.language, row.entry) for row in self.interpreters),
        )

    def check(self, path: str, directory: Collection[str], faults: Faults) -> None:
        """Note every interpreter who is not in the directory."""
        for index, row in enumerate(self.interpreters):
            if row.entry not in directory:
                where = f"{path}.interpreters[{index}].entry"
                missing = f"there is no directory entry {row.entry!r}"
                faults.add(where, missing + nearest(row.entry, directory))
