"""Decisions on supervisors who hear a talk: listen, whisper, barge.

One telephone hears one talk. Another request from it turns its leg, without ringing again; the end
of the talk ends the leg.
"""

from __future__ import annotations

from acd.core import events_floor as f
from acd.core import inputs_floor as i
from acd.core.call import CallState
from acd.core.commands_floor import SpyTalk, StopSpying, TurnSpy
from acd.core.decide_floor import refuse
from acd.core.events import RefusalReason
from acd.core.ids import SpyId, spy_id
from acd.core.offer import Offer
from acd.core.state import State
from acd.core.step import Step
from agents.state import AgentState

_IN_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)


def spy_requested(step: Step, happened: i.SpyRequested) -> None:
    """Let a telephone hear the talk of a call."""
    state = step.state
    call = state.calls.get(happened.call)
    offer = state.offers.get(call.offer) if call is not None and call.offer else None
    if call is None:
        refuse(step, happened.call, happened, RefusalReason.UNKNOWN_CALL)
    elif offer is None or call.state is not CallState.TALKING:
        refuse(step, happened.call, happened, RefusalReason.NOT_TALKING)
    elif call.switch in state.switches_down:
        refuse(step, happened.call, happened, RefusalReason.SWITCH_DOWN)
    elif _in_use(state, happened.device):
        refuse(step, happened.call, happened, RefusalReason.DEVICE_BUSY)
    else:
        _hear(step, happened, offer)


def _in_use(state: State, device: str) -> bool:
    """Whether somebody has a call at this telephone: the talk itself must not be its own spy."""
    return state.floor.rings_at(device) or any(
        agent.device == device and agent.state in _IN_CALL for agent in state.agents.values()
    )


def _hear(step: Step, happened: i.SpyRequested, offer: Offer) -> None:
    state, floor = step.state, step.state.floor
    device, mode = happened.device, happened.mode
    switch = state.calls[offer.call].switch
    known = floor.spy_at(device)
    if known is not None and (known.offer, known.mode) == (offer.id, mode):
        refuse(step, happened.call, happened, RefusalReason.NOTHING_TO_CHANGE)
        return
    if known is not None and known.switch == switch:
        step.emit(f.SpyStarted(known.id, offer.call, device, offer.id, mode, happened.by))
        step.command(TurnSpy(known.id, switch, offer.id, mode))
        return
    if known is not None:
        step.emit(f.SpyEnded(known.id, state.offers[known.offer].call, happened.by))
        step.command(StopSpying(known.id, known.switch))
    spy = spy_id(floor.spy_count + 1)
    step.emit(f.SpyStarted(spy, offer.call, device, offer.id, mode, happened.by))
    step.command(SpyTalk(spy, switch, device, offer.id, mode))


def spy_end_requested(step: Step, happened: i.SpyEndRequested) -> None:
    """Let a telephone hear a talk no longer."""
    spy = step.state.floor.spy_at(happened.device)
    if spy is None or step.state.offers[spy.offer].call != happened.call:
        refuse(step, happened.call, happened, RefusalReason.NOTHING_TO_CHANGE)
    else:
        step.emit(f.SpyEnded(spy.id, happened.call, happened.by))
        step.command(StopSpying(spy.id, spy.switch))


def spy_leg_gone(step: Step, happened: i.SpyLegGone) -> None:
    """The supervisor hung up, or did not answer."""
    gone(step, happened.spy)


def gone(step: Step, leg: SpyId) -> bool:
    """A leg is not there, or cannot be made; whether there was such a leg."""
    spy = step.state.floor.spies.get(leg)
    if spy is not None:
        step.emit(f.SpyEnded(spy.id, step.state.offers[spy.offer].call))
    return spy is not None
