"""Which of our numbers a carrier means: the same number comes with and without a country code."""

from __future__ import annotations

from acd.core.plan import NumberPlan, Plan


def same_number(ours: str, dialled: str) -> bool:
    """Whether a carrier means our number: as we write it, or with ``+`` and country code."""
    if ours == dialled:
        return True
    code = dialled.removesuffix(ours.removeprefix("0"))
    return ours.startswith("0") and code.startswith("+") and 2 <= len(code) <= 4


def number_of(plan: Plan, dialled: str) -> NumberPlan | None:
    """The plan's entry for a number dialled."""
    return next((each for each in plan.numbers if same_number(each.number, dialled)), None)
