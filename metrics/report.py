"""The report by queue: figures as numbers, and a plain table of them for whoever prints it.

Every figure is named by its key, and the notes under the table hold the formula with its threshold:
no percentage stands there without saying of what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from acd.core.events import CallOutcome
from acd.core.ids import QueueId
from acd.core.plan import Plan, QueuePlan
from metrics.measure import Params
from metrics.measures import MEASURES, figure, full_key
from metrics.tally import SHORT_ABANDON_MS, CallTally, LegTally, QueueTally, Sums, Tally
from metrics.targets import DEFAULT_TARGETS, Target

_DASH = "–"
#: The two service levels that always stand side by side.
SHOWN_LEVELS = ("sl_offered", "sl_excl_early_abandons")


class QueueFigures(Struct, frozen=True):
    """One line of the report. ``threshold_s`` is T of ``service_levels`` (full keys → shares)."""

    queue: QueueId
    name_ja: str
    name_en: str
    threshold_s: float
    entered: int
    answered: int
    abandoned: int
    short_abandons: int
    left_otherwise: int
    answer_rate_b: float | None
    answer_rate_c: float | None
    service_levels: dict[str, float | None]
    asa_ms: float | None
    p90_wait_ms: float | None
    worst_wait_ms: float | None
    aht_ms: float | None


class CentreFigures(Struct, frozen=True):
    """All calls of the span, whatever became of them. ``in_progress`` are not over yet."""

    offered: int
    offered_in_hours: int
    queued: int
    outcomes: dict[str, int]
    in_progress: int
    answer_rate_a: float | None
    answer_rate_b: float | None
    answer_rate_c: float | None
    abandonment: float | None
    blocked: float | None
    resolved_in_centre: float | None

    @property
    def balances(self) -> bool:
        """Whether every offered call has an outcome or is still in progress."""
        return self.offered == sum(self.outcomes.values()) + self.in_progress


class Table(Struct, frozen=True):
    """Text ready to be laid out: a heading for each column, rows of cells, notes below.
    Columns from ``first_number`` on are numbers (to be set to the right)."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    first_number: int = 1


def queue_figures(
    queue: QueuePlan,
    tally: QueueTally,
    legs: LegTally | None = None,
    *,
    short_ms: int = SHORT_ABANDON_MS,
) -> QueueFigures:
    """The figures of one queue, its threshold taken from its plan."""
    params = Params(round(queue.sl_threshold_s * 1000), short_ms, by_visit=True)
    sums = Sums(visits=tally, legs=legs or LegTally())

    def value(key: str) -> float | None:
        return figure(key, sums, params).value

    return QueueFigures(
        queue=queue.id,
        name_ja=queue.name_ja,
        name_en=queue.name_en,
        threshold_s=queue.sl_threshold_s,
        entered=tally.entered,
        answered=tally.answered,
        abandoned=tally.abandoned,
        short_abandons=int(value("short_abandoned") or 0),
        left_otherwise=tally.left_otherwise,
        answer_rate_b=value("answer_rate_b"),
        answer_rate_c=value("answer_rate_c"),
        service_levels={full_key(key, params): value(key) for key in SHOWN_LEVELS},
        asa_ms=value("asa"),
        p90_wait_ms=value("wait_p90"),
        worst_wait_ms=value("wait_worst"),
        aht_ms=value("aht"),
    )


def report_by_queue(plan: Plan, tally: Tally) -> list[QueueFigures]:
    """One line for each queue of the plan, in its order, and for queues that it has no more."""
    known = {queue.id: queue for queue in plan.queues}
    gone = [QueuePlan(queue, queue, queue) for queue in tally.queues if queue not in known]
    return [
        queue_figures(queue, tally.queues.get(queue.id, QueueTally()), tally.legs.get(queue.id))
        for queue in [*plan.queues, *gone]
    ]


