"""What an operator sees of the own day and the own call, beyond what others see."""

from __future__ import annotations

from typing import TypedDict

from acd.core.call import Call
from acd.core.engine import Engine
from acd.core.ids import AgentId, CallId
from acd.core.offer import Offer
from acd.core.outbound import calls_left
from acd.core.plan import DirectoryEntry, Strategy
from acd.core.state import requirements
from agents.agent import Agent
from agents.skills import can_serve
from web.answer import Words


class Day(TypedDict):
    """An operator's own figures until ``until_s``; ``average_s`` null before the first call."""

    until_s: float
    calls: int
    average_s: float | None


class OwnCall(TypedDict):
    """What only the operator sees who has the call."""

    keys: str
    dialled_name: Words | None
    answered_s: float | None
    waited_s: float | None
    why: Words | None


class Department(Words):
    """An entry of the directory. ``hours`` is the name of its calendar; without one nobody knows
    whether it is ``open``."""

    reading: str
    hours: str | None
    extension: str
    open: bool | None
    until_s: float | None


class Interpreter(TypedDict):
    """A language that can be asked for, and whether somebody is there now."""

    language: str
    open: bool | None
    until_s: float | None


#: Why this operator of those who could, by the queue's rule: (Japanese, English).
_CHOSEN = {
    Strategy.LONGEST_IDLE: ("最も長く受付可でした", "ready for longest"),
    Strategy.MOST_SKILLED: ("最も詳しい方です", "most skilled"),
    Strategy.LEAST_OCCUPIED: ("最も余裕がありました", "least occupied"),
    Strategy.FEWEST_CALLS: ("応答が最も少ない方です", "fewest calls so far"),
    Strategy.ROUND_ROBIN: ("順番です", "next in turn"),
    Strategy.RANDOM: ("抽選です", "drawn by lot"),
}


def today(agent: Agent) -> Day:
    """The operator's figures until ``until_s`` (local midnight); zero from then on.

    ``average_s`` is (talk + hold + wrap-up) ÷ calls handled to the end, None before the first.
    """
    handled = agent.day_handled
    return {
        "until_s": agent.day_until_s,
        "calls": agent.day_calls,
        "average_s": agent.day_busy_s / handled if handled else None,
    }


def own_call(engine: Engine, call: Call, offer: Offer) -> OwnCall:
    """What the operator sees of the call that rings or talks, besides what the floor sees."""
    connected = offer.connected_s > 0
    return {
        "keys": call.keys,
        "dialled_name": _number_name(engine, call.dialled),
        "answered_s": offer.connected_s if connected else None,
        "waited_s": max(0.0, offer.connected_s - call.age_from_s) if connected else None,
        "why": _why(engine, call, offer.agent),
    }


def _number_name(engine: Engine, dialled: str) -> Words | None:
    for number in engine.plan.numbers:
        if number.number == dialled and number.name_ja:
            return {"ja": number.name_ja, "en": number.name_en or number.name_ja}
    return None


def _why(engine: Engine, call: Call, agent: AgentId) -> Words | None:
    state = engine.state
    queue = state.queues.get(call.queue)
    if queue is None:
        return None
    if call.prefer_agent == agent and call.prefer_for_s > 0:
        return {"ja": "取り次ぎ先が出なかったため、戻りました", "en": "Back to you: nobody took it"}
    if call.prefer_agent == agent:
        return {"ja": "前回お話しした方です", "en": "You spoke with this caller last time"}
    levels = state.room.levels.get(agent, {})
    ways = [way for way in requirements(state, call) if can_serve(levels, way)]
    level = max((levels.get(need.skill, 0) for need in (ways[0] if ways else ())), default=0)
    ja, en = _CHOSEN[queue.strategy]
    lv_ja, lv_en = (f"（レベル{level}）", f" (level {level})") if level else ("", "")
    return {
        "ja": f"{queue.name_ja}の担当{lv_ja}のうち、{ja}",
        "en": f"Of those for {queue.name_en}{lv_en}: {en}",
    }


def own_number(engine: Engine, call_id: CallId, agent: AgentId) -> str | None:
    """The caller's number of the call that this operator has now; None if it is not the own."""
    call = engine.calls.get(call_id)
    offer = engine.state.offers.get(call.offer) if call is not None and call.offer else None
    if call is None or offer is None or offer.agent != agent:
        return None
    return call.caller.number


def dials_left(engine: Engine, agent: AgentId, now_s: float) -> int | None:
    """How many calls to the outside the operator has left today; None where there are none."""
    plan = engine.plan.talk.outbound
    return calls_left(plan, engine.state.outbound, agent, now_s) if plan.trunk else None


def directory_view(engine: Engine, now_s: float) -> dict[str, Department]:
    """Departments and outside numbers by id, with whether they take calls now."""
    return {entry.id: _entry(engine, entry, now_s) for entry in engine.state.directory.values()}


def _entry(engine: Engine, entry: DirectoryEntry, now_s: float) -> Department:
    calendar = engine.state.calendars.get(entry.hours)
    opening = calendar.status(now_s) if calendar is not None else None
    return {
        "ja": entry.name_ja,
        "en": entry.name_en,
        "reading": entry.reading,
        "hours": entry.hours or None,
        "extension": extension(entry),
        "open": opening.open if opening else None,
        "until_s": opening.until_s if opening else None,
    }


def extension(entry: DirectoryEntry) -> str:
    """The number to show of what is dialled: ``2131`` of ``PJSIP/2131@pbx``."""
    tail = entry.dial.rpartition("/")[2].partition("@")[0]
    return tail if tail.isdigit() else ""


def interpreters(engine: Engine, now_s: float) -> list[Interpreter]:
    """The languages that can be asked for, each with whether somebody is there now."""
    found: dict[str, Interpreter] = {}
    for each in engine.plan.talk.interpreters:
        entry = engine.state.directory.get(each.entry)
        if entry is None:
            continue
        view = _entry(engine, entry, now_s)
        known = found.get(each.language)
        if known is None or (known["open"] is False and view["open"] is not False):
            found[each.language] = {
                "language": each.language,
                "open": view["open"],
                "until_s": view["until_s"],
            }
    return list(found.values())
