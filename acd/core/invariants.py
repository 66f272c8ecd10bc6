"""What is true of an engine after every step, whatever happened before: checked, not assumed.

Each check looks at the whole memory anew, the slow and obvious way, and knows nothing of how the
engine keeps its indexes. Tests ask after every input; a running centre can be asked at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from acd.core.call import Call, CallState
from acd.core.engine import Engine
from acd.core.events import CallOutcome
from acd.core.ids import QueueId, TimerToken
from acd.core.offer import Offer, OfferState
from acd.core.overflow import MAX_VISITS
from acd.core.party import PartyKind
from acd.core.queue import Line
from acd.core.state import LAST_AGENTS, PAST_OFFERS, WAITING, State, requirements
from acd.core.timers import TimerKind
from agents.agent import Agent
from agents.skills import can_serve
from agents.state import AgentState

_RINGING = (OfferState.RINGING, OfferState.PICKED_UP)
_IN_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)
_AWAY = (AgentState.LOGGED_OUT, AgentState.NOT_READY)
_AGENT_DURING = {
    OfferState.RINGING: AgentState.RINGING,
    OfferState.PICKED_UP: AgentState.RINGING,
    OfferState.CONNECTED: AgentState.TALKING,
    OfferState.HELD: AgentState.HOLD,
}


def violations(engine: Engine) -> list[str]:
    """One sentence for everything that should not be; empty when all is well.

    The sentences name ids only, never a caller's number.
    """
    return [found for check in CHECKS for found in check(engine.state)]


def one_reservation_per_person(state: State) -> Iterator[str]:
    """An offer joins one live call and one live operator, who both point back at it."""
    for offer in state.offers.values():
        call, agent = state.calls.get(offer.call), state.agents.get(offer.agent)
        if call is None or call.offer != offer.id:
            yield f"offer {offer.id}: call {offer.call} is not reserved for it"
        if agent is None or agent.offer != offer.id:
            yield f"offer {offer.id}: operator {offer.agent} is not reserved for it"
    held = {offer.agent for offer in state.offers.values()}
    if len(held) != len(state.offers):
        yield "an operator is reserved twice"
    for call in state.calls.values():
        if (call.state in (CallState.OFFERED, CallState.TALKING)) != (call.offer in state.offers):
            yield f"call {call.id} is {call.state} with offer {call.offer}"
    for agent in state.agents.values():
        reserved = any(
            agent.offer in each
            for each in (state.offers, state.dials, state.parties, state.floor.takings)
        )
        if (agent.state in _IN_CALL) != reserved:
            yield f"operator {agent.id} is {agent.state} with offer {agent.offer}"


def machines_agree(state: State) -> Iterator[str]:
    """Call, offer and operator are in states that belong together."""
    for offer in state.offers.values():
        call, agent = state.calls.get(offer.call), state.agents.get(offer.agent)
        ringing = offer.state in _RINGING
        if call and call.state is not (CallState.OFFERED if ringing else CallState.TALKING):
            yield f"offer {offer.id} is {offer.state}, its call {call.state}"
        if agent and agent.state is not _AGENT_DURING[offer.state]:
            yield f"offer {offer.id} is {offer.state}, its operator {agent.state}"
    for call in state.calls.values():
        if call.state is CallState.LEAVING and call.outcome is None:
            yield f"call {call.id} leaves without an outcome"
        if call.state is CallState.MENU and (call.outcome is not None or call.visits):
            yield f"call {call.id} is in the menu after a queue"
        if call.state is CallState.TALKING and call.outcome is not CallOutcome.ANSWERED:
            yield f"call {call.id} talks, and its outcome is {call.outcome}"
        if call.parked and call.state is not CallState.QUEUED:
            yield f"call {call.id} is parked and {call.state}"


def waiting_counts_are_true(state: State) -> Iterator[str]:
    """The number waiting in each queue is the number of calls waiting in it."""
    actual: dict[QueueId, int] = {}
    for call in state.calls.values():
        if call.state in WAITING:
            actual[call.queue] = actual.get(call.queue, 0) + 1
    for queue, count in state.waiting_in.items():
        if count != actual.pop(queue, 0):
            yield f"queue {queue} counts {count} waiting calls wrongly"
    for queue, count in actual.items():
        yield f"queue {queue} counts none of {count} waiting calls"


def may_be_offered(state: State, call: Call) -> bool:
    """Whether the call should stand in its lines."""
    queued = call.state is CallState.QUEUED
    return queued and not call.parked and call.switch not in state.switches_down


def people_for(state: State, call: Call) -> list[Agent]:
    """The operators who may serve the call now, in the order of the plan, idle or not."""
    people = [agent for agent in state.agents.values() if not agent.retired]
    if call.prefer_agent is not None:
        people = [agent for agent in people if agent.id == call.prefer_agent]
    ways = requirements(state, call)
    levels = state.room.levels
    return [a for a in people if any(can_serve(levels[a.id], needs) for needs in ways)]


def every_caller_stands_in_line(state: State) -> Iterator[str]:
    """Calls that wait stand in the lines of exactly the operators who may serve them."""
    for call in state.calls.values():
        held = state.room.placed.get(call.id)
        if (held is not None) != may_be_offered(state, call):
            yield f"call {call.id} ({call.state}) is {'' if held else 'not '}in line"
        if held is None:
            continue
        entry, lines = held
        key = call.age_from_s - state.priority(call) * state.plan.priority_step_s
        if entry != (key, call.number, call):
            yield f"call {call.id} stands at {entry[:2]} instead of {(key, call.number)}"
        if any(entry not in line.waiting for line in lines):
            yield f"call {call.id} is missing from one of its lines"
        able = {agent_id for line in lines for agent_id in line.able}
        if able != {agent.id for agent in people_for(state, call)}:
            yield f"call {call.id} waits for the wrong operators: {sorted(able)}"
        wanted = state.agents.get(call.prefer_agent) if call.prefer_agent else None
        if wanted is not None and wanted.state in _AWAY:
            yield f"call {call.id} waits for operator {wanted.id}, who is {wanted.state}"
    for call_id in state.room.placed:
        if call_id not in state.calls:
            yield f"call {call_id} is gone and still in line"


def _lines(state: State) -> list[Line]:
    """Every line that somebody waits in or that somebody serves, each once."""
    found = [line for _, lines in state.room.placed.values() for line in lines]
    found += [line for agent in state.agents.values() for line in state.room.lines_of(agent)]
    return list({line.only or line.needs: line for line in found}.values())


def lines_are_in_order(state: State) -> Iterator[str]:
    """Every line is in the global order, holds whom it should, and knows who is idle."""
    for line in _lines(state):
        name = line.only or line.needs
        if any(first[:2] >= second[:2] for first, second in pairwise(line.waiting)):
            yield f"line {name} is out of order"
        for entry in line.waiting:
            if line not in state.room.placed.get(entry[2].id, (entry, []))[1]:
                yield f"line {name} holds call {entry[2].id}, which does not wait in it"
        idle = sorted(
            (a for a in line.able.values() if a.available), key=lambda agent: agent.idle_number
        )
        if list(line.idle) != [agent.id for agent in idle]:
            yield f"line {name} takes {list(line.idle)} for its idle operators"


def nobody_waits_beside_an_idle_operator(state: State) -> Iterator[str]:
    """The routing conserves work: an idle operator has nobody to serve."""
    for call in state.calls.values():
        if may_be_offered(state, call):
            for agent in people_for(state, call):
                if agent.available:
                    yield f"call {call.id} waits although operator {agent.id} is idle"


def availability_is_true(state: State) -> Iterator[str]:
    """An operator is available when ready on a switch that is up; idle numbers are unique."""
    numbers = [a.idle_number for a in state.agents.values() if a.available]
    if len(set(numbers)) != len(numbers):
        yield "two idle operators have the same number"
    for agent in state.agents.values():
        ready = agent.state is AgentState.READY and agent.switch not in state.switches_down
        if agent.available != ready:
            yield f"operator {agent.id} is {agent.state}, available: {agent.available}"
        if agent.retired and agent.state not in (*_IN_CALL, AgentState.WRAP_UP):
            yield f"operator {agent.id} left the plan and is {agent.state}"


def _wanted_timers(state: State) -> Iterator[tuple[str, int, TimerKind, str]]:
    """(who, token held, kind, subject) for everyone who would be stuck without a timer."""
    for offer in state.offers.values():
        if offer.state in _RINGING:
            yield f"offer {offer.id}", offer.timer, _ring_timer(offer), offer.id
    for call in state.calls.values():
        if call.state is CallState.QUEUED:
            kind = TimerKind.PARKED if call.parked else TimerKind.VISIT
            yield f"call {call.id}", call.timer, kind, call.id
    for dial in state.dials.values():
        if not dial.answered_s:
            yield f"outside call {dial.id}", dial.timer, TimerKind.DIAL, dial.id
    for party in state.parties.values():
        if not party.answered:
            yield f"party {party.id}", party.timer, TimerKind.PARTY, party.id
    for taking in state.floor.takings.values():
        yield f"ring {taking.id}", taking.timer, TimerKind.TAKING, taking.id
    if state.floor.skills:
        yield "skills of today", state.floor.midnight, TimerKind.MIDNIGHT, ""
    for agent in state.agents.values():
        if agent.state is AgentState.WRAP_UP:
            yield f"operator {agent.id}", agent.timer, TimerKind.WRAP_UP, agent.id
        elif agent.state is AgentState.NOT_READY and agent.timer:
            yield f"operator {agent.id}", agent.timer, TimerKind.COOLDOWN, agent.id


def _ring_timer(offer: Offer) -> TimerKind:
    return TimerKind.RING if offer.state is OfferState.RINGING else TimerKind.LEASE


def nobody_is_stuck(state: State) -> Iterator[str]:
    """Whoever waits for something that may never come has a timer, and no timer is left over."""
    left_over = dict(state.timers.pending)
    for who, token, kind, subject in _wanted_timers(state):
        timer = left_over.pop(TimerToken(token), None)
        if timer is None or timer.kind is not kind or timer.subject != subject:
            yield f"{who} waits without its {kind} timer"
    for token, timer in left_over.items():
        yield f"timer {token} ({timer.kind} of {timer.subject}) is left over"


def parties_have_a_talk(state: State) -> Iterator[str]:
    """A party belongs to a live call, and does what its kind says; a talk is apart by the switch
    only while the operator is on hold."""
    for party in state.parties.values():
        call = state.calls.get(party.call)
        offer = state.offers.get(call.offer) if call is not None and call.offer else None
        if call is None:
            yield f"party {party.id} belongs to no call"
        elif party.kind is PartyKind.TRANSFER:
            if call.state is not CallState.LEAVING:
                yield f"party {party.id} has a caller who is {call.state}"
        elif offer is None or offer.agent != party.agent:
            yield f"party {party.id} was asked by {party.agent}, who has no talk"
        elif offer.apart != (party.kind is PartyKind.CONSULT):
            yield f"party {party.id} is a {party.kind} in a talk that is apart: {offer.apart}"
    for party in state.parties.values():
        colleague = state.agents.get(party.colleague)
        if party.colleague and (colleague is None or colleague.offer != party.id):
            yield f"party {party.id}: operator {party.colleague} is not in it"
        elif colleague and colleague.state is not (
            AgentState.TALKING if party.answered else AgentState.RINGING
        ):
            yield f"party {party.id}: operator {party.colleague} is {colleague.state}"
    asked = [p.call for p in state.parties.values() if p.kind is not PartyKind.GUEST]
    if len(set(asked)) != len(asked):
        yield "a call has two parties at once"
    for dial in state.dials.values():
        agent = state.agents.get(dial.agent)
        if agent is None or agent.offer != dial.id:
            yield f"outside call {dial.id}: operator {dial.agent} is not in it"
        elif agent.state is not (AgentState.TALKING if dial.picked_up_s else AgentState.RINGING):
            yield f"outside call {dial.id}: operator {dial.agent} is {agent.state}"
    for offer in state.offers.values():
        if offer.apart and offer.state is not OfferState.HELD:
            yield f"offer {offer.id} is apart and {offer.state}"


def talks_are_heard_while_they_last(state: State) -> Iterator[str]:
    """Whoever hears a talk hears one that is there; a telephone hears one at a time."""
    spies = state.floor.spies.values()
    for spy in spies:
        offer = state.offers.get(spy.offer)
        if offer is None or offer.state in _RINGING:
            yield f"spy {spy.id} hears no talk"
    if len({spy.device for spy in spies}) != len(spies):
        yield "a telephone hears two talks"


def talks_are_taken_while_they_last(state: State) -> Iterator[str]:
    """A supervisor's phone rings for a talk that is there; one phone for one talk, and whoever is
    logged in at it is busy with that."""
    takings = state.floor.takings.values()
    for taking in takings:
        call, agent = state.calls.get(taking.call), state.agents.get(taking.agent)
        if call is None or call.state is not CallState.TALKING:
            yield f"ring {taking.id} is for no talk"
        if taking.before is not None and (agent is None or agent.state is not AgentState.RINGING):
            yield f"ring {taking.id}: operator {taking.agent} does not ring"
    if len({each.call for each in takings}) != len(takings):
        yield "a talk is taken over twice"
    if len({each.device for each in takings}) != len(takings):
        yield "a telephone rings for two talks"


def limits_hold(state: State) -> Iterator[str]:
    """What is bounded stays within its bound."""
    if len(state.past_offers) > PAST_OFFERS or len(state.last_agents) > LAST_AGENTS:
        yield "the engine remembers more than it may"
    for call in state.calls.values():
        if call.visits > MAX_VISITS:
            yield f"call {call.id} made {call.visits} visits"
        if not 0 <= state.priority(call) <= 9:
            yield f"call {call.id} has the priority {state.priority(call)}"


Check = Callable[[State], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    one_reservation_per_person,
    machines_agree,
    waiting_counts_are_true,
    every_caller_stands_in_line,
    lines_are_in_order,
    nobody_waits_beside_an_idle_operator,
    availability_is_true,
    nobody_is_stuck,
    parties_have_a_talk,
    talks_are_heard_while_they_last,
    talks_are_taken_while_they_last,
    limits_hold,
)
