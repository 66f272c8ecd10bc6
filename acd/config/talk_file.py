"""The shape of ``[talk]`` in ``plan.toml``: what operators may do with a talk."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import Field, StrictStr

from acd.config.faults import Faults, nearest
from acd.config.kinds import Count, FileTable, Id, Number
from acd.core.outbound import OutboundPlan
from acd.core.plan import InterpreterPlan, TalkPlan

#: How a number that may be called begins, as it is dialled at home.
Beginning = Annotated[StrictStr, Field(pattern=r"^0[1-9][0-9]{0,10}$")]
#: Interpreters that a plan may have.
MAX_INTERPRETERS = 500


class InterpreterRow(FileTable):
    """One interpreter: the language (``en``, ``zh``, ``pt-BR``) and the directory entry."""

    language: Annotated[StrictStr, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,8})?$")]
    entry: Id


class OutboundTable(FileTable):
    """``[talk.outbound]``: see :class:`acd.core.outbound.OutboundPlan`. Without it nobody calls
    outside."""

    trunk: Id
    allow: Annotated[tuple[Beginning, ...], Field(min_length=1, max_length=200)]
    per_agent: Count = 30
    per_centre: Count = 500
    ring_s: Annotated[float, Field(strict=True, ge=5, le=120)] = 40.0

    def plan(self) -> OutboundPlan:
        """As the engine knows it."""
        return OutboundPlan(self.trunk, self.allow, self.per_agent, self.per_centre, self.ring_s)


class TalkTable(FileTable):
    """``[talk]``: see :class:`acd.core.plan.TalkPlan`."""

    ring_s: Annotated[float, Field(strict=True, ge=3, le=120)] = 20.0
    return_s: Annotated[float, Field(strict=True, ge=0, le=600)] = 30.0
    shown: Number | None = None
    interpreters: Annotated[tuple[InterpreterRow, ...], Field(max_length=MAX_INTERPRETERS)] = ()

    outbound: OutboundTable | None = None

    def plan(self) -> TalkPlan:
        """As the engine knows it."""
        return TalkPlan(
            self.ring_s,
            self.return_s,
            self.shown or "",
            tuple(InterpreterPlan(row.language, row.entry) for row in self.interpreters),
            self.outbound.plan() if self.outbound else OutboundPlan(),
        )

    def check(
        self, path: str, directory: Collection[str], trunks: Collection[str], faults: Faults
    ) -> None:
        """Note every interpreter who is not in the directory, and a trunk that is not there."""
        trunk = self.outbound.trunk if self.outbound else None
        # Without any trunk the settings themselves are wrong, and said to be so.
        if trunk is not None and trunks and trunk not in trunks:
            missing = f"there is no trunk {trunk!r}" + nearest(trunk, trunks)
            faults.add(f"{path}.outbound.trunk", missing)
        for index, row in enumerate(self.interpreters):
            if row.entry not in directory:
                where = f"{path}.interpreters[{index}].entry"
                missing = f"there is no directory entry {row.entry!r}"
                faults.add(where, missing + nearest(row.entry, directory))
