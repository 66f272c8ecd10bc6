"""Numbers that lead straight to a queue: who counts as one, and how such a caller is met."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from acd.adapters.asterisk.arrival import waiting_info
from acd.adapters.asterisk.codec import Message
from acd.app.reception import Reception
from acd.core.engine import Engine
from acd.core.ids import CallId, QueueId, SwitchId
from acd.core.inputs import CallArrived, Caller, CallerKind, Input, QueueRequested
from acd.core.plan import NumberPlan, Plan, QueuePlan
from acd.core.step import Outcome
from acd.ports import CallInfo
from ivr.flow import Flow, Node, Say, ToQueue, is_straight

TAX = QueueId("tax")
INFO = CallInfo(
    CallId("1.1"), SwitchId("a"), "PJSIP/t-00000001", "t", "100", Caller(CallerKind.WITHHELD)
)


class Clock:
    def now(self) -> float:
        return 1_000.0

    async def sleep_until(self, at_s: float) -> None:
        raise AssertionError("nothing waits here")


class Desk:
    """A reception over a real engine; what it delivers is decided at once."""

    def __init__(self, *flows: Flow) -> None:
        queues = (QueuePlan(TAX, "税", "Taxes"), QueuePlan(QueueId("rest"), "他", "Rest"))
        numbers = tuple(NumberPlan(f"{100 + n}", flow.name) for n, flow in enumerate(flows))
        plan = Plan("test", queues, (), numbers, default_queue=QueueId("rest"))
        self.engine = Engine(plan, ZoneInfo("UTC"))
        self.heard: list[Input] = []
        self.reception = Reception(
            lambda: self.engine,
            {flow.name: flow for flow in flows},
            Clock(),
            self.submit,
            self.deliver,
            "/sounds",
        )

    def deliver(self, happened: Input) -> None:
        self.heard.append(happened)
        self.engine.handle(happened, 1_000.0)

    async def submit(self, happened: Input) -> Outcome:
        raise AssertionError("nobody is asked here")


def flow(name: str, *, goodbye: bool = False, **nodes: Node) -> Flow:
    return Flow(name, next(iter(nodes)), "queue", nodes, goodbye=goodbye)


STRAIGHT = flow("straight", queue=ToQueue(TAX))


@pytest.mark.parametrize(
    "talks",
    [
        flow("goodbye", goodbye=True, queue=ToQueue(TAX)),
        flow("prompt", queue=ToQueue(TAX, prompts=("connecting",))),
        flow("congested", queue=ToQueue(TAX, congested_from=3)),
        flow("greeting", say=Say(prompts=("greeting",), next="queue"), queue=ToQueue(TAX)),
    ],
)
def test_a_flow_that_says_anything_is_not_straight(talks: Flow) -> None:
    assert not is_straight(talks)
    assert Desk(STRAIGHT, talks).reception.straight_numbers() == ["100"]


def test_a_caller_led_straight_is_met_in_the_waiting_bridge() -> None:
    desk = Desk(STRAIGHT)
    desk.reception.waits(INFO)
    assert isinstance(desk.heard[0], CallArrived)
    assert desk.heard[-1] == QueueRequested(INFO.call, TAX)
    assert desk.engine.calls[INFO.call].queue == TAX
    # Coming back into the bridge, after an announcement, is nothing new.
    before = len(desk.heard)
    desk.reception.waits(INFO)
    assert len(desk.heard) == before


def test_a_waiting_caller_whom_nobody_met_is_served_by_the_default_queue() -> None:
    talks = flow("greeting", say=Say(prompts=("greeting",), next="queue"), queue=ToQueue(TAX))
    desk = Desk(talks)
    desk.reception.waits(INFO)
    assert desk.engine.calls[INFO.call].queue == "rest"


def event(technology: str, unique_id: str = "1795362109.0", name: str = "Taro") -> Message:
    lines = (
        "Event: BridgeEnter",
        f"BridgeTechnology: {technology}",
        "Channel: PJSIP/carrier-0000001a",
        "CallerIDNum: 0466123456",
        f"CallerIDName: {name}",
        "AccountCode: 0466001113",
        f"Uniqueid: {unique_id}",
    )
    return Message("\r\n".join(lines))


def test_the_event_of_the_waiting_bridge_describes_the_caller() -> None:
    info = waiting_info(event("holding_bridge"), SwitchId("a"))
    assert info is not None
    assert (info.call, info.trunk, info.dialled) == ("1795362109.0", "carrier", "0466001113")
    assert info.caller == Caller(CallerKind.NUMBER, "0466123456")


@pytest.mark.requirement("M7")
def test_a_withheld_number_stays_withheld() -> None:
    info = waiting_info(event("holding_bridge", name="Anonymous"), SwitchId("a"))
    assert info is not None
    assert info.caller == Caller(CallerKind.WITHHELD)


def test_talks_and_operators_legs_are_nobody_waiting() -> None:
    assert waiting_info(event("simple_bridge"), SwitchId("a")) is None
    assert waiting_info(event("holding_bridge", "mdg-o000000000001"), SwitchId("a")) is None
