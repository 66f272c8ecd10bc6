"""A switch that is silent: its calls are given up once, after the time that it has."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from acd.app.node_watch import NodeWatch
from acd.core import inputs as i
from acd.core.ids import AgentId, CallId, SwitchId
from agents.state import AgentState
from tests.desk import Desk, person, plan

A, B = SwitchId("a"), SwitchId("b")


@dataclass
class Switch:
    """A switch that is connected or not; ``tells``: so far as to tell what is on it."""

    up: bool = True
    tells: bool = False


class World:
    """A desk whose callers are all on one switch, watched."""

    def __init__(self) -> None:
        self.desk = Desk(plan(person("sato"), person("mori")), "sato", "mori")
        self.here, self.other = Switch(), Switch()
        self.submitted: list[i.Input] = []
        self.told: list[SwitchId] = []
        self.done = False
        self.now = 0.0
        self.watch = NodeWatch(
            {A: self.here, B: self.other},
            {A: 10.0, B: 10.0},
            lambda: self.desk.engine,
            self.submit,
            self.gone,
            lambda: self.now,
            lambda switch: {A: self.here, B: self.other}[switch].tells,
        )

    async def submit(self, happened: i.Input) -> None:
        self.submitted.append(happened)
        self.desk.tell(happened)

    async def gone(self, switch: SwitchId) -> bool:
        self.told.append(switch)
        return self.done

    async def at(self, now: float) -> None:
        self.now = now
        await self.watch.look()


@pytest.mark.requirement("M18")
async def test_calls_of_a_silent_switch_are_lost_once_and_operators_are_free() -> None:
    world = World()
    world.desk.call("1")
    world.desk.connect("sato")
    world.here.up = False
    world.desk.tell(i.SwitchDown(A))
    await world.at(0.0)
    await world.at(9.9)
    assert world.submitted == []
    await world.at(10.0)
    await world.at(60.0)
    assert world.submitted == [i.CallLost(CallId("1"), i.LossReason.SWITCH_DOWN)]
    assert world.desk.state("sato") is not AgentState.TALKING
    assert not world.desk.engine.calls


async def test_a_switch_that_still_tells_what_is_on_it_is_not_given_up() -> None:
    """A new leader of a busy centre hears for longer than a switch may be silent."""
    world = World()
    world.desk.call("1")
    world.here.up = False
    await world.at(0.0)
    world.here.tells = True
    await world.at(20.0)
    assert world.submitted == []
    world.here.tells = False
    await world.at(21.0)
    assert world.submitted == [i.CallLost(CallId("1"), i.LossReason.SWITCH_DOWN)]


async def test_a_switch_that_comes_back_in_time_keeps_its_calls() -> None:
    world = World()
    world.desk.call("1")
    world.here.up = False
    await world.at(0.0)
    world.here.up = True
    await world.at(8.0)
    world.here.up = False
    await world.at(9.0)
    await world.at(18.0)
    assert world.submitted == []
    assert world.desk.engine.calls


async def test_what_leads_to_it_is_let_go_when_the_others_do_not_reach_it_either() -> None:
    world = World()
    world.other.up = False
    await world.at(0.0)
    await world.at(10.0)
    await world.at(11.0)
    world.done = True
    await world.at(12.0)
    await world.at(13.0)
    assert world.told == [B, B, B]
    assert AgentId("sato") in world.desk.engine.agents
