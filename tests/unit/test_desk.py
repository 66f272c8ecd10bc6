"""What an operator may ask for, against a real engine without a switch."""

from __future__ import annotations

import pytest

from acd.app.desk import REMEMBERED_CALLS, Desk
from acd.app.floor import Floor
from acd.config import load_centre
from acd.core.events import DispositionRecorded
from acd.core.ids import AgentId, CallId
from acd.core.inputs import CallerHungUp
from acd.core.plan import Target, TargetKind
from acd.errors import LimitExceeded, MadoguchiError, NotFound, Refused
from agents.state import CHOSEN_REASONS, AgentState, NotReadyReason
from tests.fakes.centre import CENTRE, Centre

ME, OTHER = AgentId("op09"), AgentId("op10")


@pytest.fixture
def centre() -> Centre:
    return Centre(load_centre(CENTRE).plan)


@pytest.fixture
def desk(centre: Centre) -> Desk:
    found = Desk(centre.submit, lambda: centre.engine)
    centre.sinks.append(found)
    return found


async def talk(desk: Desk, centre: Centre, number: int = 1, agent: AgentId = ME) -> CallId:
    """Put an operator into a talk."""
    if desk.agent(agent).state is AgentState.LOGGED_OUT:
        await desk.log_in(agent)
    if desk.agent(agent).state is not AgentState.READY:
        await desk.ready(agent)
    call = centre.call(number)
    centre.connect(call)
    return call


@pytest.mark.parametrize("reason", list(NotReadyReason))
async def test_only_reasons_of_persons_can_be_given(desk: Desk, reason: NotReadyReason) -> None:
    await desk.log_in(ME)
    if reason in CHOSEN_REASONS:
        assert (await desk.not_ready(ME, reason)).reason is reason
    else:
        with pytest.raises(Refused) as refused:
            await desk.not_ready(ME, reason)
        assert refused.value.code == "reason_not_allowed"


@pytest.mark.parametrize("extra_s", [0.0, -1.0, 1_800.1, float("nan"), float("inf")])
async def test_an_extension_out_of_bounds_changes_nothing(
    desk: Desk, centre: Centre, extra_s: float
) -> None:
    centre.do(CallerHungUp(await talk(desk, centre)))
    until_s = desk.agent(ME).wrap_up_until_s
    with pytest.raises(LimitExceeded):
        await desk.extend_wrap_up(ME, extra_s)
    assert desk.agent(ME).wrap_up_until_s == until_s


@pytest.mark.parametrize(
    ("state", "reason", "after"),
    [
        (AgentState.READY, None, AgentState.READY),
        (AgentState.NOT_READY, NotReadyReason.BREAK, AgentState.NOT_READY),
        (AgentState.LOGGED_OUT, None, AgentState.LOGGED_OUT),
    ],
)
async def test_ending_the_wrap_up_takes_the_reserved_state(
    desk: Desk,
    centre: Centre,
    state: AgentState,
    reason: NotReadyReason | None,
    after: AgentState,
) -> None:
    call = await talk(desk, centre)
    await desk.reserve(ME, state, reason)
    centre.do(CallerHungUp(call))
    assert desk.agent(ME).state is AgentState.WRAP_UP
    assert (await desk.end_wrap_up(ME)).state is after


@pytest.mark.parametrize("state", [AgentState.TALKING, AgentState.RINGING, AgentState.WRAP_UP])
async def test_states_that_happen_cannot_be_reserved(
    desk: Desk, centre: Centre, state: AgentState
) -> None:
    await talk(desk, centre)
    with pytest.raises(Refused):
        await desk.reserve(ME, state)
    with pytest.raises(Refused):
        await desk.reserve(ME, AgentState.NOT_READY, NotReadyReason.NO_ANSWER)


async def test_the_last_call_can_be_classified_after_it_is_gone(desk: Desk, centre: Centre) -> None:
    call = await talk(desk, centre)
    centre.do(CallerHungUp(call))
    assert call not in centre.engine.calls
    assert await desk.dispose(ME, "waste", resolved=True) == call


async def test_a_call_is_classified_by_who_had_it_and_by_nobody_else(
    desk: Desk, centre: Centre
) -> None:
    mine = await talk(desk, centre)
    await desk.log_in(OTHER)
    for call in (mine, CallId("17000000.999999")):
        with pytest.raises(NotFound) as refused:
            await desk.dispose(OTHER, "waste", call)
        assert str(refused.value) == "there is no such call of yours"


