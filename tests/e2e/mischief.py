"""Callers and operators who hang up at the worst of moments, by seed."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable

from tests.e2e.centre_kit import NUMBER, CentreKit
from tests.fakes.sip_agent import Dialog

#: How long the phones of the centre ring that the callers come to.
RING_S = 3.0
#: Nobody stays longer on the line than this, unless told to.
PATIENCE_S = 5.0


class Mischief:
    """What one caller and the operators who are rung for the caller will do, by seed."""

    KINDS = (
        "leaves_at_once",
        "leaves_while_ringing",
        "leaves_at_the_answer",
        "leaves_in_the_talk",
        "leaves_at_random",
        "phone_ends_at_the_answer",
        "phone_refuses_then_answers",
        "phone_is_late_by_a_hair",
        "both_leave_together",
        "phone_ends_the_talk",
    )

    def __init__(
        self, kit: CentreKit, number: str, dials: str, kind: str, chance: random.Random
    ) -> None:
        self.kit = kit
        self.number = number
        self.dials = dials
        self.kind = kind
        self.chance = chance
        self.rings = 0
        self.leaving: set[asyncio.Task[None]] = set()
        self.dialog: Dialog

    async def live(self, patience_s: float) -> None:
        """The caller's whole life."""
        caller = await self.kit.caller(self.number)
        self.dialog = await caller.call(self.dials)
        if self.kind == "leaves_at_once":
            self.soon(0.03, self.leave)
        elif self.kind == "leaves_at_random":
            self.soon(2.0, self.leave)
        try:
            async with asyncio.timeout(self.chance.uniform(0.7, 1.0) * patience_s):
                await self.dialog.over.wait()
        except TimeoutError:
            self.leave()
            await asyncio.wait_for(self.dialog.over.wait(), 20.0)

    def leave(self) -> None:
        """Hang up now, and again if the answer crosses it on the way."""
        task = asyncio.ensure_future(self._leave())
        self.leaving.add(task)
        task.add_done_callback(self.leaving.discard)

    async def _leave(self) -> None:
        await self.dialog.hang_up()
        if not self.dialog.over.is_set():
            either = [
                asyncio.ensure_future(self.dialog.over.wait()),
                asyncio.ensure_future(self.dialog.established.wait()),
            ]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            for task in either:
                task.cancel()
            await self.dialog.hang_up()

    def soon(self, most_s: float, call: Callable[[], object]) -> None:
        """Do something within a while."""
        asyncio.get_running_loop().call_later(self.chance.uniform(0, most_s), call)

    def ring(self, leg: Dialog) -> None:
        """A phone rings for this caller."""
        self.rings += 1
        refuse = self.chance.choice((486, 480, 603, 503))
        match self.kind:
            case "leaves_while_ringing":
                self.soon(0.3, self.leave)
            case "phone_refuses_then_answers" if self.rings == 1 and leg.invite is not None:
                leg.agent.respond(leg, leg.invite, refuse, "No")
                leg.over.set()
            case "phone_is_late_by_a_hair" if self.rings == 1:
                wait_s = RING_S + self.chance.uniform(-0.03, 0.03)
                asyncio.get_running_loop().call_later(wait_s, leg.answer)
            case _:
                self.soon(0.05, lambda: self.answered(leg))

    def answered(self, leg: Dialog) -> None:
        """The operator picks up, and at this instant somebody hangs up."""
        first, second = self.leave, leg.put_down
        match self.kind:
            case "leaves_at_the_answer":
                if self.chance.random() < 0.5:
                    self.leave()
                    leg.answer()
                    return
                leg.answer()
                self.soon(0.015, first)
            case "phone_ends_at_the_answer":
                leg.answer()
                self.soon(0.015, second)
            case "both_leave_together":
                leg.answer()
                wait_s = self.chance.uniform(0.05, 0.5)
                for both in (first, second):
                    asyncio.get_running_loop().call_later(wait_s, both)
            case "phone_ends_the_talk":
                leg.answer()
                self.soon(1.0, second)
            case "both_talk_for_a_while":
                leg.answer()
                wait_s = self.chance.uniform(1.5, 2.5)
                asyncio.get_running_loop().call_later(wait_s, second)
            case _:
                leg.answer()
                self.soon(1.0, first)


async def play(
    kit: CentreKit,
    seed: int,
    calls: int,
    per_s: float,
    kinds: tuple[str, ...] = Mischief.KINDS,
    patience_s: float = PATIENCE_S,
    numbers: tuple[str, ...] = (NUMBER,),
) -> Counter[str]:
    """So many callers at a steady rate; returns how many of each kind there were."""
    chance = random.Random(seed)
    stories: dict[str, Mischief] = {}

    def rings(leg: Dialog) -> None:
        assert leg.invite is not None
        shown = leg.invite.get("from").partition("sip:")[2].partition("@")[0]
        stories[shown].ring(leg)

    for phone in kit.phones.values():
        phone.on_ring = rings
    async with asyncio.TaskGroup() as group:
        for count in range(calls):
            number = f"0466{seed:02d}{count:04d}"
            kind = kinds[count % len(kinds)]
            dials = numbers[count // len(kinds) % len(numbers)]
            fate = random.Random(chance.random())
            story = stories[number] = Mischief(kit, number, dials, kind, fate)
            group.create_task(story.live(patience_s))
            await asyncio.sleep(chance.uniform(0, 2 / per_s))
    return Counter(story.kind for story in stories.values())


async def all_is_quiet(kit: CentreKit) -> bool:
    state = await kit.state()
    ready = [name for name, agent in state["agents"].items() if agent["state"] == "ready"]
    return not state["calls"] and len(ready) == len(kit.phones)
