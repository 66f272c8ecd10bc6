"""Events that a caller has written into are told from the switch's own (M25)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.asterisk.codec import Decoder, Message
from acd.adapters.asterisk.genuine import is_genuine
from acd.adapters.asterisk.translate import REQUIRED_EVENTS
from tests.fakes.ami_events import whole

#: The switch cuts numbers and extensions to this many bytes.
FIELD_MAX = 79
VICTIM = "1700000000.1"
ATTACKER = "1700000000.2"
TOKENS = ["\r\n", "\r\n\r\n", "Event: Hangup", "Privilege: call,all", f"Uniqueid: {VICTIM}"]
TOKENS += [f"Linkedid: {VICTIM}", "Channel: a/b", "ChannelState: 6", "Timestamp: 1", ": ", "x"]
TOKENS += ["Event: BridgeLeave", "BridgeUniqueid: w", "Exten: s", "Priority: 1", "Context: h"]
hostile = st.lists(st.sampled_from(TOKENS), max_size=9).map("".join)
hostile = hostile.map(lambda text: text[:FIELD_MAX])


@pytest.mark.parametrize("kind", REQUIRED_EVENTS)
@pytest.mark.parametrize("more", [{}, {"Timestamp": "1795362927.060844"}])
@pytest.mark.parametrize("after", ["", "\r\nTenantid: t\r\nTechCause: 486"])
def test_the_switchs_own_events_are_genuine(kind: str, more: dict[str, str], after: str) -> None:
    if kind.startswith("Bridge"):
        more = more | {"BridgeUniqueid": "w"}
    assert is_genuine(Message(whole(kind, Uniqueid=VICTIM, **more) + after))


def test_other_kinds_are_not_taken() -> None:
    assert not is_genuine(Message("Event: Newchannel\r\nPrivilege: call,all\r\nUniqueid: 1.1"))
    assert not is_genuine(Message("Response: Success"))


@pytest.mark.requirement("M25")
@given(number=hostile, exten=hostile, name=st.text("abc \\", max_size=20))
def test_no_number_or_extension_makes_an_event_about_somebody_else(
    number: str, exten: str, name: str
) -> None:
    text = whole("Hangup", Uniqueid=ATTACKER, CallerIDNum=number, CallerIDName=name, Exten=exten)
    decoder = Decoder()
    decoder.feed(b"Asterisk Call Manager/11.0.0\r\n")
    messages = [one for one in decoder.feed(text.encode() + b"\r\n\r\n") if is_genuine(one)]
    assert [one.get("Uniqueid") for one in messages] in ([], [ATTACKER])
    assert VICTIM not in [one.get("Linkedid") for one in messages]
