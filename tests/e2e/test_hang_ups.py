"""Callers and operators who hang up at the worst of moments: one outcome each, nobody stuck."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.centre_kit import NUMBER, CentreKit, running_kit
from tests.e2e.evidence import Witness, agree, balance, cel_calls
from tests.e2e.mischief import RING_S, all_is_quiet, play

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPERATORS = 14
#: A number that leads into the waiting bridge without the menu server.
STRAIGHT = "0466001113"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    people = {f"op{n:02d}": "tax = 5, waste = 5" for n in range(OPERATORS)}
    async with running_kit(people, ring_s=RING_S, no_answer_s=1.0) as running:
        await running.work()
        yield running


@pytest.mark.requirement("M10")
async def test_whoever_hangs_up_whenever_each_call_has_one_outcome(kit: CentreKit) -> None:
    async with Witness(kit) as witness:
        kinds = await play(kit, seed=1, calls=260, per_s=9.0, numbers=(NUMBER, STRAIGHT))
        assert kinds.total() >= 200
        await kit.until(lambda: all_is_quiet(kit), 20.0)
        await kit.until(kit.no_channels)
        assert await witness.channels_now() == 0
        assert witness.alive == set()
        assert set(witness.kinds()) == {"caller", "leg"}
        record = cel_calls(kit)
        assert witness.kinds()["caller"] == len(record) <= kinds.total()
        await kit.until(lambda: len(kit.sql("select 1 from calls")) >= len(record))
    agree(kit)
    outcomes = balance(kit)
    assert outcomes["answered"] > 100
    assert outcomes["abandoned"] > 20
    assert set(outcomes) <= {"answered", "abandoned", "left_in_menu"}
    legs = [leg for phone in kit.phones.values() for leg in phone.calls.values()]
    assert all(leg.over.is_set() for leg in legs)
    assert not any(word in kit.log() for word in ("[error", "Traceback", "exception"))
