"""What is rehearsed: the busiest hour of a scenario, and the plan and the centre that play it.

A rehearsal runs ``pace`` times as fast as life: arrivals, talks, wrap-ups and patience are all so
many times as short, so that the line builds up as it does in life. What is not shortened is what
machines take: until a telephone rings and is heard to be answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from acd.config import Centre
from acd.config.recording_settings import RecordingSettings
from acd.config.report_settings import ReportSettings
from acd.config.settings import (
    AgiSettings,
    ApiSettings,
    LogLevel,
    LogSettings,
    Settings,
    SoftphoneSettings,
    SwitchSettings,
    TrunkKind,
    TrunkSettings,
)
from acd.core.ids import QueueId
from acd.core.plan import AgentPlan, CooldownPlan, NumberPlan, Plan, QueuePlan
from acd.errors import LimitExceeded, Refused
from ivr.flow import Flow, ToQueue
from sim.inputs.draws import Draws
from sim.inputs.scenario import Scenario
from sim.twin.plan_of import Mapped, plan_of

HOUR_S = 3600.0
#: What one machine plays beside an Asterisk of its own.
MOST_CALLS, MOST_SEATS, MOST_CALLS_PER_S = 3_000, 300, 20.0
#: Longer than any wait, ring or wrap-up of a rehearsal, in seconds of the rehearsal.
_LONG_S = 3_000.0
_COOLDOWN = CooldownPlan(no_answer_s=1.0, rejected_s=1.0, busy_s=1.0, unreachable_s=1.0)
_MOST_AT_ONCE = 10_000
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Piece:
    """What is played. ``scenario`` is of the one hour; ``left_out`` says what of the whole is not
    rehearsed, in English and Japanese."""

    scenario: Scenario
    begins_s: float
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the rehearsal's processes meet."""

    sip: int
    ami: int
    agi: int
    api: int
    callers: int
    callers_media: int
    phones: int
    phones_media: int


def busiest_hour(whole: Scenario) -> Piece:
    """The hour with the most calls; a period that is longer than an hour gives its first.

    Raises:
        Refused: seats change within the hour, or several kinds of calls share waiting places.
    """
    number = max(1, round(HOUR_S / whole.period_s))
    number = min(number, whole.periods)
    loads = [sum(of.arrivals_per_s[n] for of in whole.classes) for n in range(whole.periods)]
    first = max(range(whole.periods - number + 1), key=lambda n: (sum(loads[n : n + number]), -n))
    some = slice(first, first + number)
    for group in whole.groups:
        if len(set(group.agents[some])) > 1:
            raise Refused(
                f'the seats of "{group.name}" change within the busiest hour: rehearse a scenario '
                "in which they stay",
                code="seats_change",
                ja=f"最も混む1時間のうちに「{group.name}」の席数が変わります。"
                "席数の変わらないシナリオで試してください。",
            )
    if whole.waiting_places is not None and len(whole.classes) > 1:
        raise Refused(
            "several kinds of calls share the waiting places: that cannot be rehearsed",
            code="shared_places",
            ja="複数の種類の電話が待ち席を共有するシナリオは、実機では試せません。",
        )
    left_out = []
    if whole.redial:
        left_out.append(
            (
                "Nobody calls again in a rehearsal.",
                "実機での試行では、かけ直しはありません。",
            )
        )
    hour = replace(
        whole,
        period_s=min(whole.period_s, HOUR_S),
        classes=tuple(
            replace(of, arrivals_per_s=of.arrivals_per_s[some], patience=of.patience[some])
            for of in whole.classes
        ),
        groups=tuple(replace(each, agents=each.agents[some]) for each in whole.groups),
        warm_up_s=0.0,
        redial=0.0,
        redial_after=None,
    )
    return Piece(hour, whole.opens_s + first * whole.period_s, tuple(left_out))


