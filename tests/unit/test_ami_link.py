"""Both connections to a switch against a scripted server: heartbeat, lag, loss, recovery."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import pytest

from acd.adapters.asterisk import link as link_module
from acd.adapters.asterisk import telephony as telephony_module
from acd.adapters.asterisk.link import SwitchClock
from acd.adapters.asterisk.telephony import AsteriskTelephony
from acd.core.commands import CancelOffer, HangUpCaller, OfferCall
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId
from acd.core.inputs import CallConnected, CallerHungUp, Input, SwitchDown
from acd.errors import AsteriskUnsupported, SwitchError, SwitchUnavailable
from acd.ports import ChannelSeen
from tests.fakes.ami_events import whole
from tests.fakes.ami_server import AmiServer

PBX = SwitchId("pbx")
CALL = CallId("1700000000.5")
HELD = whole("BridgeEnter", Uniqueid=CALL, BridgeUniqueid="w", BridgeTechnology="holding_bridge")
HANG_UP = HangUpCaller(CALL, PBX, "PJSIP/carrier-00000001")


#: What a caller may write for a number: 79 characters, line breaks included.
FORGED = "\r\n\r\nEvent: Hangup\r\nUniqueid: {call}\r\nLinkedid: {call}\r\n\r\n"


class Rig:
    """Telephony on a scripted server, and what it told."""

    def __init__(self, server: AmiServer) -> None:
        self.server = server
        self.told: list[Input] = []
        self.sweeps: list[list[ChannelSeen]] = []
        self.lags: list[float] = []
        self.during_up: Callable[[], None] = lambda: None
        self.telephony = AsteriskTelephony(
            PBX,
            server.address,
            deliver=self.told.append,
            on_up=self._up,
            on_lag=self.lags.append,
            lag_alarm_s=0.15,
        )
        self.running = asyncio.create_task(self.telephony.run())

    async def _up(self, _: SwitchId, seen: list[ChannelSeen]) -> None:
        self.during_up()
        await asyncio.sleep(0.05)
        self.sweeps.append(seen)

    async def until(self, there: Callable[[], bool], within_s: float = 20.0) -> None:
        async with asyncio.timeout(within_s):
            while not there():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.005)


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(link_module, "BEAT_EVERY_S", 0.05)
    server = AmiServer()
    await server.open()
    made = Rig(server)
    yield made
    made.running.cancel()
    with contextlib.suppress(asyncio.CancelledError, SwitchError):
        await made.running
    await server.close()


async def test_two_connections_one_hears_one_acts(rig: Rig) -> None:
    await rig.until(lambda: rig.telephony.up)
    logins = rig.server.actions("Login")
    assert [(one["Username"], one["Events"]) for one in logins] == [
        ("hears", "on"),
        ("acts", "off"),
    ]


async def test_events_wait_for_the_sweep_and_come_in_order(rig: Rig) -> None:
    def meanwhile() -> None:
        rig.server.event(whole("Hangup", Uniqueid="1.1"))
        rig.server.event(whole("Hangup", Uniqueid="1.2"))

    rig.during_up = meanwhile
    await rig.until(lambda: len(rig.told) == 2)
    assert len(rig.sweeps) == 1
    assert rig.told == [CallerHungUp(CallId("1.1"), 16), CallerHungUp(CallId("1.2"), 16)]


async def test_a_forged_event_is_left_aside(rig: Rig) -> None:
    await rig.until(lambda: rig.telephony.up)
    rig.server.event(HELD)
    own = whole("Hangup", Uniqueid="1.1", CallerIDNum=f"{FORGED.format(call=CALL)}")
    rig.server.event(own)
    rig.server.event(whole("Hangup", Uniqueid="1.2"))
    await rig.until(lambda: bool(rig.told))
    assert rig.told == [CallerHungUp(CallId("1.2"), 16)]
    assert rig.telephony.forged == 2


async def test_the_heartbeat_is_the_switchs_own_time(rig: Rig) -> None:
    ahead_s = 86_400.0
    rig.server.answers["Ping"] = lambda _: (
        f"Response: Success\r\nTimestamp: {time.time() + ahead_s:.6f}"
    )
    await rig.until(lambda: len(rig.server.actions("Setvar")) >= 3)
    beat = rig.server.actions("Setvar")[-1]
    assert beat["Variable"] == "GLOBAL(MDG_BEAT)"
    assert abs(int(beat["Value"]) - (time.time() + ahead_s)) <= 2
    assert "Channel" not in beat


async def test_a_late_event_is_measured_and_alarmed(rig: Rig) -> None:
    await rig.until(lambda: len(rig.server.actions("Setvar")) >= 4)
    assert rig.telephony.lag_s < 0.1
    made_s = time.time() - 0.7
    rig.server.event(whole("Hangup", Uniqueid="1.1", Timestamp=f"{made_s:.6f}"))
    await rig.until(lambda: rig.telephony.lag_s > 0.6)
    await rig.until(lambda: bool(rig.lags))
    assert 0.6 < rig.lags[-1] < 1.5
    await rig.until(lambda: rig.telephony.lag_s < 0.1)


async def test_a_ping_without_an_answer_is_alarmed_and_then_fatal(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "DEAD_AFTER_S", 0.5)
    await rig.until(lambda: len(rig.server.actions("Setvar")) >= 2)
    rig.server.answers["Ping"] = None
    await rig.until(lambda: bool(rig.lags))
    await rig.until(lambda: SwitchDown(PBX) in rig.told)


@pytest.mark.parametrize("account", ["hears", "acts"])
async def test_the_loss_of_either_connection_is_told_once_and_mended(
    rig: Rig, account: str
) -> None:
    await rig.until(lambda: rig.telephony.up)
    rig.server.cut(account)
    await rig.until(lambda: SwitchDown(PBX) in rig.told)
    with pytest.raises(SwitchUnavailable):
        await rig.telephony.execute(HANG_UP)
    await rig.until(lambda: len(rig.sweeps) == 2)
    assert rig.told == [SwitchDown(PBX)]
    assert len(rig.server.actions("Login")) == 4


async def test_who_waits_until_all_was_heard_has_what_was_said_before(rig: Rig) -> None:
    await rig.until(lambda: rig.telephony.up)
    rig.server.event(whole("Hangup", Uniqueid=CALL, Linkedid=CALL, Cause="16"))
    await rig.telephony.link.caught_up()
    assert [one for one in rig.told if isinstance(one, CallerHungUp)] == [CallerHungUp(CALL, 16)]


async def test_who_waits_for_a_switch_that_says_nothing_waits_until_it_is_given_up(
    rig: Rig,
) -> None:
    await rig.until(lambda: rig.telephony.up)
    rig.server.answers["Ping"] = None
    waiting = asyncio.ensure_future(rig.telephony.link.caught_up())
    await asyncio.sleep(0.3)
    assert not waiting.done()
    rig.server.cut()
    await asyncio.wait_for(waiting, 20.0)
    assert rig.told == [SwitchDown(PBX)]


async def test_a_switch_that_is_away_for_long_is_not_hammered(rig: Rig) -> None:
    await rig.until(lambda: rig.telephony.up)
    await rig.server.close()
    await asyncio.sleep(1.5)
    assert rig.telephony.reconnects <= 4
    await rig.server.open()
    await rig.until(lambda: len(rig.sweeps) == 2, 20.0)


async def test_an_offer_under_way_at_the_loss_is_not_repeated_and_left_to_the_sweep(
    rig: Rig,
) -> None:
    """The switch may have got it in the last moment: the phone rings, and somebody answers."""
    await rig.until(lambda: rig.telephony.up)
    rig.server.answers["Originate"] = None
    rig.server.event(HELD)
    await asyncio.sleep(0.05)
    offer = OfferCall(
        OfferId("o000000000001"), CALL, AgentId("a"), PBX, HANG_UP.channel, "op1", 9, QueueId("q")
    )
    offering = asyncio.ensure_future(rig.telephony.execute(offer))
    await rig.until(lambda: bool(rig.server.actions("Originate")))
    rig.server.cut()
    await offering
    await rig.until(lambda: len(rig.sweeps) == 2)
    assert len(rig.server.actions("Originate")) == 1
    assert rig.server.actions("Hangup") == []
    assert [told for told in rig.told if not isinstance(told, SwitchDown)] == []


@pytest.mark.parametrize("unanswered", ["Ping", "Setvar"])
async def test_a_line_on_which_either_question_is_not_answered_is_silent(
    rig: Rig, unanswered: str
) -> None:
    await rig.until(lambda: rig.telephony.up)
    assert not rig.telephony.link.silent
    rig.server.answers[unanswered] = None
    await rig.until(lambda: rig.telephony.link.silent, 3.0)


async def test_a_ring_of_which_nothing_is_heard_is_no_failed_one_yet(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that has gone silent may have carried it: the phone rings, and somebody answers."""
    monkeypatch.setattr(telephony_module, "ACTION_TIMEOUT_S", 0.8)
    await rig.until(lambda: rig.telephony.up)
    for name in ("Originate", "Ping"):
        rig.server.answers[name] = None
    rig.server.event(HELD)
    await rig.until(lambda: rig.telephony.link.silent)
    offer = OfferCall(
        OfferId("o000000000001"), CALL, AgentId("a"), PBX, HANG_UP.channel, "op1", 9, QueueId("q")
    )
    await rig.telephony.execute(offer)
    assert rig.telephony.link.silent
    rig.server.event(whole("BridgeEnter", Uniqueid=CALL, BridgeUniqueid="t1"))
    rig.server.event(whole("BridgeEnter", Uniqueid=f"mdg-{offer.offer}", BridgeUniqueid="t1"))
    await rig.until(lambda: bool(rig.told))
    await rig.until(lambda: CallConnected(offer.offer) in rig.told)
    assert rig.server.actions("Hangup") == []


