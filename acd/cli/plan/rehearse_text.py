"""What a rehearsal came to, in sentences first, then call by call."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.cli.words import japanese, say
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

#: So many differences are listed unless all are asked for.
SHOWN = 40
_OUTCOMES = {
    Outcome.ANSWERED: ("応答", "answered"),
    Outcome.ABANDONED: ("放棄", "gave up"),
    Outcome.BLOCKED: ("話し中", "busy"),
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
    console.print(_outcomes(found))
    differences = sorted(
        found.differences,
        key=lambda each: -abs(each.real_wait_s - each.simulated_wait_s),
    )
    if not differences:
        return
    shown = differences if show_all else differences[:SHOWN]
    console.print(_differences(shown, piece))
    if len(shown) < len(differences):
        left = len(differences) - len(shown)
        console.print(say(f"ほか {left} 件 (--all)", f"and {left} more (--all)"))


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


def _outcomes(found: Comparison) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for ja, en in (
        ("", ""),
        ("着信", "offered"),
        ("応答", "answered"),
        ("放棄", "gave up"),
        ("話し中", "busy"),
        ("応答率", "answer rate"),
        ("平均の待ち", "mean wait"),
    ):
        table.add_column(say(ja, en), justify="right" if ja else "left")
    rows: tuple[tuple[str, str, Side], ...] = (
        ("実機", "real telephones", found.real),
        ("計算", "simulated", found.simulated),
        ("計算(電話機の遅れ込み)", "simulated with their delay", found.with_ring),
    )
    for ja, en, side in rows:
        table.add_row(
            say(ja, en),
            str(side.offered),
            str(side.answered),
            str(side.abandoned),
            str(side.blocked),
            f"{side.answer_rate:.1%}",
            f"{side.mean_wait_s:.2f} s",
        )
    return table


def _differences(shown: list[Both], piece: Piece) -> Table:
    table = Table(
        title=say("違った電話", "Calls that differ"), title_justify="left", box=SIMPLE_HEAD
    )
    for ja, en, right in (
        ("着信", "came", False),
        ("種類", "kind", False),
        ("計算", "simulated", False),
        ("待ち", "wait", True),
        ("実機", "real", False),
        ("待ち", "wait", True),
        ("差", "apart", True),
    ):
        table.add_column(say(ja, en), justify="right" if right else "left")
    for each in shown:
        other = each.real is not each.simulated
        table.add_row(
            _clock(piece.begins_s + each.came_s),
            piece.scenario.classes[each.skill].name,
            say(*_OUTCOMES[each.simulated]),
            f"{each.simulated_wait_s:.1f} s",
            Text(say(*_OUTCOMES[each.real]), "bold" if other else ""),
            f"{each.real_wait_s:.1f} s",
            f"{each.real_wait_s - each.simulated_wait_s:+.1f} s",
        )
    return table
