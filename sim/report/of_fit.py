"""The report of what was fitted to the records, and the scenario file of it."""

from __future__ import annotations

from sim.calibrate.fit import Fit
from sim.calibrate.past import Past
from sim.calibrate.told import kind_said, number, sentences, warnings
from sim.calibrate.written import scenario_toml
from sim.report.of_records import fit_plots
from sim.report.of_told import told_paper
from sim.report.paper import Paper, Sheet
from sim.report.words import say as _say


def fit_paper(found: Fit, past: Past, lang: str) -> Paper:
    """The report in one language."""
    ja = lang == "ja"
    return told_paper(
        _say(lang, "記録からの推定", "Fitted to the records"),
        f"{found.first} – {found.last}",
        sentences(found, ja=ja),
        lang,
        warnings=warnings(found, ja=ja),
        plots=fit_plots(found, past, lang),
        sheets=fit_sheets(found, lang),
    )


def fit_scenario(found: Fit, lang: str) -> str:
    """The scenario's file, with the findings as its first lines."""
    ja = lang == "ja"
    head = [*sentences(found, ja=ja), *warnings(found, ja=ja)]
    return scenario_toml(found.scenario, found, head)


def fit_sheets(found: Fit, lang: str) -> tuple[Sheet, ...]:
    """Calls by kind of day, and calls and operators by the hour."""
    ja = lang == "ja"
    rows = [
        (kind_said(each.kind, ja=ja), number(each.calls), f"{each.calls.n:,}")
        for each in found.levels
    ]
    head = (
        _say(lang, "日の種類", "Kind of day"),
        _say(lang, "1日の件数", "calls a day"),
        _say(lang, "日数", "days"),
    )
    return (
        Sheet(_say(lang, "曜日ごとの件数", "Calls by kind of day"), head, tuple(rows)),
        _profile(found, lang),
    )


def _profile(found: Fit, lang: str) -> Sheet:
    scenario = found.scenario
    head = (
        _say(lang, "時刻", "From"),
        *(each.name for each in scenario.classes),
        *(each.name for each in scenario.groups),
    )
    rows = []
    for n in range(scenario.periods):
        minutes = int(scenario.opens_s + n * scenario.period_s) // 60
        calls = [f"{each.arrivals_per_s[n] * 3600:,.1f}" for each in scenario.classes]
        agents = [str(each.agents[n]) for each in scenario.groups]
        rows.append((f"{minutes // 60}:{minutes % 60:02d}", *calls, *agents))
    title = _say(lang, "1時間あたりの件数と人数", "Calls an hour, and operators")
    return Sheet(title, head, tuple(rows))
