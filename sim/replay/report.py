"""What a replayed day tells: the replay's error first, then what a change would have done."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

import msgspec

from metrics.measures import Figure
from sim import results
from sim.replay.change import Change
from sim.replay.compare import Compared, compare
from sim.replay.day import Day
from sim.replay.figures import (
    KEYS,
    MOST_RUNS,
    RUNS,
    Estimate,
    HourOfDay,
    by_hour,
    estimates,
    figures_of,
    mean_hours,
)
from sim.replay.world import play
from sim.report.paper import Sheet

#: Differences that are told one by one; all are counted, and all are in the JSON.
SHOWN = 20
#: Below this share of identical decisions the replay is no ground for a what-if.
TRUSTED = 0.99

_NAMES = {
    "answer_rate_a": ("answer rate", "応答率"),
    "asa": ("mean wait of answered calls (ASA)", "応答までの平均(ASA)"),
    "sl_offered_20s": ("within 20 s, of all calls", "20秒以内応答(全呼)"),
    "sl_excl_early_abandons_20s": (
        "within 20 s, early abandons left out",
        "20秒以内応答(早期放棄を除く)",
    ),
    "abandoned": ("abandoned", "放棄"),
    "blocked": ("blocked", "話中"),
}
Figures = Mapping[str, Figure] | Mapping[str, Estimate]
_SHARES = ("answer_rate_a", "sl_offered_20s", "sl_excl_early_abandons_20s")


@dataclass(frozen=True, slots=True)
class Report:
    """The day as recorded, as replayed, and, if something was to be changed, as changed.
    ``hours``: each of them by the hour (``recorded``, ``replayed``, ``changed``)."""

    day: Day
    compared: Compared
    recorded: dict[str, Figure]
    replayed: dict[str, Figure]
    changed: dict[str, Estimate] | None
    change: Change
    runs: int = 0
    hours: dict[str, list[HourOfDay]] = field(default_factory=dict)

    @property
    def date(self) -> dt.date:
        """The local day."""
        return dt.datetime.fromtimestamp(self.day.from_s, self.day.tz).date()

    def as_json(self) -> str:
        """Everything, for programs."""
        differences = [asdict(each) for each in self.compared.differences]
        said = {
            "date": self.date.isoformat(),
            "decisions": self.compared.decisions,
            "identical": self.compared.identical,
            "differences": differences,
            "played_as_plain_talks": self.day.plain,
            "recorded": _values(self.recorded),
            "replayed": _values(self.replayed),
            "change": _asked(self.change),
            "changed": self.changed,
            "runs": self.runs,
        }
        return msgspec.json.format(msgspec.json.encode(said), indent=2).decode()

    def as_csv(self) -> str:
        """A line a figure: recorded, replayed, and changed with its half-width."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["figure", "recorded", "replayed", "changed", "half_width_95"])
        for key in KEYS:
            changed = self.changed[key] if self.changed is not None else None
            writer.writerow(
                [key, self.recorded[key].value, self.replayed[key].value,
                 *((changed.value, changed.half_width) if changed else ("", ""))]
            )  # fmt: skip
        return text.getvalue()


def report_of(day: Day, change: Change, seed: int, precision: float | None = None) -> Report:
    """Play the day as it was, and, if there is a change, again with it: :data:`RUNS` times, or
    until the answer rate's half-width is ``precision``."""
    same = play(day, Change(), seed)
    hours = {"recorded": by_hour(day.rows, day.tz), "replayed": by_hour(same.rows, day.tz)}
    runs: list[dict[str, Figure]] = []
    of_runs: list[list[HourOfDay]] = []
    changed = None
    while not change.none and not (changed and _enough(changed, len(runs), precision)):
        seeds = range(seed + len(runs), seed + len(runs) + RUNS)
        for each in seeds:
            rows = play(day, change, each).rows
            runs.append(figures_of(rows))
            of_runs.append(by_hour(rows, day.tz))
        changed = estimates(runs)
        hours["changed"] = mean_hours(of_runs)
    return Report(
        day,
        compare(day, same),
        figures_of(day.rows),
        figures_of(same.rows),
        changed,
        change,
        len(runs),
        hours,
    )


