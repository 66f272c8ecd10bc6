"""What comparisons and sweeps say, in sentences; a single study is told by its report."""

from __future__ import annotations

from collections.abc import Sequence

from sim.experiment.comparing import Comparison
from sim.report.convert import goals_of, value_of
from sim.report.paper import Sheet
from sim.report.told import counted_hours
from sim.report.words import DASH, percent, seconds
from sim.results import Estimate, StudyResult

_SHARES = ("answer_rate_a", "sl_offered", "sl_excl_early_abandons", "p_abandon", "p_block")
_TIMES = ("asa_s", "wait_mean_s")
_NAMES = {
    "answer_rate_a": ("応答率", "answer rate"),
    "sl_offered": ("{t}以内の応答(全着信のうち)", "within {t}, of all"),
    "sl_excl_early_abandons": (
        "{t}以内(その前に切れた電話を除く)",
        "within {t}, excl. early abandons",
    ),
    "p_abandon": ("放棄率", "abandonment"),
    "p_block": ("呼損率(回線・窓口の満杯)", "blocked"),
    "asa_s": ("平均応答時間", "mean wait of the answered"),
    "wait_mean_s": ("平均待ち時間(応答と放棄)", "mean wait of all"),
}


def with_fewer(seats: int, fewer: StudyResult, lang: str) -> str:
    """What one seat less means by the hour."""
    goals, hours = goals_of(fewer), counted_hours(fewer)
    missed = {
        hour.name
        for key, goal in (("sl_offered", goals.sl_offered), ("answer_rate_a", goals.answer_rate))
        for hour in fewer.missed(key, goal)
    }
    if len(hours) < 2 or not fewer.worst:
        return ""
    if lang == "ja":
        if not missed:
            return f"{seats}席でも、すべての時間帯で目標に届きます。"
        return f"{seats}席では、{len(hours)}の時間帯のうち{len(missed)}つで目標に届きません。"
    if not missed:
        return f"With {seats} seats the targets are still met in every hour."
    return f"With {seats} seats the target is missed in {len(missed)} of {len(hours)} hours."


def absences(result: StudyResult, lang: str) -> str:
    """That people are missing by chance, if they are."""
    if not result.absence:
        return ""
    share = f"{100 * result.absence:g} %"
    if lang == "ja":
        return f"一人ひとりが、その日に{share}の確率で欠けるものとしています。"
    return f"Each operator is missing on a day with a chance of {share}."


def comparison(found: Comparison, name: str, lang: str) -> tuple[str, ...]:
    """What the change does; ``name`` is what it is called."""
    within = _within(found.base, lang)
    rate = _change(found, "answer_rate_a", lang)
    level = _change(found, "sl_offered", lang)
    worst = _worst(found, lang)
    if lang == "ja":
        return (f"{name}: 応答率は{rate}。", f"{within}以内の応答は{level}。", *worst)
    return (f"{name}: the answer rate {rate}.", f"The share within {within} {level}.", *worst)


def _change(found: Comparison, key: str, lang: str) -> str:
    base, other = (percent(value_of(each.figure(key)), lang) for each in (found.base, found.other))
    points = found.differences.get(key, Estimate(None))
    if points.mean is None:
        return f"{base} → {other}"
    sure = points.half is None or abs(points.mean) > points.half
    size = _points(Estimate(abs(points.mean), points.half), lang)
    if lang == "ja":
        if not sure:
            return f"{base}から{other}になります(差は誤差の範囲です)"
        way = "上がります" if points.mean > 0 else "下がります"
        return f"{base}から{other}に、{size}{way}"
    if not sure:
        return f"goes from {base} to {other}; the difference is within its error"
    way = "rises" if points.mean > 0 else "falls"
    return f"{way} from {base} to {other}, by {size}"


def _worst(found: Comparison, lang: str) -> tuple[str, ...]:
    hours = [each.worst_hour() for each in (found.base, found.other)]
    if hours[0] is None or hours[1] is None or len(counted_hours(found.other)) < 2:
        return ()
    base, other = (
        (each.name, percent(value_of(each.figures["answer_rate_a"]), lang))
        for each in hours
        if each is not None
    )
    if lang == "ja":
        return (f"最も低い時間帯の応答率は、{base[1]}({base[0]}から)が"
                f"{other[1]}({other[0]}から)になります。",)  # fmt: skip
    return (f"The worst hour's answer rate goes from {base[1]} (from {base[0]}) "
            f"to {other[1]} (from {other[0]}).",)  # fmt: skip


def comparison_sheet(found: Comparison, name: str, lang: str) -> Sheet:
    """Before, after, and the paired difference."""
    ja = lang == "ja"
    head = (
        ("項目", "もとの前提", name, "差(対応のある比較)")
        if ja
        else ("figure", "as assumed", name, "difference (paired)")
    )
    within = _within(found.base, lang)
    rows = []
    for key in (*_SHARES, *_TIMES):
        ends = [_written(key, each.figure(key), lang) for each in (found.base, found.other)]
        change = found.differences.get(key, Estimate(None))
        said = _points(change, lang) if key in _SHARES else _written(key, change, lang)
        rows.append((_NAMES[key][0 if ja else 1].format(t=within), *ends, said))
    return Sheet("比較" if ja else "Comparison", head, tuple(rows))


