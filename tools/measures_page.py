"""Writes the list of measures from their code: ``python -m tools.measures_page``.

``docs/measures.md`` is what this writes; a test fails when a measure changed and the page did not.
"""

from __future__ import annotations

from pathlib import Path

from metrics.contract import Contract
from metrics.measure import Better, Family, Measure, Unit
from metrics.measures import MEASURES, parsed
from metrics.targets import WORST_HOUR, Target

PAGE = Path(__file__).parents[1] / "docs" / "measures.md"

_FAMILIES = {
    Family.CALLS: ("Calls", "電話の数と割合"),
    Family.LEVEL: ("Service level", "つながりやすさ"),
    Family.WAIT: ("Waits", "待ち時間"),
    Family.HANDLING: ("Handling", "対応の時間"),
    Family.WORK: ("Operators' time", "オペレーターの時間"),
    Family.SURVEY: ("Satisfaction", "満足度"),
    Family.SERVICE: ("Availability", "受付時間内の稼働"),
}
_UNITS = {
    Unit.COUNT: ("count", "件"),
    Unit.SHARE: ("share", "割合"),
    Unit.MS: ("time", "時間"),
    Unit.SCORE: ("of 5", "5点満点"),
}
_BETTER = {Better.HIGHER: "↑", Better.LOWER: "↓", Better.NEITHER: ""}

_HEAD = """\
# Measures (指標)

Generated from `metrics/` by `python -m tools.measures_page`; do not edit.

Every figure is a function of sums over the ledger's rows, the same for live screens, reports and
the simulator. A call and all that is of it belongs to the interval in which it was *offered*;
operators' time lies where it was spent. A day and a month are ratios of sums, never means of
ratios. 0 ÷ 0 is no figure (null), neither 0 nor 100 %. Percentiles are nearest rank: always a wait
that occurred. Calls of a drill count nowhere.

すべての値は通話記録の合計から計算します。画面、報告書、シミュレーターの計算式は同じです。電話は、
*かかってきた時刻* の区間に数えます。日と月の値は合計どうしの割り算で、割合の平均ではありません。
0 ÷ 0 は「値なし」です。訓練中の電話は数えません。

**Symbols (記号)**: A answered (応答), B abandoned (放棄), X left otherwise (その他: 折り返しなど),
O = A + B + X queued (窓口に入った数), A_T and B_T within T seconds (T秒以内。ちょうどT秒を含む),
B_s short abandons (短い放棄、s秒以内), K blocked before any queue (列に入る前の呼損).

**Keys**: a key marked `_Ns` carries its threshold (`sl_offered_20s`), one marked `[_from_answer]`
exists by the second clock as well, which counts from our answer of the call: the time the caller
pays for. By queue and by skill every *visit* counts as one call; by everything else, every call.
↑ higher is better (高いほど良い), ↓ lower is better (低いほど良い).

"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for family, (english, japanese) in _FAMILIES.items():
        parts.append(f"## {english} ({japanese})\n\n{_table(family)}\n")
    parts.append(_targets())
    parts.append("## Worked examples (計算例)\n")
    parts += [f"`{one.key}`\n\n```python\n{one.example}\n```\n" for one in MEASURES.values()]
    return "\n".join(parts)


def _table(family: Family) -> str:
    rows = ["| key | 名前 | name | 計算式 | formula | unit | |", "|---|---|---|---|---|---|---|"]
    for one in MEASURES.values():
        if one.family is family:
            unit_en, unit_ja = _UNITS[one.unit]
            cells = (_key(one), one.ja, one.en, one.formula_ja, one.formula_en,
                     f"{unit_en} ({unit_ja})", _BETTER[one.better])  # fmt: skip
            rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _key(one: Measure) -> str:
    return f"`{one.key}{'_Ns' if one.timed else ''}{'[_from_answer]' if one.clocked else ''}`"


def _targets() -> str:
    rows = [
        "## Targets unless `measures.toml` says otherwise (目標の初期値)\n",
        "| figure | 名前 | contract (仕様書) | promise (提案) |",
        "|---|---|---|---|",
    ]
    for target in Contract().targets.values():
        one = parsed(target.key.removeprefix(WORST_HOUR))[0]
        worst = "最悪の1時間の" if target.key.startswith(WORST_HOUR) else ""
        rows.append(
            f"| `{target.key}` | {worst}{one.ja} | {_limit(one, target, target.contract)} "
            f"| {_limit(one, target, target.promise)} |"
        )
    return "\n".join(rows) + "\n"


def _limit(one: Measure, target: Target, value: float) -> str:
    number = f"{value * 100:g} %" if one.unit is Unit.SHARE else f"{value:g}"
    return ("≥ " if target.at_least else "≤ ") + number


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