def _enough(changed: Mapping[str, Estimate], runs: int, precision: float | None) -> bool:
    half = changed["answer_rate_a"].half_width
    return precision is None or half is None or half <= precision or runs >= MOST_RUNS


def claimable(report: Report) -> dict[str, results.Estimate]:
    """What can be claimed: the share of identical decisions, and the day's figures, of the changed
    day where there is a change."""
    compared = report.compared
    found = {
        "identical": results.Estimate(compared.identical),
        "differences": results.Estimate(len(compared.differences)),
    }
    for key in KEYS:
        # Times are seconds in claims, as everywhere a planner writes them.
        name, scale = ("asa_s", 0.001) if key == "asa" else (key, 1.0)
        for side, figures in (("recorded", report.recorded), ("replayed", report.replayed)):
            found[f"{side}.{name}"] = _claimed(figures[key].value, None, scale)
        found[name] = found[f"replayed.{name}"]
        if report.changed is not None:
            changed = report.changed[key]
            found[name] = _claimed(changed.value, changed.half_width, scale)
    return found


def _claimed(value: float | None, half: float | None, scale: float) -> results.Estimate:
    return results.Estimate(
        None if value is None else scale * value, None if half is None else scale * half
    )


def told(report: Report, *, japanese: bool) -> Iterator[str]:
    """The whole answer as lines of text, the replay's error first."""
    yield from sentences(report, japanese=japanese)
    yield from _table(sheet(report, japanese=japanese))


def sentences(report: Report, *, japanese: bool) -> Iterator[str]:
    """What is said, without the table."""
    which = 1 if japanese else 0
    yield _error(report, which)
    compared = report.compared
    for each in compared.differences[:SHOWN]:
        when = dt.datetime.fromtimestamp(each.at_s, report.day.tz).strftime("%H:%M:%S")
        yield f"  {when}  {each.ja if japanese else each.en}"
    more = len(compared.differences) - SHOWN
    if more > 0:
        english = f"  ... and {more} more (--json has all)."
        yield (english, f"  ほか{more}件(--jsonですべて)。")[which]
    if report.day.plain:
        number = sum(report.day.plain.values())
        yield (
            f"{number} steps are simplified: colleagues asked and conferences are plain talks of "
            "the same length, and operators' outside calls are left out.",
            f"操作{number}件は簡単にしています。同僚への相談と会議は同じ長さの通話とし、"
            "外線発信は含めません。",
        )[which]
    if report.changed is not None:
        yield _what_if(report, which)


def sheet(report: Report, *, japanese: bool) -> Sheet:
    """The day's figures as recorded and replayed; or replayed and changed."""
    which = 1 if japanese else 0
    recorded, replay = ("recorded", "当日")[which], ("replay", "再現")[which]
    before: Figures = report.recorded
    after: Figures = report.replayed
    names = (recorded, replay)
    if report.changed is not None:
        before, after = report.replayed, report.changed
        names = (replay, ("changed", "変更後")[which])
    rows = tuple(
        (_NAMES[key][which], _shown(key, before, which), _shown(key, after, which)) for key in KEYS
    )
    return Sheet(("The day", "その日の値")[which], ("", *names), rows)


def _error(report: Report, which: int) -> str:
    compared, share = report.compared, report.compared.identical
    calls = report.recorded["answer_rate_a"].whole or 0
    if share is None:
        return (
            f"{report.date}: {calls} calls, and nobody was rung: there is nothing to compare.",
            f"{report.date}: {calls}件。呼び出しがないため、比べるものがありません。",
        )[which]
    rate = _gap("answer_rate_a", report.recorded, report.replayed, which)
    wait = _gap("asa", report.recorded, report.replayed, which)
    trust = ""
    if share < TRUSTED:
        trust = (
            " That is too few to rest a what-if on.",
            " これでは、変更の効果を確かめる土台になりません。",
        )[which]
    number = len(compared.differences)
    return (
        f"{report.date} played again: {compared.decisions - number} of {compared.decisions} routing"
        f" decisions ({share:.1%}) are those that were made; answer rate {rate}, ASA {wait}."
        + trust,
        f"{report.date}の再現: 振り分け{compared.decisions}件のうち"
        f"{compared.decisions - number}件({share:.1%})が当日と同じでした。応答率の差{rate}、"
        f"ASAの差{wait}。" + trust,
    )[which]


