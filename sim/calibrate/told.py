"""What a fit says in sentences: what was found, how sure it is, what is missing and why."""

from __future__ import annotations

from sim.calibrate.days import DayKind
from sim.calibrate.fit import ASSUMED_PATIENCE_S, ASSUMED_TALK_S, Fit, QueueFit, unsure
from sim.calibrate.values import Fitted, Why

#: A half-width above this part of the value is called rough.
ROUGH = 0.15
#: The lognormal is called fitting while the records are nowhere further from it.
GAP_GOOD = 0.05

KIND_JA = {
    DayKind.MONDAY: "月曜", DayKind.TUESDAY: "火曜", DayKind.WEDNESDAY: "水曜",
    DayKind.THURSDAY: "木曜", DayKind.FRIDAY: "金曜", DayKind.SATURDAY: "土曜",
    DayKind.SUNDAY: "日曜", DayKind.HOLIDAY: "休日", DayKind.CLOSED: "閉庁日",
}  # fmt: skip


def kind_said(kind: DayKind | None, *, ja: bool) -> str:
    """What a kind of day is called."""
    if kind is None:
        return "受付日全体" if ja else "all open days"
    return KIND_JA[kind] if ja else kind.name.capitalize()


def number(of: Fitted, unit: str = "", digits: int = 0) -> str:
    """A value with its half-width and its unit.

    >>> number(Fitted(240.31, 3.24, 900), "s", 1), number(Fitted(None, None, 0))
    ('240.3 ± 3.2 s', '–')
    """
    if of.value is None:
        return "–"
    half = "" if of.half is None else f" ± {of.half:,.{digits}f}"
    return f"{of.value:,.{digits}f}{half} {unit}".rstrip()


def sentences(fit: Fit, *, ja: bool) -> list[str]:
    """The most important first."""
    said = [_first(fit, ja), _spread(fit, ja)]
    for queue in fit.queues:
        said.append(_queue(queue, ja))
    said += [_redials(fit, ja), _seats(fit, ja), _rules(fit, ja)]
    return [each for each in said if each]


def warnings(fit: Fit, *, ja: bool) -> list[str]:
    """What is missing, assumed or rough, and what that means."""
    said = []
    for queue in fit.queues:
        said += _missing(queue, ja)
    if fit.days < 4:
        said.append(
            f"{kind_said(fit.kind, ja=ja)}は{fit.days}日分しかないため、時間帯の形は"
            "全日のものを使いました。"
            if ja else
            f"There are only {fit.days} days of the kind {kind_said(fit.kind, ja=ja)}: the hourly "
            "profile is that of all days."
        )  # fmt: skip
    if fit.ring_s:
        said.append(
            f"応答の前に電話が平均{fit.ring_s:.1f}秒鳴っていますが、通話時間には含めていません。"
            if ja else
            f"Telephones ring {fit.ring_s:.1f} s before an answer, which is not in the talk time."
        )  # fmt: skip
    said += [note[0] if ja else note[1] for note in fit.notes]
    return said


def _first(fit: Fit, ja: bool) -> str:
    day = sum(sum(each.arrivals_per_s) for each in fit.scenario.classes) * fit.scenario.period_s
    level = next((e.calls for e in fit.levels if e.kind is fit.kind), None)
    half = f" ± {level.half:,.0f}" if level and level.half is not None else ""
    peak = [sum(rates) for rates in zip(*(c.arrivals_per_s for c in fit.scenario.classes),
                                        strict=True)]  # fmt: skip
    at = max(range(len(peak)), key=peak.__getitem__)
    minutes = int(fit.scenario.opens_s + at * fit.scenario.period_s) // 60
    clock, busiest = f"{minutes // 60}:{minutes % 60:02d}", peak[at] * 3600
    kind = kind_said(fit.kind, ja=ja)
    if ja:
        return (
            f"{fit.first}から{fit.last}までの{fit.calls:,}件から推定しました。{kind}は1日"
            f"{day:,.0f}{half}件({fit.days}日分)、最も混むのは{clock}からで1時間あたり"
            f"{busiest:,.0f}件です。"
        )
    return (
        f"From {fit.calls:,} calls of {fit.first} to {fit.last}: {kind} has {day:,.0f}{half} calls "
        f"a day ({fit.days} days); the busiest time begins at {clock} with {busiest:,.0f} calls an "
        "hour."
    )


