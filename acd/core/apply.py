"""How each event changes the state. Deciding and restoring both end here, so they cannot differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd.core import events as e
from acd.core.apply_floor import FLOOR_APPLIERS, GUEST
from acd.core.apply_people import open_day, remember, took_call
from acd.core.apply_system import agent_moved, plan_adopted, ring_unseen, switch_changed
from acd.core.apply_talk import TALK_APPLIERS
from acd.core.apply_waiting import arm_visit, place_anew
from acd.core.call import TABLE as CALL_TABLE
from acd.core.call import Call, CallTrigger
from acd.core.drill import is_drill_queue
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import OfferId
from acd.core.offer import TABLE as OFFER_TABLE
from acd.core.offer import Offer, OfferTrigger
from acd.core.plan import OverflowKind, TargetKind
from acd.core.state import PAST_CALLS, PAST_OFFERS, State
from acd.core.timers import NO_TIMER, TimerKind
from agents.agent import Agent
from agents.state import TABLE as AGENT_TABLE
from agents.state import AgentState, AgentTrigger, NotReadyReason

#: Agent states that count as busy.
_BUSY = (AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP)

# What every call asks for is looked up once: a member of an Enum costs as much as a call.
_ON_QUEUE = CALL_TABLE.on(CallTrigger.QUEUE)
_ON_OFFER = CALL_TABLE.on(CallTrigger.OFFER)
_ON_CONNECT = CALL_TABLE.on(CallTrigger.CONNECT)
_ON_LEG_END = CALL_TABLE.on(CallTrigger.LEG_END)
_AGENT_ON_OFFER = AGENT_TABLE.on(AgentTrigger.OFFER)
_AGENT_ON_CONNECT = AGENT_TABLE.on(AgentTrigger.CONNECT)
_AGENT_ON_TALK_ENDED = AGENT_TABLE.on(AgentTrigger.TALK_ENDED)
_OFFER_ON_CONNECT = OFFER_TABLE.on(OfferTrigger.CONNECT)
_READY, _NOT_READY = AgentState.READY, AgentState.NOT_READY
_LOGGED_OUT, _RINGING = AgentState.LOGGED_OUT, AgentState.RINGING
_RING, _WRAP_UP = TimerKind.RING, TimerKind.WRAP_UP
_ANSWERED = CallOutcome.ANSWERED


def call_opened(state: State, event: e.CallOpened, at: float) -> None:
    state.counters.calls += 1
    call = state.calls[event.call] = Call(
        event.call,
        event.switch,
        event.channel,
        event.trunk,
        event.dialled,
        event.caller,
        event.listed,
        state.counters.calls,
        at,
    )
    if event.drill:
        call.drill = True


def menu_passed(state: State, event: e.MenuPassed, at: float) -> None:
    state.calls[event.call].remember_key(event.key)


def flow_finished(state: State, event: e.FlowFinished, at: float) -> None:
    call = state.calls[event.call]
    call.state = CALL_TABLE[call.state, CallTrigger.FLOW_END]
    call.outcome = call.outcome or event.outcome


def call_queued(state: State, event: e.CallQueued, at: float) -> None:
    call = state.calls[event.call]
    call.state = _ON_QUEUE[call.state]
    call.queue, call.visit, call.visit_from_s = event.queue, event.visit, at
    call.age_from_s, call.call_type, call.language = (
        event.age_from_s,
        event.call_type,
        event.language,
    )
    call.needs, call.prefers = event.needs, event.prefers
    call.own_priority, call.prefer_agent = event.priority, event.prefer_agent
    call.prefer_for_s = event.prefer_for_s
    call.ladder_done, call.failed_offers = 0, 0
    call.visits += 1
    state.counters.visits += 1
    state.waiting_in[event.queue] += 1
    state.place(call)
    arm_visit(state, call, at)


def ladder_stepped(state: State, event: e.LadderStepped, at: float) -> None:
    call = state.calls[event.call]
    ladder = state.queue_of(call).ladder
    if event.step < len(ladder) and ladder[event.step].drop_preferences:
        call.prefers, call.prefer_agent = (), None
    call.ladder_done = event.step + 1
    place_anew(state, call, at)


def preference_dropped(state: State, event: e.PreferenceDropped, at: float) -> None:
    call = state.calls[event.call]
    call.prefer_agent = None
    place_anew(state, call, at)


def visit_timed(state: State, event: e.VisitTimed, at: float) -> None:
    arm_visit(state, state.calls[event.call], at, looked_at_s=at)


def call_parked(state: State, event: e.CallParked, at: float) -> None:
    call = state.calls[event.call]
    state.room.remove(call)
    call.parked = True
    if call.timer:
        state.timers.forget(call.timer)
    call.timer = state.timers.arm(TimerKind.PARKED, call.id, event.until_s)


def call_unparked(state: State, event: e.CallUnparked, at: float) -> None:
    call = state.calls[event.call]
    call.parked = False
    state.place(call)
    arm_visit(state, call, at)


def call_offered(state: State, event: e.CallOffered, at: float) -> None:
    call, agent = state.calls[event.call], state.agents[event.agent]
    call.state = _ON_OFFER[call.state]
    agent.state = _AGENT_ON_OFFER[agent.state]
    state.counters.offers += 1
    state.room.remove(call)
    state.room.agent_taken(agent)
    if agent.timer:
        state.timers.forget(agent.timer)  # type: ignore[arg-type]
        agent.timer = NO_TIMER
    if call.timer:
        state.timers.forget(call.timer)
    ring_timeout_s = state.ring_s(state.queue_of(call), agent)
    offer = state.offers[event.offer] = Offer(
        event.offer, event.call, event.agent, call.queue, call.visit, at
    )
    offer.timer = state.timers.arm(_RING, event.offer, at + ring_timeout_s)
    call.timer = NO_TIMER
    call.offer = event.offer
    agent.offer = event.offer
    agent.available = False
    agent.since_s = at
    agent.last_offer_number = state.counters.offers


def offer_picked_up(state: State, event: e.OfferPickedUp, at: float) -> None:
    offer = state.offers[event.offer]
    offer.state = OFFER_TABLE[offer.state, OfferTrigger.PICK_UP]
    if offer.timer:
        state.timers.forget(offer.timer)
    offer.timer = state.timers.arm(TimerKind.LEASE, offer.id, at + state.plan.offer_lease_s)


def _end_offer(state: State, offer_id: OfferId) -> Offer:
    offer = state.offers.pop(offer_id)
    if offer.timer:
        state.timers.forget(offer.timer)
    state.agents[offer.agent].offer = None
    spies = state.floor.spies
    if spies:
        # The switch ends their legs with the one they hear.
        for spy in [each.id for each in spies.values() if each.offer == offer_id]:
            del spies[spy]
    return offer


def offer_ended(state: State, event: e.OfferEnded, at: float) -> None:
    _end_offer(state, event.offer)
    state.past_offers[event.offer] = event.call
    if len(state.past_offers) > PAST_OFFERS:
        state.past_offers.popitem(last=False)
    call = state.calls[event.call]
    call.state = CALL_TABLE[call.state, CallTrigger.OFFER_END]
    call.offer = None
    call.failed_offers += 1
    state.place(call)
    arm_visit(state, call, at)


def call_answered(state: State, event: e.CallAnswered, at: float) -> None:
    call, agent = state.calls[event.call], state.agents[event.agent]
    offer = state.offers[event.offer]
    call.state = _ON_CONNECT[call.state]
    agent.state = _AGENT_ON_CONNECT[agent.state]
    offer.state = _OFFER_ON_CONNECT[offer.state]
    offer.connected_s = at
    if offer.timer:
        state.timers.forget(offer.timer)
    offer.timer = NO_TIMER
    call.outcome = _ANSWERED
    agent.ring_s = at - agent.since_s
    agent.since_s = agent.busy_from_s = at
    took_call(state, agent, call, at)
    _left_queue(state, call, at, answered=True)
    remember(state, call, event.agent, at)


def _left_queue(state: State, call: Call, at: float, *, answered: bool) -> None:
    state.waiting_in[call.queue] -= 1
    state.handling[call.queue].left(at - call.visit_from_s, answered)


def talk_held(state: State, event: e.TalkHeld, at: float) -> None:
    offer = state.offers[event.offer]
    agent = state.agents[offer.agent]
    offer.apart = event.apart
    offer.by_hand = offer.by_hand or event.apart
    offer.state = OFFER_TABLE[offer.state, OfferTrigger.HOLD if event.on else OfferTrigger.RESUME]
    agent.state = AGENT_TABLE[agent.state, AgentTrigger.HOLD if event.on else AgentTrigger.RESUME]
    agent.since_s = at


def leg_closed(state: State, event: e.LegClosed, at: float) -> None:
    offer = _end_offer(state, event.offer)
    call, agent = state.calls[event.call], state.agents[event.agent]
    call.state = _ON_LEG_END[call.state]
    call.offer = None
    agent.state = _AGENT_ON_TALK_ENDED[agent.state]
    agent.since_s = at
    agent.took_queue = offer.queue
    queue = state.queues.get(offer.queue)
    # A guest has nothing to write up: the telephone is free at once.
    guest = agent.retired and agent.id.startswith(GUEST)
    wrap_up_s = queue.wrap_up_s if queue and not guest else 0.0
    agent.wrap_up_until_s = at + wrap_up_s
    if wrap_up_s > 0:
        agent.timer = state.timers.arm(_WRAP_UP, agent.id, agent.wrap_up_until_s)


#: What a call has become when a visit ends this way and nothing settled it before.
_SETTLED = {
    VisitOutcome.CALL_BACK: CallOutcome.CALL_BACK,
    VisitOutcome.SENT_ELSEWHERE: CallOutcome.SENT_ELSEWHERE,
}


def visit_ended(state: State, event: e.VisitEnded, at: float) -> None:
    call = state.calls[event.call]
    state.room.remove(call)
    if call.timer:
        state.timers.forget(call.timer)
    call.timer = NO_TIMER
    call.parked = False
    _left_queue(state, call, at, answered=False)
    settled = _SETTLED.get(event.outcome)
    if event.target is not None and event.target.kind is TargetKind.ANNOUNCEMENT:
        closed = event.rule is OverflowKind.CLOSED
        settled = CallOutcome.CLOSED if closed else CallOutcome.BLOCKED
    if settled is not None:
        call.state = CALL_TABLE[call.state, CallTrigger.SEND_AWAY]
        call.outcome = call.outcome or settled


def call_closed(state: State, event: e.CallClosed, at: float) -> None:
    call = state.calls.pop(event.call)
    if call.timer:
        state.timers.forget(call.timer)
    state.past_calls[event.call] = None
    if len(state.past_calls) > PAST_CALLS:
        state.past_calls.popitem(last=False)


def _handled(state: State, agent: Agent, at: float) -> None:
    """The wrap-up is over: so long did the call keep the operator, its ring included."""
    handling = state.handling.get(agent.took_queue)  # type: ignore[call-overload]
    if handling is not None:
        handling.handled(agent.ring_s + at - agent.busy_from_s)
    agent.took_queue = ""


def agent_changed(state: State, event: e.AgentChanged, at: float) -> None:
    agent = state.agents[event.agent]
    drill = is_drill_queue(agent.took_queue)
    if agent.took_queue:
        _handled(state, agent, at)
    if agent.state in _BUSY:
        busy_s = at - agent.busy_from_s
        agent.busy_s += busy_s
        if not drill:
            agent.day_busy_s += busy_s
            agent.day_handled += 1
        agent.busy_from_s = at
    if at >= agent.day_until_s:
        open_day(state, agent, at)
    if agent.available:
        state.room.agent_taken(agent)
        agent.available = False
    if agent.timer:
        state.timers.forget(agent.timer)  # type: ignore[arg-type]
        agent.timer = NO_TIMER
    if agent.state is _LOGGED_OUT:
        agent.login_s, agent.busy_s, agent.calls_taken = at, 0.0, 0
        agent.own_device = bool(event.device)
        agent.device = event.device or state.devices.get(event.agent, agent.device)
    rang = agent.state is _RINGING
    agent.state, agent.reason, agent.since_s = event.state, event.reason, at
    agent.by = event.by
    agent.next_state = agent.next_reason = None
    if event.state is _READY:
        _agent_ready(state, agent, event, rang)
    elif event.state is _NOT_READY:
        _arm_cooldown(state, agent, at)
    elif agent.retired:
        del state.agents[event.agent]


def _agent_ready(state: State, agent: Agent, event: e.AgentChanged, rang: bool) -> None:
    # A withdrawn ring keeps the place among the idle, even when it began this very instant.
    if not rang or event.idle_from_s != agent.idle_from_s:
        state.counters.idle += 1
        agent.idle_number = state.counters.idle
    agent.idle_from_s = event.idle_from_s
    agent.since_s = event.idle_from_s
    if agent.switch not in state.switches_down:
        agent.available = True
        state.room.agent_idle(agent)


def _arm_cooldown(state: State, agent: Agent, at: float) -> None:
    plan = state.plan.cooldown
    cooldown_s = {
        NotReadyReason.NO_ANSWER: plan.no_answer_s,
        NotReadyReason.REJECTED: plan.rejected_s,
        NotReadyReason.BUSY: plan.busy_s,
        NotReadyReason.UNREACHABLE: plan.unreachable_s,
    }.get(agent.reason or NotReadyReason.BREAK, 0.0)
    if cooldown_s > 0:
        agent.timer = state.timers.arm(TimerKind.COOLDOWN, agent.id, at + cooldown_s)


def next_state_reserved(state: State, event: e.NextStateReserved, at: float) -> None:
    agent = state.agents[event.agent]
    keep = event.state is not AgentState.READY
    agent.next_state = event.state if keep else None
    agent.next_reason = event.reason if keep else None


def wrap_up_prolonged(state: State, event: e.WrapUpProlonged, at: float) -> None:
    agent = state.agents[event.agent]
    state.timers.forget(agent.timer)  # type: ignore[arg-type]
    agent.wrap_up_until_s = event.until_s
    agent.timer = state.timers.arm(TimerKind.WRAP_UP, agent.id, event.until_s)


def _nothing(state: State, event: e.Event, at: float) -> None:
    """Events that inform others and change nothing here."""


Applier = Callable[[State, Any, float], None]

#: One applier for every event.
APPLIERS: dict[type, Applier] = {
    e.CallOpened: call_opened,
    e.MenuPassed: menu_passed,
    e.FlowFinished: flow_finished,
    e.CallQueued: call_queued,
    e.LadderStepped: ladder_stepped,
    e.PreferenceDropped: preference_dropped,
    e.CallOffered: call_offered,
    e.OfferPickedUp: offer_picked_up,
    e.OfferUnseen: ring_unseen,
    e.OfferEnded: offer_ended,
    e.CallAnswered: call_answered,
    e.TalkHeld: talk_held,
    e.LegClosed: leg_closed,
    e.VisitEnded: visit_ended,
    e.TransferStarted: _nothing,
    e.CallBackRecorded: _nothing,
    e.CallClosed: call_closed,
    e.AgentChanged: agent_changed,
    e.NextStateReserved: next_state_reserved,
    e.WrapUpProlonged: wrap_up_prolonged,
    e.DispositionRecorded: _nothing,
    e.PlanAdopted: plan_adopted,
    e.SwitchChanged: switch_changed,
    e.AgentMoved: agent_moved,
    e.RequestRefused: _nothing,
    e.AlertRaised: _nothing,
    e.VisitTimed: visit_timed,
    e.CallParked: call_parked,
    e.CallUnparked: call_unparked,
    **FLOOR_APPLIERS,
    **TALK_APPLIERS,
}