def sweep(
    results: Sequence[tuple[str, StudyResult]], flag: str, lang: str, name: str = ""
) -> tuple[str, ...]:
    """Which values meet both targets; ``name``: see :func:`sim.report.of_several.sweep_paper`."""
    shown = name or f"--{flag}"
    good = [value for value, result in results if meets(result)]
    first, last = results[0][0], results[-1][0]
    if not good:
        return (
            f"{shown} {first}から{last}まで、どの値でも目標(一日の応答率と、つながりやすさ)に"
            "届きません。"
            if lang == "ja"
            else f"No value of {shown} from {first} to {last} meets the day's targets.",
        )
    if flag == "seats":
        least, unit = good[0], "" if name else "席"
        return (
            f"一日の目標をどちらも満たす最も少ない席数は{least}{unit}です"
            f"(試した範囲 {first}–{last})。"
            if lang == "ja"
            else f"{least} seats are the fewest that meet the day's targets ({first}–{last}).",
        )
    return (
        f"{shown}{'' if name else ' '}が{'、'.join(good)}のとき、一日の目標をどちらも満たします。"
        if lang == "ja"
        else f"The day's targets are met with {shown} {', '.join(good)}.",
    )


def sweep_sheet(
    results: Sequence[tuple[str, StudyResult]], flag: str, lang: str, name: str = ""
) -> Sheet:
    """A row a value; the worst hour beside the day."""
    ja = lang == "ja"
    within = _within(results[0][1], lang)
    names = (
        ("応答率", f"{within}以内", "早く切れた電話を除く", "最低の時間帯", "その応答率",
         "目標に届かない時間帯", "回線")
        if ja
        else ("answer rate", f"within {within}", "excl. early abandons", "worst hour",
              "its answer rate", "hours below target", "lines")
    )  # fmt: skip
    rows = tuple((value, *_row(result, lang)) for value, result in results)
    strong = next((n for n, (_, result) in enumerate(results) if meets(result)), -1)
    note = (
        "回線は、最も混む時間帯の99.9 %の時間に足りる数です。"
        if ja
        else "Lines: enough for 99.9 % of the busiest hour."
    )
    if strong >= 0:
        note += (
            "太字: 一日の目標を満たす最初の行。" if ja else " Bold: the first to meet the targets."
        )
    shown = name or f"--{flag}"
    title = "席数ごと" if ja and flag == "seats" else shown[:1].upper() + shown[1:]
    return Sheet(title, (shown, *names), rows, strong, note)


def _row(result: StudyResult, lang: str) -> tuple[str, ...]:
    shares = [percent(value_of(result.figure(key)), lang) for key in _SHARES[:3]]
    hour, counted = result.worst_hour(), counted_hours(result)
    if hour is None or len(counted) < 2:
        return (*shares, DASH, DASH, DASH, str(result.lines.enough(0.999)))
    worst = percent(value_of(hour.figures["answer_rate_a"]), lang)
    missed = len(result.missed("sl_offered", result.targets.service_level))
    lines = str(result.lines.enough(0.999))
    return (*shares, hour.name, worst, f"{missed}/{len(counted)}", lines)


def classes_sheet(result: StudyResult, lang: str) -> Sheet:
    """A row a kind of call, each with its own threshold."""
    ja = lang == "ja"
    head = (
        (
            "電話の種類",
            "基準",
            "着信数/日",
            "応答率",
            "基準以内",
            "早く切れた電話を除く",
            "平均応答時間",
        )
        if ja
        else ("calls", "T", "a day", "answer rate", "within T", "excl. early abandons", "mean wait")
    )
    rows = []
    for of in result.scenario.classes:
        figures = {key: result.figure(f"{of.name}.{key}") for key in (*_SHARES[:3], "asa_s")}
        offered = result.figure(f"{of.name}.offered").mean or 0.0
        said = [_written(key, each, lang) for key, each in figures.items()]
        rows.append((of.name, seconds(of.threshold_s, lang), f"{offered:,.1f}", *said))
    return Sheet("電話の種類ごと" if ja else "By kind of call", head, tuple(rows))


def groups_sheet(result: StudyResult, lang: str) -> Sheet:
    """A row a group: the most seats, and how busy they are."""
    ja = lang == "ja"
    rows = tuple(
        (
            group.name,
            str(max(group.agents)),
            percent(value_of(result.figure(f"{group.name}.occupancy")), lang),
        )
        for group in result.scenario.groups
    )
    head = ("グループ", "最大の席数", "稼働率") if ja else ("group", "most seats", "occupancy")
    return Sheet("グループごと" if ja else "By group", head, rows)


def meets(result: StudyResult) -> bool:
    """Whether the day's answer rate and service level reach their targets."""
    pairs = (
        (result.figure("answer_rate_a").mean, result.targets.answer_rate),
        (result.figure("sl_offered").mean, result.targets.service_level),
    )
    return all(goal is None or (mean is not None and mean >= goal) for mean, goal in pairs)


def _within(result: StudyResult, lang: str) -> str:
    if result.threshold_s is None:
        return "各基準" if lang == "ja" else "each threshold"
    return seconds(result.threshold_s, lang)


def _points(of: Estimate, lang: str) -> str:
    """A difference of shares.

    >>> _points(Estimate(-0.0123, 0.0004), "en")
    '-1.23 ± 0.04 points'
    """
    if of.mean is None:
        return DASH
    half = f" ± {max(0.01, 100 * of.half):.2f}" if of.half else ""
    return f"{100 * of.mean:.2f}{half}{'ポイント' if lang == 'ja' else ' points'}"


def _written(key: str, of: Estimate, lang: str) -> str:
    if key in _SHARES:
        return percent(value_of(of), lang)
    if of.mean is None:
        return DASH
    half = f" ± {of.half:.2f}" if of.half else ""
    return f"{of.mean:.2f}{'秒' if lang == 'ja' else ' s'}{half}"
