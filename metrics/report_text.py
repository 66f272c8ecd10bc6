"""How a report's numbers, dates and headings are written in Japanese and English."""

from __future__ import annotations

import math
from datetime import date, datetime, tzinfo

from metrics.report_model import Form, Judged, Kind, Name, Report, Why
from metrics.report_names import WEEKDAYS

DASH = "–"
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

KINDS = {
    Kind.DAILY: Name("日報", "Daily report"),
    Kind.WEEKLY: Name("週報", "Weekly report"),
    Kind.MONTHLY: Name("月報", "Monthly report"),
    Kind.YEARLY: Name("年報", "Yearly report"),
    Kind.RANGE: Name("期間の報告", "Report"),
}
WHYS = {
    Why.TAKEN_OVER: Name(
        "停止中に応対された電話を、交換機の記録から引き継いだ",
        "calls served while the controller was away were taken over from the switch's record",
    ),
    Why.CLASSIFIED: Name("用件の分類があとから付いた", "calls were classified later"),
    Why.RULES_CHANGED: Name(
        "計算の決まりや目標を変えた", "formulas, thresholds or targets changed"
    ),
    Why.RECORDS_ADDED: Name("記録が増えた", "records were added"),
    Why.RECORDS_REMOVED: Name("記録が減った", "records were removed"),
    Why.RECORDS_CHANGED: Name("記録の内容が変わった", "records were changed"),
}
#: The words around the figures, by key.
WORDS = {
    "product": Name("電話窓口", "City call centre"),
    "targets": Name("目標との比較", "Against the targets"),
    "figure": Name("数字", "Figure"),
    "value": Name("実績", "Result"),
    "parts": Name("内訳", "Of"),
    "contract": Name("仕様書", "Contract"),
    "promise": Name("提案", "Promise"),
    "met": Name("達成", "met"),
    "missed": Name("未達", "missed"),
    "all_figures": Name("全体の数字", "All figures"),
    "definitions": Name("数字の決め方", "How the figures are computed"),
    "formula": Name("計算のしかた", "Formula"),
    "threshold": Name("しきい値", "Threshold"),
    "key": Name("記号", "Key"),
    "corrections": Name("訂正の記録", "Corrections"),
    "revision": Name("版", "Revision"),
    "made": Name("作成", "Made"),
    "why": Name("理由", "Why"),
    "changed": Name("変わった数字", "Figures changed"),
    "before": Name("訂正前", "Before"),
    "after": Name("訂正後", "After"),
    "first_making": Name("最初の作成", "first making"),
    "more_changes": Name("ほか{n}件", "and {n} more"),
    "empty": Name("該当する電話はありません。", "There are no such calls."),
    "no_calls": Name("この期間に電話はありませんでした。", "There were no calls in this period."),
    "provisional": Name(
        "途中の集計です。期間が終わっていないか、進行中の電話があります。",
        "Provisional: the period is not over, or calls of it are in progress.",
    ),
    "unbalanced": Name("合計が合わない表があります。", "The sums of a table do not balance."),
    "answer_rate": Name("応答率", "answer rate"),
    "other": Name("そのほか", "other"),
    "answered": Name("応答", "answered"),
    "abandoned": Name("放棄", "abandoned"),
    "page": Name("ページ", "page"),
    "no_persons": Name(
        "この報告に、電話をかけた方の番号や名前は入っていません。",
        "No caller's number or name is in this report.",
    ),
    "contents_rule": Name(
        "率は件数の合計どうしの割り算で、率の平均ではありません。電話は、かかってきた時の区切りに数えます。",
        "Rates are ratios of sums, never means of rates. A call counts where it was offered.",
    ),
}


def word(key: str, lang: str) -> str:
    """One of the words around the figures."""
    return WORDS[key].of(lang)


