"""``madoguchi plan``: how many seats, how many lines, and why. One table of verbs.

Each verb has a file of its own in this folder, imported when the verb runs, so that a quick one
stays quick. A new verb is its file and one entry here, in the order in which a planner needs them.
"""

from __future__ import annotations

import typer

from acd.cli.lazy import LazyGroup, Verb
from acd.cli.words import say

VERBS: tuple[Verb, ...] = (
    Verb(
        "size",
        "acd.cli.plan.size:size",
        "1つの時間帯に必要な席数を、公式ですぐに計算します。",
        "Seats for one interval, by formula, at once.",
    ),
    Verb(
        "lines",
        "acd.cli.plan.lines:lines",
        "必要な回線数(同時通話数)を、公式ですぐに計算します。",
        "Lines for one interval, callers who wait included, at once.",
    ),
    Verb(
        "new",
        "acd.cli.plan.new:new",
        "説明付きのシナリオを作ります。",
        "Write a commented scenario to begin with.",
    ),
    Verb(
        "run",
        "acd.cli.plan.run:run",
        "シナリオどおりの一日を何度も試し、応答率などを誤差とともに示します。",
        "Simulate a scenario's day many times: every figure with how sure it is.",
    ),
    Verb(
        "compare",
        "acd.cli.plan.compare:compare",
        "2つのシナリオ、または変更の前と後を、同じ条件で比べます。",
        "Compare two scenarios, or before and after a change, under the same chance.",
    ),
    Verb(
        "sweep",
        "acd.cli.plan.sweep:sweep",
        "席数などを少しずつ変えて試します (--seats 12..18)。",
        "Try a range of seats, or of any other assumption (--seats 12..18).",
    ),
    Verb(
        "explain",
        "acd.cli.plan.explain:explain",
        "前提、席数の理由、数字の意味を、やさしい言葉で説明します。",
        "Say in plain words what is assumed, why so many seats, and what figures mean.",
    ),
    Verb(
        "replay",
        "acd.cli.plan.replay:replay",
        "昨日を製品のエンジンで再現し、1人多ければ・回線が1本少なければどうだったかを示します。",
        "Play yesterday again: how exact it is, and what one more operator would have done.",
    ),
    Verb(
        "rehearse",
        "acd.cli.plan.rehearse:rehearse",
        "最も混む1時間を本物のAsteriskで数分で行い、計算と1件ずつ比べます。",
        "Play the busiest hour on real Asterisk in minutes, and compare it call by call.",
    ),
    Verb(
        "staff",
        "acd.cli.plan.staff:staff",
        "目標を満たす最も安い人数を、グループと時間帯ごとに模擬で求めます。",
        "Find the least cost that meets the targets, by group and interval.",
    ),
    Verb(
        "fit",
        "acd.cli.plan.fit:fit",
        "通話記録やCSVから、シナリオを誤差とともに推定します。",
        "Fit a scenario to the records or a CSV, and say how sure it is.",
    ),
    Verb(
        "forecast",
        "acd.cli.plan.forecast:forecast",
        "これからの日の着信数を、過去の日で確かめた方法で予測します。",
        "Forecast the coming days' calls, by what proved best on past days.",
    ),
    Verb(
        "intraday",
        "acd.cli.plan.intraday:intraday",
        "今日ここまでの着信から、残りの時間の見込みと、増減する人数を示します。",
        "From today's calls so far: what is still to come, and whom to add or release.",
    ),
    Verb(
        "shifts",
        "acd.cli.plan.shifts:shifts",
        "必要な席数から、休憩の入った勤務表を最も安く作り、欠員のときを模擬します。",
        "Plan shifts with their breaks from required seats, and simulate absences.",
    ),
    Verb(
        "verify",
        "acd.cli.plan.verify:verify",
        "計算方法を、公表値などの基準値で検算します。",
        "Hold the engines against published and exact reference values.",
    ),
    Verb(
        "bench",
        "acd.cli.plan.bench:bench",
        "計算の速さを、C・SimPy・Ciwと並べて測ります。",
        "Measure how fast the engines are, beside C, SimPy and Ciw.",
    ),
)


class _Plan(LazyGroup):
    verbs = VERBS


app = typer.Typer(cls=_Plan, add_completion=False, pretty_exceptions_enable=False)


@app.callback(
    invoke_without_command=True,
    help=say(
        "席と回線が何席・何本要るか、その理由とともに計算します。",
        "Work out how many seats and lines are needed, and why.",
    ),
)
def _plan(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
