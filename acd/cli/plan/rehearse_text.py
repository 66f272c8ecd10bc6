"""What a rehearsal came to, in sentences first, then call by call."""

from __future__ import annotations

from importlib import metadata

from rich.console import Console

from acd.cli.plan.form import csv_text
from acd.cli.plan.showing import table
from acd.cli.plan.studying import language
from acd.cli.words import japanese, say
from sim.inputs.scenario import Scenario
from sim.records import Outcome
from sim.rehearsal.comparison import (
    ANSWER_RATE_POINTS,
    MEAN_WAIT_SHARE,
    SAME_S,
    Both,
    Comparison,
    Side,
)
from sim.rehearsal.piece import Piece
from sim.report.assumed import assumptions
from sim.report.of_held import rehearse_plots
from sim.report.page import page
from sim.report.paper import Drawn, Paper, Sheet
from sim.results import Estimate

#: So many differences are listed unless all are asked for.
SHOWN = 40
_OUTCOMES = {
    Outcome.ANSWERED: ("応答", "answered"),
    Outcome.ABANDONED: ("放棄", "gave up"),
    Outcome.BLOCKED: ("話し中", "busy"),
    Outcome.LEFT_IN_MENU: ("案内中の切断", "left in the menu"),
    None: ("記録なし", "not seen"),
}


def _clock(at_s: float) -> str:
    return f"{int(at_s // 3600) % 24:02}:{int(at_s // 60) % 60:02}:{int(at_s) % 60:02}"


def say_to(console: Console, sentence: str) -> None:
    """Print a sentence. Japanese has no blanks to break at: there the terminal breaks the line."""
    console.print(sentence, highlight=False, soft_wrap=japanese())


def begun(piece: Piece, calls: int, minutes: float, pace: float) -> str:
    """What is about to be played."""
    seats = sum(group.agents[0] for group in piece.scenario.groups)
    name = piece.scenario.name
    first = _clock(piece.begins_s)[:5]
    last = _clock(piece.begins_s + piece.scenario.day_s)[:5]
    return say(
        f"{name} の最も混む時間({first}〜{last}、電話{calls}件、{seats}席)を、"
        f"本物のAsteriskとSIPpの電話で{minutes:g}分で行います({pace:g}倍速)。",
        f"The busiest hour of {name} ({first}–{last}, {calls} calls, {seats} seats), played on real"
        f" Asterisk with SIPp's telephones in {minutes:g} minutes: {pace:g} times as fast as life.",
    )


def show(found: Comparison, piece: Piece, console: Console, *, show_all: bool) -> None:
    """The sentences, the table of outcomes, and every call that differs."""
    for sentence in sentences(found, piece):
        say_to(console, sentence)
    console.print(table(_outcomes(found)))
    differences = _by_size(found)
    if not differences:
        return
    shown = differences if show_all else differences[:SHOWN]
    console.print(table(_differences(shown, piece)))
    if len(shown) < len(differences):
        left = len(differences) - len(shown)
        console.print(say(f"ほか {left} 件 (--all)", f"and {left} more (--all)"))


def report(found: Comparison, piece: Piece, seed: int) -> str:
    """One HTML file: the answer, both sides, every call that differs, and what was assumed."""
    first, scenario = _clock(piece.begins_s)[:5], piece.scenario
    sheets = (_outcomes(found), _differences(_by_size(found), piece))
    return page(
        Paper(
            language(), say("本物の電話による試行", "A rehearsal with real telephones"),
            say(f"{scenario.name} {first}から", f"{scenario.name}, from {first}"),
            tuple(sentences(found, piece)), (), (), _plots(found, piece),
            sheets if found.differences else sheets[:1], assumptions(scenario, language()),
            _method(scenario, found.pace), (),
            ((say("乱数の種", "Seed"), str(seed)), ("madoguchi", metadata.version("madoguchi"))),
        )
    )  # fmt: skip


def _plots(found: Comparison, piece: Piece) -> tuple[Drawn, ...]:
    same_s = SAME_S * found.pace
    return rehearse_plots(found, piece.begins_s, piece.scenario.day_s, same_s, language())


def _method(scenario: Scenario, pace: float) -> tuple[str, ...]:
    minutes = scenario.day_s / pace / 60
    return (
        say(
            f"最も混む1時間の電話を一度だけ抽選し、製品のエンジンで計算したうえで、同じ電話を"
            f"本物のAsteriskとSIPpの電話で{minutes:.3g}分で行いました({pace:g}倍速)。",
            "Every call of the busiest hour was drawn once, simulated by the product's own engine, "
            f"and played on real Asterisk with SIPp's telephones in {minutes:.3g} minutes: "
            f"{pace:g} times as fast as life.",
        ),
        say(
            f"待ち時間の差が実際の{SAME_S:g}秒({pace:g}倍速で{SAME_S * pace:g}秒)以内なら同じと"
            "みなします。平均の待ちは、回線につながったすべての電話の平均です。",
            f"Waits that differ by less than {SAME_S:g} s of the rehearsal ({SAME_S * pace:g} s of "
            "life) count as the same. The mean wait is that of all calls that found a line.",
        ),
    )


def _by_size(found: Comparison) -> list[Both]:
    """The calls that differ, the furthest apart first."""
    return sorted(
        found.differences, key=lambda each: -abs(each.real_wait_s - each.simulated_wait_s)
    )


