"""A world around an engine that tells it anything, likely or not, and checks everything.

Every input goes to the engine, to a second one that only applies the events (a restore), and to a
third one that was made from a snapshot and decides by itself (a replay): all must stay equal. The
events are folded independently, and the invariants are asked after every step.
"""

from __future__ import annotations

import random
from datetime import timedelta, timezone

from acd.core import inputs as i
from acd.core import inputs_talk as t
from acd.core.commands import OfferCall, StartTimer
from acd.core.commands_talk import DialOut, RingParty
from acd.core.dial import DialOutcome
from acd.core.engine import Engine
from acd.core.events import Event
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, TimerToken, offer_id
from acd.core.invariants import violations
from acd.core.plan import Plan, SkillNeed, Target, TargetKind
from agents.state import NotReadyReason
from tests.engine_fold import Fold

JST = timezone(timedelta(hours=9))
T0_S = 1_800_000_000.0
SWITCHES = (SwitchId("a"), SwitchId("b"))
NUMBERS = ("", "0312345678", "0466251111", "09000000001")


FAILING_COMMANDS = (
    *("hold_caller", "play_announcement", "dial_target", "nonsense"),
    *("part_talk", "reunite_talk", "hand_over", "merge_talk"),
)


def caller(number: str) -> i.Caller:
    """A caller with this number, or withheld."""
    kind = i.CallerKind.NUMBER if number else i.CallerKind.WITHHELD
    return i.Caller(kind, number)


