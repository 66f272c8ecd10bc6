"""Never two effective leaders: thousands of worlds in which everything goes wrong, judged."""

from __future__ import annotations

import os

import pytest

from tests.lease_world import FAULTS_END_S, Trouble, World

#: A few hundred in every run; HYPOTHESIS_PROFILE=long for thousands.
SEEDS = 6_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 300
QUIET_S = 10.0


def run(seed: int, trouble: Trouble) -> World:
    world = World(seed, 2 + seed % 2, trouble)
    world.plan_trouble()
    world.run(FAULTS_END_S + QUIET_S)
    return world


@pytest.mark.requirement("M18")
def test_never_two_effective_leaders_and_never_nobody_for_long() -> None:
    for seed in range(SEEDS):
        world = run(seed, Trouble())
        assert not world.overlaps, f"seed {seed}: {world.overlaps[:3]}"
        tokens = [token for _, _, token in world.elections]
        assert tokens == sorted(set(tokens)), f"seed {seed}: {world.elections}"
        acting = [node.name for node in world.nodes if node.holds(world.now_s)]
        assert len(acting) == 1, f"seed {seed}: nobody leads long after the last fault"
