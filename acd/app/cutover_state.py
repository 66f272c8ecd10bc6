"""How far a cut-over is: one table, folded from what was done."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from acd.errors import TransitionError


class Stage(StrEnum):
    """How far it is."""

    PREPARED = "prepared"
    CHECKED = "checked"
    REHEARSED = "rehearsed"
    SWITCHED = "switched"
    PROVEN = "proven"
    ROLLED_BACK = "rolled_back"


class Deed(StrEnum):
    """What was done, and what came of it."""

    CHECK_PASSED = "check_passed"
    CHECK_FAILED = "check_failed"
    REHEARSAL_PASSED = "rehearsal_passed"
    REHEARSAL_FAILED = "rehearsal_failed"
    NO_GO = "no_go"
    SWITCHED = "switched"
    SWITCH_FAILED = "switch_failed"
    PROOF_PASSED = "proof_passed"
    PROOF_FAILED = "proof_failed"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"


TABLE: dict[tuple[Stage, Deed], Stage] = {
    (Stage.PREPARED, Deed.CHECK_PASSED): Stage.CHECKED,
    (Stage.PREPARED, Deed.CHECK_FAILED): Stage.PREPARED,
    (Stage.PREPARED, Deed.NO_GO): Stage.PREPARED,
    (Stage.CHECKED, Deed.CHECK_PASSED): Stage.CHECKED,
    (Stage.CHECKED, Deed.CHECK_FAILED): Stage.PREPARED,
    (Stage.CHECKED, Deed.REHEARSAL_PASSED): Stage.REHEARSED,
    (Stage.CHECKED, Deed.REHEARSAL_FAILED): Stage.CHECKED,
    (Stage.CHECKED, Deed.NO_GO): Stage.CHECKED,
    (Stage.REHEARSED, Deed.CHECK_PASSED): Stage.REHEARSED,
    (Stage.REHEARSED, Deed.CHECK_FAILED): Stage.PREPARED,
    (Stage.REHEARSED, Deed.REHEARSAL_PASSED): Stage.REHEARSED,
    (Stage.REHEARSED, Deed.REHEARSAL_FAILED): Stage.CHECKED,
    (Stage.REHEARSED, Deed.NO_GO): Stage.REHEARSED,
    (Stage.REHEARSED, Deed.SWITCHED): Stage.SWITCHED,
    (Stage.REHEARSED, Deed.SWITCH_FAILED): Stage.REHEARSED,
    (Stage.SWITCHED, Deed.PROOF_PASSED): Stage.PROVEN,
    (Stage.SWITCHED, Deed.PROOF_FAILED): Stage.SWITCHED,
    (Stage.SWITCHED, Deed.ROLLED_BACK): Stage.ROLLED_BACK,
    (Stage.SWITCHED, Deed.ROLLBACK_FAILED): Stage.SWITCHED,
    (Stage.PROVEN, Deed.PROOF_PASSED): Stage.PROVEN,
    (Stage.PROVEN, Deed.PROOF_FAILED): Stage.SWITCHED,
    (Stage.PROVEN, Deed.ROLLED_BACK): Stage.ROLLED_BACK,
    (Stage.PROVEN, Deed.ROLLBACK_FAILED): Stage.PROVEN,
    (Stage.ROLLED_BACK, Deed.CHECK_PASSED): Stage.CHECKED,
    (Stage.ROLLED_BACK, Deed.CHECK_FAILED): Stage.PREPARED,
}


def after(stage: Stage, deed: Deed) -> Stage:
    """The stage that follows; raises TransitionError for what cannot be done at this stage."""
    found = TABLE.get((stage, deed))
    if found is None:
        raise TransitionError(
            f"a cut-over that is {stage.value} cannot become {deed.value}",
            ja=f"切り替えの段階 {stage.value} では {deed.value} は記録できません。",
        )
    return found


def allowed(stage: Stage, *deeds: Deed) -> bool:
    """Whether any of these can be done now."""
    return any((stage, deed) in TABLE for deed in deeds)


def stage_of(deeds: Iterable[Deed]) -> Stage:
    """How far it is after all that was done."""
    stage = Stage.PREPARED
    for deed in deeds:
        stage = after(stage, deed)
    return stage
