"""What the switch reports → what the engine is told. Pure: no clock, no I/O.

:class:`Translator` keeps a small picture of the channels it heard of (callers: in the waiting
bridge or not; operators' legs: answered, connected) and turns each manager event into zero or more
core inputs. Events may be doubled or come in another order than they happened in: each input is
given at most once per offer or call.

``CallArrived`` is not made here: a call begins when the menu answers it. ``CallerHungUp`` is, and
only here; :meth:`Translator.was_hung_up` answers the menu's question whether it came first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from acd.adapters.asterisk.agi_info import caller_of
from acd.adapters.asterisk.codec import Message
from acd.adapters.asterisk.pictured import (
    FAILURES,
    OUTCOMES,
    PicturedCaller,
    PicturedLeg,
)
from acd.adapters.asterisk.remembered import Remembered
from acd.core.ids import CallId, OfferId, SpyId
from acd.core.inputs import (
    CallConnected,
    CallerHungUp,
    EndedBy,
    HoldEnded,
    HoldStarted,
    Input,
    LegEnded,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
)
from acd.core.inputs_floor import SpyLegGone
from acd.core.inputs_talk import OutsideFailed, PartyJoined
from acd.ports import ChannelSeen

#: Every event the controller needs: the server-side filter need let nothing else through. Each
#: should carry its ``Timestamp`` (``timestampevents``), from which the lag is measured.
REQUIRED_EVENTS = (
    "BridgeEnter",
    "DTMFEnd",
    "Hangup",
    "HangupRequest",
    "Hold",
    "OriginateResponse",
    "Unhold",
    "UserEvent",
)
#: Classes in manager.conf that the account for events and the one for actions need.
REQUIRED_READ = ("call", "dtmf", "user")
REQUIRED_WRITE = ("call", "originate", "reporting")

#: Unique ids of operators' legs begin with this; the offer id follows.
LEG_PREFIX = "mdg-"
#: Those of supervisors who hear a talk with this; the spy id follows.
SPY_PREFIX = "mds-"
#: What the dialplan says of a call on a carrier's line.
LINE_EVENT = "MdgLine"
#: What it says of a caller whom it leads to the static queue.
AWAY_EVENT = "MdgAway"
#: Context of calls that operators' phones make themselves: never callers.
OPERATOR_CONTEXT = "from-operator"
#: Context of calls from the other switches of the centre, each to one of our telephones.
NODE_CONTEXT = "from-node"
#: Contexts of channels that are no caller's.
NO_CALLERS = (OPERATOR_CONTEXT, NODE_CONTEXT)
#: How many ended calls and offers are remembered, oldest forgotten first.
REMEMBERED = 8192

#: ``Reason`` of a failed OriginateResponse is the number of a control frame: 3 for a phone that was
#: left ringing, 0 for nearly all else (486, 603, 503, not registered; measured on 22.10).
_RANG = 3


class Translator:
    """The picture of one switch's channels; :meth:`feed` turns events into inputs."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._callers: dict[str, PicturedCaller] = {}
        self._legs: dict[str, PicturedLeg] = {}
        self._bridges: dict[str, list[str]] = {}
        self._gone_calls = Remembered(remembered)
        self._gone_offers = Remembered(remembered)
        self._on: dict[str, Callable[[Message], list[Input]]] = {
            "BridgeEnter": self._bridge_enter,
            "Hangup": self._hangup,
            "HangupRequest": self._hangup_request,
            "OriginateResponse": self._originate_response,
            "Hold": self._hold,
            "Unhold": self._unhold,
            "UserEvent": self._user_event,
        }

    def feed(self, message: Message) -> list[Input]:
        """The inputs that one event stands for; none for events of no interest."""
        handler = self._on.get(message.event)
        return handler(message) if handler is not None else []

    def expect(self, offer: OfferId, call: CallId | None, *, outward: bool = False) -> bool:
        """A leg for this call is about to be made, None: whomever it may meet; ``outward``: it
        dials outside. False: it has been made, or is gone again."""
        known = LEG_PREFIX + offer in self._legs or offer in self._gone_offers
        if not known:
            leg = self._legs[LEG_PREFIX + offer] = PicturedLeg(offer, call)
            leg.outward = outward
        return not known

    def give_up(self, offer: OfferId) -> None:
        """The leg of this offer is of no interest any more: nothing is told about it again."""
        leg = self._legs.pop(LEG_PREFIX + offer, None)
        if leg is not None:
            self._gone_offers.add(offer)

    def adopt(self, channels: Iterable[ChannelSeen]) -> None:
        """Replace the picture by a sweep over the switch."""
        self._callers.clear()
        self._legs.clear()
        self._bridges.clear()
        for seen in channels:
            if seen.offer is not None:
                leg = PicturedLeg(seen.offer, None)
                leg.answered = seen.answered
                leg.bridge = seen.bridge
                self._legs[seen.unique_id] = leg
            elif seen.call is not None:
                caller = PicturedCaller()
                caller.number = seen.caller.number if seen.caller is not None else ""
                if seen.held:
                    caller.held_in = seen.bridge or "waiting"
                else:
                    caller.bridge = seen.bridge
                self._callers[seen.unique_id] = caller
            if seen.bridge and not seen.held:
                self._bridges.setdefault(seen.bridge, []).append(seen.unique_id)
        for leg in self._legs.values():
            leg.call = self._caller_beside(leg)
            leg.connected = leg.call is not None

    def is_held(self, call: CallId) -> bool:
        """True while the caller is in the waiting bridge."""
        caller = self._callers.get(call)
        return caller is not None and caller.held_in != ""

    def moved(self, call: CallId) -> None:
        """The caller was sent elsewhere: in no waiting bridge until seen in one again."""
        caller = self._callers.get(call)
        if caller is not None:
            caller.held_in = ""

    def is_talking(self, call: CallId) -> bool:
        """True while the caller is in a bridge with somebody, whoever connected them."""
        caller = self._callers.get(call)
        return caller is not None and caller.bridge != ""

    def number_of(self, call: CallId) -> str:
        """The number to show to the operator; empty when withheld or unknown. Personal."""
        caller = self._callers.get(call)
        return caller.number if caller is not None else ""

    def was_hung_up(self, call: CallId) -> bool:
        """True when this caller's hang-up was seen (among the last few thousand)."""
        return call in self._gone_calls

    def in_doubt(self, offer: OfferId) -> bool:
        """True after the switch said that ringing failed and before it said why: the leg's hang-up
        follows within milliseconds and knows, but only if there ever was a channel."""
        leg = self._legs.get(LEG_PREFIX + offer)
        return leg is not None and leg.doubt is not None

    def settle(self, offer: OfferId) -> list[Input]:
        """No hang-up followed: the offer in doubt failed before there was a channel."""
        leg = self._legs.get(LEG_PREFIX + offer)
        if leg is None or leg.doubt is None:
            return []
        return self._leg_gone(LEG_PREFIX + offer, leg.doubt)

    def was_given_up(self, offer: OfferId) -> bool:
        """True when the leg of this offer is over or was given up."""
        return offer in self._gone_offers

    # Events

    def _bridge_enter(self, message: Message) -> list[Input]:
        unique_id = message.get("Uniqueid")
        bridge = message.get("BridgeUniqueid")
        holding = message.get("BridgeTechnology") == "holding_bridge"
        if unique_id.startswith(LEG_PREFIX):
            leg = self._leg(unique_id)
            if leg is None or holding:
                return []
            self._left(unique_id, leg.bridge, unless=bridge)
            leg.bridge = bridge
        else:
            if unique_id in self._gone_calls:
                return []
            caller = self._callers.get(unique_id)
            if caller is None:
                caller = self._callers[unique_id] = PicturedCaller()
                caller.dialled = (
                    message.get("Linkedid") not in ("", unique_id)
                    or message.get("Context") == NODE_CONTEXT
                )
            self._left(unique_id, caller.bridge, unless=bridge, taken=not holding)
            if holding:
                caller.bridge = ""
                caller.held_in = bridge
                shown = caller_of(message.get("CallerIDNum"), message.get("CallerIDName"), "")
                caller.number = shown.number
                return []
            caller.held_in = ""
            caller.bridge = bridge
        members = self._bridges.setdefault(bridge, [])
        if unique_id not in members:
            members.append(unique_id)
        return [given for member in members for given in self._connect(member)]

    def _connect(self, member: str) -> list[Input]:
        leg = self._legs.get(member)
        if leg is None:
            return []
        call = self._caller_beside(leg)
        if call is None:
            return self._join(leg)
        leg.call = call
        leg.ended_by = None
        if leg.connected:
            return []
        leg.connected = True
        return [*self._answer(leg), CallConnected(leg.offer)]

    def _join(self, leg: PicturedLeg) -> list[Input]:
        """Two legs and no caller: an operator and who was asked. Said once of each."""
        members = self._bridges.get(leg.bridge, ())
        if leg.joined or sum(1 for one in members if one in self._legs) < 2:
            return []
        leg.joined = True
        return [PartyJoined(leg.offer)]

    def _caller_beside(self, leg: PicturedLeg) -> CallId | None:
        """The caller in the same bridge as this leg: the expected one if one is expected."""
        members = self._bridges.get(leg.bridge, [])
        callers = [CallId(one) for one in members if one in self._callers]
        if leg.call is not None:
            return leg.call if leg.call in callers else None
        return callers[0] if callers else None

    def _hangup_request(self, message: Message) -> list[Input]:
        """Somebody put the phone down. Both hang-ups follow, in any order; this comes first."""
        unique_id = message.get("Uniqueid")
        leg, caller = self._legs.get(unique_id), self._callers.get(unique_id)
        if leg is not None:
            leg.hung_up = True
            self._ended_by(unique_id, leg.bridge)
        elif caller is not None:
            self._ended_by(unique_id, caller.bridge)
        return []

    def _ended_by(self, unique_id: str, bridge: str, taken: bool = False) -> None:
        """Whoever leaves a talk first is who ended it."""
        members = self._bridges.get(bridge, ())
        if unique_id not in members:
            return
        theirs = EndedBy.TAKEN_OVER if taken else EndedBy.CALLER
        by = EndedBy.AGENT if unique_id in self._legs else theirs
        for member in members:
            leg = self._legs.get(member)
            if leg is not None and leg.ended_by is None and unique_id in (member, leg.call):
                leg.ended_by = by

    def _left(self, unique_id: str, bridge: str, unless: str = "", taken: bool = False) -> None:
        """A channel is out of a talk, ``unless`` that is where it was seen again; ``taken``: it is
        in another one."""
        members = self._bridges.get(bridge)
        if members is None or unique_id not in members or bridge == unless:
            return
        self._ended_by(unique_id, bridge, taken)
        members.remove(unique_id)
        if len(members) < 2:
            # Who is left alone goes on in the dialplan: that talk is over.
            del self._bridges[bridge]
            for alone in members:
                if alone in self._callers:
                    self._callers[alone].bridge = ""

    def _hangup(self, message: Message) -> list[Input]:
        unique_id = message.get("Uniqueid")
        cause = _whole(message.get("Cause"))
        if unique_id.startswith(LEG_PREFIX):
            return self._leg_gone(unique_id, FAILURES.get(cause, OfferFailure.NO_ANSWER))
        if unique_id.startswith(SPY_PREFIX):
            return [SpyLegGone(SpyId(unique_id.removeprefix(SPY_PREFIX)))]
        if unique_id in self._gone_calls:
            return []
        if not self._is_caller(unique_id, message):
            return []
        self._gone_calls.add(unique_id)
        caller = self._callers.get(unique_id)
        if caller is not None:
            self._left(unique_id, caller.bridge)
            del self._callers[unique_id]
            if caller.dialled:
                return []
        return [CallerHungUp(CallId(unique_id), cause)]

    def _user_event(self, message: Message) -> list[Input]:
        """The dialplan says that a caller waits no longer here; or that a line was in vain, and
        which one is next: the last one counts."""
        if message.get("UserEvent") == AWAY_EVENT:
            self.moved(CallId(message.get("Uniqueid")))
        if message.get("UserEvent") != LINE_EVENT or message.get("Sent") or message.get("Next"):
            return []
        leg = self._legs.get(message.get("Uniqueid"))
        return self._outside_gone(leg, _whole(message.get("Cause")))

    def _outside_gone(self, leg: PicturedLeg | None, cause: int) -> list[Input]:
        """Who was dialled from an operator's leg does not come: the cause says why, unless it was
        the operator who gave up."""
        if leg is None or not leg.outward or leg.connected or leg.hung_up:
            return []
        failure = FAILURES.get(cause, OfferFailure.NO_ANSWER)
        return [OutsideFailed(leg.offer, OUTCOMES[failure])]

    def _is_caller(self, unique_id: str, message: Message) -> bool:
        """Callers are channels we saw waiting or talking, or that began their own call from
        outside: what operators dial themselves and what is dialled onward is not a caller."""
        if unique_id in self._callers:
            return True
        return (
            unique_id == message.get("Linkedid")
            and message.get("Context") not in NO_CALLERS
            and not message.get("Channel").startswith(("Surrogate/", "Local/"))
        )

    def _leg_gone(self, unique_id: str, failure: OfferFailure) -> list[Input]:
        leg = self._leg(unique_id)
        if leg is None:
            return []
        self._left(unique_id, leg.bridge)
        del self._legs[unique_id]
        self._gone_offers.add(leg.offer)
        if leg.connected:
            return [LegEnded(leg.offer, leg.ended_by or EndedBy.AGENT)]
        if leg.call is not None and leg.call in self._gone_calls:
            failure = OfferFailure.CALLER_GONE
        elif leg.answered and leg.outward:
            failure = OfferFailure.CALLER_GONE if leg.hung_up else failure
        elif leg.answered:
            failure = OfferFailure.REJECTED
        return [OfferFailed(leg.offer, failure)]

    def _originate_response(self, message: Message) -> list[Input]:
        unique_id = message.get("Uniqueid")
        if unique_id.startswith(SPY_PREFIX) and message.get("Response") != "Success":
            return [SpyLegGone(SpyId(unique_id.removeprefix(SPY_PREFIX)))]
        if not unique_id.startswith(LEG_PREFIX):
            return []
        if message.get("Response") == "Success":
            leg = self._leg(unique_id)
            return self._answer(leg) if leg is not None else []
        leg = self._leg(unique_id)
        if leg is not None and not leg.connected:
            rang = _whole(message.get("Reason")) == _RANG
            leg.doubt = OfferFailure.NO_ANSWER if rang else OfferFailure.UNREACHABLE
        return []

    def _answer(self, leg: PicturedLeg) -> list[Input]:
        if leg.answered:
            return []
        leg.answered = True
        return [OfferAnswered(leg.offer)]

    def _hold(self, message: Message) -> list[Input]:
        leg = self._legs.get(message.get("Uniqueid"))
        return [HoldStarted(leg.offer)] if leg is not None and leg.connected else []

    def _unhold(self, message: Message) -> list[Input]:
        leg = self._legs.get(message.get("Uniqueid"))
        return [HoldEnded(leg.offer)] if leg is not None and leg.connected else []

    def _leg(self, unique_id: str) -> PicturedLeg | None:
        """The leg with this unique id, known or first heard of now; none when it is over."""
        leg = self._legs.get(unique_id)
        if leg is None:
            offer = OfferId(unique_id[len(LEG_PREFIX) :])
            if offer in self._gone_offers:
                return None
            leg = self._legs[unique_id] = PicturedLeg(offer, None)
        return leg


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
