"""What the fake switch does with a talk that is taken apart: parties, and who is with whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from acd.core.commands_talk import (
    DialOut,
    DropParty,
    HandOver,
    MergeTalk,
    PartTalk,
    ReuniteTalk,
    RingParty,
    TalkCommand,
)
from acd.core.ids import CallId, OfferId, SwitchId
from acd.core.inputs import (
    CallConnected,
    Caller,
    CallerKind,
    EndedBy,
    Input,
    LegEnded,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
)
from acd.core.inputs_talk import PartyJoined
from acd.core.party import PartyKind
from acd.errors import ActionFailed
from acd.ports import CallInfo
from tests.fakes.switch_world import REFUSALS, Does, FakeCaller, FakeLeg, FakePhone, Where

#: How often an operator who waits for the caller looks whether there is one.
DESK_LOOK_S = 5.0
#: How long a party waits for the caller when the operator who asked has gone.
LINGER_S = 2.0
RING_MARGIN_S = 3.0
#: How long the outside rings when nobody answers.
DIAL_S = 3.0
#: How long those talk who are called outside.
OUTSIDE_TALK_S = 8.0


class With(Enum):
    """Whom a party talks with."""

    NOBODY = "nobody"
    OPERATOR = "operator"
    CALLER = "caller"
    BOTH = "both"


@dataclass(eq=False)
class FakeParty(FakeLeg):
    """The leg of somebody who was asked. ``taken``: a colleague who has the caller now."""

    kind: PartyKind = PartyKind.CONSULT
    operator: FakeLeg | None = None
    with_: With = With.NOBODY
    colleague: bool = False
    taken: bool = False


@dataclass(eq=False)
class FakeDial(FakeLeg):
    """The leg of an operator who calls outside."""

    outside: str = ""


class Switch(Protocol):
    """What is needed of the switch around it."""

    callers: dict[CallId, FakeCaller]
    legs: dict[OfferId, FakeLeg]
    _given_up: set[OfferId]
    _after_s: float

    def phone(self, name: str) -> FakePhone: ...

    def tell(self, happened: Input) -> None: ...

    def later(self, delay_s: float, call: Callable[..., None], *args: object) -> None: ...

    def leg_gone(self, leg: FakeLeg, by: EndedBy, failure: OfferFailure | None) -> None: ...

    def leg_answered(self, leg: FakeLeg) -> None: ...

    def _rang_out(self, leg: FakeLeg) -> None: ...

    def _leave(self, caller: FakeCaller, still: Where) -> None: ...

    def _give(self, happened: Input) -> None: ...


class FakeTalks:
    """Talks by hand."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch

    def parties(self) -> list[FakeParty]:
        return [leg for leg in self.switch.legs.values() if isinstance(leg, FakeParty)]

    def third(self, caller: FakeCaller) -> bool:
        """Whether a talk of three goes on when one of them leaves."""
        return any(one.caller is caller and one.with_ is With.BOTH for one in self.parties())

    def bridge_of(self, one: FakeLeg | FakeCaller) -> tuple[str, bool]:
        """In which bridge a leg or a caller is, and whether that is one to wait in."""
        for party in self.parties():
            there: dict[With, tuple[object, ...]] = {
                With.OPERATOR: (party, party.operator),
                With.CALLER: (party, party.caller),
                With.BOTH: (party, party.operator, party.caller),
            }
            if any(one is each for each in there.get(party.with_, ())):
                lead = party.operator if party.with_ is With.BOTH else party
                return f"talk-{lead.offer if lead else party.offer}", False
        if isinstance(one, FakeCaller):
            held = one.where in (Where.HOLD, Where.PARTED)
            talk = f"talk-{one.leg.offer}" if one.leg is not None else ""
            return ("waiting" if held else talk), held
        if one.apart:
            return "desk", True
        return (f"talk-{one.offer}" if one.talking else ""), False

    # Commands

    def carry_out(self, command: TalkCommand) -> None:
        match command:
            case PartTalk():
                self._part(command)
            case ReuniteTalk():
                self._reunite(command)
            case RingParty():
                self._ring(command)
            case HandOver():
                self._hand_over(command)
            case MergeTalk():
                self._merge(command)
            case DropParty():
                self._drop(command)
            case DialOut():
                self._dial_out(command)

    def _caller(self, call: CallId) -> FakeCaller:
        caller = self.switch.callers.get(call)
        if caller is None:
            raise ActionFailed("No such channel.", code="no_such_channel")
        return caller

    def _leg(self, offer: OfferId) -> FakeLeg:
        leg = self.switch.legs.get(offer)
        if leg is None or not leg.answered:
            raise ActionFailed("No such channel.", code="no_such_channel")
        return leg

    def _part(self, command: PartTalk) -> None:
        caller = self._caller(command.call)
        if command.offer:
            self._leg(command.offer).apart = True
            caller.where = Where.PARTED
            return
        leg, caller.leg, caller.where = caller.leg, None, Where.PARTED
        if leg is not None:
            self.switch.leg_gone(leg, EndedBy.CALLER, None)

    def _reunite(self, command: ReuniteTalk) -> None:
        leg = self._leg(command.offer)
        leg.token, leg.apart = "", False
        for party in self.parties():
            if party.operator is leg and party.with_ is With.OPERATOR:
                self.switch.leg_gone(party, EndedBy.SYSTEM, None)
        caller = self.switch.callers.get(command.call)
        if caller is None:
            self.switch.leg_gone(leg, EndedBy.CALLER, None)
        else:
            caller.where, caller.leg = Where.TALK, leg

    def _ring(self, command: RingParty) -> None:
        caller = self._caller(command.call)
        operator = None
        if command.kind is PartyKind.TRANSFER:
            caller.token = command.party
        else:
            operator = self._leg(command.offer)
            operator.token = command.party
        phone = self.switch.phone(command.dial.removeprefix("PJSIP/"))
        refusal = REFUSALS.get(phone.does)
        if phone.does is not Does.UNREACHABLE:
            phone.shown.append(command.shown or caller.info.caller.number)
        if refusal is not None:
            self.switch.tell(OfferFailed(command.party, refusal))
            return
        party = FakeParty(command.party, phone, caller, kind=command.kind, operator=operator)
        party.agent, party.queue = command.colleague, command.queue
        party.colleague = command.colleague != ""
        self.switch.legs[command.party] = party
        phone.legs.append(party)
        self.switch.later(command.ring_timeout_s + RING_MARGIN_S, self.switch._rang_out, party)
        if phone.does is Does.ANSWER:
            self.switch.later(phone.answer_after_s, self.switch.leg_answered, party)

    def _hand_over(self, command: HandOver) -> None:
        caller = self._caller(command.call)
        party = self.switch.legs.get(command.party)
        if not isinstance(party, FakeParty):
            raise ActionFailed("No such channel.", code="no_such_channel")
        caller.token, party.operator, party.kind = command.party, None, PartyKind.TRANSFER
        if party.answered:
            self._with_caller(party)
        leg = self.switch.legs.get(command.offer)
        if leg is not None:
            caller.leg = None if caller.leg is leg else caller.leg
            self.switch.leg_gone(leg, EndedBy.AGENT, None)

    def _merge(self, command: MergeTalk) -> None:
        caller, leg = self._caller(command.call), self._leg(command.offer)
        caller.where, caller.leg, leg.apart = Where.TALK, leg, False
        for party in self.parties():
            if party.operator is leg and party.with_ is With.OPERATOR:
                party.with_ = With.BOTH

    def _drop(self, command: DropParty) -> None:
        self.switch._given_up.add(command.party)
        party = self.switch.legs.get(command.party)
        if party is not None:
            self.switch.leg_gone(party, EndedBy.SYSTEM, None)

    def _dial_out(self, command: DialOut) -> None:
        phone = self.switch.phone(command.device)
        refusal = REFUSALS.get(phone.does)
        if phone.does is not Does.UNREACHABLE:
            phone.shown.append(command.number)
        if refusal is not None:
            self.switch.tell(OfferFailed(command.offer, refusal))
            return
        dial = FakeDial(command.offer, phone, _nobody(self.switch), outside=command.dial)
        self.switch.legs[command.offer] = dial
        phone.legs.append(dial)
        self.switch.later(command.own_ring_s + RING_MARGIN_S, self.switch._rang_out, dial)
        if phone.does is Does.ANSWER:
            self.switch.later(phone.answer_after_s, self.switch.leg_answered, dial)

    def dialling(self, dial: FakeDial) -> None:
        """The operator picked up: the outside does what its telephone does."""
        dial.answered = True
        self.switch.tell(OfferAnswered(dial.offer))
        outside = self.switch.phone(dial.outside)
        if outside.does is Does.ANSWER:
            self.switch.later(outside.answer_after_s, self._outside_answers, dial)
        else:
            self.switch.later(
                DIAL_S, self.switch.leg_gone, dial, EndedBy.SYSTEM, OfferFailure.REJECTED
            )

    def _outside_answers(self, dial: FakeDial) -> None:
        if not dial.over:
            dial.talking = True
            self.switch.tell(CallConnected(dial.offer))
            self.switch.later(OUTSIDE_TALK_S, self.switch.leg_gone, dial, EndedBy.CALLER, None)

    def dial_over(self, dial: FakeDial, failure: OfferFailure | None) -> None:
        # Nothing but its end tells that an outside call is over: only a lost connection loses it.
        if dial.talking:
            self.switch.later(0, self.switch._give, LegEnded(dial.offer, EndedBy.AGENT))
        elif failure is not None or dial.answered:
            ended = OfferFailed(dial.offer, failure or OfferFailure.REJECTED)
            self.switch.later(0, self.switch._give, ended)

    # What happens by itself

    def answered(self, leg: FakeLeg) -> bool:
        """Somebody picked up; whether that is a matter of this file."""
        if isinstance(leg, FakeParty):
            self.picked_up(leg)
        elif isinstance(leg, FakeDial):
            self.dialling(leg)
        return isinstance(leg, FakeParty | FakeDial)

    def over(self, leg: FakeLeg, failure: OfferFailure | None) -> bool:
        """A leg is gone; whether that is a matter of this file."""
        if isinstance(leg, FakeParty):
            if leg.taken:
                return False
            self.left(leg, failure)
        elif isinstance(leg, FakeDial):
            self.dial_over(leg, failure)
        return isinstance(leg, FakeParty | FakeDial)

    def picked_up(self, party: FakeParty) -> None:
        """The token decides whether anybody is joined."""
        party.answered = True
        peer = party.caller if party.operator is None else party.operator
        self._tell_of(party, OfferAnswered(party.offer))
        gone = party.caller.where is Where.GONE or (party.operator and party.operator.over)
        if gone or peer.token != party.offer:
            self.switch.leg_gone(party, EndedBy.SYSTEM, OfferFailure.REJECTED)
            return
        if party.operator is None:
            self._with_caller(party)
            return
        party.operator.token, party.talking = "connected", True
        if party.kind is PartyKind.GUEST:
            party.with_ = With.BOTH
            self._tell_of(party, CallConnected(party.offer))
        else:
            party.with_ = With.OPERATOR
            self._tell_of(party, PartyJoined(party.offer))

    def _with_caller(self, party: FakeParty) -> None:
        caller = party.caller
        caller.token, party.talking = "connected", True
        if party.colleague:
            # A talk as any operator has.
            party.taken, party.with_ = True, With.NOBODY
            caller.where, caller.leg = Where.TALK, party
        else:
            caller.where, party.with_ = Where.OUTWARD, With.CALLER
        self._tell_of(party, CallConnected(party.offer))

    def left(self, party: FakeParty, failure: OfferFailure | None) -> None:
        """The party's leg is gone; whoever it talked with goes on."""
        if party.talking:
            self._tell_of(party, LegEnded(party.offer, EndedBy.AGENT))
        elif failure is not None:
            self._tell_of(party, OfferFailed(party.offer, failure))
        caller, with_ = party.caller, party.with_
        party.with_ = With.NOBODY
        if with_ is With.BOTH and caller.where is Where.GONE and party.operator is not None:
            self.switch.leg_gone(party.operator, EndedBy.CALLER, None)
        alone = with_ is With.BOTH and (caller.leg is None or caller.leg.over)
        if (with_ is With.CALLER or alone) and caller.where in (Where.OUTWARD, Where.TALK):
            caller.where, caller.leg = Where.AFTER, None
            self.switch.later(self.switch._after_s, self.switch._leave, caller, Where.AFTER)

    def operator_gone(self, leg: FakeLeg) -> None:
        """The operator's leg is gone: who was asked waits a moment for the caller."""
        for party in self.parties():
            if party.operator is leg and party.with_ is With.OPERATOR:
                self.switch.later(LINGER_S, self._given_up_waiting, party)

    def _given_up_waiting(self, party: FakeParty) -> None:
        if not party.over and party.with_ is With.OPERATOR:
            self.switch.leg_gone(party, EndedBy.SYSTEM, None)

    def caller_gone(self, caller: FakeCaller) -> None:
        for party in self.parties():
            if party.caller is caller and party.with_ is With.CALLER:
                self.switch.leg_gone(party, EndedBy.CALLER, None)
        if caller.leg is not None and caller.leg.apart:
            self.switch.later(DESK_LOOK_S, self._look_from_desk, caller.leg)

    def _look_from_desk(self, leg: FakeLeg) -> None:
        asking = any(p.operator is leg and p.with_ is With.OPERATOR for p in self.parties())
        if asking:
            self.switch.later(DESK_LOOK_S, self._look_from_desk, leg)
        elif leg.caller.where is Where.GONE:
            self.switch.leg_gone(leg, EndedBy.CALLER, None)

    def _tell_of(self, party: FakeParty, happened: Input) -> None:
        if party.offer not in self.switch._given_up:
            self.switch.tell(happened)


def _nobody(switch: Switch) -> FakeCaller:
    """Every leg has a caller; this one has none."""
    info = CallInfo(CallId(""), SwitchId(""), "", "", "", Caller(CallerKind.UNAVAILABLE))
    return FakeCaller(switch, info, 0.0, Where.GONE)  # type: ignore[arg-type]
