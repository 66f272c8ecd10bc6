"""Rehearsals without telephones: which hour, which plan, and how both sides are held together."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import numpy as np
import pytest

from acd.cli.plan.rehearse_text import figures, report, rows
from acd.core.events import CallAnswered, CallClosed, CallOpened, CallOutcome, CallQueued, LegClosed
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, VisitId
from acd.core.inputs import AgentReadied, Caller, CallerKind, EndedBy, Input
from acd.core.plan import CallType
from acd.errors import LimitExceeded, Refused
from sim.assertions import unborne
from sim.inputs.distributions import exponential
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.load.scenario import told_caller
from sim.records import Outcome
from sim.rehearsal.comparison import Real, compared, mean_ring_s
from sim.rehearsal.conductor import Conductor, caller_number, index_of
from sim.rehearsal.piece import Ports, busiest_hour, check_size, contacts, staged_centre
from sim.twin.world import simulate


def day(rates: tuple[float, ...], seats: tuple[int, ...], period_s: float = 1800.0) -> Scenario:
    """A day with one kind of call, in half hours."""
    calls = CallClass(
        "enquiries",
        tuple(rate / 3600 for rate in rates),
        exponential(240.0),
        (exponential(120.0),) * len(rates),
        wrap_up=exponential(30.0),
        overflow=((60.0, "help"),),
    )
    groups = (
        Group("operators", seats, ("enquiries",)),
        Group("help", (1,) * len(rates), ()),
    )
    return Scenario("day", period_s, (calls,), groups, opens_s=28_800.0)


def test_the_busiest_hour_is_cut_out() -> None:
    piece = busiest_hour(day((10, 20, 60, 50, 30), (2, 2, 5, 5, 3)))
    assert piece.begins_s == 28_800 + 2 * 1800
    assert piece.scenario.day_s == 3600
    assert [round(3600 * rate) for rate in piece.scenario.classes[0].arrivals_per_s] == [60, 50]
    assert piece.scenario.groups[0].agents == (5, 5)


def test_seats_that_change_within_the_hour_are_refused() -> None:
    with pytest.raises(Refused, match="operators"):
        busiest_hour(day((10, 60, 60), (2, 5, 4)))


def test_too_large_a_centre_is_refused() -> None:
    piece = busiest_hour(day((9_000, 9_000), (5, 5)))
    with pytest.raises(LimitExceeded, match="3,000 calls"):
        check_size(piece, draw(piece.scenario, 1), 12.0)


def test_the_plan_is_the_scenarios_and_as_many_times_as_fast(tmp_path: Path) -> None:
    piece = busiest_hour(day((60, 60), (3, 3)))
    ports = Ports(*range(9_000, 9_008))
    centre, mapped = staged_centre(piece, 12.0, tmp_path, ports)
    queue = centre.plan.queues[0]
    assert queue.ladder[0].after_s == 5.0
    assert queue.wrap_up_s > 100
    assert centre.plan.priority_step_s == mapped.plan.priority_step_s / 12
    assert [agent.id for agent in centre.plan.agents] == [agent.id for agent in mapped.plan.agents]
    assert len(contacts(centre.plan, 9_006)) == 4
    assert centre.plan.numbers[0].flow in centre.flows


def test_numbers_tell_whose_call_it_is() -> None:
    assert index_of(caller_number(0)) == 0
    assert index_of(caller_number(2_999)) == 2_999
    assert index_of("") is index_of("0312345678") is index_of("046612345") is None


def test_a_told_caller_hangs_up_at_a_note_alone() -> None:
    text = told_caller()
    assert 'request="MESSAGE"' in text
    assert "<!-- LISTEN" not in text
    assert 'ontimeout="tick"' not in text


def _draws() -> Draws:
    none = np.zeros(0)
    return Draws(
        np.array([0.0, 1.0]), np.zeros(2, np.int16), np.array([3.0, 3.0]), np.array([2.0, 2.0]),
        np.array([6.0, 6.0]), np.zeros(0, np.int32), np.zeros(0, np.int64), none, none,
    )  # fmt: skip


async def test_the_conductor_keeps_patience_talk_and_wrap_up() -> None:
    """A hundred times as fast: the first is answered and talks 30 ms, the second gives up after
    60 ms."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))
    listening.setblocking(False)
    heard: list[Input] = []
    conductor = Conductor(
        _draws(), 100.0, heard.append, listening.getsockname()[1], lambda n: f"callers-{n}"
    )
    who = AgentId("0.0")
    for index in (0, 1):
        call, caller = CallId(str(index)), Caller(CallerKind.NUMBER, caller_number(index))
        opened = CallOpened(call, SwitchId("a"), "c", "t", "9000", caller, True, False)
        queued = CallQueued(
            call, VisitId("v"), QueueId("q"), CallType.ENQUIRY, "ja", (), (), None, 0.0
        )
        conductor.publish(index, 0.0, [opened, queued])
    first = CallId("0")
    conductor.publish(3, 0.0, [CallAnswered(OfferId("o"), first, who, VisitId("v"))])
    loop = asyncio.get_running_loop()
    notes = [await asyncio.wait_for(loop.sock_recv(listening, 2_000), 20.0) for _ in range(2)]
    assert [b"Call-ID: callers-1\r\n" in note for note in notes] == [True, False]
    assert b"Call-ID: callers-2\r\n" in notes[1]
    conductor.publish(4, 0.0, [LegClosed(OfferId("o"), first, who, EndedBy.CALLER)])
    conductor.publish(5, 0.0, [CallClosed(first, CallOutcome.ANSWERED, 16)])
    await asyncio.sleep(0.1)
    assert heard == [AgentReadied(who)]
    conductor.close()
    listening.close()


