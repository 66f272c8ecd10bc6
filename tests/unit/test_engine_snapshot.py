"""The snapshot: what is no snapshot is said to be none, and an older one still opens."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.engine import Engine
from acd.errors import StoreCorrupt
from tests.desk import Desk, person, plan
from tests.engine_world import JST

BUSY = Desk(plan(person("sato"), person("mori")), "sato", "mori")
for number in range(4):
    BUSY.call(str(number), number="0312345678")
BUSY.connect("sato")
SNAPSHOT = BUSY.engine.snapshot()


def decoded() -> dict[str, object]:
    found: dict[str, object] = msgspec.msgpack.decode(SNAPSHOT)
    return found


@given(st.integers(0, len(SNAPSHOT) - 1))
def test_a_snapshot_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(StoreCorrupt):
        Engine.restore(SNAPSHOT[:length], JST)


@given(st.binary(max_size=64))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(StoreCorrupt):
        Engine.restore(data, JST)


def test_an_unknown_layout_is_refused_by_its_number() -> None:
    other = msgspec.msgpack.encode({**decoded(), "version": 99})
    with pytest.raises(StoreCorrupt, match="layout 99"):
        Engine.restore(other, JST)


def test_a_snapshot_from_before_a_field_was_added_still_opens() -> None:
    older = decoded()
    del older["past_calls"]
    restored = Engine.restore(msgspec.msgpack.encode(older), JST)
    assert list(restored.calls) == list(BUSY.engine.calls)


def test_the_same_history_is_the_same_bytes() -> None:
    assert Engine.restore(SNAPSHOT, JST).snapshot() == SNAPSHOT
