"""Entering a queue, waiting in it, and leaving it unanswered: ladder and overflow rules.

A rule is asked when a call enters (closed hours, nobody logged in; length and expected wait if no
operator is free), when the visit's clock rings (ladder, wait, nobody logged in), when an operator
logs out (nobody logged in), when an offer failed (offers) and when plan or switch changed. A rule
of the entry that another plan brought is asked of those who wait already, too.
"""

from __future__ import annotations

from acd.core.call import Call, CallState
from acd.core.commands import DialTarget, PlayAnnouncement
from acd.core.due import preference_until
from acd.core.events import (
    CallBackRecorded,
    CallQueued,
    LadderStepped,
    PreferenceDropped,
    VisitEnded,
    VisitOutcome,
    VisitTimed,
)
from acd.core.expected import expected_wait
from acd.core.ids import AgentId, QueueId, visit_id
from acd.core.plan import (
    CallType,
    OverflowKind,
    OverflowRule,
    QueuePlan,
    SkillNeed,
    Target,
    TargetKind,
)
from acd.core.queue import Line
from acd.core.routing import route_call
from acd.core.state import State, requirements
from acd.core.step import Step
from agents.skills import can_serve
from agents.state import AgentState

#: Visits that a call may make; after that it stays where it is, whatever the rules say.
MAX_VISITS = 8
#: Announcements that the engine itself names; flows and prompts must know them.
CONGESTION = "congestion"
CALL_BACK_TAKEN = "call_back_taken"

_ASKED_ON_ENTRY = (OverflowKind.CLOSED, OverflowKind.NO_AGENTS)
#: Asked of who enters and is not served at once: they depend on who else waits.
IF_NOT_SERVED = (OverflowKind.LENGTH, OverflowKind.EXPECTED_WAIT)
_ASKED_WHILE_WAITING = (OverflowKind.WAIT, OverflowKind.NO_AGENTS)
# Looked up once: a member of an Enum costs as much as a call.
_QUEUED = CallState.QUEUED
_AWAY = (AgentState.LOGGED_OUT, AgentState.NOT_READY)


def enqueue(
    step: Step,
    call: Call,
    queue_id: QueueId,
    *,
    age_from_s: float,
    call_type: CallType | None = None,
    needs: tuple[SkillNeed, ...] = (),
    prefers: tuple[SkillNeed, ...] = (),
    priority: int | None = None,
    language: str = "ja",
    prefer_agent: AgentId | None = None,
    prefer_for_s: float = 0.0,
) -> None:
    """Begin a visit and route the call, or let it overflow at once. With ``prefer_for_s`` the
    preferred operator counts whatever the queue says."""
    state = step.state
    queue = state.queues[queue_id]
    preferred: AgentId | None = None
    if prefer_for_s > 0 or queue.prefer_last_agent_s > 0:
        preferred = _preferred_agent(step, call, queue_id, needs, prefer_agent)
    step.emit(
        CallQueued(
            call.id,
            visit_id(state.counters.visits + 1),
            queue_id,
            call_type or queue.call_type,
            language,
            needs,
            prefers or queue.prefers,
            priority,
            age_from_s,
            preferred,
            prefer_for_s if preferred is not None else 0.0,
        )
    )
    if queue.ladder:
        climb(step, call)
    if queue.overflow and overflow_if_due(step, call, _ASKED_ON_ENTRY):
        return
    route_call(step, call)
    if call.state is not _QUEUED or overflow_if_due(step, call, IF_NOT_SERVED):
        return
    if state.waiting_in[queue_id] > queue.max_length:
        leave(step, call, OverflowRule(OverflowKind.LENGTH, _congestion()))


def _preferred_agent(
    step: Step,
    call: Call,
    queue_id: QueueId,
    needs: tuple[SkillNeed, ...],
    asked: AgentId | None,
) -> AgentId | None:
    """The operator whom the call waits for first: the one asked for or the last one spoken to,
    if at work and able."""
    state, queue = step.state, step.state.queues[queue_id]
    if asked is None:
        last = state.last_agents.get(call.caller.number)
        if last is None or step.now - last.at_s > state.plan.last_agent_memory_s:
            return None
        asked = last.agent
    if not _at_work(state, asked):
        return None
    return asked if can_serve(state.room.levels[asked], (*queue.needs, *needs)) else None


def _at_work(state: State, agent_id: AgentId) -> bool:
    """Whether it makes sense to wait for this operator."""
    agent = state.agents.get(agent_id)
    return agent is not None and not agent.retired and agent.state not in _AWAY


def _preference_over(step: Step, call: Call) -> bool:
    """Whether the call waits for one operator for too long, or for nothing."""
    state, asked = step.state, call.prefer_agent
    if asked is None:
        return False
    if step.now >= preference_until(state.queue_of(call), call) or not _at_work(state, asked):
        return True
    levels = state.room.levels[asked]
    return not any(can_serve(levels, needs) for needs in requirements(state, call))


def overflow_if_due(step: Step, call: Call, kinds: tuple[OverflowKind, ...]) -> bool:
    """Let the call leave by the first rule of these kinds that applies; whether it left."""
    for rule in step.state.queue_of(call).overflow:
        if rule.kind in kinds and _applies(step, call, rule) and _possible(step.state, call, rule):
            leave(step, call, rule)
            return True
    return False


