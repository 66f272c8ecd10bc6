"""The operator is gone, the caller is not: who has talked is let go, who has not waits on."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from acd.app.reception import SHORT
from acd.config import load_centre
from acd.core.inputs import AgentReadied, CallConnected, EndedBy, LegEnded
from tests.fakes.caller import FakeConversation
from tests.hall import CITY, Hall


async def test_who_was_never_in_a_talk_waits_on() -> None:
    hall = Hall(load_centre(CITY))
    await hall.waiting("1.1")
    caller = FakeConversation(call="1.1")
    await hall.reception.after(caller, SHORT)
    assert (caller.heard, caller.next) == ([], "hold")


@pytest.mark.parametrize(
    ("news", "heard", "goes_to"),
    [
        ("talked", ["/sounds/ja/goodbye"], "hangup"),
        ("hung up", [], "hold"),
        ("nothing", [], "hold"),
    ],
)
async def test_what_became_of_the_operator_is_waited_for(
    news: str, heard: list[str], goes_to: str
) -> None:
    """The switch's question is here before what it says of bridges and hang-ups."""
    hall = Hall(load_centre(CITY))
    hall.do(AgentReadied(hall.city.plan.agents[8].id))
    await hall.waiting("1.1")
    (offer,) = hall.engine.state.offers.values()
    caller = FakeConversation(call="1.1")
    asked = asyncio.create_task(hall.reception.after(caller, SHORT))
    await asyncio.sleep(0)
    assert not asked.done()
    if news == "talked":
        hall.do(CallConnected(offer.id))
    if news != "nothing":
        hall.do(LegEnded(offer.id, EndedBy.AGENT))
    await asked
    assert (caller.heard, caller.next) == (heard, goes_to)


async def test_whoever_talked_for_longer_is_let_go_whatever_is_known_here() -> None:
    """Nothing is heard of a switch behind a cut line: it knows better who was there how long."""
    hall = Hall(load_centre(CITY))
    await hall.waiting("1.1")
    caller = FakeConversation(call="1.1")
    await hall.reception.after(caller)
    assert (caller.heard, caller.next) == (["/sounds/ja/goodbye"], "hangup")


async def test_where_no_goodbye_is_said_a_short_talk_ends_without_one() -> None:
    """The switch asks after the shortest of talks, whatever the flow says."""
    hall = Hall(load_centre(CITY))
    silent = msgspec.structs.replace(hall.city.flows["main"], survey=None, goodbye=False)
    hall.reception.adopt({**hall.city.flows, "main": silent})
    hall.do(AgentReadied(hall.city.plan.agents[8].id))
    await hall.waiting("1.1")
    (offer,) = hall.engine.state.offers.values()
    hall.do(CallConnected(offer.id))
    hall.do(LegEnded(offer.id, EndedBy.AGENT))
    caller = FakeConversation(call="1.1")
    await hall.reception.after(caller, SHORT)
    assert (caller.heard, caller.next) == ([], "hangup")
