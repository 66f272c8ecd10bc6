"""What is known of carriers' lines between two looks, and what is counted of calls out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from acd.app.trunk_watch import LinesTaken, TrunkProbe, TrunkWatch
from acd.core.events_talk import LineTaken
from acd.core.ids import CallId, OfferId, SwitchId, offer_id
from acd.core.trunks import Passed, PassedOver
from acd.errors import SwitchUnavailable

A, B = SwitchId("a"), SwitchId("b")


class Node:
    """One switch's view of its lines; ``there`` is False while it cannot be asked."""

    def __init__(self, up: dict[str, bool], used: int = 0) -> None:
        self.lines, self.used, self.there = up, used, True

    async def up(self, trunks: Sequence[str]) -> dict[str, bool]:
        if not self.there:
            raise SwitchUnavailable("There is no connection to the switch at present.")
        return {trunk: self.lines[trunk] for trunk in trunks}

    async def in_use(self, trunks: Sequence[str]) -> dict[str, int]:
        return dict.fromkeys(trunks, self.used)


@pytest.mark.requirement("M18")
async def test_a_line_is_down_when_one_switch_does_not_reach_it_and_calls_add_up() -> None:
    first = Node({"x": True, "y": True}, 2)
    second = Node({"x": True, "y": False}, 3)
    nodes: Mapping[SwitchId, TrunkProbe] = {A: first, B: second}
    watch = TrunkWatch(lambda: nodes, ("x", "y"), ("x",))
    assert watch.alarming() == {}, "nobody was asked yet"
    await watch.look()
    assert watch.up == {"x": True, "y": False}
    assert watch.in_use == {"x": 5}
    assert watch.alarming() == {"x": 0.0, "y": 1.0}
    second.there = False
    await watch.look()
    assert watch.up == {"x": True, "y": True}, "a switch that is gone says nothing of its lines"
    assert watch.in_use == {"x": 2}


def test_a_call_that_goes_from_line_to_line_counts_each_reason_once() -> None:
    def taken(line: str, *passed: Passed, again: bool = False) -> LineTaken:
        return LineTaken(offer_id(1), CallId(""), "out", line, passed, again)

    down, busy = Passed("x", PassedOver.DOWN), Passed("y", PassedOver.CONGESTED)
    counts = LinesTaken()
    counts.publish(1, 0.0, [taken("y", down)])
    counts.publish(2, 1.0, [taken("z", down, busy, again=True)])
    counts.publish(3, 2.0, [LineTaken(OfferId(""), CallId("1.5"), "out", "", (down,))])
    assert counts.taken == {"y": 1, "z": 1}
    assert counts.passed == {("x", "down"): 2, ("y", "congested"): 1}