def check_size(piece: Piece, draws: Draws, pace: float) -> None:
    """Raise LimitExceeded for what one machine cannot play."""
    seats = sum(group.agents[0] for group in piece.scenario.groups)
    rate = len(draws) / (piece.scenario.day_s / pace)
    if len(draws) > MOST_CALLS or seats > MOST_SEATS or rate > MOST_CALLS_PER_S:
        raise LimitExceeded(
            f"{len(draws):,} calls with {seats} seats, {rate:.1f} calls/s: a rehearsal has at most "
            f"{MOST_CALLS:,} calls, {MOST_SEATS} seats and {MOST_CALLS_PER_S:g} calls/s; give it "
            "more minutes, or a smaller centre",
            ja=f"{len(draws):,}件・{seats}席・毎秒{rate:.1f}件は多すぎます。試行は"
            f"{MOST_CALLS:,}件・{MOST_SEATS}席・毎秒{MOST_CALLS_PER_S:g}件までです。"
            "時間(--minutes)を長くするか、規模を小さくしてください。",
        )
    if not len(draws):
        raise Refused(
            "nobody calls in the busiest hour", ja="最も混む1時間に電話が1件もありません。"
        )


# -- the centre that plays it ------------------------------------------------------------------


def number_of(skill: int) -> str:
    """The number that callers of a class dial."""
    return f"9{skill:03d}"


def staged_centre(piece: Piece, pace: float, folder: Path, ports: Ports) -> tuple[Centre, Mapped]:
    """A centre with the scenario's own plan, everything in it ``pace`` times as fast; its numbers
    lead straight into the line. Raises Refused for what the product cannot do."""
    mapped = plan_of(piece.scenario)
    settings = Settings(
        state_dir=folder,
        switch=SwitchSettings(sip_port=ports.sip, ami_port=ports.ami),
        agi=AgiSettings(port=ports.agi),
        api=ApiSettings(port=ports.api),
        softphone=SoftphoneSettings(ws_port=0),
        recording=RecordingSettings(enabled=False),
        reports=ReportSettings(daily_at="", monthly_at=""),
        log=LogSettings(level=LogLevel.ERROR),
        trunks={
            "carrier": TrunkSettings(
                kind=TrunkKind.ADDRESS, match=(HOST,), rtp_timeout_s=0, rtp_timeout_hold_s=0
            )
        },
    )
    flows = {str(queue): _straight(queue) for queue in mapped.queues}
    return Centre(folder, settings, _plan(mapped, pace), flows), mapped


def contacts(plan: Plan, port: int) -> dict[str, str]:
    """One SIPp answers for all telephones: their fixed addresses."""
    return {agent.device: f"sip:{agent.device}@{HOST}:{port}" for agent in plan.agents}


def _plan(mapped: Mapped, pace: float) -> Plan:
    plan = mapped.plan
    return msgspec.structs.replace(
        plan,
        version="rehearsal",
        queues=tuple(_queue(queue, pace) for queue in plan.queues),
        agents=tuple(_agent(agent) for agent in plan.agents),
        numbers=tuple(
            NumberPlan(number_of(skill), str(queue), recorded=False)
            for skill, queue in enumerate(mapped.queues)
        ),
        default_flow=str(mapped.queues[0]),
        priority_step_s=plan.priority_step_s / pace,
        max_calls=min(plan.max_calls, _MOST_AT_ONCE),
        cooldown=_COOLDOWN,
    )


def _agent(agent: AgentPlan) -> AgentPlan:
    return msgspec.structs.replace(agent, device="seat" + agent.id.replace(".", "x"))


def _queue(queue: QueuePlan, pace: float) -> QueuePlan:
    return msgspec.structs.replace(
        queue,
        ring_timeout_s=min(queue.ring_timeout_s, _LONG_S),
        wrap_up_s=min(queue.wrap_up_s, _LONG_S),
        max_wait_s=min(queue.max_wait_s, _LONG_S),
        max_length=min(queue.max_length, _MOST_AT_ONCE),
        sl_threshold_s=queue.sl_threshold_s / pace,
        announce_every_s=0.0,
        recorded=False,
        ladder=tuple(
            msgspec.structs.replace(step, after_s=step.after_s / pace) for step in queue.ladder
        ),
    )


def _straight(queue: QueueId) -> Flow:
    nodes: Mapping[str, ToQueue] = {"queue": ToQueue(queue=queue)}
    return Flow(name=str(queue), start="queue", operator="queue", nodes=dict(nodes), goodbye=False)
