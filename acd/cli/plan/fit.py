"""``madoguchi plan fit``: a scenario from the records, with how sure each number is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.plan.form import PLAIN, Form, csv_text, taking
from acd.cli.plan.history import (
    FromOption,
    PeriodOption,
    RecordsArgument,
    ToOption,
    WriteOption,
    history,
    period_s,
    write,
)
from acd.cli.plan.studying import language
from acd.cli.words import japanese, say
from acd.errors import Refused

if TYPE_CHECKING:
    from sim.calibrate.days import DayKind
    from sim.calibrate.fit import Fit
    from sim.calibrate.values import Fitted

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")

DayOption = Annotated[
    str,
    typer.Option("--day",
                 help=say("どの日か: busiest (最も混む曜日)、 all (全受付日)、 mon~sun、 "
                          "holiday。",
                          "The day to plan for: busiest (weekday), all (open days together), "
                          "mon to sun, holiday.")),
]  # fmt: skip
ShapeOption = Annotated[
    str,
    typer.Option("--form",
                 help=say("あきらめるまでの時間の形: auto、 exponential、 weibull、 empirical。",
                          "Form of patience: auto, exponential, weibull, empirical.")),
]  # fmt: skip
RedialOption = Annotated[
    str,
    typer.Option("--redial-within",
                 help=say("この時間内の 同じ人からの電話は かけ直しとみなします。",
                          "A caller's next call within this time is a redial.")),
]  # fmt: skip


@taking("fit")
def fit(
    records: RecordsArgument = None,
    day: DayOption = "busiest",
    period: PeriodOption = "1h",
    shape: ShapeOption = "auto",
    redial_within: RedialOption = "30m",
    seats: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000, help=say("オペレーターの人数。", "Operators.")),
    ] = None,
    first_day: FromOption = None,
    last_day: ToOption = None,
    write_to: WriteOption = None,
    centre: CentreOption = DEFAULT_CENTRE,
    form: Form = PLAIN,
) -> None:
    """Fit, say how sure it is, and write the scenario if asked."""
    from sim.calibrate.fit import FORMS, Asked
    from sim.calibrate.fit import fit as fitted
    from sim.inputs.quantities import duration_s
    from sim.report.of_fit import fit_paper, fit_scenario
    from sim.report.page import page
    from sim.results import Estimate

    if shape not in FORMS:
        raise Refused(f"--form is one of {', '.join(FORMS)}",
                      ja=f"--form は {'、'.join(FORMS)} のどれかです。")  # fmt: skip
    kind = kind_named(day)
    length_s, window_s = period_s(period), duration_s(redial_within)
    read = history(records, centre, first_day, last_day)
    asked = Asked(
        write_to.stem[:60] if write_to else "fitted", length_s, kind, day == "busiest", shape,
        window_s, seats,
    )  # fmt: skip
    found = fitted(read.past, read.kind_of, asked, calendar=read.calendar)
    if write_to is not None:
        write(write_to, fit_scenario(found, language()))
    form.give(
        lambda: _show(found),
        data=lambda: json.dumps(as_data(found), ensure_ascii=False, indent=2),
        rows=lambda: _csv(found),
        page=lambda: page(fit_paper(found, read.past, language())),
        figures=lambda: {key: Estimate(of.value, of.half) for key, of in _values(found)},
    )


def kind_named(day: str) -> DayKind | None:
    """The kind of day that a person named; None for ``all`` and ``busiest``."""
    from acd.config.faults import nearest
    from sim.calibrate.days import DayKind

    known = ("busiest", "all", *_DAYS)
    if day not in known:
        raise Refused(
            f"--day is one of {', '.join(known)}{nearest(day, known)}",
            ja=f"--day は {'、'.join(known)} のどれかです。",
        )
    return DayKind(_DAYS.index(day)) if day in _DAYS else None


def _show(found: Fit) -> None:
    from rich.console import Console

    from acd.cli.plan.showing import said, table
    from sim.calibrate.told import sentences, warnings
    from sim.report.of_fit import fit_sheets

    ja, out = japanese(), Console()
    said(out, sentences(found, ja=ja))
    said(out, warnings(found, ja=ja), "yellow")
    for sheet in fit_sheets(found, language()):
        out.print(table(sheet))


def _values(found: Fit) -> Iterator[tuple[str, Fitted]]:
    for level in found.levels:
        yield f"calls_per_day.{level.kind.name.lower()}", level.calls
    yield "busyness_extra_variance", found.spread.extra
    yield "interval_extra_variance", found.spread.extra_interval
    yield "redial_share", found.redials.share
    yield "redial_after_s", found.redials.after
    for queue in found.queues:
        yield f"{queue.name}.talk_mean_s", queue.talk.mean
        yield f"{queue.name}.talk_scv", queue.talk.scv
        yield f"{queue.name}.wrap_up_mean_s", queue.wrap_up.mean
        yield f"{queue.name}.patience_mean_s", queue.patience.mean
        if queue.patience.shape is not None:
            yield f"{queue.name}.patience_weibull_shape", queue.patience.shape


def as_data(found: Fit) -> dict[str, Any]:
    """The findings for programs: every value with its half-width; nobody's number."""
    from sim.calibrate.told import sentences, warnings
    from sim.report.of_fit import fit_scenario

    ja = japanese()
    values = {
        key: {"value": of.value, "half_width_95": of.half, "n": of.n,
              "why": of.why.value if of.why else None}
        for key, of in _values(found)
    }  # fmt: skip
    return {
        "from": found.first,
        "to": found.last,
        "calls": found.calls,
        "day": found.kind.name.lower() if found.kind is not None else "all",
        "days": found.days,
        "values": values,
        "said": sentences(found, ja=ja),
        "warnings": warnings(found, ja=ja),
        "scenario": fit_scenario(found, language()),
    }


def _csv(found: Fit) -> str:
    return csv_text(
        ["key", "value", "half_width_95", "n", "why"],
        [
            [key, of.value, of.half, of.n, of.why.value if of.why else ""]
            for key, of in _values(found)
        ],
    )
