"""What screens show of a supervisor's doings: the banner, skills of today, who hears a talk."""

from __future__ import annotations

from enum import StrEnum
from typing import TypedDict

from acd.core.engine import Engine
from acd.core.ids import CallId, OfferId
from acd.core.inputs_floor import SpyMode
from acd.core.plan import Mode
from web.answer import Words
from web.seat_map import Place, seat_map


class BannerKind(StrEnum):
    """What a banner is about."""

    DRILL = "drill"
    DISASTER = Mode.DISASTER.value


class Banner(TypedDict):
    """What every screen shows at its top while the mode is not the usual one."""

    kind: BannerKind
    text: Words
    since_s: float


class Choices(TypedDict):
    """What a supervisor may choose from; levels by operator and skill."""

    seats: dict[str, Place]
    skills: dict[str, Words]
    levels: dict[str, dict[str, int]]


class TakenBy(TypedDict):
    """Whose telephone rings to take a talk over."""

    by: str
    device: str


class Hearing(TypedDict):
    """Who hears a talk, at which telephone, and how."""

    by: str
    device: str
    mode: SpyMode


_DRILL_JA, _DRILL_EN = "【訓練】", "DRILL: "


def banner(engine: Engine) -> Banner | None:
    """What every screen shows at its top while the mode is not the usual one."""
    now = engine.state.floor.mode
    if now.mode is Mode.NORMAL:
        return None
    disaster = engine.planned.disaster
    ja = disaster.banner_ja if disaster else "災害モードです。"
    en = disaster.banner_en if disaster else "Disaster mode is on."
    if now.drill:
        ja, en = _DRILL_JA + ja, _DRILL_EN + en
    kind = BannerKind.DRILL if now.drill else BannerKind(now.mode.value)
    return {"kind": kind, "text": {"ja": ja, "en": en}, "since_s": now.since_s}


def skills_today(engine: Engine, agent: str) -> dict[str, int]:
    """Levels that hold until midnight, by skill."""
    return dict(engine.state.floor.skills.get(agent, {}))


def choices(engine: Engine) -> Choices:
    """What a supervisor may choose from: skills by their names, the levels that the plan gives
    each operator, and where everybody sits."""
    return {
        "seats": seat_map(engine.plan.agents),
        "skills": {each.id: {"ja": each.ja, "en": each.en} for each in engine.plan.skills},
        "levels": {
            agent.id: {skill.skill: skill.level for skill in agent.skills}
            for agent in engine.plan.agents
        },
    }


def taken_by(engine: Engine, call: CallId) -> TakenBy | None:
    """Whose telephone rings to take a talk over."""
    taking = engine.state.floor.taking_of(call)
    return {"by": taking.by, "device": taking.device} if taking is not None else None


def heard_by(engine: Engine, offer: OfferId | None) -> list[Hearing]:
    """Who hears a talk, how, and at which telephone."""
    return [
        {"by": spy.by, "device": spy.device, "mode": spy.mode}
        for spy in engine.state.floor.spies.values()
        if spy.offer == offer
    ]