def number(value: float | None, form: Form, lang: str, tz: tzinfo) -> str:
    """A value as people read it; a dash where there is none.

    >>> from datetime import timezone
    >>> [number(v, f, "en", timezone.utc) for v, f in
    ...  [(0.8113, Form.SHARE), (12_340, Form.MS), (192_000, Form.MS), (None, Form.COUNT)]]
    ['81.1 %', '12.3 s', '3 min 12 s', '–']
    """
    if value is None:
        return DASH
    if form is Form.SHARE:
        return share(value)
    if form is Form.SCORE:
        return f"{value:.2f}"
    if form is Form.MS:
        return _duration(value, lang)
    if form is Form.MOMENT:
        return moment(round(value), lang, tz)
    return f"{value:,.0f}"


def share(value: float) -> str:
    """A share in percent; one just below 1 is never rounded up to it, and shows two decimals:
    what is missing of 99.95 % is what it is about. Halves are rounded up, as on every screen.

    >>> share(0.8113), share(0.9995), share(0.99999), share(1.0), share(13 / 16)
    ('81.1 %', '99.95 %', '99.99 %', '100.0 %', '81.3 %')
    """
    if 0.99 < value < 1:
        return f"{math.floor(round(value * 10_000, 6)) / 100:.2f} %"
    return f"{math.floor(round(value * 1_000, 6) + 0.5) / 10:.1f} %"


def _duration(ms: float, lang: str) -> str:
    h, m, s = ("時間", "分", "秒") if lang == "ja" else (" h ", " min ", " s")
    if ms < 60_000:
        return f"{ms / 1000:.1f}{s}"
    whole = round(ms / 1000)
    if whole < 3_600:
        return f"{whole // 60}{m}{whole % 60:02}{s}"
    return f"{whole // 3_600}{h}{whole % 3_600 // 60:02}{m}".rstrip()


def moment(at_ms: int, lang: str, tz: tzinfo) -> str:
    """A moment of the centre's day: ``11/20 13:05`` or ``20 Nov 13:05``."""
    at = datetime.fromtimestamp(at_ms / 1000, tz)
    if lang == "ja":
        return f"{at.month}/{at.day} {at:%H:%M}"
    return f"{at.day} {_MONTHS[at.month - 1]} {at:%H:%M}"


def target(judged: Judged, value: float | None, lang: str, tz: tzinfo) -> str:
    """A target with its side: ``≥ 90 %``."""
    if value is None:
        return DASH
    sign = "≥" if judged.at_least else "≤"
    if judged.form is Form.SHARE:
        return f"{sign} {value * 100:g} %"
    return f"{sign} {number(value, judged.form, lang, tz)}"


def mark(ok: bool | None, lang: str) -> str:
    """○ or × with its word; never a colour alone."""
    if ok is None:
        return ""
    return f"○ {word('met', lang)}" if ok else f"× {word('missed', lang)}"


def day_name(day: date, lang: str, *, year: bool = True) -> str:
    """``2026年11月20日(金)`` or ``Fri 20 Nov 2026``."""
    weekday = WEEKDAYS[day.weekday()].of(lang)
    if lang == "ja":
        return f"{f'{day.year}年' if year else ''}{day.month}月{day.day}日({weekday})"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]}{f' {day.year}' if year else ''}"


def period(report: Report, lang: str) -> str:
    """What the report is about, in words."""
    first, last = date.fromisoformat(report.first), date.fromisoformat(report.last)
    if report.kind is Kind.MONTHLY:
        if lang == "ja":
            return f"{first.year}年{first.month}月"
        return f"{_MONTHS[first.month - 1]} {first.year}"
    if report.kind is Kind.YEARLY:
        return f"{first.year}年" if lang == "ja" else str(first.year)
    if first == last:
        return day_name(first, lang)
    if lang == "ja":
        return f"{day_name(first, lang)}〜{day_name(last, lang, year=first.year != last.year)}"
    return f"{day_name(first, lang, year=first.year != last.year)} – {day_name(last, lang)}"


def title(report: Report, lang: str) -> str:
    """``日報 2026年11月20日(金)``."""
    return f"{KINDS[report.kind].of(lang)} {period(report, lang)}"