def test_equal_sides_agree_and_every_difference_is_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MADOGUCHI_LANG", "en")
    scenario = busiest_hour(day((120, 120), (5, 5))).scenario
    draws = draw(scenario, 4)
    records = simulate(scenario, draws)
    real = {
        index: Real(Outcome(int(records.outcome[index])), float(records.wait_s[index]) / 12.0, 0.02)
        for index in range(len(records))
    }
    same = compared(records, real, records, 12.0)
    assert same.within
    assert same.differences == []
    assert same.real.mean_wait_s == pytest.approx(same.simulated.mean_wait_s)
    assert same.ring_s == pytest.approx(12 * mean_ring_s(real)) == pytest.approx(0.24)
    gone = next(index for index, one in real.items() if one.outcome is Outcome.ANSWERED)
    other = dict(real)
    other[gone] = Real(Outcome.ABANDONED, 99.0, 0.0)
    assert [each.index for each in compared(records, other, records, 12.0).differences] == [gone]
    del other[gone]
    unseen = compared(records, other, records, 12.0)
    assert unseen.unseen == 1
    assert not unseen.within
    page = report(compared(records, other, records, 12.0), busiest_hour(scenario), 4)
    assert "Calls that differ" in page
    assert "not seen" in page
    assert "Calls that differ" not in report(same, busiest_hour(scenario), 4)
    lines = rows(unseen, busiest_hour(scenario)).splitlines()
    assert lines[0].startswith("call,came_s,kind,simulated,simulated_wait_s,real")
    assert len(lines) == 1 + len(records)
    assert [line.split(",")[0] for line in lines if line.endswith(",1")] == [str(gone)]
    first = rows(same, busiest_hour(scenario)).splitlines()[1].split(",")
    assert first[3] == first[5] == "answered"
    assert not unborne(["differing<=0", "answer_rate_points>=0"], figures(same))
    assert unborne(["unseen<=0"], figures(unseen))
    slower = {index: Real(one.outcome, one.wait_s * 1.2, 0.0) for index, one in real.items()}
    assert compared(records, slower, records, 12.0).mean_wait_share == pytest.approx(0.2)
    assert not compared(records, slower, records, 12.0).within
