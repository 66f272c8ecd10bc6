"""The three state machines: every row means something, every other pair raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from itertools import product
from typing import Any, NamedTuple

import pytest

from acd.core import apply, call, offer, staffing
from acd.errors import TransitionError
from agents import state as agent
from agents.table import After
from tests.property.test_engine_days import play
from tools.diagrams import mermaid


class Machine(NamedTuple):
    """What every machine has."""

    module: Any
    states: type[StrEnum]
    triggers: type[StrEnum]
    first: StrEnum

    @property
    def table(self) -> Mapping[tuple[StrEnum, StrEnum], StrEnum]:
        table: Mapping[tuple[StrEnum, StrEnum], StrEnum] = self.module.TABLE
        return table

    @property
    def next_state(self) -> Callable[[StrEnum, StrEnum], StrEnum]:
        function: Callable[[StrEnum, StrEnum], StrEnum] = self.module.next_state
        return function


MACHINES = [
    Machine(agent, agent.AgentState, agent.AgentTrigger, agent.AgentState.LOGGED_OUT),
    Machine(call, call.CallState, call.CallTrigger, call.CallState.MENU),
    Machine(offer, offer.OfferState, offer.OfferTrigger, offer.OfferState.RINGING),
]
each = pytest.mark.parametrize("machine", MACHINES, ids=["agent", "call", "offer"])


@pytest.mark.requirement("M4")
@each
def test_every_pair_is_in_the_table_or_raises(machine: Machine) -> None:
    for state, trigger in product(machine.states, machine.triggers):
        expected = machine.table.get((state, trigger))
        if expected is not None:
            assert machine.next_state(state, trigger) is expected
        else:
            with pytest.raises(TransitionError, match=state.value):
                machine.next_state(state, trigger)


@each
def test_every_state_can_be_reached(machine: Machine) -> None:
    reached, before = {machine.first}, set[StrEnum]()
    while reached != before:
        before = set(reached)
        reached |= {then for (state, _), then in machine.table.items() if state in before}
    assert reached == set(machine.states)


def test_no_operator_state_is_a_trap() -> None:
    """From every state an operator can get home."""
    home = {agent.AgentState.LOGGED_OUT}
    for _ in agent.AgentState:
        home |= {state for (state, _), then in agent.TABLE.items() if then in home}
    assert home == set(agent.AgentState)


@each
def test_every_trigger_is_in_the_table(machine: Machine) -> None:
    assert {trigger for _, trigger in machine.table} == set(machine.triggers)


@each
def test_the_diagram_has_an_arrow_for_every_row(machine: Machine) -> None:
    drawn = mermaid(machine.table, machine.first, ends=False).splitlines()
    assert len(drawn) == len(machine.table) + 2
    for (state, trigger), then in machine.table.items():
        assert f"    {state.value} --> {then.value}: {trigger.value}" in drawn


class Taken(dict[Any, Any]):
    """A table that remembers which of its rows were taken."""

    def __init__(self, table: Mapping[Any, Any]) -> None:
        super().__init__(table)
        self.rows: set[Any] = set()

    def __getitem__(self, row: Any) -> Any:
        self.rows.add(row)
        return super().__getitem__(row)


class TakenColumn(dict[Any, Any]):
    """A column of a table that remembers the same."""

    def __init__(self, column: After[Any], table: Taken) -> None:
        super().__init__(column)
        self._trigger, self._taken = column.trigger, table

    def __getitem__(self, state: Any) -> Any:
        return self._taken[state, self._trigger]


def watch_columns(monkeypatch: pytest.MonkeyPatch, tables: dict[int, Taken]) -> None:
    for module in (apply, staffing):
        for name, column in list(vars(module).items()):
            if isinstance(column, After):
                watched = TakenColumn(column, tables[id(column.table)])
                monkeypatch.setattr(module, name, watched)


def test_a_few_days_take_every_row_and_ask_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = [Taken(machine.table) for machine in MACHINES]
    watch_columns(
        monkeypatch, {id(m.table): table for m, table in zip(MACHINES, taken, strict=True)}
    )
    for machine, table, name in zip(MACHINES, taken, ("AGENT", "CALL", "OFFER"), strict=True):
        monkeypatch.setattr(machine.module, "TABLE", table)
        monkeypatch.setattr(apply, f"{name}_TABLE", table)
    monkeypatch.setattr(staffing, "TABLE", taken[0])
    for seed in range(100):
        play(seed, 100, often=1_000)
    for table in taken:
        assert table.rows == set(table)
