"""The centre that the benches run: one queue, many phones that need no registration.

Numbers lead straight to a queue: no menu, no prompt, no notice, no goodbye, since the baselines
have none either. Everything else is as shipped: journal, records, snapshots, Asterisk's own record.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from acd.config import Centre
from acd.config.settings import (
    AgiSettings,
    ApiSettings,
    Settings,
    SoftphoneSettings,
    SwitchSettings,
    TrunkKind,
    TrunkSettings,
)
from acd.core.ids import AgentId, QueueId
from acd.core.plan import AgentPlan, CooldownPlan, NumberPlan, Plan, QueuePlan, SkillNeed
from ivr.flow import Flow, ToQueue
from sim.load.ports import free_ports

HOST = "127.0.0.1"
#: Answered at once by whoever is free / waited in for ever.
SERVED, PARKED = "9000", "9001"


class Ports(Struct, frozen=True):
    """Where a bench's processes meet: on loopback, apart from a centre's own."""

    sip: int
    callers: int
    waiters: int
    phones: int
    ami: int
    agi: int
    api: int
    media: int
    rtp_first: int = 18000
    rtp_last: int = 21999

    @classmethod
    def free(cls) -> Ports:
        """Ports that are free now, so that several benches can run beside one another."""
        # SIPp takes media ports in fours; three SIPps share one stretch.
        media = free_ports(1, spread=24)[0]
        sip, callers, waiters, phones, ami, agi, api = free_ports(7)
        return cls(sip, callers, waiters, phones, ami, agi, api, media)


def phone_names(count: int) -> list[str]:
    """``ag000``, ``ag001`` ...: all of one length."""
    return [f"ag{n:03d}" for n in range(count)]


def bench_centre(state_dir: Path, ports: Ports, phones: int, waiting: int = 2_000) -> Centre:
    """The centre; its state lies in ``state_dir``. So many may be waiting at most."""
    settings = Settings(
        state_dir=state_dir,
        switch=SwitchSettings(
            sip_port=ports.sip,
            ami_port=ports.ami,
            rtp_from_port=ports.rtp_first,
            rtp_to_port=ports.rtp_last,
        ),
        agi=AgiSettings(port=ports.agi, max_sessions=2_000),
        api=ApiSettings(port=ports.api),
        softphone=SoftphoneSettings(ws_port=0),
        trunks={
            "carrier": TrunkSettings(
                kind=TrunkKind.ADDRESS,
                match=(HOST,),
                rtp_timeout_s=0,
                rtp_timeout_hold_s=0,
            )
        },
    )
    flows = {name: _straight(name) for name in ("served", "parked")}
    return Centre(state_dir, settings, _plan(phones, waiting), flows)


def phone_contacts(ports: Ports, phones: int) -> dict[str, str]:
    """One SIPp answers for all phones: their fixed addresses."""
    return {name: f"sip:{name}@{HOST}:{ports.phones}" for name in phone_names(phones)}


def _plan(phones: int, waiting: int) -> Plan:
    needs = SkillNeed("bench")
    return Plan(
        version="bench",
        queues=(
            QueuePlan(
                QueueId("served"),
                "bench",
                "bench",
                needs=(needs,),
                wrap_up_s=0.0,
                ring_timeout_s=4.0,
                max_offers=100,
            ),
            QueuePlan(
                QueueId("parked"),
                "bench",
                "bench",
                needs=(SkillNeed("nobody"),),
                max_length=waiting,
                announce_every_s=0.0,
            ),
        ),
        agents=tuple(
            AgentPlan(AgentId(name), name, name, (needs,)) for name in phone_names(phones)
        ),
        numbers=(NumberPlan(SERVED, "served"), NumberPlan(PARKED, "parked")),
        default_queue=QueueId("served"),
        max_calls=3_000 + waiting + phones,
        cooldown=CooldownPlan(no_answer_s=2.0, rejected_s=1.0, busy_s=1.0, unreachable_s=5.0),
    )


def _straight(queue: str) -> Flow:
    node = ToQueue(queue=QueueId(queue))
    return Flow(name=queue, start="queue", operator="queue", nodes={"queue": node}, goodbye=False)
