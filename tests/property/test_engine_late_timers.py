"""A clock that is late (a busy machine) makes nothing happen in the past."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from acd.core import inputs as i
from acd.core.commands import StartTimer
from acd.core.ids import AgentId
from agents.state import AgentState
from tests.desk import Desk, person, plan, queue

SATO = AgentId("sato")


@given(
    wrap_up_s=st.floats(0.5, 60),
    happens=st.lists(
        st.tuples(st.floats(0, 120), st.booleans(), st.floats(0.5, 60)), min_size=1, max_size=6
    ),
)
def test_no_timer_starts_in_the_past_and_no_wrap_up_is_shortened(
    wrap_up_s: float, happens: list[tuple[float, bool, float]]
) -> None:
    desk = Desk(plan(queue(wrap_up_s=wrap_up_s), person("sato")), "sato")
    desk.call("1")
    desk.connect("sato")
    desk.hang_up("1")
    agent = desk.engine.agents[SATO]
    for late_s, fires, extra_s in happens:
        desk.now += late_s
        if fires:
            desk.pass_time(0.0)
        if agent.state is not AgentState.WRAP_UP:
            break
        desk.tell(i.WrapUpExtended(SATO, extra_s))
        started = [each for each in desk.commands if isinstance(each, StartTimer)]
        assert [each.at_s >= desk.now + extra_s for each in started] == [True]
    desk.pass_time(1_000.0)
    assert agent.state is AgentState.READY