async def test_calls_from_before_a_restart_are_looked_up_in_the_records(centre: Centre) -> None:
    asked = []

    async def took_call(agent: AgentId, call: CallId) -> bool:
        asked.append((agent, call))
        return agent == ME

    desk = Desk(centre.submit, lambda: centre.engine, took_call)
    old = CallId("16000000.000001")
    assert await desk.dispose(ME, "waste", old) == old
    with pytest.raises(NotFound):
        await desk.dispose(OTHER, "waste", old)
    assert asked == [(ME, old), (OTHER, old)]


async def test_only_so_many_calls_are_remembered(desk: Desk, centre: Centre) -> None:
    calls = []
    for number in range(REMEMBERED_CALLS + 1):
        calls.append(await talk(desk, centre, number))
        centre.do(CallerHungUp(calls[-1]))
        await desk.end_wrap_up(ME)
    assert await desk.dispose(ME, "waste", calls[1]) == calls[1]
    with pytest.raises(NotFound):
        await desk.dispose(ME, "waste", calls[0])


@pytest.mark.parametrize(
    "target",
    [
        Target(TargetKind.ANNOUNCEMENT, "goodbye"),
        Target(TargetKind.CALL_BACK),
        Target(TargetKind.QUEUE, "nowhere"),
        Target(TargetKind.NUMBER, "0900000000"),
    ],
)
async def test_a_transfer_reaches_queues_and_the_directory_only(
    desk: Desk, centre: Centre, target: Target
) -> None:
    call = await talk(desk, centre)
    commands = len(centre.commands)
    with pytest.raises(MadoguchiError):
        await desk.transfer(ME, target)
    assert len(centre.commands) == commands
    assert desk.last_call(ME) == call


@pytest.mark.requirement("M9")
async def test_a_transferred_caller_waits_in_the_other_queue(desk: Desk, centre: Centre) -> None:
    call = await talk(desk, centre)
    assert (await desk.transfer(ME, Target(TargetKind.QUEUE, "general"))).state is (
        AgentState.WRAP_UP
    )
    assert centre.engine.calls[call].queue == "general"


async def test_somebody_who_is_not_in_the_plan_can_do_nothing(desk: Desk) -> None:
    nobody = AgentId("nobody")
    for request in (
        desk.log_in(nobody),
        desk.log_out(nobody),
        desk.ready(nobody),
        desk.not_ready(nobody, NotReadyReason.BREAK),
        desk.reserve(nobody, AgentState.READY),
        desk.extend_wrap_up(nobody, 5.0),
        desk.end_wrap_up(nobody),
        desk.hang_up(nobody),
        desk.transfer(nobody, Target(TargetKind.QUEUE, "tax")),
        desk.dispose(nobody, "waste"),
    ):
        with pytest.raises(NotFound) as refused:
            await request
        assert refused.value.code == "unknown_agent"


async def test_a_classification_is_recorded_with_what_was_given(centre: Centre) -> None:
    seen: list[object] = []

    class Witness:
        def publish(self, seq: int, at_s: float, events: object) -> None:
            seen.extend(events)  # type: ignore[arg-type]

    desk = Desk(centre.submit, lambda: centre.engine)
    centre.sinks += [desk, Witness()]
    call = await talk(desk, centre)
    await desk.dispose(ME, "tax.moved", resolved=False)
    assert DispositionRecorded(ME, call, "tax.moved", False, None) in seen


async def test_a_supervisor_logs_out_after_the_talk(desk: Desk, centre: Centre) -> None:
    floor = Floor(centre.submit, lambda: centre.engine)
    call = await talk(desk, centre)
    person = await floor.log_out(ME, "supervisor:1")
    assert (person.state, person.next_state) == (AgentState.TALKING, AgentState.LOGGED_OUT)
    centre.do(CallerHungUp(call))
    await desk.end_wrap_up(ME)
    assert desk.agent(ME).state is AgentState.LOGGED_OUT
    with pytest.raises(NotFound):
        await floor.not_ready(AgentId("nobody"), NotReadyReason.BREAK, "supervisor:1")
