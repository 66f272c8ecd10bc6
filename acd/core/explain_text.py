"""An offer's reasons in plain sentences, Japanese and English; only ids and skills are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from acd.core.explain import Explanation, Missing, OtherAgent, OtherCall, WhyNotAgent, WhyNotCall
from acd.core.plan import SkillNeed, Strategy
from agents.state import AgentState, NotReadyReason


class Told(Struct, frozen=True):
    """An explanation for programs and for people."""

    reasons: Explanation
    ja: tuple[str, ...]
    en: tuple[str, ...]


#: Calls before this one, and idle operators, that are named one by one.
NAMED = 10

#: The words of states and reasons; see docs/glossary.md.
STATE_JA = {
    AgentState.LOGGED_OUT: "ログオフ",
    AgentState.READY: "受付可",
    AgentState.RINGING: "着信中",
    AgentState.TALKING: "通話中",
    AgentState.HOLD: "保留中",
    AgentState.WRAP_UP: "後処理",
    AgentState.NOT_READY: "離席",
}
REASON_JA = {
    NotReadyReason.BREAK: "休憩",
    NotReadyReason.LUNCH: "昼休み",
    NotReadyReason.TRAINING: "研修",
    NotReadyReason.MEETING: "会議",
    NotReadyReason.OTHER_WORK: "他業務",
    NotReadyReason.LOGGED_IN: "ログオン直後",
    NotReadyReason.NO_ANSWER: "応答なし",
    NotReadyReason.REJECTED: "着信拒否",
    NotReadyReason.BUSY: "話し中",
    NotReadyReason.UNREACHABLE: "電話機につながらない",
}
_STRATEGY_JA = {
    Strategy.LONGEST_IDLE: "最も長く空いている人",
    Strategy.MOST_SKILLED: "技能レベルの合計が最も高い人",
    Strategy.LEAST_OCCUPIED: "稼働率が最も低い人",
    Strategy.FEWEST_CALLS: "応答件数が最も少ない人",
    Strategy.ROUND_ROBIN: "前回の着信が最も古い人",
    Strategy.RANDOM: "くじ引き",
}
_STRATEGY_EN = {
    Strategy.LONGEST_IDLE: "the longest idle",
    Strategy.MOST_SKILLED: "the highest sum of levels",
    Strategy.LEAST_OCCUPIED: "the least occupied",
    Strategy.FEWEST_CALLS: "the fewest calls taken",
    Strategy.ROUND_ROBIN: "the one whose last offer is the oldest",
    Strategy.RANDOM: "a seeded draw",
}


def told(found: Explanation) -> Told:
    """The reasons and both languages' sentences."""
    return Told(found, tuple(sentences_ja(found)), tuple(sentences_en(found)))


def sentences_en(found: Explanation) -> list[str]:
    """The reasons in English."""
    if found.recovered:
        return [
            f"Call {found.call} was talking with {found.agent} already when this controller came "
            "to lead; why that operator, only the one before could say."
        ]
    if found.taken_by:
        return [
            f"{found.taken_by} took call {found.call} over, which had waited for "
            f"{found.waited_s:.0f} s; it went to {found.agent}, whatever the skills."
        ]
    said = [
        f"Call {found.call} was in queue {found.queue_en} for {found.waited_s:.0f} s; with an age "
        f"of {found.age_s:.0f} s and priority {found.priority} it ranked as {found.rank_s:.0f} s.",
        f"It was the first that operator {found.agent} can serve "
        f"({found.could_serve} of {found.waiting} waiting calls).",
        f"It needs {' or '.join(needs_text(way, 'nothing special') for way in found.needs)}"
        + (f" (steps of the ladder taken: {found.ladder_steps})." if found.ladder_steps else "."),
    ]
    said += [f"Before it stood {_call_en(other)}." for other in found.ahead[:NAMED]]
    if len(found.ahead) > NAMED:
        said.append(f"{len(found.ahead) - NAMED} more stood before it for such reasons.")
    if found.asked_for:
        said.append(f"The caller was waiting for operator {found.agent}.")
    else:
        said.append(
            f"Operator {found.agent} had been idle for {found.idle_s:.0f} s and was chosen of "
            f"{found.candidates} by this rule: {_STRATEGY_EN[found.strategy]}"
            + (
                f" (of those who meet most wishes: {found.wishes_met} of {found.wishes})."
                if found.wishes
                else "."
            )
        )
    if found.today:
        said.append(f"Skills that hold for today only: {_today(found)}.")
    idle = _worth_naming(found)
    said += [f"Not {other.agent}: {_agent_en(other, found)}." for other in idle[:NAMED]]
    if len(idle) > NAMED:
        said.append(f"Nor {len(idle) - NAMED} others for such reasons.")
    away = _counted(o.reason.value if o.reason else o.state.value for o in _away(found))
    if away:
        said.append(f"Not free: {away}.".replace("_", " "))
    return said


