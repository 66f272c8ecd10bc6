"""What a replayed day tells: the replay's error first, then what a change would have done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import msgspec

from metrics.measures import Figure
from sim.replay.change import Change
from sim.replay.compare import Compared, compare
from sim.replay.day import Day
from sim.replay.figures import KEYS, RUNS, Estimate, estimates, figures_of
from sim.replay.world import play

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
    """The day as recorded, as replayed, and, if something was to be changed, as changed."""

    day: Day
    compared: Compared
    recorded: dict[str, Figure]
    replayed: dict[str, Figure]
    changed: dict[str, Estimate] | None
    change: Change

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
        }
        return msgspec.json.format(msgspec.json.encode(said), indent=2).decode()


def report_of(day: Day, change: Change, seed: int) -> Report:
    """Play the day as it was, and, if there is a change, once more with it."""
    same = play(day, Change(), seed)
    changed = None
    if not change.none:
        seeds = range(seed, seed + RUNS)
        changed = estimates([figures_of(play(day, change, each).rows) for each in seeds])
    return Report(
        day,
        compare(day, same),
        figures_of(day.rows),
        figures_of(same.rows),
        changed,
        change,
    )


def told(report: Report, *, japanese: bool) -> Iterator[str]:
    """The answer in sentences, the replay's error first."""
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
    if report.changed is None:
        yield from _table(report.recorded, report.replayed, ("replay", "再現")[which], which)
        return
    yield _what_if(report, which)
    yield from _table(report.replayed, report.changed, ("changed", "変更後")[which], which)


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
        f"{waited}. It is one day, played {RUNS} times: patience and talks that nobody saw are "
        "drawn from the day's other calls.",
        f"{change}: 応答率は{was}から{shown}へ({more}ポイント)、ASAは{waited}から{wait}へ。"
        f"一日の記録を{RUNS}回計算した平均です。記録にないがまん時間と通話は、当日のほかの"
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


def _table(before: Figures, after: Figures, name: str, which: int) -> Iterator[str]:
    first = (("recorded", "当日"), ("replay", "再現"))[name in ("changed", "変更後")][which]
    width = max(_wide(_NAMES[key][which]) for key in KEYS)
    yield f"{'':{width}}  {_right(first, 10)}  {_right(name, 16)}"
    for key in KEYS:
        label = _NAMES[key][which]
        pad = " " * (width - _wide(label))
        one, other = _shown(key, before, which), _shown(key, after, which)
        yield f"{label}{pad}  {_right(one, 10)}  {_right(other, 16)}"


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