def centre_figures(calls: CallTally, in_progress: int = 0) -> CentreFigures:
    """The figures of all calls; ``in_progress`` come on top of the tally's."""
    sums = Sums(calls)

    def value(key: str) -> float | None:
        return figure(key, sums).value

    return CentreFigures(
        offered=calls.offered + in_progress,
        offered_in_hours=calls.offered_in_hours + in_progress,
        queued=calls.queued,
        outcomes={outcome.value: calls.count(outcome) for outcome in CallOutcome},
        in_progress=in_progress,
        answer_rate_a=value("answer_rate_a"),
        answer_rate_b=value("answer_rate_b"),
        answer_rate_c=value("answer_rate_c"),
        abandonment=value("abandonment_in_hours"),
        blocked=value("blocked_rate"),
        resolved_in_centre=value("resolved_in_centre"),
    )


# -- text --------------------------------------------------------------------------------------


def queue_table(
    figures: Sequence[QueueFigures],
    *,
    japanese: bool = False,
    targets: Mapping[str, Target] | None = DEFAULT_TARGETS,
) -> Table:
    """The report as text. With ``targets`` a column shows the contract's service level target
    and whether it is met; ``None`` leaves the column out."""
    header: tuple[str, ...] = _HEADER_JA if japanese else _HEADER_EN
    if targets is not None:
        header = (*header, "目標" if japanese else "target")
    rows: list[tuple[str, ...]] = []
    for line in figures:
        cells = _cells(line, japanese=japanese)
        rows.append((*cells, _target_cell(line, targets)) if targets is not None else cells)
    return Table(
        title="窓口別の結果" if japanese else "By queue",
        header=header,
        rows=tuple(rows),
        notes=_notes(figures, japanese=japanese),
    )


_HEADER_JA = ("窓口", "着信", "応答", "放棄", "その他", "応答率B", "SL(着信比)",
              "SL(早期放棄除く)", "ASA 秒", "最長待ち 秒")  # fmt: skip
_HEADER_EN = ("queue", "offered", "answered", "abandoned", "other", "answer rate B", "sl_offered",
              "sl_excl_early_abandons", "ASA s", "worst wait s")  # fmt: skip


def _cells(line: QueueFigures, *, japanese: bool) -> tuple[str, ...]:
    levels = [percent(line.service_levels[_level_key(key, line)]) for key in SHOWN_LEVELS]
    return (
        line.name_ja if japanese else line.name_en,
        str(line.entered),
        str(line.answered),
        str(line.abandoned),
        str(line.left_otherwise),
        percent(line.answer_rate_b),
        *(f"{level} /{line.threshold_s:g}s" if level != _DASH else level for level in levels),
        seconds(line.asa_ms),
        seconds(line.worst_wait_ms),
    )


def _level_key(key: str, line: QueueFigures) -> str:
    return full_key(key, Params(round(line.threshold_s * 1000)))


def _target_cell(line: QueueFigures, targets: Mapping[str, Target]) -> str:
    key = _level_key("sl_offered", line)
    target = targets.get(key)
    if target is None:
        return _DASH
    met = target.met(line.service_levels[key])
    mark = {True: " ○", False: " ×", None: ""}[met]
    return f"≥ {target.contract:.0%}{mark}"


def _notes(figures: Sequence[QueueFigures], *, japanese: bool) -> tuple[str, ...]:
    keys = dict.fromkeys(key for line in figures for key in line.service_levels)
    formulas = [f"{key} = {MEASURES[key.rsplit('_', 1)[0]].formula_en}" for key in keys]
    short_s = SHORT_ABANDON_MS // 1000
    if japanese:
        symbols = (
            "A=応答、B=放棄、O=着信(窓口に入った呼)、T=秒数以内(ちょうどを含む)。"
            "待ち時間は窓口に入ってから。応答率B=A÷O。ASA=応答した呼の平均待ち時間。"
        )
        return (*formulas, symbols, f"短い放棄は{short_s}秒以内。")
    return (
        *formulas,
        "A answered, B abandoned, O offered to the queue, _T within T (exactly T counts); the wait "
        "counts from queue entry. answer rate B = A ÷ O; ASA = mean wait of the answered.",
        f"short abandons: at most {short_s} s.",
    )


def percent(value: float | None) -> str:
    """A share as text: 0.8113 → ``81.1 %``; a dash when there is none."""
    return _DASH if value is None else f"{value * 100:.1f} %"


def seconds(value_ms: float | None) -> str:
    """Milliseconds as seconds with one digit; a dash when there are none."""
    return _DASH if value_ms is None else f"{value_ms / 1000:.1f}"
