"""After every (re)connect: what the switch really has, against what the engine believes.

A pure function from both to the inputs that correct the engine; the controller takes them like any
other. The switch is right about channels, the engine about place, age and everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from acd.app.reconcile_talks import talks_met
from acd.core.call import Call, CallState
from acd.core.decide_dial import switch_of
from acd.core.engine import Engine
from acd.core.ids import CallId, OfferId, QueueId, SwitchId
from acd.core.inputs import (
    CallArrived,
    CallConnected,
    Caller,
    CallerHungUp,
    CallerKind,
    CallLost,
    EndedBy,
    Input,
    LegEnded,
    LossReason,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
    QueueRequested,
)
from acd.core.inputs_floor import SpyLegGone
from acd.core.inputs_talk import TalkFound, TalkMet
from acd.core.offer import Offer, OfferState
from acd.core.party import PartyKind
from acd.ports import ChannelSeen

#: Q.850 cause of a hang-up that nobody saw.
UNSEEN = 0
#: Where the dialplan leads a caller whose operator is gone.
AFTER_TALK = "after"
_RINGING = (OfferState.RINGING, OfferState.PICKED_UP)


def rung_and_gone(engine: Engine, switch: SwitchId, seen: Sequence[ChannelSeen]) -> list[Offer]:
    """Rings whose caller is not there any more: nobody here can say whether they became talks."""
    there = {channel.call for channel in seen}
    return [
        offer
        for offer in engine.state.offers.values()
        if offer.state in _RINGING
        and offer.call not in there
        and engine.calls[offer.call].switch == switch
    ]


def corrections(
    engine: Engine,
    switch: SwitchId,
    seen: Sequence[ChannelSeen],
    *,
    lost: Callable[[CallId], bool],
    talked: Container[OfferId] = (),
) -> list[Input]:
    """Inputs that bring the engine in line with ``seen``, all channels of ``switch``.

    ``lost``: whether a call that is gone was cut off with its switch rather than hung up.
    ``talked``: which of the rings :func:`rung_and_gone` became talks, as the switch recorded.
    """
    callers = {channel.call: channel for channel in seen if channel.call is not None}
    bridges = {call: channel.bridge for call, channel in callers.items()}
    legs = {channel.offer: channel for channel in seen if channel.offer is not None}
    met = talks_met(engine, callers, legs.values())
    out: list[Input] = []
    for call in engine.calls.values():
        if call.switch != switch:
            continue
        caller = callers.pop(call.id, None)
        if caller is None:
            out += _gone(call, lost(call.id), talked)
        elif call.id not in met:
            out += _still_here(engine, call, caller, legs)
    out += [talk for id_, talk in met.items() if id_ not in callers]
    for party in engine.state.parties.values():
        if engine.calls[party.call].switch == switch:
            found = _other_leg(party.id, legs.get(party.id))
            if party.kind is PartyKind.TRANSFER and not _together(
                legs.get(party.id), bridges.get(party.call, "")
            ):
                # It may still be with the operator who leaves the caller to it.
                found = [one for one in found if not isinstance(one, CallConnected)]
            out += found
    for dial in engine.state.dials.values():
        if switch_of(engine.state, dial) == switch:
            out += _other_leg(dial.id, legs.get(dial.id))
    for taking in engine.state.floor.takings.values():
        if engine.calls[taking.call].switch == switch:
            out += _other_leg(taking.id, legs.get(taking.id))
    hearing = {channel.spy for channel in seen}
    for spy in engine.state.floor.spies.values():
        if spy.switch == switch and spy.id not in hearing:
            out.append(SpyLegGone(spy.id))
    for caller in callers.values():
        out += _adopted(engine, switch, caller, met.get(CallId(caller.call or "")))
    return out


def _gone(call: Call, lost: bool, talked: Container[OfferId]) -> list[Input]:
    if lost:
        return [CallLost(call.id, LossReason.SWITCH_DOWN)]
    unseen = _unseen_talk(call.offer) if call.offer and call.offer in talked else []
    return [*unseen, CallerHungUp(call.id, UNSEEN)]


def _unseen_talk(offer: OfferId) -> list[Input]:
    """The whole talk went by unseen."""
    return [CallConnected(offer), LegEnded(offer, EndedBy.AGENT)]


def _still_here(
    engine: Engine, call: Call, caller: ChannelSeen, legs: dict[OfferId, ChannelSeen]
) -> list[Input]:
    offer = engine.state.offers.get(call.offer) if call.offer else None
    if offer is not None:
        return _offer_corrections(offer, caller, legs.get(offer.id))
    if call.state is CallState.MENU and caller.held:
        # The controller went between the menu's end and the queue: the caller waits already.
        return [QueueRequested(call.id, engine.plan.default_queue, waited_s=caller.age_s)]
    return []


def _offer_corrections(offer: Offer, caller: ChannelSeen, leg: ChannelSeen | None) -> list[Input]:
    if offer.state in (OfferState.CONNECTED, OfferState.HELD):
        if leg is None:
            return [LegEnded(offer.id, EndedBy.AGENT)]
        apart = caller.held and leg.bridge != caller.bridge
        together = leg.bridge != "" and leg.bridge == caller.bridge
        wrong = apart if offer.state is OfferState.CONNECTED else offer.apart and together
        return [TalkFound(offer.id, apart)] if wrong else []
    if leg is None and caller.where == AFTER_TALK:
        return _unseen_talk(offer.id)
    if leg is None:
        return [OfferFailed(offer.id, OfferFailure.ERROR)]
    if leg.bridge and leg.bridge == caller.bridge:
        return [CallConnected(offer.id)]
    return []


def _other_leg(leg_id: OfferId, leg: ChannelSeen | None) -> list[Input]:
    """A party, an outside call, a supervisor's phone that rings for a talk: gone, answered, or
    with somebody, whatever was seen of it."""
    if leg is None:
        return [OfferFailed(leg_id, OfferFailure.ERROR)]
    found: list[Input] = [OfferAnswered(leg_id)] if leg.answered else []
    return [*found, CallConnected(leg_id)] if leg.bridge and not leg.held else found


def _together(leg: ChannelSeen | None, bridge: str) -> bool:
    return leg is not None and leg.bridge != "" and leg.bridge == bridge


def _adopted(
    engine: Engine, switch: SwitchId, caller: ChannelSeen, talk: TalkMet | None
) -> list[Input]:
    """A caller whom the engine never met (it came while no controller ran), who waits or talks."""
    if not (caller.held or talk) or caller.call is None:
        return []
    arrived = CallArrived(
        CallId(caller.call),
        switch,
        caller.channel,
        caller.trunk,
        caller.dialled,
        caller.caller or Caller(CallerKind.UNAVAILABLE),
        adopted=True,
    )
    if talk is not None:
        return [arrived, talk]
    default = QueueId(engine.plan.default_queue)
    return [arrived, QueueRequested(arrived.call, default, waited_s=caller.age_s)]
