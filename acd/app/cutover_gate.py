"""Go or no-go: the named criteria of a cut-over, each met or not, by what is known and recorded.

Pure. A gate with any criterion unmet is a no-go, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from acd.app.cutover_calls import Tried
from acd.app.cutover_state import Stage
from acd.config.cutover_file import CutoverPlan

_HOUR_S = 3_600.0


class Known(Struct, frozen=True):
    """What the gate looks at. Times are Unix seconds; None: it never was, or cannot be known."""

    now_s: float
    stage: Stage
    by: str
    checked_s: float | None
    tried: Sequence[Tried]
    controller_ready: bool
    operators_ready: int | None
    critical_alarms: int | None
    way_back: bool


class Criterion(Struct, frozen=True):
    """One condition of the switch. ``met`` decides; ``found`` says on what."""

    key: str
    met: bool
    ja: str
    en: str
    found: str


def gate(plan: CutoverPlan, known: Known) -> list[Criterion]:
    """Every criterion, in the order in which people go through them."""
    return [*_decided(plan, known), *_prepared(plan, known), *_standing(plan, known)]


def _decided(plan: CutoverPlan, known: Known) -> list[Criterion]:
    """Who, and when."""
    times = plan.times
    window = times.switch_from.timestamp() <= known.now_s <= times.switch_until.timestamp()
    return [
        Criterion(
            "decider",
            known.by in plan.decides.names,
            "決定者本人が決めている",
            "somebody decides who may",
            known.by or "-",
        ),
        Criterion(
            "window",
            window,
            "切替の時間帯の中である",
            "it is within the window of the switch",
            f"{times.switch_from:%m-%d %H:%M} – {times.switch_until:%m-%d %H:%M}",
        ),
    ]


def _prepared(plan: CutoverPlan, known: Known) -> list[Criterion]:
    """What was tried before."""
    times = plan.times
    age_h = None if known.checked_s is None else (known.now_s - known.checked_s) / _HOUR_S
    passed, oldest_h = _rehearsed(plan, known)
    missing = plan.missing_kinds()
    return [
        Criterion(
            "checked",
            age_h is not None and age_h <= times.check_h,
            f"事前点検に合格し、{times.check_h:g}時間以内である",
            f"the check was passed, no longer than {times.check_h:g} h ago",
            "-" if age_h is None else f"{age_h:.1f} h",
        ),
        Criterion(
            "matrix",
            not missing,
            "試験通話の種類がそろっている",
            "the matrix has every kind of call",
            ", ".join(each.value for each in missing) or "ok",
        ),
        Criterion(
            "rehearsed",
            known.stage is Stage.REHEARSED
            and passed == len(plan.calls)
            and oldest_h is not None
            and oldest_h <= times.rehearsal_h,
            f"試験通話がすべて合格し、{times.rehearsal_h:g}時間以内である",
            f"every test call was passed, no longer than {times.rehearsal_h:g} h ago",
            f"{passed}/{len(plan.calls)}",
        ),
    ]


def _standing(plan: CutoverPlan, known: Known) -> list[Criterion]:
    """How the centre stands now."""
    return [
        Criterion(
            "ready",
            known.controller_ready,
            "コントローラーが電話を受けられる",
            "the controller can serve callers",
            "ok" if known.controller_ready else "-",
        ),
        Criterion(
            "operators",
            (known.operators_ready or 0) >= plan.min_ready,
            f"オペレーターが{plan.min_ready}人以上受付可である",
            f"at least {plan.min_ready} operators are ready",
            "-" if known.operators_ready is None else str(known.operators_ready),
        ),
        Criterion(
            "alarms",
            known.critical_alarms == 0,
            "重大な警報が出ていない",
            "no critical alarm lasts",
            "-" if known.critical_alarms is None else str(known.critical_alarms),
        ),
        Criterion(
            "way_back",
            known.way_back,
            "もとの計画が手元にあり、戻せる",
            "the former plan is at hand to go back to",
            "ok" if known.way_back else "-",
        ),
    ]


def go(criteria: Sequence[Criterion]) -> bool:
    """Whether every criterion is met."""
    return all(each.met for each in criteria)


def _rehearsed(plan: CutoverPlan, known: Known) -> tuple[int, float | None]:
    """How many of the matrix's calls passed at their last try, and how old the oldest of these is
    in hours."""
    last = {each.id: each for each in known.tried}
    good = [last[row.id] for row in plan.calls if row.id in last and last[row.id].passed]
    oldest_ms = min((each.at_ms for each in good), default=None)
    age_h = None if oldest_ms is None else (known.now_s - oldest_ms / 1000) / _HOUR_S
    return len(good), age_h
