"""Long days, seeded: the same world as the state machine's, with the odds of a busy centre."""

from __future__ import annotations

import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from acd.core import inputs as i
from tests.engine_floor import floor_input
from tests.engine_plans import draw_plan
from tests.engine_world import SWITCHES, World, agent_input, call_input, stale_timer

PAUSES_S = (0.0, 0.1, 1 / 3, 0.7, 2.0, 10.0, 60.0)
#: What :func:`fingerprint` says, on whatever Python (`make pythons` asks each). Who changes the
#: routing or a snapshot's form on purpose writes down the new one.
REMEMBERED = "1bf58aa9cdd6465f82e954a060292a618aa57b89cb3966d0b85ce26c546adaf6"


def play(seed: int, steps: int, *, often: int = 25) -> World:
    """A day of ``steps`` happenings; the snapshots are compared every so ``often``."""
    chance = random.Random(seed)
    world = World(draw_plan(chance))
    if chance.random() < 0.8:
        for agent in list(world.engine.agents):
            world.tell(i.AgentLoggedIn(agent))
            world.tell(i.AgentReadied(agent))
    for number in range(steps):
        something(world, chance, number)
        if number % often == 0:
            world.snapshots_agree()
    world.snapshots_agree()
    return world


def something(world: World, chance: random.Random, number: int) -> None:
    """One thing that happens, by the odds of a day on which much goes wrong."""
    draw = chance.random()
    if draw < 0.20:
        world.ask_queue(world.arrive(chance), chance)
    elif draw < 0.22:
        world.arrive(chance)
    elif draw < 0.25:
        world.ask_queue(world.any_call(chance), chance)
    elif draw < 0.55:
        world.tell(call_input(world, chance))
    elif draw < 0.59:
        world.tell(floor_input(world, chance))
    elif draw < 0.75:
        world.tell(agent_input(world, chance))
    elif draw < 0.85:
        world.next_timer()
    elif draw < 0.92:
        world.pass_time(chance.choice(PAUSES_S))
    elif draw < 0.94:
        world.tell(stale_timer(world, chance))
    elif draw < 0.96:
        world.tell(i.PlanChanged(draw_plan(chance, str(number))))
    elif draw < 0.98:
        switch = chance.choice(SWITCHES)
        world.tell(i.SwitchDown(switch) if chance.random() < 0.33 else i.SwitchUp(switch))
    elif draw < 0.99:
        world.restart()
    else:
        world.swap()


def fingerprint() -> str:
    """One number for the memory after some days, to be compared between processes."""
    days = (play(seed, 150, often=1_000).engine.snapshot() for seed in range(900, 905))
    return sha256(b"".join(days)).hexdigest()


@pytest.mark.requirement("M10")
@pytest.mark.parametrize("block", range(12))
def test_a_day_of_anything_keeps_every_promise(block: int) -> None:
    for seed in range(block * 20, block * 20 + 20):
        try:
            play(seed, 120)
        except AssertionError as error:
            raise AssertionError(f"day {seed}: {error}") from error


@pytest.mark.requirement("M10")
def test_every_call_has_one_outcome_when_the_day_is_over() -> None:
    for seed in range(300, 340):
        world = play(seed, 80)
        for call in list(world.engine.calls):
            world.tell(i.CallerHungUp(call))
        assert list(world.fold.outcomes) != []
        assert sorted(world.fold.outcomes) == sorted(world.calls)
        assert world.fold.calls == {}
        world.pass_time(100_000.0)
        assert world.engine.pending_timers() == []


@pytest.mark.requirement("M10")
@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_another_process_with_another_hash_seed_remembers_the_same_bytes(hash_seed: str) -> None:
    project = Path(__file__).parents[2]
    code = "from tests.property.test_engine_days import fingerprint; print(fingerprint())"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(project)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.stdout.strip() == REMEMBERED
