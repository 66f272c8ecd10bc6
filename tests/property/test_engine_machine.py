"""Whatever happens, in whatever order, twice or late: the engine keeps its promises.

The rules below are a small world of phones and people; what is checked after each of them stands
in ``tests/engine_world.py``. Chance comes from hypothesis, so that it can make a finding small.

``HYPOTHESIS_PROFILE=long`` looks at twenty times as many days.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from acd.core import inputs as i
from tests.engine_floor import floor_input
from tests.engine_plans import draw_plan
from tests.engine_world import SWITCHES, World, agent_input, call_input, stale_timer

pytestmark = pytest.mark.requirement("M3", "M4", "M10")

CHANCE = st.randoms(use_true_random=False)


class EngineMachine(RuleBasedStateMachine):
    """Rules weighted by being written more than once where a busy centre needs it."""

    world: World

    @initialize(chance=st.integers(0, 2**32), ready=st.booleans())
    def open_the_centre(self, chance: int, ready: bool) -> None:
        self.world = World(draw_plan(random.Random(chance)))
        for agent in self.world.engine.agents if ready else ():
            self.world.tell(i.AgentLoggedIn(agent))
            self.world.tell(i.AgentReadied(agent))

    @rule(chance=CHANCE)
    def somebody_calls_for_a_queue(self, chance: random.Random) -> None:
        self.world.ask_queue(self.world.arrive(chance), chance)

    @rule(chance=CHANCE)
    def somebody_calls(self, chance: random.Random) -> None:
        self.world.arrive(chance)

    @rule(chance=CHANCE)
    def the_flow_asks_for_a_queue(self, chance: random.Random) -> None:
        self.world.ask_queue(self.world.any_call(chance), chance)

    @rule(chance=CHANCE)
    def something_happens_to_a_call(self, chance: random.Random) -> None:
        self.world.tell(call_input(self.world, chance))

    @rule(chance=CHANCE)
    def something_happens_to_another_call(self, chance: random.Random) -> None:
        self.world.tell(call_input(self.world, chance))

    @rule(chance=CHANCE)
    def somebody_at_a_desk_asks(self, chance: random.Random) -> None:
        self.world.tell(agent_input(self.world, chance))

    @rule(chance=CHANCE)
    def a_supervisor_asks(self, chance: random.Random) -> None:
        self.world.tell(floor_input(self.world, chance))

    @rule()
    def the_next_timer_fires(self) -> None:
        self.world.next_timer()

    @rule(seconds=st.sampled_from([0.0, 0.1, 1 / 3, 2.0, 10.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule(seconds=st.sampled_from([0.1, 1.0, 30.0]))
    def the_clock_is_late(self, seconds: float) -> None:
        """A busy machine: time went by, and the timers that fell due have not fired yet."""
        self.world.now += seconds

    @rule(chance=CHANCE)
    def a_stale_timer_fires(self, chance: random.Random) -> None:
        self.world.tell(stale_timer(self.world, chance))

    @rule(seed=st.integers(0, 2**32))
    def the_plan_changes(self, seed: int) -> None:
        self.world.tell(i.PlanChanged(draw_plan(random.Random(seed), str(seed))))

    @rule(switch=st.sampled_from(SWITCHES), up=st.booleans())
    def a_switch_comes_or_goes(self, switch: Any, up: bool) -> None:
        self.world.tell(i.SwitchUp(switch) if up else i.SwitchDown(switch))

    @rule(switch=st.sampled_from(SWITCHES), chance=CHANCE)
    def a_telephone_moves(self, switch: Any, chance: random.Random) -> None:
        agents = list(self.world.engine.agents)
        if agents:
            self.world.tell(i.DeviceMoved(chance.choice(agents), switch))

    @rule()
    def the_controller_restarts(self) -> None:
        self.world.restart()

    @rule()
    def a_standby_takes_over(self) -> None:
        self.world.swap()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.snapshots_agree()


TestEngine = EngineMachine.TestCase
TestEngine.settings = settings(stateful_step_count=50)
