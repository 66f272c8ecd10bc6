"""What the Telephony contract suite needs of a switch under test, and its two fillings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Protocol, TypeVar

from acd.adapters.asterisk.telephony import AsteriskTelephony
from acd.core.commands import OfferCall
from acd.core.ids import AgentId, QueueId, SwitchId, offer_id
from acd.core.inputs import Input
from acd.ports import CallInfo, ChannelSeen, Telephony
from tests.contract.asterisk_bench import AsteriskBench
from tests.fakes.sip_agent import Dialog, Ring
from tests.fakes.switch import Does, FakeCaller, FakeSwitch

SWITCH = SwitchId("pbx")
_I = TypeVar("_I", bound=Input)


class Heard:
    """The inputs that a switch delivered, in order."""

    def __init__(self) -> None:
        self.inputs: list[Input] = []
        self.sweeps: list[list[ChannelSeen]] = []
        self._more = asyncio.Event()

    def deliver(self, happened: Input) -> None:
        self.inputs.append(happened)
        self._more.set()

    async def on_up(self, switch: SwitchId, seen: list[ChannelSeen]) -> None:
        assert switch == SWITCH
        self.sweeps.append(seen)
        self._more.set()

    async def wait(self, kind: type[_I], within_s: float = 20.0, **fields: object) -> _I:
        """The first input of this kind with these fields, now or soon."""
        found: list[_I] = []

        def there() -> bool:
            found.extend(self.all(kind, **fields))
            return bool(found)

        await self.until(there, within_s, f"no {kind.__name__} {fields}")
        return found[0]

    async def until(self, there: Callable[[], bool], within_s: float, what: str) -> None:
        try:
            async with asyncio.timeout(within_s):
                while not there():
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"{what}; heard {self.inputs}") from None

    def all(self, kind: type[_I], **fields: object) -> list[_I]:
        return [
            one
            for one in self.inputs
            if isinstance(one, kind)
            and all(getattr(one, name) == value for name, value in fields.items())
        ]


class Caller(Protocol):
    """Somebody who called and has been sent to wait."""

    info: CallInfo

    async def hang_up(self) -> None: ...

    async def gone(self, within_s: float) -> bool: ...


class Phone(Protocol):
    """An operator's phone; ``shown`` are the numbers it displayed."""

    name: str

    def will(self, does: Does, after_s: float = 0.0) -> None: ...

    @property
    def shown(self) -> list[str]: ...

    async def answer(self) -> None: ...

    async def hang_up(self) -> None: ...

    async def hold(self, on: bool) -> None: ...

    async def silent(self, within_s: float) -> bool:
        """Nothing rings or talks here any more."""
        ...


class Bench(Protocol):
    """A switch, and the world around it."""

    telephony: Telephony
    heard: Heard

    async def call_in(self, number: str = "0312345678", announce_s: float = 0.0) -> Caller: ...

    def phone(self, name: str = "op1") -> Phone: ...

    async def cut(self) -> None: ...

    async def restore(self) -> None: ...


_offers = iter(range(1, 1_000_000))


def offer_for(caller: Caller, device: str = "op1", ring_timeout_s: float = 15.0) -> OfferCall:
    """A new offer of this caller to a device."""
    return OfferCall(
        offer_id(next(_offers)),
        caller.info.call,
        AgentId("a1"),
        SWITCH,
        caller.info.channel,
        device,
        ring_timeout_s,
        QueueId("general"),
    )


# The fake


class _FakeCallerHere:
    def __init__(self, caller: FakeCaller, heard: Heard) -> None:
        self.info = caller.info
        self._caller = caller

    async def hang_up(self) -> None:
        self._caller.hang_up()

    async def gone(self, within_s: float) -> bool:
        return await _soon(lambda: self._caller.where.value == "gone", within_s)


class _FakePhoneHere:
    def __init__(self, switch: FakeSwitch, name: str) -> None:
        self.name = name
        self._phone = switch.phone(name)

    def will(self, does: Does, after_s: float = 0.0) -> None:
        self._phone.does, self._phone.answer_after_s = does, after_s

    @property
    def shown(self) -> list[str]:
        return self._phone.shown

    async def answer(self) -> None:
        self._phone.answer()

    async def hang_up(self) -> None:
        self._phone.hang_up()

    async def hold(self, on: bool) -> None:
        self._phone.hold(on)

    async def silent(self, within_s: float) -> bool:
        return await _soon(lambda: not self._phone.legs, within_s)


