"""Where the day played again was decided otherwise, and why, in words."""

from __future__ import annotations

from dataclasses import dataclass

from acd.core.ids import CallId
from agents.state import AgentState
from sim.replay.day import Day, Doing, Ring
from sim.replay.world import Played

_STATES = {
    AgentState.LOGGED_OUT: ("was not logged in", "ログインしていなかった"),
    AgentState.READY: ("was idle", "待機中だった"),
    AgentState.RINGING: ("was being rung", "呼び出し中だった"),
    AgentState.TALKING: ("was talking", "通話中だった"),
    AgentState.HOLD: ("had a caller on hold", "保留中だった"),
    AgentState.WRAP_UP: ("was writing up", "後処理中だった"),
    AgentState.NOT_READY: ("took no calls", "受付を止めていた"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One routing decision that is not the recorded one; None: there was none on that side."""

    call: CallId
    number: int
    at_s: float
    recorded: str | None
    replayed: str | None
    en: str
    ja: str


@dataclass(frozen=True, slots=True)
class Compared:
    """How many routing decisions there were on either side, and those that are not the same."""

    decisions: int
    differences: tuple[Difference, ...]

    @property
    def identical(self) -> float | None:
        """The share of decisions that are the same; None when there were none."""
        if not self.decisions:
            return None
        return 1 - len(self.differences) / self.decisions


def compare(day: Day, played: Played) -> Compared:
    """Ring by ring of each call: was the same operator rung?"""
    decisions = 0
    found: list[Difference] = []
    for call in {**day.rings, **played.rings}:
        then, now = day.rings.get(call, []), played.rings.get(call, [])
        decisions += max(len(then), len(now))
        for number in range(max(len(then), len(now))):
            one = then[number] if number < len(then) else None
            other = now[number] if number < len(now) else None
            if one is None or other is None or one.agent != other.agent:
                found.append(_difference(call, number, one, other))
    found.sort(key=lambda each: (each.at_s, each.call))
    return Compared(decisions, tuple(found))


def _difference(call: CallId, number: int, one: Ring | None, other: Ring | None) -> Difference:
    at_s = min(ring.at_s for ring in (one, other) if ring is not None)
    if one is None and other is not None:
        en = f"only in the replay the call rings {other.agent}: on the day it had ended by then"
        ja = f"再現でだけ{other.agent}を呼び出しました。当日は、その前に終わっていました。"
    elif one is not None and other is None:
        en = f"only on the day the call rang {one.agent}: in the replay it has ended by then"
        ja = f"当日だけ{one.agent}を呼び出しました。再現では、その前に終わっています。"
    else:
        assert one is not None
        assert other is not None
        en, ja = _why(one, other)
    return Difference(
        call,
        number,
        at_s,
        one.agent if one else None,
        other.agent if other else None,
        en,
        ja,
    )


def _why(one: Ring, other: Ring) -> tuple[str, str]:
    """Why another operator was rung: somebody was not free, or had been idle for another time."""
    here = other.doing.get(one.agent)
    there = one.doing.get(other.agent)
    en = f"{one.agent} on the day, {other.agent} in the replay: "
    ja = f"当日は{one.agent}、再現では{other.agent}。"
    if here is None or here[0] is not AgentState.READY:
        english, japanese = _state(here)
        return f"{en}in the replay {one.agent} {english}", f"{ja}再現で{one.agent}は{japanese}。"
    if there is None or there[0] is not AgentState.READY:
        english, japanese = _state(there)
        return f"{en}on the day {other.agent} {english}", f"{ja}当日{other.agent}は{japanese}。"
    then_s = one.doing[one.agent][1] - there[1]
    now_s = here[1] - other.doing[other.agent][1]
    return (
        f"{en}both were idle; {one.agent} became idle {then_s:+.3f} s from {other.agent} on the "
        f"day and {now_s:+.3f} s in the replay",
        f"{ja}どちらも待機中でした。{one.agent}が待機に入ったのは、{other.agent}に比べて"
        f"当日は{then_s:+.3f}秒、再現では{now_s:+.3f}秒です。",
    )


def _state(doing: Doing | None) -> tuple[str, str]:
    return _STATES[doing[0]] if doing else ("was not there", "いなかった")
