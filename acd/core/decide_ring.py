"""Ringing somebody besides caller and operator: where, for how long, and what is shown there."""

from __future__ import annotations

from msgspec import Struct

from acd.core.call import Call
from acd.core.commands_talk import RingParty
from acd.core.decide_dial import outside
from acd.core.events_talk import PartyAsked
from acd.core.ids import AgentId, Personal, QueueId, offer_id
from acd.core.offer import Offer
from acd.core.party import PartyKind
from acd.core.plan import DirectoryEntry, Target, TargetKind
from acd.core.state import OUTSIDE_RING_S
from acd.core.step import Step
from agents.agent import Agent


class Rung(Struct, frozen=True):
    """Who is to be rung: what is dialled and, of a colleague, who it is, at which telephone.
    ``confirm``: a key must say that a person answered. ``queue`` is the line asked for."""

    target: Target
    dial: Personal
    number: Personal = ""
    colleague: AgentId = AgentId("")
    device: str = ""
    confirm: bool = False
    queue: QueueId = QueueId("")


def at_entry(entry: DirectoryEntry) -> Rung:
    """An entry of the directory."""
    return Rung(Target(TargetKind.NUMBER, entry.id), entry.dial)


def at_number(step: Step, number: str) -> Rung:
    """A number outside of the directory that may be called."""
    return Rung(Target(TargetKind.OUTSIDE), outside(step, number), number)


def at_colleague(step: Step, agent: Agent, asked: Target) -> Rung:
    """An operator, named or chosen for a queue, at the telephone of the day."""
    far = step.state.outside.get(agent.device, "")
    return Rung(
        Target(TargetKind.AGENT, agent.id),
        far or f"PJSIP/{agent.device}",
        colleague=AgentId(agent.id),
        device=agent.device,
        confirm=far != "",
        queue=QueueId(asked.value if asked.kind is TargetKind.QUEUE else ""),
    )


def ring(
    step: Step, call: Call, offer: Offer, kind: PartyKind, rung: Rung, *, tone: bool = False
) -> None:
    """Ring for this talk. ``tone``: the operator waits already, and shall hear it."""
    talk = step.state.plan.talk
    party = offer_id(step.state.counters.offers + 1)
    shown = talk.shown if "@" in rung.dial else ""
    ring_s = max(talk.ring_s, OUTSIDE_RING_S) if rung.confirm else talk.ring_s
    step.emit(
        PartyAsked(
            party,
            call.id,
            offer.agent,
            kind,
            rung.target,
            ring_s,
            rung.number,
            rung.colleague,
            rung.queue,
        )
    )
    step.command(
        RingParty(
            party,
            call.id,
            call.switch,
            call.channel,
            offer.id,
            kind,
            rung.dial,
            ring_s,
            shown,
            tone,
            rung.colleague,
            rung.device,
            call.queue,
            rung.confirm,
        )
    )
