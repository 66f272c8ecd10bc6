"""Talks that a sweep shows and of which the engine never heard.

A controller that dies may have connected a caller in the very last moment, and nobody who stands by
was told. The legs say whose they are (``MDG_AGENT``), and where they are says with whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acd.core.engine import Engine
from acd.core.ids import CallId
from acd.core.inputs_talk import TalkMet
from acd.ports import ChannelSeen

#: Where a caller and an operator wait whose talk was taken apart (docs/adr/0009).
_PARTED, _AT_THE_DESK = "parted", ("desk", "asking")


def talks_met(
    engine: Engine, callers: Mapping[CallId, ChannelSeen], legs: Iterable[ChannelSeen]
) -> dict[CallId, TalkMet]:
    """Callers who talk with an operator by a leg that the engine does not know."""
    state = engine.state
    known = (state.offers, state.parties, state.dials, state.floor.takings, state.past_offers)
    talking = {caller.bridge: caller for caller in callers.values() if _talks(caller)}
    parted = {caller.channel: caller for caller in callers.values() if caller.where == _PARTED}
    met: dict[CallId, TalkMet] = {}
    for leg in legs:
        offer = leg.offer
        if offer is None or leg.agent not in engine.agents or any(offer in each for each in known):
            continue
        apart = leg.held and leg.where in _AT_THE_DESK
        caller = parted.get(leg.peer) if apart else talking.get(leg.bridge)
        if caller is not None and caller.call is not None:
            met[caller.call] = TalkMet(caller.call, offer, leg.agent, leg.queue, apart)
    return met


def _talks(caller: ChannelSeen) -> bool:
    return caller.bridge != "" and not caller.held