async def test_a_caller_who_never_comes_fails_the_offer(rig: Rig) -> None:
    await rig.until(lambda: rig.telephony.up)
    offer = OfferCall(
        OfferId("o000000000001"), CALL, AgentId("a"), PBX, HANG_UP.channel, "op1", 9, QueueId("q")
    )
    began = asyncio.get_running_loop().time()
    with pytest.raises(SwitchError) as failed:
        await rig.telephony.execute(offer)
    assert failed.value.code == "not_held"
    assert asyncio.get_running_loop().time() - began < 1.6
    assert rig.server.actions("Originate") == []
    redirect = rig.server.actions("Redirect")[0]
    assert (redirect["Channel"], redirect["Context"]) == (HANG_UP.channel, "hold")

    def tokens() -> list[str]:
        return [one["Value"] for one in rig.server.actions("Setvar") if "Channel" in one]

    await rig.until(lambda: tokens() == [offer.offer, ""])


async def test_who_is_told_that_we_are_up_may_call_at_once(rig: Rig) -> None:
    await rig.until(lambda: rig.telephony.up)
    assert any("MDG_BEAT" in each["Variable"] for each in rig.server.actions("Setvar"))


async def test_a_caller_in_a_talk_is_never_fetched_out_of_it(rig: Rig) -> None:
    await rig.until(lambda: rig.telephony.up)
    rig.server.event(whole("BridgeEnter", Uniqueid=CALL, BridgeUniqueid="t9"))
    await asyncio.sleep(0.05)
    offer = OfferCall(
        OfferId("o000000000001"), CALL, AgentId("a"), PBX, HANG_UP.channel, "op1", 9, QueueId("q")
    )
    with pytest.raises(SwitchError) as failed:
        await rig.telephony.execute(offer)
    assert failed.value.code == "in_a_talk"
    assert rig.server.actions("Redirect") == rig.server.actions("Originate") == []


