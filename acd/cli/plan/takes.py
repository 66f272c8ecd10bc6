"""Which verb takes which of the planner's common options: one table.

:mod:`acd.cli.plan.form` makes the options of every verb from it, and the documents show it. A verb
takes all of them but those that its row leaves out, each with why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Common(StrEnum):
    """What every verb takes where it makes sense."""

    JSON = "--json"
    CSV = "--csv"
    HTML = "--html"
    SEED = "--seed"
    PRECISION = "--precision"
    ASSERT = "--assert"


class Why(StrEnum):
    """Why a verb does without an option."""

    FORMULA = "formula"
    RECORDS = "records"
    WRITES = "writes"
    PROSE = "prose"
    ELSEWHERE = "elsewhere"
    ONCE = "once"
    TOLERANCE = "tolerance"
    ITSELF = "itself"
    MACHINE = "machine"


#: Each reason in Japanese and English, as it stands under the table.
REASONS: Mapping[Why, tuple[str, str]] = {
    Why.FORMULA: (
        "公式で計算し、乱数を使いません。",
        "computed by formula: nothing is drawn.",
    ),
    Why.RECORDS: (
        "記録から求め、乱数を使いません。確かさは記録の量で決まり、誤差として示します。",
        "learnt from the records: nothing is drawn, and how sure it is follows from how many there "
        "are, which is said.",
    ),
    Why.WRITES: (
        "ファイルを1つ作るだけで、数字を出しません。",
        "it writes a file and has no figures.",
    ),
    Why.PROSE: (
        "答えは文章で、表にするものがありません。",
        "its answer is prose: there is no table to print.",
    ),
    Why.ELSEWHERE: (
        "説明するだけです。数字は `size` と `run` で確かめます。",
        "it explains; the figures are held to claims by `size` and `run`.",
    ),
    Why.ONCE: (
        "1時間を1回だけ行います。",
        "one hour is played, once.",
    ),
    Why.TOLERANCE: (
        "基準値ごとに許容差が決まっています。",
        "every reference value has its own tolerance.",
    ),
    Why.ITSELF: (
        "検算そのものが判定です。外れると終了コード1になります。",
        "it is the claim itself: exit code 1 when a value is off.",
    ),
    Why.MACHINE: (
        "この機械の速さを測ります。数字は `build/bench.json` に書き、目標に届かないと終了コード1に"
        "なります。",
        "it measures this machine; its figures are written to `build/bench.json`, exit code 1 when "
        "a target is missed.",
    ),
}

_CSV = ("CSVで出力します。", "Print CSV instead.")
_DAYS = (
    "つながりやすさの95%区間の半幅がこれ以下になるまで計算します。",
    "Simulate until the service level's 95 % half-width is this.",
)


@dataclass(frozen=True)
class Takes:
    """A verb's row. ``without``: what it does not take, and why; ``precision``: the value unless
    another is given (None: the verb's own number of days), and of what; ``csv``: what it prints."""

    without: Mapping[Common, Why] = field(default_factory=dict)
    precision: str | None = None
    precise: tuple[str, str] = _DAYS
    csv: tuple[str, str] = _CSV

    def takes(self, option: Common) -> bool:
        """Whether the verb has the option."""
        return option not in self.without


_NO_CHANCE = {Common.SEED: Why.FORMULA, Common.PRECISION: Why.FORMULA}
_LEARNT = {Common.SEED: Why.RECORDS, Common.PRECISION: Why.RECORDS}
_STUDY = Takes(precision="0.3%")

TAKES: Mapping[str, Takes] = {
    "size": Takes(_NO_CHANCE),
    "lines": Takes(_NO_CHANCE),
    "new": Takes(dict.fromkeys(Common, Why.WRITES)),
    "run": _STUDY,
    "compare": _STUDY,
    "sweep": _STUDY,
    "explain": Takes({**_NO_CHANCE, Common.CSV: Why.PROSE, Common.ASSERT: Why.ELSEWHERE}),
    "replay": Takes(
        precise=(
            "変えた一日を、応答率の95%区間の半幅がこれ以下になるまで計算します(省略時は10回)。",
            "Play the changed day until the answer rate's 95 % half-width is this (default: ten "
            "times).",
        ),
    ),
    "rehearse": Takes(
        {Common.PRECISION: Why.ONCE},
        csv=("1件ごとの結果をCSVで出力します。", "Print every call as CSV instead."),
    ),
    "staff": Takes(precise=("求める誤差。例: 0.5%", "Half-width wanted: 0.5%")),
    "fit": Takes(_LEARNT),
    "forecast": Takes(_LEARNT),
    "intraday": Takes(
        precise=(
            "残りの時間のつながりやすさの95%区間の半幅がこれ以下になるまで計算します"
            "(省略時は400日)。",
            "Simulate until the 95 % half-width of the rest's service level is this (default: 400 "
            "days).",
        ),
    ),
    "shifts": Takes(
        precision="1%",
        precise=(
            "1日の値の95%区間の半幅がこれ以下になるまで模擬します。",
            "Simulate until each day's 95 % half-width is this.",
        ),
        csv=("勤務表を取り込めるCSVで出力します。", "Print the roster as CSV to import."),
    ),
    "verify": Takes({Common.PRECISION: Why.TOLERANCE, Common.ASSERT: Why.ITSELF}),
    "bench": Takes(dict.fromkeys(Common, Why.MACHINE)),
}
