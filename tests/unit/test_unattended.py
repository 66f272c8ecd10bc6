"""Recordings that the switch makes by itself: what it is told, and what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from acd.app.recorder import RecorderPolicy, RecorderStatus, RecordingAlarm
from acd.app.unattended import BYTES_PER_S, Unattended, exempt_numbers
from acd.core.ids import CallId, QueueId, SwitchId
from acd.core.plan import NumberPlan, Plan, QueuePlan
from acd.core.recording import DAY_MS
from acd.ports_recording import Told
from ivr.flow import Flow, Menu, Node, ToQueue
from tests.fakes.centre import Centre
from tests.taped import AGENT, World

ID = "ab" * 16
TAX, COUNSEL = QueueId("tax"), QueueId("counsel")


def told(call: str = "1700000000.7", **changes: object) -> Told:
    """What the switch says of a talk of the static queue with op10."""
    known = Told(CallId(call), "0466001111", "op10", int(time.time()) - 60, over=True)
    return replace(known, **changes)


@pytest.mark.requirement("M16")
async def test_a_talk_of_the_static_queue_becomes_a_row_as_others_do(world: World) -> None:
    world.tape.made[ID] = told()
    world.tape.writes(ID, 2.0, quiet_s=4.0)
    await world.recorder.look()
    (row,) = await world.found()
    assert (row.id, row.call, row.agent, row.queue) == (ID, "1700000000.7", AGENT, "")
    assert (row.dialled, row.duration_ms) == ("0466001111", 2_000)
    assert row.started_ms == world.tape.made[ID].started_s * 1_000
    assert 89 * DAY_MS < row.expires_ms - row.started_ms < 91 * DAY_MS
    assert list(world.tape.incoming.iterdir()) == []
    assert world.alarms == []


@pytest.mark.requirement("M16")
async def test_it_is_left_alone_while_its_leg_is_there_or_nobody_can_be_asked(
    world: World,
) -> None:
    world.tape.made[ID] = told(over=False)
    world.tape.writes(ID, quiet_s=300.0)
    await world.recorder.look()
    world.tape.down = True
    await world.recorder.look()
    assert await world.found() == []
    world.tape.writes("cd" * 16, quiet_s=3_700.0)
    await world.recorder.look()
    assert [each.id for each in await world.found()] == ["cd" * 16], "not for ever"
    assert world.alarms == [RecordingAlarm.STRANGE_SOUND]


@pytest.mark.requirement("M16")
async def test_a_number_keeps_its_own_time(world: World) -> None:
    plan = world.centre.engine.plan
    numbers = tuple(replace(each, keep_days=7) for each in plan.numbers)
    world.centre.engine.state.plan = replace(plan, numbers=numbers)
    world.tape.made[ID] = told()
    world.tape.writes(ID, quiet_s=4.0)
    await world.recorder.look()
    (row,) = await world.found()
    assert 6 * DAY_MS < row.expires_ms - row.started_ms < 8 * DAY_MS


@pytest.mark.requirement("M16")
async def test_nothing_is_kept_of_a_queue_that_the_switch_could_not_be_told_of(
    world: World,
) -> None:
    call = world.centre.call(1)
    plan = world.centre.engine.plan
    queues = tuple(replace(each, recorded=False) for each in plan.queues)
    world.centre.engine.state.plan = replace(plan, queues=queues)
    world.tape.made[ID] = told(call)
    world.tape.writes(ID, quiet_s=4.0)
    await world.recorder.look()
    assert await world.found() == []
    assert list(world.tape.incoming.iterdir()) == []


# -- what the switch is told ---------------------------------------------------------------------


def flow(name: str, **nodes: Node) -> Flow:
    return Flow(name, next(iter(nodes)), "queue", nodes)


FLOWS = {
    each.name: each
    for each in (
        flow("tax", queue=ToQueue(TAX)),
        flow("counsel", queue=ToQueue(COUNSEL)),
        flow(
            "main",
            menu=Menu(prompts=("menu",), choices={"1": "queue", "2": "counsel"}),
            queue=ToQueue(TAX),
            counsel=ToQueue(COUNSEL),
        ),
    )
}
PLAN = Plan(
    "test",
    (QueuePlan(TAX, "税", "Taxes"), QueuePlan(COUNSEL, "相談", "Counselling", recorded=False)),
    (),
    (
        NumberPlan("100", "tax"),
        NumberPlan("101", "tax", recorded=False),
        NumberPlan("102", "counsel"),
        NumberPlan("103", "main"),
        NumberPlan("104", "unknown"),
    ),
    default_queue=TAX,
)


@pytest.mark.requirement("M16")
def test_a_number_is_exempt_by_itself_or_because_it_leads_nowhere_else() -> None:
    assert exempt_numbers(PLAN, FLOWS) == ["101", "102"]


class Switch:
    """Hears what it is told."""

    def __init__(self) -> None:
        self.until: list[int] = []
        self.spared: list[tuple[str, bool]] = []

    async def record_until(self, until_s: int) -> None:
        self.until.append(until_s)

    async def exempt(self, numbers: Sequence[str]) -> None:
        self.numbers = list(numbers)

    async def spare(self, switch: SwitchId, channel: str, on: bool) -> None:
        self.spared.append((channel, on))


class Tapes:
    """A recorder with so much room."""

    def __init__(self, free: int, *, enabled: bool = True, records: bool = True) -> None:
        self.policy = RecorderPolicy(enabled=enabled, min_free_bytes=1_000)
        self.status = RecorderStatus(not records, free, 0, 0, 0, 0)
        self.records = records and enabled


@pytest.mark.requirement("M16")
@pytest.mark.parametrize(
    ("tapes", "seconds"),
    [
        (Tapes(1_000 + 3 * 60 * BYTES_PER_S), 60),
        (Tapes(900), 0),
        (Tapes(1 << 40, records=False), None),
        (Tapes(1 << 40, enabled=False), None),
    ],
)
def test_there_is_room_for_all_who_can_talk(tapes: Tapes, seconds: int | None) -> None:
    centre = Centre(PLAN)
    alone = Unattended(Switch(), tapes, lambda: centre.engine, lambda: 5_000.0, 3, FLOWS)
    assert alone.until_s() == (0 if seconds is None else 5_000 + seconds)


@pytest.mark.requirement("M16")
async def test_the_switch_learns_who_waits_for_a_queue_that_is_exempt() -> None:
    centre, switch, tapes = Centre(PLAN), Switch(), Tapes(1 << 40)
    alone = Unattended(switch, tapes, lambda: centre.engine, lambda: 5_000.0, 3, FLOWS)
    centre.sinks = [alone]
    centre.call(1, queue=TAX)
    call = centre.call(2, queue=COUNSEL)
    channel = centre.engine.calls[call].channel
    running = asyncio.create_task(alone.run())
    await asyncio.sleep(0.01)
    assert switch.spared == [(channel, True)]
    open_to_all = tuple(replace(each, recorded=True) for each in PLAN.queues)
    centre.engine.state.plan = replace(PLAN, queues=open_to_all)
    await alone.tell()
    await asyncio.sleep(0.01)
    assert switch.spared == [(channel, True), (channel, False)]
    assert switch.numbers == ["101"]
    assert len(switch.until) == 1
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