def _applies(step: Step, call: Call, rule: OverflowRule) -> bool:
    state, kind = step.state, rule.kind
    if kind is OverflowKind.WAIT:
        return step.now >= call.visit_from_s + rule.threshold
    if kind is OverflowKind.LENGTH:
        return state.waiting_in[call.queue] - 1 >= rule.threshold
    if kind is OverflowKind.OFFERS:
        return call.failed_offers >= rule.threshold
    if kind is OverflowKind.NO_AGENTS:
        return not any(somebody_logged_in(line) for line in state.open_lines(call))
    if kind is OverflowKind.EXPECTED_WAIT:
        expected = expected_wait(state, call, step.now)
        return expected is not None and expected.p50_s > rule.threshold
    return is_closed(state, state.queue_of(call), step.now)


def is_closed(state: State, queue: QueuePlan, now: float) -> bool:
    """Whether the queue has hours and this is outside of them."""
    calendar = state.calendars.get(queue.hours)
    return calendar is not None and not calendar.is_open(now)


def _possible(state: State, call: Call, rule: OverflowRule) -> bool:
    target = rule.target
    if target.kind is TargetKind.QUEUE:
        elsewhere = target.value in state.queues and target.value != call.queue
        return elsewhere and call.visits < MAX_VISITS
    return target.kind is not TargetKind.NUMBER or target.value in state.directory


def somebody_logged_in(line: Line) -> bool:
    """Whether any operator who can serve this line is at work (in whatever state)."""
    return any(agent.state is not AgentState.LOGGED_OUT for agent in line.able.values())


def leave(step: Step, call: Call, rule: OverflowRule) -> None:
    """The call leaves its queue for the rule's target."""
    target, kind = rule.target, rule.kind
    if target.kind is TargetKind.QUEUE:
        step.emit(VisitEnded(call.id, call.visit, VisitOutcome.OVERFLOWED, kind, target))
        enqueue(
            step,
            call,
            QueueId(target.value),
            age_from_s=call.age_from_s,
            call_type=call.call_type,
            needs=call.needs,
            priority=call.own_priority,
            language=call.language,
        )
    elif target.kind is TargetKind.NUMBER:
        step.emit(VisitEnded(call.id, call.visit, VisitOutcome.SENT_ELSEWHERE, kind, target))
        entry = step.state.directory[target.value]
        step.command(DialTarget(call.id, call.switch, call.channel, entry.id, entry.dial))
    elif target.kind is TargetKind.CALL_BACK:
        step.emit(CallBackRecorded(call.id, call.queue))
        step.emit(VisitEnded(call.id, call.visit, VisitOutcome.CALL_BACK, kind, target))
        _announce(step, call, CALL_BACK_TAKEN)
    else:
        step.emit(VisitEnded(call.id, call.visit, VisitOutcome.OVERFLOWED, kind, target))
        _announce(step, call, target.value)


def _announce(step: Step, call: Call, announcement: str) -> None:
    step.command(PlayAnnouncement(call.id, call.switch, call.channel, announcement))


def _congestion() -> Target:
    return Target(TargetKind.ANNOUNCEMENT, CONGESTION)


def give_up(step: Step, call: Call, kind: OverflowKind) -> None:
    """A limit of the queue is reached and no rule says where to go: offer to call back if the
    number is known, else say that we are sorry."""
    target = Target(TargetKind.CALL_BACK) if call.caller.number else _congestion()
    leave(step, call, OverflowRule(kind, target))


def climb(step: Step, call: Call) -> bool:
    """Take every step of the ladder that is due, let go of a preference that is over; whether
    that changed anything. The caller of this routes the call."""
    ladder = step.state.queue_of(call).ladder
    moved = False
    # The same sum as the timer's, so that a clock that rings on time is never early by rounding.
    while call.ladder_done < len(ladder) and (
        step.now >= call.visit_from_s + ladder[call.ladder_done].after_s
    ):
        step.emit(LadderStepped(call.id, call.ladder_done))
        moved = True
    if _preference_over(step, call):
        step.emit(PreferenceDropped(call.id))
        moved = True
    return moved


def visit_clock(step: Step, call: Call) -> None:
    """The visit's clock rang: climb the ladder, then look again."""
    if climb(step, call):
        route_call(step, call)
    leave_if_overdue(step, call)
    if call.state is CallState.QUEUED and call.timer not in step.state.timers.pending:
        step.emit(VisitTimed(call.id))


def leave_if_overdue(step: Step, call: Call) -> None:
    """A call that nobody took leaves when a rule says so or when it waited too long."""
    if call.state is not _QUEUED or overflow_if_due(step, call, _ASKED_WHILE_WAITING):
        return
    if step.now >= call.visit_from_s + step.state.queue_of(call).max_wait_s:
        give_up(step, call, OverflowKind.WAIT)


def leave_if_tried_enough(step: Step, call: Call) -> None:
    """After an ended offer: another way out after too many."""
    if call.state is not CallState.QUEUED or overflow_if_due(step, call, (OverflowKind.OFFERS,)):
        return
    if call.failed_offers >= step.state.queue_of(call).max_offers:
        give_up(step, call, OverflowKind.OFFERS)


def nobody_left(step: Step, lines: list[Line]) -> None:
    """An operator logged out: calls in lines that nobody at work serves may overflow."""
    left = {
        entry[1]: entry for line in lines if not somebody_logged_in(line) for entry in line.waiting
    }
    for _key, _number, call in sorted(left.values()):
        if call.state is CallState.QUEUED:
            overflow_if_due(step, call, (OverflowKind.NO_AGENTS,))