def _spread(fit: Fit, ja: bool) -> str:
    extra, within = fit.spread.extra, fit.spread.extra_interval
    if extra.value is None:
        return ("日ごとのばらつきは、日数が足りないため推定できません。" if ja else
                "How much days differ cannot be fitted: there are too few days.")  # fmt: skip
    if extra.why is Why.ONLY_CHANCE:
        return ("日ごとの件数のばらつきは、偶然の範囲です。" if ja else
                "Days differ no more than by chance.")  # fmt: skip
    share, most = 100 * extra.value**0.5, 100 * max(0.0, extra.high) ** 0.5
    inner = 100 * (within.value or 0.0) ** 0.5
    if ja:
        return (
            f"日ごとの忙しさは、偶然を超えて±{share:.0f}%ほど変わります(95%の範囲で最大"
            f"±{most:.0f}%)。同じ日の中でも時間帯ごとに±{inner:.0f}%変わりますが、シナリオには"
            "日ごとの分だけが入ります。"
        )
    return (
        f"Days differ by about {share:.0f} % beyond chance (at most {most:.0f} % with 95 % "
        f"confidence). Within a day intervals differ by a further {inner:.0f} %; a scenario holds "
        "only the days' part."
    )


def _queue(of: QueueFit, ja: bool) -> str:
    talk, wrap = number(of.talk.mean, "", 1), number(of.wrap_up.mean, "", 1)
    shape = "" if of.talk.gap is None else f"{100 * of.talk.gap:.1f}"
    fits = of.talk.gap is not None and of.talk.gap <= GAP_GOOD
    mean = number(of.patience.mean, "", 0)
    if ja:
        form = f"、対数正規分布との差は最大{shape}ポイント" if shape else ""
        verdict = "(よく合います)" if fits else "(形は合いません)" if shape else ""
        return (
            f"{of.name}: {of.calls:,}件。通話(保留を含む)は平均{talk}秒、後処理は{wrap}秒"
            f"(n={of.talk.mean.n:,}){form}{verdict}。あきらめるまでの時間は平均{mean}秒"
            f"(放棄{of.patience.mean.n:,}件、応答した電話は打ち切りとして扱います)"
            f"{_form(of, ja)}。"
        )
    form = f"; a lognormal is at most {shape} points off" if shape else ""
    verdict = " (fits well)" if fits else " (it does not fit)" if shape else ""
    return (
        f"{of.name}: {of.calls:,} calls; talk with hold {talk} s, wrap-up {wrap} s (n = "
        f"{of.talk.mean.n:,}){form}{verdict}; patience {mean} s on average "
        f"({of.patience.mean.n:,} gave up; answered calls are censored){_form(of, ja)}."
    )


def _form(of: QueueFit, ja: bool) -> str:
    if of.patience.shape is None or of.patience.shape.value is None:
        return ""
    shape = number(of.patience.shape, "", 2)
    mean = number(of.patience.weibull_mean or Fitted(None, None, 0))
    if ja:
        better = "指数分布より合います" if of.patience.better else "指数分布と差はありません"
        return f"。ワイブル分布では形{shape}、平均{mean}秒で、{better}"
    better = "better than exponential" if of.patience.better else "no better than exponential"
    return f"; Weibull shape {shape} with mean {mean} s, {better}"


