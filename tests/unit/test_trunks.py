"""Which carrier's line takes a call, and why the others do not."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from acd.config.faults import Faults
from acd.config.settings import TrunkKind, TrunkSettings
from acd.config.trunk_settings import TrunkGroupSettings, check_trunk_groups
from acd.core.trunks import (
    LineState,
    Member,
    Passed,
    PassedOver,
    Route,
    TrunkGroup,
    choose,
    turned_away,
)

pytestmark = pytest.mark.requirement("M18")

THREE = TrunkGroup(
    "out",
    (
        Member("first", 1, 1, 10, 6),
        Member("second", 2, 1),
        Member("third", 3, 1),
    ),
    max_channels=30,
)
EVEN = TrunkGroup("even", (Member("heavy", 1, 3), Member("light", 1, 1)))


def test_lines_are_tried_in_their_order() -> None:
    assert choose(THREE, {}, 0, "mdg-1") == Route(("first", "second", "third"))


def test_a_line_that_is_down_or_full_is_passed_over_and_said_why() -> None:
    states = {"first": LineState(up=False), "second": LineState(True, used=500)}
    assert choose(THREE, states, 0, "c").passed == (Passed("first", PassedOver.DOWN),)
    for full in (LineState(True, used=10), LineState(True, used=6, outgoing=6)):
        route = choose(THREE, {"first": full}, 0, "c")
        assert route == Route(("second", "third"), (Passed("first", PassedOver.FULL),))
    assert choose(THREE, {"first": LineState(None, 9, 5)}, 29, "c").lines[0] == "first"


def test_a_full_group_takes_no_call() -> None:
    route = choose(THREE, {}, 30, "c")
    assert route.lines == ()
    assert {each.reason for each in route.passed} == {PassedOver.GROUP_FULL}


def test_one_that_refused_a_moment_ago_is_the_last_choice_and_still_one() -> None:
    resting = {"first": LineState(True, resting=True)}
    assert choose(THREE, resting, 0, "c").lines == ("second", "third", "first")


def test_equals_share_by_weight_and_a_call_finds_the_same_order_anywhere() -> None:
    first = Counter(choose(EVEN, {}, 0, f"mdg-o{n:012d}").lines[0] for n in range(4_000))
    assert first["heavy"] / 4_000 == pytest.approx(0.75, abs=0.03)
    assert choose(EVEN, {}, 0, "mdg-7") == choose(EVEN, {}, 0, "mdg-7")


_LINES = st.builds(
    LineState,
    up=st.sampled_from([True, False, None]),
    used=st.integers(0, 12),
    outgoing=st.integers(0, 8),
    resting=st.booleans(),
)


@given(st.dictionaries(st.sampled_from(["first", "second", "third"]), _LINES), st.text(max_size=9))
def test_every_line_is_tried_or_said_why_not_and_never_both(
    states: dict[str, LineState], key: str
) -> None:
    route = choose(THREE, states, 0, key)
    passed = [each.trunk for each in route.passed]
    assert sorted([*route.lines, *passed]) == ["first", "second", "third"]
    assert not any(states.get(line, LineState()).up is False for line in route.lines)
    refused = [states.get(line, LineState()).resting for line in route.lines]
    assert refused == sorted(refused)


@pytest.mark.parametrize(
    ("cause", "after_s", "why"),
    [
        (34, 0.1, PassedOver.CONGESTED),
        (38, 0.1, PassedOver.CONGESTED),
        (102, 2.0, PassedOver.CONGESTED),
        (3, 0.0, PassedOver.UNREACHED),
        (20, 0.0, PassedOver.UNREACHED),
        (18, 5.0, PassedOver.SILENT),
        (34, 6.5, None),
        (17, 0.1, None),
        (21, 0.1, None),
        (1, 0.1, None),
        (19, 0.1, None),
        (16, 0.1, None),
        (0, 0.1, None),
    ],
)
def test_the_next_carrier_is_for_what_the_carrier_did_not_for_the_party(
    cause: int, after_s: float, why: PassedOver | None
) -> None:
    assert turned_away(cause, after_s, 6.0) is why


def _group(**changes: object) -> TrunkGroupSettings:
    members = [{"trunk": "first"}, {"trunk": "second", "order": 2}]
    return TrunkGroupSettings.model_validate({"members": members, **changes})


@pytest.mark.parametrize(
    "wrong",
    [
        {"overflow_after_s": 61.0},
        {"members": []},
        {"members": [{"trunk": "first"}, {"trunk": "first"}]},
        {"members": [{"trunk": f"t{n}"} for n in range(4)], "overflow_after_s": 21.0},
        {"members": [{"trunk": "first", "weight": 0}]},
    ],
)
def test_nobody_waits_more_than_a_minute_for_the_last_carrier(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _group(**wrong)


def test_groups_that_name_what_is_not_there_are_told_all_at_once() -> None:
    mute = TrunkSettings(kind=TrunkKind.ADDRESS, match=("192.0.2.1",))
    trunks = {"first": mute.model_copy(update={"host": "192.0.2.1"}), "second": mute}
    faults = Faults()
    groups = {"out": _group(), "first": _group(members=[{"trunk": "frist"}]), "more": _group()}
    check_trunk_groups(groups, trunks, "settings.toml", faults)
    told = {fault.path: fault.message for fault in faults.found}
    assert told["settings.toml:trunk_groups.first"] == "is the name of a trunk already"
    assert "first" in told["settings.toml:trunk_groups.first.members[0].trunk"]
    assert "no host" in told["settings.toml:trunk_groups.out.members[1].trunk"]
    assert "is in 'out' already" in told["settings.toml:trunk_groups.more.members[0].trunk"]
