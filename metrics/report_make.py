"""Makes a report: sums of the ledger's rows in, the whole model out. No clock, no files.

What a report shows is chosen here; how a figure is computed is the measures' business alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

import msgspec
from msgspec import Struct

from acd.core.plan import CallType, Plan
from metrics.availability import Outage
from metrics.cells import Cells
from metrics.contract import Contract, Standing, standings
from metrics.dimensions import Dim
from metrics.intervals import Grain, Span, between, date_of, intervals, span_of
from metrics.measure import MEASURES, Family, Unit
from metrics.measures import Figure, figure, parsed
from metrics.report_frame import Frame
from metrics.report_model import (
    SCHEMA,
    Basis,
    Definition,
    Form,
    Judged,
    Kind,
    Name,
    Report,
    Table,
)
from metrics.report_names import Names, interval_name
from metrics.report_rows import Gathered
from metrics.report_tables import all_tables
from metrics.tally import Sums
from metrics.targets import WORST_HOUR

_GRAINS = {
    Kind.DAILY: Grain.DAY,
    Kind.WEEKLY: Grain.WEEK,
    Kind.MONTHLY: Grain.MONTH,
    Kind.YEARLY: Grain.YEAR,
}
#: A free range that is not longer is drawn by hours, or by days.
_HOURS_UP_TO, _DAYS_UP_TO = 2, 92
#: All of these stand in every report, whichever of them are the contract's.
_FIGURES = (
    "offered offered_in_hours queued answered abandoned short_abandoned blocked failed "
    "answer_rate_a answer_rate_b answer_rate_c "
    "abandonment_in_hours abandonment_in_hours_excl_short abandonment_of_queued "
    "abandonment_of_queued_excl_short blocked_rate lost_call_rate "
    "resolved_in_centre transfer_rate mis_transfer_rate "
    "sl_offered sl_excl_early_abandons asa wait_p50 wait_p90 wait_p95 wait_max wait_worst "
    "abandon_wait_mean abandon_wait_median abandon_wait_p90 abandon_wait_max "
    "handled transfers ring_mean att hold_mean wrap_up_mean aht occupancy utilisation "
    "satisfaction satisfaction_good survey_answers survey_rate availability"
).split()


class Asked(Struct, frozen=True):
    """Which report. ``first`` is any day of the week, month or year; ``last`` counts for a free
    range alone. ``operators``: with a line for each operator (off unless somebody asks)."""

    kind: Kind
    first: date
    last: date | None = None
    operators: bool = False

    def span(self, tz: tzinfo) -> Span:
        """The time it is about; raises Refused for a range that ends before it begins."""
        if self.kind is Kind.RANGE:
            return between(self.first, self.last or self.first, tz)
        return span_of(self.first, _GRAINS[self.kind], tz)


class Material(Struct, frozen=True):
    """What a report is made of: cells that hold the span (those of the whole centre by hours, or
    finer), what was gathered from its rows, calls in progress that were offered in it, what was
    agreed, and when callers could not be served."""

    cells: Cells
    gathered: Gathered
    plan: Plan
    names: Names
    contract: Contract
    in_progress: int = 0
    outages: tuple[Outage, ...] = ()


def make_report(asked: Asked, material: Material, tz: tzinfo, *, now_ms: int) -> Report:
    """The report; ``now_ms`` only says whether its time is over."""
    span = asked.span(tz)
    first, last = date_of(span.from_ms, tz), date_of(span.to_ms - 1, tz)
    grain = _curve(asked.kind, first, last)
    hours = intervals(span, Grain.HOUR, tz)
    by_hour = material.cells.series(hours)
    whole = Sums()
    for sums in by_hour:
        whole.absorb(sums)
    frame = Frame(
        span=span,
        grain=grain,
        tz=tz,
        cells=material.cells,
        gathered=material.gathered,
        plan=material.plan,
        names=material.names,
        contract=material.contract,
        in_progress=material.in_progress,
        outages=material.outages,
        hours=hours,
        by_hour=by_hour,
        whole=whole,
        operators=asked.operators,
        many_days=first != last,
    )
    judged = _judged(frame, whole)
    figures = _figures(material.contract, whole)
    tables = all_tables(frame)
    gathered = material.gathered
    return Report(
        schema=SCHEMA,
        kind=asked.kind,
        first=first.isoformat(),
        last=last.isoformat(),
        timezone=material.plan.timezone,
        from_ms=span.from_ms,
        to_ms=span.to_ms,
        complete=now_ms >= span.to_ms and not material.in_progress,
        judged=judged,
        figures=figures,
        tables=tables,
        definitions=_definitions(judged, figures, tables, material.contract),
        basis=Basis(
            gathered.calls,
            gathered.visits,
            gathered.legs,
            gathered.taken_over,
            gathered.classified,
            material.in_progress,
            _rules(material.contract, material.plan),
        ),
    )


def dims_of(asked: Asked, plan: Plan) -> tuple[Dim, ...]:
    """The dimensions of which a report needs cells, besides those of the whole centre."""
    found = (Dim.QUEUE, Dim.NUMBER, Dim.CALL_TYPE, Dim.LANGUAGE)
    teams = (Dim.TEAM,) if any(agent.team for agent in plan.agents) else ()
    return (*found, *teams, *((Dim.OPERATOR,) if asked.operators else ()))


def _curve(kind: Kind, first: date, last: date) -> Grain:
    days = (last - first) // timedelta(days=1) + 1
    if kind is Kind.DAILY or (kind is Kind.RANGE and days <= _HOURS_UP_TO):
        return Grain.HOUR
    if kind is Kind.YEARLY or days > _DAYS_UP_TO:
        return Grain.MONTH
    return Grain.DAY


def _rules(contract: Contract, plan: Plan) -> str:
    """A print of all that a figure depends on besides the records."""
    thresholds = {queue.id: queue.sl_threshold_s for queue in plan.queues}
    return hashlib.sha256(msgspec.json.encode([contract, thresholds])).hexdigest()[:16]


# -- figures and their targets ---------------------------------------------------------------


def form_of(key: str) -> Form:
    """How the numbers of a measure are written."""
    return {
        Unit.COUNT: Form.COUNT,
        Unit.SHARE: Form.SHARE,
        Unit.MS: Form.MS,
        Unit.SCORE: Form.SCORE,
    }[parsed(key)[0].unit]


def _stated(found: Figure) -> Judged:
    one = parsed(found.key)[0]
    return Judged(found, Name(one.ja, one.en), form_of(found.key), family=one.family.value)


def _figures(contract: Contract, whole: Sums) -> tuple[Judged, ...]:
    params = contract.params()
    keys = dict.fromkeys([*_FIGURES, *contract.headline()])
    order = {key: at for at, key in enumerate(MEASURES)}
    families = list(Family)
    return tuple(
        _stated(figure(key, whole, params))
        for key in sorted(keys, key=lambda key: (families.index(MEASURES[key].family), order[key]))
    )


def _judged(frame: Frame, whole: Sums) -> tuple[Judged, ...]:
    """The contract's headline first, then all other targets; what has no target stands too."""
    contract, params = frame.contract, frame.contract.params()
    standing = standings(contract, whole, params, frame.by_hour)
    of_switchboard: list[Judged] = []
    switchboard = contract.params(Dim.CALL_TYPE, CallType.SWITCHBOARD)
    if switchboard.threshold_ms != params.threshold_ms:
        own = frame.cells.sums(frame.span, Dim.CALL_TYPE, CallType.SWITCHBOARD)
        of_switchboard = [
            msgspec.structs.replace(
                _beside(frame, each), dim=Dim.CALL_TYPE, value=CallType.SWITCHBOARD.value
            )
            for each in standings(contract, own, switchboard)
            if parsed(each.figure.key)[0].timed and not each.target.key.startswith(WORST_HOUR)
        ]
    by_key = {each.target.key: each for each in standing}
    found: list[Judged] = []
    for key in contract.headline():
        now = figure(key, whole, params)
        each = by_key.pop(now.key, None)
        found.append(_beside(frame, each) if each else _stated(now))
    return (*found, *of_switchboard, *(_beside(frame, each) for each in by_key.values()))


