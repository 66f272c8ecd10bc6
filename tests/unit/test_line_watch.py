"""How the trunks sound: what Asterisk's line means, and that looking costs a bounded few asks."""

from __future__ import annotations

from collections import Counter

import pytest

from acd.adapters.asterisk.line_quality import parse
from acd.app.line_watch import LEAST, PER_TRUNK, RECENT_S, LineWatch
from acd.config import load_centre
from acd.core.ids import SwitchId
from acd.core.inputs import AgentLoggedIn, AgentReadied
from acd.ports_watch import LineSample
from metrics.line_quality import mos
from tests.fakes.centre import CENTRE, Centre

#: As Asterisk 22.10.1 said it of a caller who drops every tenth packet.
SAID = (
    "ssrc=490677704;themssrc=41294;lp=25;rxjitter=0.000000;rxcount=294;txjitter=0.001500;"
    "txcount=0;rlp=0;rtt=0.000000;rxmes=0.000000;txmes=44.216140"
)


def test_a_line_of_asterisk_is_understood() -> None:
    assert parse(SAID) == LineSample(294, 25, 0.0015)
    both = SAID.replace("rlp=0", "rlp=3").replace("rtt=0.000000", "rtt=0.042000")
    assert parse(both) == LineSample(294, 25, 0.0015, 3, 0.0, 0, 0.042)


@pytest.mark.parametrize(
    "text",
    ["", "(null)", "lp=1", SAID.replace("lp=25", "lp=-1"), SAID.replace("294", "9" * 30),
     SAID.replace("0.001500", "nan"), SAID.replace("0.001500", "inf"), SAID.replace("25", "x")],
)  # fmt: skip
def test_anything_else_is_no_sample(text: str) -> None:
    assert parse(text) is None


def test_a_score_falls_with_loss_jitter_and_delay() -> None:
    assert mos(0, 0) > 4.3
    assert mos(0, 0) > mos(0.01, 0) > mos(0.05, 0) > mos(0.3, 0) >= 1
    assert mos(0, 0) > mos(0, 20) > mos(0, 100) > mos(0, 100, 300)


class Probe:
    """Answers for every channel, and keeps who was asked about."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.sample: LineSample | None = LineSample(500, 0, 0.001)

    async def heard(self, channel: str, switch: SwitchId) -> LineSample | None:
        self.asked.append(channel)
        return self.sample


def talking(count: int) -> Centre:
    centre = Centre(load_centre(CENTRE).plan)
    for agent in centre.plan.agents:
        centre.do(AgentLoggedIn(agent.id, f"phone-{agent.id}"))
        centre.do(AgentReadied(agent.id))
    for number in range(count):
        centre.connect(centre.call(number))
    return centre


async def test_every_talk_has_its_turn_and_a_round_asks_a_few() -> None:
    centre, probe = talking(5), Probe()
    watch = LineWatch(lambda: centre.engine, probe, lambda: centre.now)
    for _ in range(5):
        before = len(probe.asked)
        await watch.look()
        assert len(probe.asked) - before == PER_TRUNK
    assert sorted(Counter(probe.asked).values()) == [2] * 5


async def test_the_present_quality_needs_some_samples_and_forgets_old_ones() -> None:
    centre, probe = talking(2), Probe()
    watch = LineWatch(lambda: centre.engine, probe, lambda: centre.now)
    await watch.look()
    assert watch.now_by_trunk() == {"carrier": None}
    for _ in range(LEAST):
        await watch.look()
    assert watch.now_by_trunk()["carrier"] == pytest.approx(mos(0, 1.0))
    centre.now += RECENT_S + 1
    assert watch.now_by_trunk() == {"carrier": None}
    assert watch.by_line["carrier", "received"].mos.cumulative()[-1] == ("+Inf", 2 * (LEAST + 1))


async def test_a_talk_that_has_just_begun_says_nothing_yet() -> None:
    centre, probe = talking(1), Probe()
    watch = LineWatch(lambda: centre.engine, probe, lambda: centre.now)
    for probe.sample in (None, LineSample(10, 0, 0.0)):
        await watch.look()
    assert watch.by_line == {}