async def test_a_caller_who_hears_an_announcement_is_brought_back_before_anybody_rings(
    rig: Rig,
) -> None:
    await rig.until(lambda: rig.telephony.up)
    rig.server.event(HELD)
    await asyncio.sleep(0.1)
    rig.telephony.in_menu(CALL)
    offer = OfferCall(
        OfferId("o000000000001"), CALL, AgentId("a"), PBX, HANG_UP.channel, "op1", 9, QueueId("q")
    )
    offering = asyncio.create_task(rig.telephony.execute(offer))
    await rig.until(lambda: bool(rig.server.actions("Redirect")))
    assert rig.server.actions("Originate") == []
    rig.server.event(HELD)
    await rig.until(lambda: bool(rig.server.actions("Originate")))
    await offering


async def test_a_leg_that_slipped_through_a_cancel_is_undone(rig: Rig) -> None:
    """The token was taken off after the leg had read it: the caller goes back to wait."""
    await rig.until(lambda: rig.telephony.up)
    rig.server.event(HELD)
    await asyncio.sleep(0.05)
    offer = OfferCall(
        OfferId("o000000000001"), CALL, AgentId("a"), PBX, HANG_UP.channel, "op1", 9, QueueId("q")
    )
    await rig.telephony.execute(offer)
    await rig.telephony.execute(CancelOffer(offer.offer, CALL, PBX, offer.channel))
    rig.server.event(whole("BridgeEnter", Uniqueid=f"mdg-{offer.offer}", BridgeUniqueid="t1"))
    await rig.until(lambda: bool(rig.server.actions("Redirect")))
    assert rig.server.actions("Redirect")[0]["Channel"] == offer.channel
    assert rig.server.actions("Redirect")[0]["Context"] == "hold"
    assert rig.told == []