def _beside(frame: Frame, each: Standing) -> Judged:
    plain = _stated(each.figure)
    hourly = each.target.key.startswith(WORST_HOUR)
    name = plain.name
    if hourly:
        name = Name(f"最も悪い1時間の{name.ja}", f"worst hour: {name.en}")
    hour = None
    if each.hour is not None:
        hour = interval_name(
            frame.hours[each.hour], Grain.HOUR, frame.tz, with_date=frame.many_days
        )
    return msgspec.structs.replace(
        plain,
        name=name,
        at_least=each.target.at_least,
        contract=each.target.contract,
        promise=each.target.promise,
        met=each.met,
        kept=each.kept,
        worst_hour=hourly,
        hour=hour,
    )


# -- definitions -----------------------------------------------------------------------------


def _definitions(
    judged: Sequence[Judged],
    figures: Sequence[Judged],
    tables: Sequence[Table],
    contract: Contract,
) -> tuple[Definition, ...]:
    """The formula of everything that is shown, once for each threshold, in the measures' order."""
    keys = {each.figure.key for each in (*judged, *figures)}
    for table in tables:
        for at, column in enumerate(table.columns):
            if column.opens:
                lines = (*table.lines, *((table.total,) if table.total else ()))
                keys |= {line.cells[at].key for line in lines}
    order = {key: at for at, key in enumerate(MEASURES)}
    ranked = sorted(keys, key=lambda key: (order[parsed(key)[0].key], parsed(key)[1].threshold_ms))
    return tuple(_definition(key, contract) for key in ranked)


def _definition(key: str, contract: Contract) -> Definition:
    one, params = parsed(key)
    ja, en = [], []
    if one.timed:
        seconds = f"{params.threshold_ms / 1000:g}"
        ja.append(f"T = {seconds}秒 (ちょうどを含む)")
        en.append(f"T = {seconds} s (exactly T counts)")
    if "short" in one.key:
        seconds = f"{contract.short_abandon_s:g}"
        ja.append(f"短い放棄は{seconds}秒以内")
        en.append(f"short: at most {seconds} s")
    if one.clocked:
        paid = params.from_answer
        ja.append("待ち時間は着信に応答した時から" if paid else "待ち時間は窓口に入った時から")
        en.append(f"the wait counts from {'our answer of the call' if paid else 'queue entry'}")
    threshold = Name("、".join(ja), ", ".join(en)) if ja else None
    return Definition(key, Name(one.ja, one.en), Name(one.formula_ja, one.formula_en), threshold)
