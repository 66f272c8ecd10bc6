"""Any flow that passed its checks, any keys: never an error, always an end, in bounded steps."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.config import load_centre
from acd.core.expected import ExpectedWait
from acd.core.hours import Calendar
from acd.core.ids import QueueId
from acd.core.plan import CalendarPlan, DaySpan
from acd.errors import ConfigError
from ivr.announce import Told, Waiting, due_s, what_to_say
from ivr.checks import Known, check
from ivr.flow import Flow, parse
from ivr.prompts import CATALOGUE
from ivr.session import MAX_VISITS, Listen, Play, Session, Surroundings

CITY = load_centre(Path(__file__).parents[2] / "centre")
TOKYO = ZoneInfo("Asia/Tokyo")
START_S = dt.datetime(2026, 1, 1, tzinfo=TOKYO).timestamp()
YEARS_S = 3 * 365 * 86_400
CALENDARS = {plan.id: Calendar(plan, TOKYO) for plan in CITY.plan.calendars}
#: Each menu asks at most 11 times (two steps each), all else speaks once.
MAX_STEPS = (MAX_VISITS + 2) * 22

KEYS = st.one_of(
    st.sampled_from(["", "", *"0123456789*#"]),
    st.text(max_size=3),
)


def surroundings(waiting: int = 0, recorded: bool = True) -> Surroundings:
    return Surroundings("0466001111", recorded, CALENDARS, lambda queue: waiting)


def walk(flow: Flow, keys: list[str], now_s: float, around: Surroundings) -> int:
    """Carry a session to its end; returns the number of steps."""
    session = Session(flow, around)
    step = session.begin(now_s)
    pressed = iter(keys)
    for count in range(MAX_STEPS):
        if not isinstance(step, Play | Listen):
            return count
        if isinstance(step, Play):
            known = {**CATALOGUE, **flow.prompts}
            assert all(known[prompt].text(step.language) for prompt in step.prompts)
        else:
            assert 1.0 <= step.timeout_s <= 30.0
        now_s += 3.0
        step = session.heard(next(pressed, ""), now_s)
    raise AssertionError("the session does not end")


@given(
    name=st.sampled_from(sorted(CITY.flows)),
    keys=st.lists(KEYS, max_size=300),
    at=st.floats(0, YEARS_S),
    waiting=st.integers(0, 100),
    recorded=st.booleans(),
)
def test_the_citys_flows_end_whatever_is_pressed_and_whenever(
    name: str, keys: list[str], at: float, waiting: int, recorded: bool
) -> None:
    walk(CITY.flows[name], keys, START_S + at, surroundings(waiting, recorded))


NODES = [f"n{i}" for i in range(6)]
_target = st.sampled_from(NODES)
_prompts = st.lists(st.sampled_from(["greeting", "offer-english", "goodbye"]), max_size=2)
_node = st.one_of(
    st.fixed_dictionaries({"kind": st.just("say"), "prompts": _prompts, "next": _target}),
    st.fixed_dictionaries({"kind": st.just("notice"), "prompts": _prompts, "next": _target}),
    st.fixed_dictionaries(
        {"kind": st.just("language"), "language": st.sampled_from(["ja", "en"]), "next": _target}
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("hours"),
            "calendar": st.sampled_from(["counter", "always"]),
            "open": _target,
            "closed": _target,
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("menu"),
            "prompts": _prompts,
            "choices": st.dictionaries(st.sampled_from(list("123*")), _target, min_size=1),
            "max_silences": st.integers(1, 5),
            "max_wrong_keys": st.integers(0, 5),
            "on_silence": _target,
            "on_wrong_key": _target,
        }
    ),
    st.just({"kind": "queue", "queue": "general"}),
    st.just({"kind": "end", "ending": "closed"}),
)
_queue = {"kind": "queue", "queue": "general"}
_table = st.fixed_dictionaries(
    {
        "start": _target,
        "operator": st.just("n0"),
        "nodes": st.fixed_dictionaries(
            {
                "n0": st.just({"kind": "queue", "queue": "general"}),
                **dict.fromkeys(NODES[1:], _node),
            }
        ),
    }
)
KNOWN = Known(queues=[QueueId("general")], calendars=list(CALENDARS))


@given(table=_table, keys=st.lists(KEYS, max_size=100), at=st.floats(0, YEARS_S))
@settings(max_examples=300)
def test_any_flow_ends_even_one_that_the_checks_would_refuse(
    table: dict[str, Any], keys: list[str], at: float
) -> None:
    walk(parse("any", table), keys, START_S + at, surroundings())


@given(table=_table)
@settings(max_examples=300)
def test_in_a_flow_without_faults_every_node_leads_to_an_end(table: dict[str, Any]) -> None:
    flow = parse("any", table)
    if check(flow, KNOWN).faults:
        return
    for node_id in flow.nodes:
        from_here = parse("any", {**table, "start": node_id})
        assert walk(from_here, [], START_S, surroundings()) <= MAX_STEPS


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=20,
)


@given(table=st.dictionaries(st.sampled_from(["start", "operator", "nodes", "prompts"]), _json))
def test_whatever_a_file_holds_is_a_flow_or_a_list_of_faults(table: dict[str, Any]) -> None:
    with contextlib.suppress(ConfigError):
        assert check(parse("any", table), KNOWN) is not None


@given(
    spans=st.lists(st.integers(0, 24), min_size=2, max_size=6, unique=True).map(sorted),
    zone=st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Pacific/Apia"]),
    at=st.floats(0, YEARS_S),
)
def test_the_next_change_is_a_change_and_nothing_changes_before(
    spans: list[int], zone: str, at: float
) -> None:
    hours = tuple(DaySpan(a * 60, b * 60) for a, b in zip(spans[::2], spans[1::2], strict=False))
    calendar = Calendar(CalendarPlan(id="x", week=(hours,) * 6 + ((),)), ZoneInfo(zone))
    now_s = START_S + at
    change = calendar.next_change(now_s)
    assert change is not None
    assert change > now_s
    before = calendar.is_open(now_s)
    assert calendar.is_open(change) is not before
    for part in range(1, 20):
        moment = now_s + (change - now_s) * part / 20
        if moment < change:
            assert calendar.is_open(moment) is before


@given(
    every_s=st.floats(1, 120),
    ticks=st.lists(
        st.tuples(
            st.floats(0.5, 60),
            st.integers(0, 40),
            st.one_of(st.none(), st.tuples(st.floats(0, 4000), st.floats(0, 4000))),
        ),
        max_size=40,
    ),
)
@pytest.mark.requirement("M6")
def test_announcements_keep_their_distance_and_never_get_worse(
    every_s: float, ticks: list[tuple[float, int, tuple[float, float] | None]]
) -> None:
    now_s, said_s, told = 1000.0, -math.inf, None
    best_place, best_end = math.inf, math.inf
    for step_s, position, pair in ticks:
        now_s += step_s
        due = due_s(told, 1000.0, every_s)
        assert due is not None
        if now_s < due:
            continue
        expected = ExpectedWait(min(pair), max(pair)) if pair else None
        told_before: Told | None = told
        prompts, told = what_to_say(now_s, Waiting(position, expected), told)
        assert prompts
        assert all(prompt in CATALOGUE for prompt in prompts)
        assert told_before is None or now_s - said_s >= every_s - 1e-6
        said_s = now_s
        for prompt in prompts:
            kind, _, rest = prompt.partition("-")
            if kind == "position" and rest != "many":
                assert int(rest) < best_place
                best_place = int(rest)
            if kind == "wait":
                end = math.inf if "over" in rest else float(rest.rpartition("-")[2])
                assert end <= best_end
                best_end = end
                assert expected is not None
