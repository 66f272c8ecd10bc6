"""A scenario's assumptions and a study's method, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from metrics.report_model import Name
from sim.inputs.distributions import Distribution, Kind
from sim.inputs.scenario import CallClass, Group, Habits, Rule, Scenario
from sim.report.words import seconds
from sim.results import Stamp, StudyResult

_KINDS: Mapping[Kind, Name] = {
    Kind.EXPONENTIAL: Name("平均{mean}(指数分布)", "mean {mean} (exponential)"),
    Kind.DETERMINISTIC: Name("いつも{mean}", "always {mean}"),
    Kind.LOGNORMAL: Name(
        "平均{mean}(対数正規分布、ばらつき{scv:.2f})", "mean {mean} (lognormal, scv {scv:.2f})"
    ),
    Kind.WEIBULL: Name(
        "平均{mean}(ワイブル分布、形{shape:.2f})", "mean {mean} (Weibull, shape {shape:.2f})"
    ),
    Kind.GAMMA: Name(
        "平均{mean}(ガンマ分布、形{shape:.2f})", "mean {mean} (gamma, shape {shape:.2f})"
    ),
    Kind.HYPEREXPONENTIAL: Name(
        "平均{mean}(短い方と長い方の混合)", "mean {mean} (a mixture of short and long)"
    ),
    Kind.EMPIRICAL: Name(
        "記録から求めた分布(測れた分の平均{mean})", "as recorded (mean of what was seen: {mean})"
    ),
}
_RULES: Mapping[Rule, Name] = {
    Rule.LONGEST_WAIT: Name(
        "空いた人は、いちばん長く待っている電話を取ります(優先度の高い電話は早く来たものとして扱います)。",
        "Whoever frees takes the call that has waited longest (priority counts as time waited).",
    ),
    Rule.SKILL_ORDER: Name(
        "空いた人は、決められた用件の順に電話を取ります。",
        "Whoever frees takes calls by a fixed order of skills.",
    ),
    Rule.LONGEST_QUEUE: Name(
        "空いた人は、待ちの多い用件から電話を取ります。",
        "Whoever frees takes the skill with most calls waiting.",
    ),
}


def assumptions(scenario: Scenario, lang: str) -> tuple[tuple[str, str], ...]:
    """Pairs of name and text: who calls, how long it takes, who answers, what is limited."""

    def put(ja: str, en: str) -> str:
        return ja if lang == "ja" else en

    found = [_calls(scenario, lang)]
    many = len(scenario.classes) > 1
    for each in scenario.classes:
        found += _class(each, f"{each.name}: " if many else "", lang)
    found += [_group(each, lang) for each in scenario.groups]
    if scenario.habits is not None:
        found += _habits(scenario.habits, lang)
    found.append((put("電話の取り方", "Which call first"), _RULES[scenario.rule].of(lang)))
    found.append(
        (
            put("回線", "Lines"),
            put("足りないことはない", "never too few")
            if scenario.lines is None
            else put(
                f"{scenario.lines}回線(待っている間も使う)", f"{scenario.lines}, held while waiting"
            ),
        )
    )
    if scenario.waiting_places is not None:
        places = scenario.waiting_places
        found.append((put("待てる人数", "Waiting places"), put(f"{places}人まで", str(places))))
    if scenario.redial:
        share = f"{100 * scenario.redial:g} %"
        found.append(
            (
                put("かけ直し", "Calling again"),
                put(f"つながらなかった人の{share}", f"{share} of those who did not get through"),
            )
        )
    return tuple(found)


def _habits(of: Habits, lang: str) -> list[tuple[str, str]]:
    """Menu, ringing and breaks, where there are any."""
    ja = lang == "ja"
    found = []
    if of.menu is not None:
        length, leaves = _length(of.menu, lang), f"{100 * of.leaves:g} %"
        left = f"。途中で切る人 {leaves}" if ja else f"; {leaves} hang up in it"
        found.append(("案内" if ja else "Menu", length + left))
    if of.ring is not None or of.unanswered:
        ring = _length(of.ring, lang) if of.ring else ("すぐに取る" if ja else "answered at once")
        missed, timeout = f"{100 * of.unanswered:g} %", seconds(of.ring_timeout_s, lang)
        rest = (
            f"。{missed}は誰も取らず、{timeout}で次の人へ"
            if ja
            else (f"; {missed} are not answered and go on to the next after {timeout}")
        )
        found.append(("呼び出し" if ja else "Ringing", ring + rest))
    if of.break_every_s is not None:
        every, length = seconds(of.break_every_s, lang), seconds(of.break_length_s, lang)
        text = (
            f"{every}ごとに{length}、手が空いたときに1人ずつ"
            if ja
            else (f"{length} after each {every}, one by one when free")
        )
        found.append(("休憩" if ja else "Breaks", text))
    return found


def _calls(scenario: Scenario, lang: str) -> tuple[str, str]:
    counted = range(scenario.periods)
    skipped = int(scenario.warm_up_s // scenario.period_s)
    per_period = [
        sum(each.arrivals_per_s[at] for each in scenario.classes) * scenario.period_s
        for at in counted
    ][skipped:]
    total, most = sum(per_period), max(per_period)
    if skipped:
        hourly = most * 3600 / scenario.period_s
        return (
            ("着信", f"1時間に{hourly:,.0f}件が続く(定常状態)。ばらばらに来る")
            if lang == "ja"
            else ("Calls", f"{hourly:,.0f} an hour, going on like that (steady state), at random")
        )
    span = seconds(scenario.day_s - skipped * scenario.period_s, lang)
    busy = ""
    if scenario.busyness is not None:
        spread = 100 / scenario.busyness**0.5
        busy = (
            f"。日によって±{spread:.0f} %ほど変わる"
            if lang == "ja"
            else f"; whole days are busier or calmer by about ± {spread:.0f} %"
        )
    period = seconds(scenario.period_s, lang)
    if lang == "ja":
        return (
            "着信",
            f"{span}に{total:,.0f}件、最も多い{period}に{most:,.0f}件、ばらばらに来る{busy}",
        )
    return "Calls", f"{total:,.0f} in {span}, {most:,.0f} in the busiest {period}, at random{busy}"


def _class(each: CallClass, lead: str, lang: str) -> list[tuple[str, str]]:
    ja = lang == "ja"
    found = [(lead + ("通話時間" if ja else "Talk"), _length(each.talk, lang))]
    if each.wrap_up is not None:
        found.append((lead + ("後処理" if ja else "Wrap-up"), _length(each.wrap_up, lang)))
    kinds = dict.fromkeys(each.patience)
    said = [
        ("いくらでも待つ" if ja else "for ever") if kind is None else _length(kind, lang)
        for kind in kinds
    ]
    shown = "; ".join(said[:4])
    found.append((lead + ("待てる時間" if ja else "Patience"), shown))
    return found


def _length(of: Distribution, lang: str) -> str:
    said = _KINDS[of.kind].of(lang)
    return said.format(mean=seconds(of.mean_s, lang), scv=of.scv, shape=of.shape)


def _group(each: Group, lang: str) -> tuple[str, str]:
    runs: list[tuple[int, int]] = []
    for number in each.agents:
        if runs and runs[-1][0] == number:
            runs[-1] = (number, runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    numbers = "→".join(str(number) for number, _ in runs[:12])
    skills = "、".join(each.skills) if lang == "ja" else ", ".join(each.skills)
    name = f"席({each.name})" if lang == "ja" else f"Seats ({each.name})"
    return name, f"{numbers}席: {skills}" if lang == "ja" else f"{numbers}: {skills}"


#: What engines call themselves in a stamp, and what that means to a reader.
EXACT = "closed forms"


def method(study: StudyResult, lang: str) -> tuple[str, ...]:
    """How the figures came about."""
    steps: list[Callable[[StudyResult], Name]] = [_how, _sure, _counted]
    return tuple(each(study).of(lang) for each in steps)


def _how(study: StudyResult) -> Name:
    stamp = study.stamp
    if stamp.engine == EXACT:
        return Name(
            "待ち行列の公式(M/M/n+G、あきらめる人を含むアーランの式)で、1時間ごとに厳密に計算しました。"
            "前の時間の混雑が次の時間に残る影響は、シミュレーションでだけ見られます。",
            "Each hour was computed exactly by itself with a formula of queueing theory (M/M/n+G: "
            "Erlang's model with callers who give up). What one hour leaves to the next is only in "
            "a simulated study.",
        )
    return Name(
        f"{stamp.days:,}日分をコンピューターで再現しました"
        f"(計算部: {stamp.engine}、乱数の種: {stamp.seed})。"
        "同じ種と版なら、まったく同じ結果になります。",
        f"{stamp.days:,} days were simulated (engine: {stamp.engine}, seed {stamp.seed}). The same "
        "seed and versions give the same figures to the last digit.",
    )


def _sure(study: StudyResult) -> Name:
    if study.stamp.engine == EXACT:
        return Name(
            "式の値なので「±」は付きません。前提が正しい範囲で正しい数字です。",
            "A formula's value has no ±. It is as right as its assumptions.",
        )
    return Name(
        "「±」は95 %信頼区間の半分の幅です。率は合計どうしの割り算で、日ごとの率の平均では"
        "ありません。",
        "± is half the width of the 95 % interval over days. Rates are ratios of sums, never means "
        "of rates.",
    )


def _counted(_: StudyResult) -> Name:
    return Name(
        "電話は、かかってきた時間帯に数えます。数え方は、実際の日報・月報と同じものです。",
        "A call counts where it was offered. The figures are computed by the same code as the "
        "daily reports of the running centre.",
    )


def origin(stamp: Stamp, lang: str) -> tuple[tuple[str, str], ...]:
    """What makes the study the same again."""
    ja = lang == "ja"
    found = [("前提の指紋" if ja else "Scenario hash", stamp.scenario_hash)]
    if stamp.engine != EXACT:
        found.append(("乱数の種" if ja else "Seed", str(stamp.seed)))
        found.append(("日数" if ja else "Days", f"{stamp.days:,}"))
    found.append(("計算部" if ja else "Engine", stamp.engine))
    versions = ", ".join(f"{name} {version}" for name, version in sorted(stamp.versions.items()))
    found.append(("版" if ja else "Versions", versions))
    return tuple(found)
