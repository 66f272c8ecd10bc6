"""Operators whose telephones register at another switch than the plan says."""

from __future__ import annotations

import msgspec
import pytest

from acd.core import events as e
from acd.core import inputs as i
from acd.core.ids import AgentId, CallId, SwitchId
from acd.core.plan import AgentPlan
from agents.agent import Agent
from agents.state import AgentState
from tests.desk import Desk, person, plan

A, B, SATO = SwitchId("a"), SwitchId("b"), AgentId("sato")


def at_home_on_b() -> AgentPlan:
    return msgspec.structs.replace(person("sato"), switch=B)


@pytest.mark.requirement("M18")
def test_who_came_from_a_dead_switch_to_one_that_lives_is_rung_at_once() -> None:
    desk = Desk(plan(at_home_on_b()), "sato")
    desk.tell(i.SwitchDown(B))
    desk.call("1")
    assert desk.rings("sato") is None
    desk.tell(i.DeviceMoved(SATO, A))
    assert desk.rings("sato") == "1"


def test_who_went_to_a_dead_switch_is_not_rung_until_it_is_back() -> None:
    desk = Desk(plan(person("sato")), "sato")
    desk.tell(i.SwitchDown(B))
    desk.tell(i.DeviceMoved(SATO, B))
    desk.call("1")
    assert desk.rings("sato") is None
    desk.tell(i.SwitchUp(B))
    assert desk.rings("sato") == "1"


def test_it_is_remembered_over_a_restart_and_a_new_plan() -> None:
    desk = Desk(plan(at_home_on_b()), "sato")
    desk.tell(i.DeviceMoved(SATO, A))
    desk.restart()
    desk.tell(i.PlanChanged(plan(at_home_on_b())))
    assert desk.engine.agents[SATO].switch == A


def test_the_same_place_and_an_unknown_operator_change_nothing() -> None:
    desk = Desk(plan(person("sato")), "sato")
    desk.tell(i.DeviceMoved(SATO, A))
    desk.tell(i.DeviceMoved(AgentId("nobody"), B))
    assert not desk.has(e.AgentMoved)


def test_a_talk_goes_on_while_its_telephone_registers_elsewhere() -> None:
    desk = Desk(plan(person("sato")), "sato")
    desk.call("1")
    desk.connect("sato")
    desk.tell(i.DeviceMoved(SATO, B))
    assert desk.state("sato") is AgentState.TALKING
    assert desk.engine.calls[CallId("1")].switch == A


def test_a_memory_from_before_telephones_could_move_is_read() -> None:
    old = msgspec.msgpack.encode({"id": "x", "device": "x", "switch": "a", "order": 0})
    assert msgspec.msgpack.decode(old, type=Agent).moved is False