class World:
    """One engine, its two shadows, the fold of its events, and the time."""

    def __init__(self, plan: Plan) -> None:
        self.engine = Engine(plan, JST)
        self.applied = Engine(plan, JST)
        self.decided = Engine(plan, JST)
        self.fold = Fold(plan)
        self.now = T0_S
        self.calls: list[CallId] = []
        self.offers: list[OfferId] = []
        self.tokens: list[TimerToken] = []
        self.last_events: list[Event] = []

    def tell(self, happened: i.Input) -> None:
        """One input, and everything that must hold after it."""
        outcome = self.engine.handle(happened, self.now)
        assert self.decided.handle(happened, self.now) == outcome, "a replay decides the same"
        self.last_events = outcome.events
        for event in outcome.events:
            self.fold.see(event, self.now)
            self.applied.apply(event, self.now)
        for command in outcome.commands:
            if isinstance(command, OfferCall):
                self.offers.append(command.offer)
            elif isinstance(command, RingParty):
                self.offers.append(command.party)
            elif isinstance(command, DialOut):
                self.offers.append(command.offer)
            elif isinstance(command, StartTimer):
                assert command.at_s >= self.now
                self.tokens.append(command.token)
        assert violations(self.engine) == []
        self._agrees_with_the_fold()

    def _agrees_with_the_fold(self) -> None:
        assert list(self.fold.calls) == list(self.engine.calls)
        assert self.fold.offers == {
            offer.id: (offer.call, offer.agent) for offer in self.engine.state.offers.values()
        }

    def snapshots_agree(self) -> None:
        """Live, restored by events, restored by snapshot: one memory."""
        live = self.engine.snapshot()
        assert self.applied.snapshot() == live, "snapshot plus events restore the engine"
        assert self.decided.snapshot() == live, "deciding again leads to the same memory"
        restored = Engine.restore(live, JST)
        assert restored.snapshot() == live
        assert violations(restored) == []
        assert restored.pending_timers() == self.engine.pending_timers()

    def restart(self) -> None:
        """Go on with engines made from a snapshot; one of the shadows stays as it is."""
        self.snapshots_agree()
        live = self.engine.snapshot()
        self.engine, self.applied = Engine.restore(live, JST), Engine.restore(live, JST)

    def swap(self) -> None:
        """Let the one that only applied events decide from here on."""
        self.engine, self.applied, self.decided = self.applied, self.decided, self.engine

    # -- what may happen -------------------------------------------------------------------

    def arrive(self, chance: random.Random) -> CallId:
        """A new call, or a doubled arrival now and then."""
        if self.calls and chance.random() < 0.05:
            call = chance.choice(self.calls[-20:])
        else:
            call = CallId(f"{int(T0_S)}.{len(self.calls)}")
            self.calls.append(call)
        switch = SWITCHES[chance.random() < 0.1]
        who = caller(chance.choice(NUMBERS))
        self.tell(
            i.CallArrived(call, switch, f"PJSIP/t-{call}", "t", "1", who, chance.random() < 0.95)
        )
        return call

    def ask_queue(self, call: CallId, chance: random.Random) -> None:
        """The flow sends the caller to a queue, maybe with wishes."""
        queues = [queue.id for queue in self.engine.plan.queues]
        wishes = chance.random() < 0.3
        self.tell(
            i.QueueRequested(
                call,
                chance.choice([*queues, *queues, QueueId("unknown")]),
                needs=(skill(chance),) if wishes and chance.random() < 0.5 else (),
                prefers=(skill(chance),) if wishes and chance.random() < 0.5 else (),
                priority=chance.randint(-2, 12) if wishes and chance.random() < 0.5 else None,
                prefer_agent=self.any_agent(chance) if wishes and chance.random() < 0.5 else None,
                waited_s=chance.choice([0.0, 0.0, 0.0, 40.0, -5.0]),
            )
        )

    def any_agent(self, chance: random.Random) -> AgentId:
        """An operator, once in a while one that nobody knows."""
        known = list(self.engine.agents)
        return chance.choice([*known, *known, *known, AgentId("nobody")])

    def any_call(self, chance: random.Random) -> CallId:
        """A live call, a call of the past, or one that never was."""
        live = list(self.engine.calls)
        return chance.choice([*live, *live, *live, *self.calls[-5:], CallId("9.9")])

    def any_offer(self, chance: random.Random) -> OfferId:
        """A live offer, an offer of the past, or one that never was."""
        state = self.engine.state
        live = [*state.offers, *state.parties, *state.dials, *state.floor.takings]
        return chance.choice([*live, *live, *live, *self.offers[-8:], OfferId("o999999999999")])

    def next_timer(self) -> None:
        """The clock goes on to the next timer that is due, and it fires."""
        pending = self.engine.pending_timers()
        if pending:
            due = min(pending, key=lambda timer: (timer.at_s, timer.token))
            self.now = max(self.now, due.at_s)
            self.tell(i.TimerFired(due.token))

    def pass_time(self, seconds: float) -> None:
        """Time goes by, every timer that falls due fires; it comes to an end."""
        until_s = self.now + seconds
        for _ in range(2_000):
            due = [timer for timer in self.engine.pending_timers() if timer.at_s <= until_s]
            if not due:
                self.now = until_s
                return
            self.next_timer()
        raise AssertionError("the engine's clock runs in circles")


def skill(chance: random.Random) -> SkillNeed:
    """Any of three skills at any level."""
    return SkillNeed(chance.choice("abc"), chance.randint(1, 9))


def call_input(world: World, chance: random.Random) -> i.Input:
    """Something about a call or an offer, which may be unknown or long over."""
    call, offer = world.any_call(chance), world.any_offer(chance)
    some: list[i.Input] = [
        i.MenuStepped(call, "main", "1"),
        i.FlowEnded(call, chance.choice(list(i.FlowEnding))),
        i.CallerHungUp(call),
        i.CallerHungUp(call),
        i.CallLost(call, i.LossReason.NOT_FOUND),
        i.OfferAnswered(offer),
        i.OfferAnswered(offer),
        i.CallConnected(offer),
        i.CallConnected(offer),
        i.CallConnected(offer),
        i.OfferFailed(offer, chance.choice(list(i.OfferFailure))),
        i.OfferFailed(offer, chance.choice(list(i.OfferFailure))),
        i.HoldStarted(offer),
        i.HoldEnded(offer),
        i.LegEnded(offer, chance.choice(list(i.EndedBy))),
        i.CommandFailed(
            chance.choice(FAILING_COMMANDS),
            call,
            "deadline",
        ),
    ]
    return chance.choice(some)


