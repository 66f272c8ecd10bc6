"""The words of a study's report in Japanese and English, and how figures are written there."""

from __future__ import annotations

from metrics.report_model import Name
from sim.report.values import Value

DASH = "–"

WORDS = {
    "seats": Name("席数", "seats"),
    "calls": Name("件", "calls"),
    "hour": Name("時(その時から1区切り)", "hour of the day (from then on)"),
    "offered": Name("着信数", "offered"),
    "answered": Name("応答数(柱の中は席数)", "answered (in the bar: seats)"),
    "band": Name("10日のうち9日が入る幅", "nine days of ten lie here"),
    "worst": Name("最も低い時間帯", "worst hour"),
    "target": Name("目標", "target"),
    "beyond": Name("(図の範囲の外)", " (beyond the plot)"),
    "sl_offered": Name("{t}以内の応答(全着信のうち)", "answered within {t}, of all"),
    "sl_excl": Name("{t}以内(その前に切れた電話を除く)", "within {t}, without early abandons"),
    "answer_rate": Name("応答率", "answer rate"),
    "asa": Name("平均応答時間", "mean wait of the answered"),
    "asa_note": Name("つながった電話だけの平均", "of answered calls only"),
    "from": Name("開始", "From"),
    "by_hour": Name("時間帯ごとの数字", "By hour"),
    "worst_row": Name(
        "太字は最も低い時間帯です。", "The bold row is the worst hour (lowest answer rate)."
    ),
    "as_assumed": Name("この前提のとき", "as assumed"),
    "time_share": Name("時間の割合", "share of time"),
    "time_in_use": Name("その本数が使われている時間", "time with so many in use"),
    "lines_in_use": Name("同時に使われる回線(同時通話数)", "channels in use at once"),
    "lines_there": Name("回線の上限 {lines}", "{lines} channels"),
    "plot_seats": Name("席数とつながりやすさ", "Seats against service level"),
    "plot_day": Name("一日の着信と応答", "The day: calls offered and answered"),
    "plot_worst": Name("時間帯ごとのつながりやすさ", "Service level by hour"),
    "plot_sensitivity": Name("前提が外れたとき", "If an assumption is wrong"),
    "plot_lines": Name("回線の使われ方", "Channels in use"),
    "seats_said": Name(
        "{seats}席 応答率{rate}、全着信のうち{sl}、早く切れた電話を除くと{excl}",
        "{seats} seats: answer rate {rate}, of all {sl}, without early abandons {excl}",
    ),
    "day_said": Name("{hour}時 着信{offered} 応答{answered}", "{hour}: {offered}, {answered}"),
    "hour_said": Name("{hour}時 応答率{rate} {sl}", "{hour}: answer rate {rate}, {sl}"),
    "lines_said": Name(
        "99%の時間は{p99}本、99.9%の時間は{p999}本で足ります",
        "{p99} are enough for 99 % of the time, {p999} for 99.9 %",
    ),
}


def word(key: str, lang: str) -> str:
    """A text by its key, in ``ja`` or ``en``."""
    return WORDS[key].of(lang)


def say(lang: str, ja: str, en: str) -> str:
    """The text of a language."""
    return ja if lang == "ja" else en


def percent(value: Value, lang: str) -> str:
    """A share with its half-width, as people read it.

    >>> percent(Value(0.8764, 0.0031), "en"), percent(Value(None), "en")
    ('87.6 % ± 0.3', '–')
    """
    if value.mean is None:
        return DASH
    said = f"{100 * value.mean:.1f} %"
    if value.half:
        said += f" ± {max(0.1, 100 * value.half):.1f}"
    return said


def seconds(value_s: float, lang: str) -> str:
    """A length of time as it is spoken.

    >>> seconds(20, "ja"), seconds(240, "ja"), seconds(90, "en"), seconds(7200, "en")
    ('20秒', '4分', '90 s', '2 h')
    """
    if value_s >= 3600 and value_s % 3600 == 0:
        return f"{value_s / 3600:g}時間" if lang == "ja" else f"{value_s / 3600:g} h"
    if value_s >= 120 and value_s % 60 == 0:
        return f"{value_s / 60:g}分" if lang == "ja" else f"{value_s / 60:g} min"
    return f"{value_s:.3g}秒" if lang == "ja" else f"{value_s:.3g} s"


def clock(value_s: float) -> str:
    """A time of the day, in seconds after midnight.

    >>> clock(30_600)
    '8:30'
    """
    minutes = round(value_s / 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
