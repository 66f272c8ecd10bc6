"""Why a call waits, in plain sentences, Japanese and English; only ids and skills are named."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from acd.core.explain_text import REASON_JA, STATE_JA, needs_text
from acd.core.why import Able, Waits, WhyWaits
from agents.state import AgentState


class WhyTold(Struct, frozen=True):
    """The reasons for programs; one short sentence, and all of them, for people."""

    reasons: Waits
    short_ja: str
    short_en: str
    ja: tuple[str, ...]
    en: tuple[str, ...]


def told_why(found: Waits) -> WhyTold:
    """The reasons with both languages' sentences."""
    short_ja, short_en = _SHORT_JA[found.why], _SHORT_EN[found.why]
    if found.agent is not None:
        short_ja, short_en = f"{short_ja}({found.agent})", f"{short_en} ({found.agent})"
    return WhyTold(
        found,
        short_ja,
        short_en,
        tuple(_sentences_ja(found, short_ja)),
        tuple(_sentences_en(found, short_en)),
    )


_SHORT_JA = {
    WhyWaits.RINGING: "呼び出しています",
    WhyWaits.SWITCH_DOWN: "電話交換機につながりません",
    WhyWaits.RESTS: "呼び出しに失敗した直後です",
    WhyWaits.WAITS_FOR_OPERATOR: "前回の担当者を待っています",
    WhyWaits.NOBODY_HAS_SKILL: "必要な技能を持つ人がいません",
    WhyWaits.NOBODY_LOGGED_IN: "応対できる人がログオンしていません",
    WhyWaits.ALL_AWAY: "応対できる人が全員離席しています",
    WhyWaits.ALL_BUSY: "応対できる人が全員応対中です",
}
_SHORT_EN = {
    WhyWaits.RINGING: "an operator is being rung",
    WhyWaits.SWITCH_DOWN: "the switch cannot be reached",
    WhyWaits.RESTS: "an offer has just failed",
    WhyWaits.WAITS_FOR_OPERATOR: "waits for one operator",
    WhyWaits.NOBODY_HAS_SKILL: "nobody has the skill",
    WhyWaits.NOBODY_LOGGED_IN: "nobody with the skill is logged in",
    WhyWaits.ALL_AWAY: "everybody with the skill is away",
    WhyWaits.ALL_BUSY: "everybody with the skill is busy",
}


def _sentences_ja(found: Waits, short: str) -> list[str]:
    said = [
        f"窓口「{found.queue_ja}」で通算 {found.waited_s:.0f} 秒お待ちです"
        f"(優先度 {found.priority}、前に {found.ahead} 件)。",
        f"{short}。",
        f"必要な技能は{'、または'.join(needs_text(way, 'なし') for way in found.needs)}です。",
    ]
    if found.able:
        said.append(f"応対できる人: {_counted(found.able, japanese=True)}。")
    soonest = _soonest(found)
    if soonest is not None:
        said.append(f"早ければ {soonest:.0f} 秒後に受付可になる人がいます。")
    if found.next_step_in_s is not None:
        said.append(f"あと {found.next_step_in_s:.0f} 秒で条件がゆるみます。")
    return said


def _sentences_en(found: Waits, short: str) -> list[str]:
    said = [
        f"It has waited for {found.waited_s:.0f} s in all, now in queue {found.queue_en} "
        f"(priority {found.priority}, {found.ahead} before it).",
        f"{short[:1].upper()}{short[1:]}.",
        f"It needs {' or '.join(needs_text(way, 'nothing special') for way in found.needs)}.",
    ]
    if found.able:
        said.append(f"Who could serve it: {_counted(found.able, japanese=False)}.")
    soonest = _soonest(found)
    if soonest is not None:
        said.append(f"Somebody is ready in {soonest:.0f} s at the earliest.")
    if found.next_step_in_s is not None:
        said.append(f"The queue's ladder makes it easier in {found.next_step_in_s:.0f} s.")
    return said


def _counted(able: tuple[Able, ...], *, japanese: bool) -> str:
    counts = Counter(_state(each, japanese=japanese) for each in able)
    return ", ".join(f"{word} {count}" for word, count in sorted(counts.items()))


def _state(each: Able, *, japanese: bool) -> str:
    reason = each.reason if each.state is AgentState.NOT_READY else None
    if japanese:
        return REASON_JA[reason] if reason else STATE_JA[each.state]
    return (reason or each.state).value.replace("_", " ")


def _soonest(found: Waits) -> float | None:
    times = [each.ready_in_s for each in found.able if each.ready_in_s is not None]
    return min(times) if times else None