def agent_input(world: World, chance: random.Random) -> i.Input:
    """Something that an operator or supervisor asks for, possible or not."""
    agent = world.any_agent(chance)
    target = chance.choice(
        [
            Target(TargetKind.QUEUE, chance.choice([q.id for q in world.engine.plan.queues])),
            Target(TargetKind.QUEUE, "unknown"),
            Target(TargetKind.NUMBER, "hall"),
            Target(TargetKind.NUMBER, "unknown"),
            Target(TargetKind.CALL_BACK),
        ]
    )
    some: list[i.Input] = [
        i.AgentLoggedIn(agent, chance.choice(["", "", "own-device"])),
        i.AgentLoggedIn(agent),
        i.AgentLoggedOut(agent, "boss"),
        i.AgentReadied(agent),
        i.AgentReadied(agent),
        i.AgentReadied(agent),
        i.AgentReadied(agent),
        i.AgentPaused(agent, chance.choice(list(NotReadyReason))),
        i.AgentPaused(agent, NotReadyReason.LUNCH),
        i.WrapUpExtended(agent, chance.choice([10.0, -1.0, 1e9, float("nan")])),
        i.DispositionGiven(agent, world.any_call(chance), chance.choice(["", "tax", "x" * 65])),
        i.TransferRequested(agent, target),
        i.HangUpRequested(agent),
    ]
    if chance.random() < 0.4:
        some = talk_inputs(world, agent, chance)
        if chance.random() < 0.5:
            some = questions(world) or some
    return chance.choice(some)


def questions(world: World) -> list[i.Input]:
    """What leads from a talk to a colleague who has the caller: too long a way for mere chance."""
    state = world.engine.state
    free = [agent.id for agent in state.agents.values() if agent.available]
    some: list[i.Input] = []
    for party in state.parties.values():
        some += [i.OfferAnswered(party.id), t.ConsultCompleted(party.agent)]
        some += [i.CallConnected(party.id), t.PartyJoined(party.id)]
    for offer in state.offers.values():
        for id_ in free:
            target = Target(TargetKind.AGENT, id_)
            some += [
                t.ConsultRequested(offer.agent, target),
                i.TransferRequested(offer.agent, target),
            ]
    return some


def talk_inputs(world: World, agent: AgentId, chance: random.Random) -> list[i.Input]:
    """What an operator may do with a talk, possible or not."""
    hall = Target(TargetKind.NUMBER, chance.choice(["hall", "shut", "unknown"]))
    queues = [queue.id for queue in world.engine.plan.queues]
    if chance.random() < 0.5:
        hall = chance.choice(
            [
                Target(TargetKind.AGENT, world.any_agent(chance)),
                Target(TargetKind.QUEUE, chance.choice([*queues, *queues, "unknown"])),
            ]
        )
    return [
        t.HoldRequested(agent),
        t.ResumeRequested(agent),
        t.ConsultRequested(agent, hall),
        t.ConsultRequested(agent, hall),
        t.ConsultCompleted(agent),
        t.ConferenceRequested(agent),
        t.ConferenceRequested(agent, hall),
        t.ConferenceRequested(agent, language=chance.choice(["en", "zh"])),
        t.PartyDropped(agent, world.any_offer(chance)),
        t.DialRequested(agent, chance.choice(["0466251111", "0312345678", "110", ""])),
        t.ConsultRequested(agent, Target(TargetKind.OUTSIDE), "0466251111"),
        t.TalkFound(world.any_offer(chance), chance.random() < 0.5),
        t.TalkMet(
            world.any_call(chance),
            offer_id(10**9 + chance.randrange(10**6)),
            agent,
            chance.choice([*queues, QueueId("unknown")]),
            chance.random() < 0.3,
        ),
        t.PartyJoined(world.any_offer(chance)),
        t.OutsideFailed(world.any_offer(chance), chance.choice(list(DialOutcome))),
        i.TransferRequested(agent, hall),
        i.HangUpRequested(agent),
    ]


def stale_timer(world: World, chance: random.Random) -> i.Input:
    """A timer that fired before, was forgotten, never was, or is early."""
    return i.TimerFired(chance.choice([*world.tokens[-10:], TimerToken(0), TimerToken(10**12)]))
