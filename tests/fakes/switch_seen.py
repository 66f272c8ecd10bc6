"""What a sweep over the fake switch shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from acd.core.ids import AgentId, QueueId
from acd.ports import ChannelSeen
from tests.fakes.switch_talks import FakeTalks
from tests.fakes.switch_world import FakeCaller, FakeLeg


def all_channels(
    callers: Iterable[FakeCaller], legs: Iterable[FakeLeg], talks: FakeTalks, now_s: float
) -> Iterator[ChannelSeen]:
    """Every caller's channel and every leg of ours."""
    for caller in callers:
        bridge, held = talks.bridge_of(caller)
        yield ChannelSeen(
            channel=caller.info.channel,
            unique_id=caller.call,
            call=caller.call,
            offer=None,
            answered=True,
            held=held,
            bridge=bridge,
            age_s=now_s - caller.began_s,
            where=caller.where.value,
            dialled=caller.info.dialled,
            caller=caller.info.caller,
            trunk=caller.info.trunk,
        )
    for leg in legs:
        bridge, held = talks.bridge_of(leg)
        yield ChannelSeen(
            channel=f"PJSIP/{leg.phone.name}-{leg.offer}",
            unique_id=f"mdg-{leg.offer}",
            call=None,
            offer=leg.offer,
            answered=leg.answered,
            held=held,
            bridge=bridge,
            age_s=0.0,
            where="desk" if held else "operator",
            agent=AgentId(leg.agent),
            queue=QueueId(leg.queue),
            peer=leg.caller.info.channel,
        )