def sentences(found: Comparison, piece: Piece) -> list[str]:
    """The answer in words."""
    real, simulated = found.real, found.simulated
    share = found.mean_wait_share
    text_ja = "計算では誰も待ちません" if share is None else f"差 {share:+.1%}"
    text_en = "nobody waits in the simulation" if share is None else f"{share:+.1%}"
    same_s = SAME_S * found.pace
    ring = found.ring_s / found.pace
    lines = [
        say("一致しています。", "They agree.")
        if found.within
        else say("許された差を超えています。", "They are further apart than is allowed."),
        say(
            f"応答率: 実機 {real.answer_rate:.1%}、計算 {simulated.answer_rate:.1%}、"
            f"差 {found.answer_rate_points:+.1f} ポイント(許容 {ANSWER_RATE_POINTS:g})。",
            f"Answer rate: {real.answer_rate:.1%} with real telephones, {simulated.answer_rate:.1%}"
            f" simulated, {found.answer_rate_points:+.1f} points"
            f" (allowed: {ANSWER_RATE_POINTS:g}).",
        ),
        say(
            f"平均の待ち: 実機 {real.mean_wait_s:.2f} 秒、計算 {simulated.mean_wait_s:.2f} 秒、"
            f"{text_ja}(許容 {MEAN_WAIT_SHARE:.0%})。",
            f"Mean wait: {real.mean_wait_s:.2f} s with real telephones,"
            f" {simulated.mean_wait_s:.2f} s simulated, {text_en}"
            f" (allowed: {MEAN_WAIT_SHARE:.0%}).",
        ),
        say(
            f"電話機が鳴って応答するまで平均 {1000 * ring:.0f} ミリ秒かかり、{found.pace:g}倍すると"
            f" {found.ring_s:.2f} 秒です。これを計算に入れると、平均の待ちは"
            f" {found.with_ring.mean_wait_s:.2f} 秒、応答率は {found.with_ring.answer_rate:.1%}"
            " です。",
            f"A telephone took {1000 * ring:.0f} ms to ring and be answered: times {found.pace:g},"
            f" {found.ring_s:.2f} s of life. A simulation with that has a mean wait of"
            f" {found.with_ring.mean_wait_s:.2f} s and an answer rate of"
            f" {found.with_ring.answer_rate:.1%}.",
        ),
        say(
            f"{len(found.calls)}件のうち {len(found.differences)} 件で、結果が違うか、待ち時間が"
            f" {same_s:g} 秒を超えて違いました。",
            f"{len(found.differences)} of {len(found.calls)} calls went another way, or waited"
            f" otherwise by more than {same_s:g} s.",
        ),
    ]
    return [*lines, *(say(ja, en) for en, ja in piece.left_out)]


def rows(found: Comparison, piece: Piece) -> str:
    """Every call, for programs: times in seconds of life."""
    return csv_text(
        ["call", "came_s", "kind", "simulated", "simulated_wait_s", "real", "real_wait_s",
         "differs"],
        [
            [each.index, round(piece.begins_s + each.came_s, 3),
             piece.scenario.classes[each.skill].name, each.simulated.name.lower(),
             round(each.simulated_wait_s, 3),
             each.real.name.lower() if each.real is not None else "",
             round(each.real_wait_s, 3), int(each.differs(SAME_S * found.pace))]
            for each in found.calls
        ],
    )  # fmt: skip


def figures(found: Comparison) -> dict[str, Estimate]:
    """What can be claimed of both sides and of the distance between them."""
    sides = {"real": found.real, "simulated": found.simulated, "with_ring": found.with_ring}
    values = {
        "answer_rate_points": found.answer_rate_points,
        "mean_wait_share": found.mean_wait_share,
        "differing": float(len(found.differences)),
        "unseen": float(found.unseen),
        "ring_s": found.ring_s,
    }
    for name, side in sides.items():
        values[f"{name}.answer_rate"] = side.answer_rate
        values[f"{name}.wait_mean_s"] = side.mean_wait_s
    return {key: Estimate(value) for key, value in values.items()}


def _outcomes(found: Comparison) -> Sheet:
    head = (
        "", say("着信", "offered"), say("応答", "answered"), say("放棄", "gave up"),
        say("話し中", "busy"), say("応答率", "answer rate"), say("平均の待ち", "mean wait"),
    )  # fmt: skip
    sides: tuple[tuple[str, Side], ...] = (
        (say("実機", "real telephones"), found.real),
        (say("計算", "simulated"), found.simulated),
        (say("計算(電話機の遅れ込み)", "simulated with their delay"), found.with_ring),
    )
    rows = tuple(
        (name, str(side.offered), str(side.answered), str(side.abandoned), str(side.blocked),
         f"{side.answer_rate:.1%}", f"{side.mean_wait_s:.2f} s")
        for name, side in sides
    )  # fmt: skip
    return Sheet(say("実機と計算", "Both sides"), head, rows)


def _differences(shown: list[Both], piece: Piece) -> Sheet:
    head = (
        say("着信", "came"), say("種類", "kind"), say("計算", "simulated"), say("待ち", "wait"),
        say("実機", "real"), say("待ち", "wait"), say("差", "apart"),
    )  # fmt: skip
    rows = tuple(
        (
            _clock(piece.begins_s + each.came_s),
            piece.scenario.classes[each.skill].name,
            say(*_OUTCOMES[each.simulated]),
            f"{each.simulated_wait_s:.1f} s",
            say(*_OUTCOMES[each.real]),
            f"{each.real_wait_s:.1f} s",
            f"{each.real_wait_s - each.simulated_wait_s:+.1f} s",
        )
        for each in shown
    )
    return Sheet(say("違った電話", "Calls that differ"), head, rows)
