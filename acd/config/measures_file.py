"""``measures.toml``: which variant of each figure is the contract's, and the two target columns.

Without the file the usual ones count. Keys of targets are keys of measures (docs/measures.md),
``worst_hour.`` before them for the worst hour of the span.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from acd.config.faults import Faults, nearest
from acd.config.kinds import FileTable, Flag, Id, PositiveSeconds, Seconds
from acd.config.reading import Table, validate
from acd.errors import NotFound
from metrics.contract import Contract, known_measure
from metrics.measure import Better, Family, Unit
from metrics.measures import MEASURES
from metrics.targets import Target

FILE = "measures.toml"
#: Targets that a contract may have.
MAX_TARGETS = 100

Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class TargetRow(FileTable):
    """Both columns of one figure: shares as 0.9, times in seconds, scores as they are."""

    contract: Amount
    promise: Amount


class MeasuresTable(FileTable):
    """The file: see :class:`metrics.contract.Contract`."""

    answer_rate: str = "answer_rate_a"
    abandonment: str = "abandonment_in_hours"
    service_level: str = "sl_offered"
    from_answer: Flag = False
    threshold_s: PositiveSeconds = 20.0
    switchboard_threshold_s: PositiveSeconds = 10.0
    short_abandon_s: Seconds = 5.0
    worst_hour_calls: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1
    service_hours: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    targets: Annotated[dict[str, TargetRow], Field(max_length=MAX_TARGETS)] | None = None


def read_contract(table: Table | None, faults: Faults) -> Contract:
    """What was agreed; every fault is noted."""
    read = validate(MeasuresTable, table or {}, f"{FILE}:", faults)
    if read is None:
        return Contract()
    rates = [key for key, one in MEASURES.items() if one.family is Family.CALLS
             and one.unit is Unit.SHARE]  # fmt: skip
    levels = [key for key, one in MEASURES.items() if one.family is Family.LEVEL]
    _one_of(read.answer_rate, [key for key in rates if key.startswith("answer")],
            "answer_rate", faults)  # fmt: skip
    _one_of(read.abandonment, [key for key in rates if key.startswith("abandon")],
            "abandonment", faults)  # fmt: skip
    _one_of(read.service_level, levels, "service_level", faults)
    values = {name: getattr(read, name) for name in Contract.__struct_fields__ if name != "targets"}
    if read.targets is None:
        return Contract(**values)
    targets = {key: _target(key, row, faults) for key, row in read.targets.items()}
    return Contract(**values, targets={key: one for key, one in targets.items() if one})


def check_service_hours(contract: Contract, calendars: Collection[str], faults: Faults) -> None:
    """The hours of service are those of calendars that there are."""
    for name in contract.service_hours:
        if name not in calendars:
            faults.add(
                f"{FILE}:service_hours", f"there is no calendar {name!r}{nearest(name, calendars)}"
            )


def _one_of(value: str, known: list[str], key: str, faults: Faults) -> None:
    if value not in known:
        faults.add(
            f"{FILE}:{key}", f"there is no such figure {value[:80]!r}{nearest(value, known)}"
        )


def _target(key: str, row: TargetRow, faults: Faults) -> Target | None:
    try:
        one = known_measure(key)
    except NotFound as error:
        faults.add(f"{FILE}:targets.{key[:80]}", str(error))
        return None
    if one.better is Better.NEITHER:
        faults.add(f"{FILE}:targets.{key}", "no side of this figure is the better one")
        return None
    if one.unit is Unit.SHARE and max(row.contract, row.promise) > 1:
        faults.add(f"{FILE}:targets.{key}", "is a share of 1: 90 % is 0.9")
        return None
    scale = 1000 if one.unit is Unit.MS else 1
    at_least = one.better is Better.HIGHER
    return Target(key, row.contract * scale, row.promise * scale, at_least)