def _what_if(report: Report, which: int) -> str:
    assert report.changed is not None
    now, then = report.changed, report.replayed
    rate, before = now["answer_rate_a"].value, then["answer_rate_a"].value
    shown, was = _shown("answer_rate_a", now, which), _shown("answer_rate_a", then, which)
    wait, waited = _shown("asa", now, which), _shown("asa", then, which)
    change = _change_in_words(report.change, which)
    more = f"{100 * ((rate or 0) - (before or 0)):+.1f}"
    return (
        f"{change}: answer rate {shown} instead of {was} ({more} points), ASA {wait} instead of "
        f"{waited}. It is one day, played {report.runs} times: patience and talks that nobody saw "
        "are drawn from the day's other calls.",
        f"{change}: 応答率は{was}から{shown}へ({more}ポイント)、ASAは{waited}から{wait}へ。"
        f"一日の記録を{report.runs}回計算した平均です。記録にないがまん時間と通話は、当日のほかの"
        "通話から引いています。",
    )[which]


def _change_in_words(change: Change, which: int) -> str:
    said: list[tuple[str, str]] = []
    if change.plan is not None:
        version = change.plan.version
        said.append((f'With the plan "{version}"', f"計画「{version}」"))
    if change.plus:
        number, like = len(change.plus), change.plus[0]
        said.append((f"With {number} more who work as {like}", f"{like}と同じ人を{number}人増"))
    if change.absent:
        names = ", ".join(change.absent)
        said.append((f"Without {names}", f"{names}が欠勤"))
    if change.lines is not None:
        number = change.lines
        said.append((f"With {number} line{'s'[: number - 1]}", f"回線{number}本"))
    return ("; ", "、")[which].join(each[which] for each in said)


def _table(of: Sheet) -> Iterator[str]:
    width = max(_wide(row[0]) for row in of.rows)
    for first, *others in (of.head, *of.rows):
        one, other = others
        pad = " " * (width - _wide(first))
        yield f"{first}{pad}  {_right(one, 10)}  {_right(other, 16)}"


def _wide(text: str) -> int:
    """Columns on a terminal: a Japanese character takes two."""
    return sum(2 if ord(each) > 0x2E7F else 1 for each in text)


def _right(text: str, columns: int) -> str:
    return " " * (columns - _wide(text)) + text


def _shown(key: str, figures: Figures, which: int) -> str:
    """A figure for people; with its half-width where it is an estimate."""
    found = figures[key]
    if found.value is None:
        return "-"
    half = found.half_width if isinstance(found, Estimate) else None
    unit, scale, digits = "", 1.0, 0 if half is None else 1
    if key in _SHARES:
        unit, scale, digits = "%", 100.0, 1
    elif key == "asa":
        unit, scale, digits = (" s", "秒")[which], 0.001, 1
    sure = "" if half is None else f" ± {half * scale:.{digits}f}"
    return f"{found.value * scale:,.{digits}f}{unit}{sure}"


def _gap(key: str, one: dict[str, Figure], other: dict[str, Figure], which: int) -> str:
    """How far the replay is from the record."""
    then, now = one[key].value, other[key].value
    if then is None or now is None:
        return "-"
    if key in _SHARES:
        points = f"{100 * (now - then):+.1f}"
        return (f"{points} points off", f"{points}ポイント")[which]
    return (f"{(now - then) / 1000:+.1f} s off", f"{(now - then) / 1000:+.1f}秒")[which]


def _values(figures: dict[str, Figure]) -> dict[str, float | None]:
    return {key: figure.value for key, figure in figures.items()}


def _asked(change: Change) -> dict[str, object]:
    return {
        "plus": list(change.plus),
        "absent": list(change.absent),
        "lines": change.lines,
        "plan": change.plan.version if change.plan else None,
    }