def _redials(fit: Fit, ja: bool) -> str:
    share = fit.redials.share
    minutes = fit.asked.redial_window_s / 60
    if share.why is Why.NO_NUMBERS:
        return ("発信者を区別する記録がないため、かけ直しは推定できず、すべて新しい電話として"
                "数えました。" if ja else
                "Redials cannot be told: the records do not tell callers apart, so every call "
                "counts as fresh demand.")  # fmt: skip
    if share.value is None:
        return ""
    again = int((~fit.redials.fresh).sum())
    said = f"{100 * share.value:.1f} ± {100 * (share.half or 0):.1f} %"
    if ja:
        return (
            f"つながらなかった電話{share.n:,}件のうち{said}が{minutes:g}分以内にかけ直しています。"
            f"その{again:,}件は新しい需要に数えていません。"
        )
    return (
        f"Of {share.n:,} calls that failed, {said} were tried again within {minutes:g} minutes; "
        f"those {again:,} calls are not counted as fresh demand."
    )


def _seats(fit: Fit, ja: bool) -> str:
    most = max((sum(each) for each in zip(*(g.agents for g in fit.scenario.groups), strict=True)),
               default=0)  # fmt: skip
    if ja:
        source = {
            "given": "指定された人数です",
            "records": "記録から読んだ、その種類の日の平均です",
            "load": "記録に人数がないため、件数と処理時間から置いた仮の数です",
        }
        return f"オペレーターは最も多い時間で{most}人。{source[fit.seats_from]}。"
    source = {
        "given": "as given",
        "records": "the mean of such days in the records",
        "load": "a guess from calls and handling time, since the records name no operators",
    }
    return f"Operators: {most} at most ({source[fit.seats_from]})."


def _rules(fit: Fit, ja: bool) -> str:
    """How calls are ranked and who helps out, where the centre's plan told it."""
    parts = []
    for each in fit.scenario.classes:
        if each.priority:
            parts.append(
                f"{each.name}の優先度は{each.priority}" if ja else
                f"{each.name} has priority {each.priority}"
            )  # fmt: skip
        parts += [
            f"{each.name}は{after:g}秒たつと{group}も取ります" if ja else
            f"{group} helps {each.name} out after {after:g} s"
            for after, group in each.overflow
        ]  # fmt: skip
    if not parts:
        return ""
    if ja:
        return f"配分はセンターの計画のとおりです: {'、'.join(parts)}。"
    return f"Routing is that of the centre's plan: {'; '.join(parts)}."


def _missing(of: QueueFit, ja: bool) -> list[str]:
    said = []
    if of.talk_assumed:
        said.append(
            f"{of.name}: 通話時間の記録がないため、{ASSUMED_TALK_S:g}秒と仮定しました。" if ja else
            f"{of.name}: there are no talk times: {ASSUMED_TALK_S:g} s is ASSUMED."
        )  # fmt: skip
    elif of.wrap_up.mean.value is None:
        said.append(
            f"{of.name}: 後処理の記録がありません。必要な席数が少なく出ます。" if ja else
            f"{of.name}: no wrap-up is recorded: fewer seats than needed will come out."
        )  # fmt: skip
    elif of.talk_shared:
        said.append(
            f"{of.name}: 通話が少ないため、全窓口の通話時間を使いました。" if ja else
            f"{of.name}: few talks: those of all queues are taken."
        )  # fmt: skip
    if of.patience_assumed:
        said.append(
            f"{of.name}: 放棄した電話がないため、あきらめるまでの時間は推定できません。"
            f"{ASSUMED_PATIENCE_S:g}秒と仮定しました。" if ja else
            f"{of.name}: nobody gave up, so patience cannot be fitted: {ASSUMED_PATIENCE_S:g} s "
            "is ASSUMED."
        )  # fmt: skip
    elif of.patience_shared:
        said.append(
            f"{of.name}: 放棄が少ないため、全窓口のあきらめるまでの時間を使いました。" if ja else
            f"{of.name}: few gave up: the patience of all queues is taken."
        )  # fmt: skip
    elif unsure(of.patience.mean) > ROUGH:
        said.append(
            f"{of.name}: あきらめるまでの時間はおおよその値です"
            f"(±{100 * unsure(of.patience.mean):.0f}%)。"
            if ja else
            f"{of.name}: patience is rough (± {100 * unsure(of.patience.mean):.0f} %)."
        )  # fmt: skip
    return said