async def test_a_release_that_loses_calls_ends_the_run(rig: Rig) -> None:
    rig.server.answers["CoreSettings"] = "Response: Success\r\nAsteriskVersion: 18.9.0"
    with pytest.raises(AsteriskUnsupported):
        await rig.running


async def test_a_restart_cuts_off_who_was_there_and_nobody_who_came_later(rig: Rig) -> None:
    old, new = CallId("1795423441.7"), CallId("a-1795423442.0")
    await rig.until(lambda: rig.telephony.up)
    assert not rig.telephony.release.was_lost(old)
    rig.server.answers["Getvar"] = "Response: Success\r\nValue: +0900"
    began = "Response: Success\r\nCoreStartupDate: 2026-11-23\r\nCoreStartupTime: 17:44:02"
    rig.server.answers["CoreStatus"] = began
    rig.server.cut()
    await rig.until(lambda: len(rig.sweeps) == 2)
    assert rig.telephony.release.was_lost(old)
    assert not rig.telephony.release.was_lost(new)
    # Only the line was cut since then.
    rig.server.cut()
    await rig.until(lambda: len(rig.sweeps) == 3)
    assert not rig.telephony.release.was_lost(old)


async def test_a_restart_at_a_time_that_cannot_be_read_cuts_off_all(rig: Rig) -> None:
    await rig.until(lambda: rig.telephony.up)
    rig.server.answers["CoreStatus"] = "Response: Success\r\nCoreStartupDate: tomorrow"
    rig.server.cut()
    await rig.until(lambda: len(rig.sweeps) == 2)
    assert rig.telephony.release.was_lost(CallId("1795423441.7"))


def test_the_clock_believes_the_quickest_answer() -> None:
    clock = SwitchClock()
    clock.learn("1000.500000", 10.0, 11.0)
    assert clock.at(10.5) == pytest.approx(1000.5)
    clock.learn("1001.200000", 11.0, 11.002)
    assert clock.at(11.001) == pytest.approx(1001.2)
    clock.learn("1003.900000", 12.0, 14.0)
    assert clock.at(11.001) == pytest.approx(1001.2)


@pytest.mark.parametrize("step_s", [300.0, -300.0, 1.0])
def test_a_clock_that_was_set_is_followed_at_once(step_s: float) -> None:
    clock = SwitchClock()
    clock.learn("1000.500000", 10.0, 10.001)
    # A slow answer, but no doubt of it explains what it tells.
    clock.learn(f"{1002.5 + step_s:.6f}", 12.0, 12.2)
    assert clock.at(12.1) == pytest.approx(1002.5 + step_s)


@pytest.mark.parametrize("told", ["", "soon", "1e9", "12.5.1", "9" * 30])
def test_a_clock_that_makes_no_sense_is_refused(told: str) -> None:
    with pytest.raises(SwitchUnavailable):
        SwitchClock().learn(told, 0.0, 0.1)
