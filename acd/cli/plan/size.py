"""``madoguchi plan size``: seats for one interval, at once."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.plan.form import PLAIN, Form, csv_text, judged, taking
from acd.cli.words import japanese, say

if TYPE_CHECKING:
    from sim.size.seats import Figures, Goals, Interval

CallsOption = Annotated[
    str,
    typer.Option("--calls", help=say("着信の割合(例: 194/h)。", "Calls, as 194/h or 97/30m.")),
]
AhtOption = Annotated[
    list[str],
    typer.Option(
        "--aht",
        help=say(
            "1件の処理時間(通話+後処理、例: 240s)。重ねて +10% などと変えられます。",
            "Handling time with wrap-up, as 240s; give it again to change it: --aht +10%.",
        ),
    ),
]
PatienceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--patience",
        help=say(
            "お客様が待つ時間(例: 120s、fixed:60s、weibull:120s:0.7、none)。重ねて +10% も可。",
            "How long callers wait: 120s, fixed:60s, weibull:120s:0.7, none; again to change it.",
        ),
    ),
]
LinesOption = Annotated[
    int | None,
    typer.Option("--lines", help=say("回線数(同時通話数)の上限。", "How many lines there are.")),
]
SurgeOption = Annotated[
    str,
    typer.Option("--surge", help=say("着信が何倍になるか(例: 1.3)。", "Calls times this: 1.3.")),
]
AnswerRateOption = Annotated[
    str | None,
    typer.Option("--answer-rate", help=say("目標の応答率。", "Target: calls answered.")),
]
ServiceLevelOption = Annotated[
    str | None,
    typer.Option(
        "--service-level",
        help=say("目標のつながりやすさ。", "Target: calls answered within the threshold."),
    ),
]
ShrinkageOption = Annotated[
    str,
    typer.Option(
        "--shrinkage",
        help=say("休暇・研修などで不在の割合。", "Share of the staff that is away."),
    ),
]


@taking("size")
def size(
    calls: CallsOption,
    aht: AhtOption,
    patience: PatienceOption = None,
    seats: Annotated[
        int | None,
        typer.Option("--seats", help=say("席数を決めて試す。", "Try this number of seats.")),
    ] = None,
    answer_rate: AnswerRateOption = None,
    service_level: ServiceLevelOption = None,
    within: Annotated[
        str, typer.Option("--within", help=say("何秒以内か。", "The threshold."))
    ] = "20s",
    lines: LinesOption = None,
    redial: Annotated[
        str,
        typer.Option("--redial", help=say("かけ直す割合。", "Share of the lost who call again.")),
    ] = "0%",
    absent: Annotated[
        int, typer.Option("--absent", min=0, help=say("欠員。", "How many are missing."))
    ] = 0,
    surge: SurgeOption = "1",
    shrinkage: ShrinkageOption = "0%",
    form: Form = PLAIN,
) -> None:
    """Sentences, then a table; or JSON, or CSV. A target that is missed is no error, a claim is."""
    from acd.errors import Refused
    from sim.inputs.quantities import duration_s, share
    from sim.size.seats import Goals, figures, least, stable

    of = interval(calls, aht, patience, surge, lines, duration_s(within), share(redial))
    away = share(shrinkage)
    if away == 1:
        raise Refused(
            "shrinkage must stay below 100%: nobody would be there",
            ja="不在の割合は100%未満にしてください。誰もいなくなります。",
        )
    goals = _goals(answer_rate, service_level, seats)
    main = figures(of, seats) if seats is not None else least(of, goals or Goals())
    numbers = {main.seats - 1, main.seats + 1, main.seats - absent}
    others = [figures(of, n) for n in sorted(numbers - {main.seats}) if stable(of, n)]
    form.give(
        lambda: _print_words(of, goals, main, others, absent, away),
        data=lambda: _json(of, main, others, away),
        rows=lambda: _csv([main, *others]),
        page=lambda: report(of, main.seats, goals),
    )
    if form.claims:
        from sim.size.held import broken

        judged(broken(form.claims, of, main))


def _goals(answer_rate: str | None, service_level: str | None, seats: int | None) -> Goals | None:
    """The targets; where neither one nor seats are given the usual: 90 % answered, 80 % in time."""
    from sim.inputs.quantities import share
    from sim.size.seats import Goals

    if answer_rate or service_level:
        return Goals(
            share(answer_rate) if answer_rate else None,
            share(service_level) if service_level else None,
        )
    return Goals() if seats is None else None


def report(
    of: Interval,
    seats: int,
    goals: Goals | None,
    shares: tuple[float, ...] = (),
    have: int | None = None,
) -> str:
    """The report as one file."""
    from sim.report.of_size import size_page
    from sim.size.seats import Goals

    return size_page(of, goals or Goals(), seats, "ja" if japanese() else "en", shares, have)


def interval(
    calls: str,
    aht: list[str],
    patience: list[str] | None,
    surge: str,
    lines: int | None,
    threshold_s: float = 20.0,
    redials: float = 0.0,
) -> Interval:
    """What the options say. A value that is given again changes the one before."""
    from dataclasses import replace

    from acd.errors import Refused
    from sim.inputs.lengths import length
    from sim.inputs.quantities import changed, factor, positive_duration_s, rate_per_s
    from sim.size.seats import Interval

    aht_s = positive_duration_s(aht[0])
    for change in aht[1:]:
        aht_s = changed(change, aht_s)
    lasts = length((patience or ["120s"])[0])
    for change in (patience or [])[1:]:
        if change[:1] not in "+-":
            lasts = length(change)
        elif lasts is None:
            raise Refused("endless patience cannot change", ja="無限の待ち時間は変えられません。")
        else:
            lasts = replace(lasts, mean_s=changed(change, lasts.mean_s))
    if aht_s <= 0 or (lasts is not None and lasts.mean_s <= 0):
        raise Refused("nothing would be left of it", ja="変えた結果が0になりました。")
    arrivals = rate_per_s(calls) * factor(surge)
    if arrivals <= 0:
        raise Refused(
            "nobody calls, so nobody is needed: --calls must be more than 0",
            ja="電話がないので、人は要りません。--calls は0より大きくしてください。",
        )
    return Interval(arrivals, aht_s, lasts, threshold_s, lines, redials)


def _print_words(
    of: Interval, goals: Goals | None, main: Figures, others: list[Figures], absent: int,
    away: float,
) -> None:  # fmt: skip
    from sim.size import words

    ja = japanese()
    typer.echo(words.answer(main, of, goals, ja))
    for each in others:
        missing = main.seats - each.seats
        why = ""
        if absent and missing == absent:
            why = f"{absent}人欠けて" if ja else f"With {absent} absent, "
        typer.echo(words.other(each, of, goals, why, ja))
    for line in (words.busy(main, ja), words.method(of, ja)):
        if line:
            typer.echo(line)
    if away:
        typer.echo(words.roster(main.seats, away, math.ceil(main.seats / (1 - away)), ja))
    typer.echo("")
    _print_table(of, main, others)


def _print_table(of: Interval, main: Figures, others: list[Figures]) -> None:
    from rich.console import Console
    from rich.table import Table

    from sim.size.words import percent, seconds

    t = f"{of.threshold_s:g}"
    table = Table()
    for head in (
        say("席", "seats"),
        say("応答率", "answered"),
        say(f"{t}秒以内", f"within {t} s"),
        say("早期除く", "excl. early"),
        say("放棄", "gave up"),
        say("平均待ち", "wait"),
        say("稼働率", "busy"),
    ):
        table.add_column(head, justify="right")
    for each in sorted([main, *others], key=lambda one: one.seats):
        table.add_row(
            str(each.seats),
            percent(each.answer_rate),
            percent(each.sl_offered),
            percent(each.sl_excl_early_abandons),
            percent(each.p_abandon),
            seconds(each.asa_s) + say("秒", " s"),
            percent(each.occupancy),
            style="bold" if each is main else "",
        )
    Console().print(table)


def _json(of: Interval, main: Figures, others: list[Figures], away: float) -> str:
    import json

    data = {
        "interval": asdict(of),
        "erlangs": of.erlangs,
        "seats": main.seats,
        "rostered": math.ceil(main.seats / (1 - away)),
        "figures": [asdict(each) for each in (main, *others)],
    }
    return json.dumps(data, ensure_ascii=False, indent=1)


def _csv(rows: list[Figures]) -> str:
    return csv_text(list(asdict(rows[0])), [list(asdict(each).values()) for each in rows])