def sentences_ja(found: Explanation) -> list[str]:
    """The reasons in Japanese."""
    if found.recovered:
        return [
            f"通話 {found.call} は、このコントローラーが主になったとき、すでに {found.agent} と"
            "通話中でした。選ばれた理由は前の主にしか分かりません。"
        ]
    if found.taken_by:
        return [
            f"{found.taken_by} が通話 {found.call}({found.waited_s:.0f} 秒お待ち)を引き取り、"
            f"技能にかかわらず {found.agent} につなぎました。"
        ]
    said = [
        f"通話 {found.call} は窓口「{found.queue_ja}」で {found.waited_s:.0f} 秒お待ちでした。"
        f"通算 {found.age_s:.0f} 秒、優先度 {found.priority} で、"
        f"{found.rank_s:.0f} 秒分の順位です。",
        f"{found.agent} が応対できる待ち呼 {found.could_serve} 件の先頭でした"
        f"(待ち呼は全部で {found.waiting} 件)。",
        f"必要な技能は{'、または'.join(needs_text(way, 'なし') for way in found.needs)}です"
        + (f"(段階的緩和 {found.ladder_steps} 段のあと)。" if found.ladder_steps else "。"),
    ]
    said += [f"先に並んでいた{_call_ja(other)}。" for other in found.ahead[:NAMED]]
    if len(found.ahead) > NAMED:
        said.append(f"ほか {len(found.ahead) - NAMED} 件も同様の理由で対象外でした。")
    if found.asked_for:
        said.append(f"お客様は {found.agent} を待っていました。")
    else:
        said.append(
            f"{found.agent} は {found.idle_s:.0f} 秒空いていて、候補 {found.candidates} 人から"
            f"「{_STRATEGY_JA[found.strategy]}」の決まりで選ばれました"
            + (
                f"(希望 {found.wishes} 件中 {found.wishes_met} 件に合う人が優先)。"
                if found.wishes
                else "。"
            )
        )
    if found.today:
        said.append(f"本日だけの技能: {_today(found)}。")
    idle = _worth_naming(found)
    said += [f"{other.agent}: {_agent_ja(other, found)}。" for other in idle[:NAMED]]
    if len(idle) > NAMED:
        said.append(f"ほか {len(idle) - NAMED} 人も同様の理由です。")
    away = _counted(REASON_JA[o.reason] if o.reason else STATE_JA[o.state] for o in _away(found))
    if away:
        said.append(f"受付できなかった人: {away}。")
    return said


def _worth_naming(found: Explanation) -> list[OtherAgent]:
    """Those who might have been expected to get the call: the idle ones first."""
    named = [other for other in found.others if other.why is not WhyNotAgent.NOT_READY]
    return sorted(named, key=lambda other: other.why is WhyNotAgent.LACKS_SKILL)


def _today(found: Explanation) -> str:
    return ", ".join(f"{each.agent} {each.skill} {each.level}" for each in found.today)


def _away(found: Explanation) -> list[OtherAgent]:
    return [other for other in found.others if other.why is WhyNotAgent.NOT_READY]


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{word} {count}" for word, count in sorted(Counter(words).items()))


def needs_text(way: tuple[SkillNeed, ...], nothing: str) -> str:
    """``tax ≥ 3 + english ≥ 1``."""
    return " + ".join(f"{need.skill} ≥ {need.level}" for need in way) or nothing


def _lacking(missing: tuple[Missing, ...]) -> str:
    return ", ".join(f"{m.skill} {m.held} < {m.needed}" for m in missing)


def _call_en(other: OtherCall) -> str:
    return (
        f"call {other.call} ({other.queue}), "
        + {
            WhyNotCall.NEEDS_OTHER_SKILLS: f"which needs more ({_lacking(other.missing)})",
            WhyNotCall.WAITS_FOR_ANOTHER: f"which waits for operator {other.waits_for}",
            WhyNotCall.RESTS: "which rests for a moment after an offer that failed",
            WhyNotCall.SWITCH_DOWN: "whose switch cannot be reached",
        }[other.why]
    )


def _call_ja(other: OtherCall) -> str:
    return (
        f"通話 {other.call}({other.queue})は"
        + {
            WhyNotCall.NEEDS_OTHER_SKILLS: f"技能が足りず対象外でした({_lacking(other.missing)})",
            WhyNotCall.WAITS_FOR_ANOTHER: f"{other.waits_for} を待っています",
            WhyNotCall.RESTS: "呼び出しに失敗した直後で、少し間を置いています",
            WhyNotCall.SWITCH_DOWN: "交換機につながりません",
        }[other.why]
    )


def _agent_en(other: OtherAgent, found: Explanation) -> str:
    return {
        WhyNotAgent.SWITCH_DOWN: "the switch cannot be reached",
        WhyNotAgent.LEFT_PLAN: "no longer in the plan",
        WhyNotAgent.LACKS_SKILL: f"lacks a skill or level ({_lacking(other.missing)})",
        WhyNotAgent.CALLER_WAITS_FOR_ANOTHER: f"the caller waits for operator {found.agent}",
        WhyNotAgent.FEWER_WISHES_MET: f"meets {other.wishes_met} of {found.wishes} wishes",
        WhyNotAgent.STRATEGY: f"by the rule {other.value:g} comes after {found.value:g}",
        WhyNotAgent.IDLE_SHORTER: f"idle for {other.idle_s:.0f} s, ready later",
        WhyNotAgent.DRAWN: "the draw fell on the other",
        WhyNotAgent.NOT_READY: "not free",
    }[other.why]


def _agent_ja(other: OtherAgent, found: Explanation) -> str:
    return {
        WhyNotAgent.SWITCH_DOWN: "交換機につながりません",
        WhyNotAgent.LEFT_PLAN: "計画から外れています",
        WhyNotAgent.LACKS_SKILL: f"技能またはレベルが足りません({_lacking(other.missing)})",
        WhyNotAgent.CALLER_WAITS_FOR_ANOTHER: f"お客様は {found.agent} を待っています",
        WhyNotAgent.FEWER_WISHES_MET: f"希望 {found.wishes} 件中 {other.wishes_met} 件に合います",
        WhyNotAgent.STRATEGY: f"決まりの値が {other.value:g} で、{found.value:g} より後です",
        WhyNotAgent.IDLE_SHORTER: f"空いてから {other.idle_s:.0f} 秒で、後から空きました",
        WhyNotAgent.DRAWN: "くじに当たりませんでした",
        WhyNotAgent.NOT_READY: "受付できません",
    }[other.why]