class FakeBench:
    """The switch in memory."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.switch = FakeSwitch(SWITCH, self.heard.deliver, self.heard.on_up, announce_s=0.2)
        self.telephony: Telephony = self.switch

    async def call_in(self, number: str = "0312345678", announce_s: float = 0.0) -> Caller:
        caller = self.switch.call_in("0570012345", number)
        caller.enter_hold()
        if announce_s:
            caller.hear_announcement(announce_s)
        return _FakeCallerHere(caller, self.heard)

    def phone(self, name: str = "op1") -> Phone:
        phone = _FakePhoneHere(self.switch, name)
        if name == "absent":
            phone.will(Does.UNREACHABLE)
        return phone

    async def cut(self) -> None:
        self.switch.cut()

    async def restore(self) -> None:
        self.switch.restore()


# The real one


class _SipCaller:
    def __init__(self, info: CallInfo, dialog: Dialog) -> None:
        self.info = info
        self._dialog = dialog

    async def hang_up(self) -> None:
        await self._dialog.hang_up()

    async def gone(self, within_s: float) -> bool:
        return await _soon(self._dialog.over.is_set, within_s)


_STATUS = {Does.BUSY: 486, Does.REJECT: 603}


class _SipPhone:
    def __init__(self, bench: AsteriskBench, name: str) -> None:
        self.name = name
        self._agent = bench.phones.get(name)

    def will(self, does: Does, after_s: float = 0.0) -> None:
        assert self._agent is not None
        self._agent.ring = Ring.ANSWER if does is Does.ANSWER else Ring.RING
        self._agent.refuse_with = _STATUS.get(does, 0)
        self._agent.answer_after_s = after_s

    @property
    def shown(self) -> list[str]:
        assert self._agent is not None
        users = [
            one.get("from").partition("<sip:")[2].partition("@")[0] for one in self._agent.rung
        ]
        return ["" if user == "anonymous" else user for user in users]

    def _live(self) -> list[Dialog]:
        assert self._agent is not None
        return [one for one in self._agent.calls.values() if not one.over.is_set()]

    async def answer(self) -> None:
        for dialog in self._live():
            dialog.answer()

    async def hang_up(self) -> None:
        for dialog in self._live():
            await dialog.hang_up()

    async def hold(self, on: bool) -> None:
        for dialog in self._live():
            dialog.hold(on)

    async def silent(self, within_s: float) -> bool:
        return await _soon(lambda: not self._live(), within_s)


class RealBench:
    """A real Asterisk, reached through a relay that can be cut."""

    def __init__(self, asterisk: AsteriskBench, relay: Relay) -> None:
        self.heard = Heard()
        self.asterisk = asterisk
        self.relay = relay
        address = asterisk.address_at(relay.port)
        self.real = AsteriskTelephony(
            SWITCH, address, deliver=self.heard.deliver, on_up=self.heard.on_up
        )
        self.telephony: Telephony = self.real

    async def call_in(self, number: str = "0312345678", announce_s: float = 0.0) -> Caller:
        agent = await self.asterisk.caller(number or "anonymous")
        headers = () if number else ("Privacy: id",)
        dialog = await agent.call("0570012345", headers=headers)
        info = await asyncio.wait_for(self.asterisk.menu.arrived.get(), 20.0)
        caller = _SipCaller(info, dialog)
        self.asterisk.menu.announce_s = announce_s
        ticks = self.asterisk.menu.scripts.count("hold") + 1
        if announce_s:
            assert await _soon(lambda: self.asterisk.menu.scripts.count("hold") >= ticks, 5.0)
        return caller

    def phone(self, name: str = "op1") -> Phone:
        return _SipPhone(self.asterisk, name)

    async def leave_nothing(self) -> None:
        """Hang everything up and see that no channel is left."""
        self.asterisk.menu.announce_s = 0.0
        agents = [*self.asterisk.phones.values(), *self.asterisk.callers]
        for agent in agents:
            agent.ring, agent.refuse_with, agent.answer_after_s = Ring.ANSWER, 0, 0.0
            for dialog in agent.calls.values():
                await dialog.hang_up()
            agent.calls.clear()
            agent.rung.clear()
        for _ in range(40):
            left = await self.asterisk.process.cli("core show channels count")
            if any(line.startswith("0 active channels") for line in left.splitlines()):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(await self.asterisk.process.cli("core show channels concise"))

    async def cut(self) -> None:
        await self.relay.cut()

    async def restore(self) -> None:
        await self.relay.open()


class Relay:
    """A TCP relay on loopback between us and the manager interface: its breaking is the test's."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, far_writer}
        pumps = (self._pump(reader, far_writer), self._pump(far_reader, writer))
        await asyncio.gather(*pumps, return_exceptions=True)
        self._writers -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        finally:
            writer.transport.abort()


async def _soon(there: Callable[[], bool], within_s: float) -> bool:
    deadline = asyncio.get_running_loop().time() + within_s
    while not there():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


@contextlib.asynccontextmanager
async def opened(bench: Bench) -> AsyncIterator[Bench]:
    """The bench with its adapter connected."""
    running = asyncio.create_task(bench.telephony.run())
    try:
        await bench.heard.until(lambda: bool(bench.heard.sweeps), 5.0, "never came up")
        await asyncio.sleep(0.05)
        yield bench
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


@contextlib.asynccontextmanager
async def relayed(asterisk: AsteriskBench) -> AsyncIterator[RealBench]:
    """A bench on a started Asterisk, not yet connected to it."""
    relay = Relay(asterisk.ami_port)
    await relay.open()
    try:
        yield RealBench(asterisk, relay)
    finally:
        await relay.cut()


__all__ = ["Bench", "Does", "FakeBench", "RealBench", "offer_for", "opened", "relayed"]
