"""``[trunk_groups.<id>]``: carriers' lines that stand in for one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

from acd.config.faults import Faults, nearest
from acd.config.kinds import ID_PATTERN, id_fault

Ident = Annotated[str, Field(pattern=ID_PATTERN)]
#: A caller, or an operator who called out, waits at most so long for all carriers but the last.
MOST_OVERFLOW_S = 60.0
#: How long an unanswered INVITE may be left alone, whatever there is to try next.
LEAST_OVERFLOW_S = 1.0


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=64)


class MemberSettings(_Section):
    """A line in a group: a lower ``order`` is tried first, equals share by ``weight``."""

    trunk: Ident
    order: int = Field(default=1, ge=1, le=100)
    weight: int = Field(default=1, ge=1, le=1000)


class TrunkGroupSettings(_Section):
    """Lines under one name, for calls to the outside (see :mod:`acd.core.trunks`)."""

    members: Annotated[tuple[MemberSettings, ...], Field(min_length=1, max_length=20)]
    overflow_after_s: float = Field(default=5.0, ge=LEAST_OVERFLOW_S, le=MOST_OVERFLOW_S)
    rest_s: float = Field(default=10.0, ge=0, le=3_600)
    max_channels: int = Field(default=0, ge=0, le=10_000)

    @model_validator(mode="after")
    def _whole(self) -> TrunkGroupSettings:
        names = [member.trunk for member in self.members]
        if len(set(names)) < len(names):
            raise ValueError("names a trunk twice")
        waits_s = self.overflow_after_s * (len(names) - 1)
        if waits_s > MOST_OVERFLOW_S:
            raise ValueError(
                f"would let somebody wait {waits_s:.0f} s until the last of {len(names)} carriers"
                f" is tried: at most {MOST_OVERFLOW_S:.0f} s (fewer members, or a smaller"
                " overflow_after_s)"
            )
        return self


class _Trunk(Protocol):
    @property
    def host(self) -> str: ...


def check_trunk_groups(
    groups: Mapping[str, TrunkGroupSettings],
    trunks: Mapping[str, _Trunk],
    name: str,
    faults: Faults,
) -> None:
    """Note names that are used twice, members that are not there or to whom nothing can be sent."""
    seen: dict[str, str] = {}
    for key, group in groups.items():
        path = f"{name}:trunk_groups.{key}"
        wrong = id_fault(key)
        if wrong:
            faults.add(path, wrong)
        if key in trunks:
            faults.add(path, "is the name of a trunk already")
        for index, member in enumerate(group.members):
            _check_member(f"{path}.members[{index}].trunk", member.trunk, trunks, faults)
            first = seen.setdefault(member.trunk, key)
            if first != key:
                at = f"{path}.members[{index}].trunk"
                faults.add(at, f"is in {first!r} already: a line is in one group")


def _check_member(path: str, trunk: str, trunks: Mapping[str, _Trunk], faults: Faults) -> None:
    if trunk not in trunks:
        faults.add(path, f"there is no trunk {trunk!r}" + nearest(trunk, trunks))
    elif not trunks[trunk].host:
        faults.add(path, f"no call can be sent over {trunk!r}: its trunk has no host")
