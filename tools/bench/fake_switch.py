"""A switch of nothing but its manager interface, for finding the controller's own limit.

``python -m tools.bench.fake_switch WANTED`` (JSON): callers arrive at a rate that does not mind how
fast they are served, telephones are picked up at once, talks last so many seconds. It says on
standard output, as JSON, what came of them. Every event has all the lines that Asterisk writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time

import msgspec
from msgspec import Struct

from acd.bootstrap.loop import run
from tests.fakes.ami_events import whole

#: How long a telephone takes to be picked up, and a switch to say so.
ANSWER_S = 0.02
_LISTS = {"Status": "StatusComplete", "BridgeList": "BridgeListComplete"}


class Wanted(Struct, frozen=True):
    """``port`` to listen at; ``parked`` callers who wait for ever; then ``rate`` calls a second for
    ``seconds``, each talking ``talk_s``. These dial ``number``, the others ``parked_number``."""

    port: int
    parked: int
    rate: float
    seconds: float
    talk_s: float
    number: str
    parked_number: str


class Came(Struct):
    """What came of it: callers, how long each waited for a telephone to be rung (ms), how many
    talked, how many are left, and most talks at once."""

    callers: int = 0
    rung_ms: list[float] = []
    talked: int = 0
    left: int = 0
    most_talks: int = 0


class FakeSwitch:
    """Answers what the controller asks, and lets callers come."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.came = Came()
        self.ready = asyncio.Event()
        self._all_talked = asyncio.Event()
        self._hearing: list[asyncio.StreamWriter] = []
        self._began: dict[str, float] = {}
        self._talks = 0
        self._count = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One manager session."""
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while True:
                block = await reader.readuntil(b"\r\n\r\n")
                lines = block[:-4].decode().split("\r\n")
                headers = [line.partition(": ")[::2] for line in lines]
                self._act(writer, dict(headers), headers)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            writer.close()

    def _act(
        self, writer: asyncio.StreamWriter, told: dict[str, str], headers: list[tuple[str, str]]
    ) -> None:
        name = told["Action"]
        said = ["Response: Success", f"ActionID: {told['ActionID']}"]
        if name == "Login" and told["Username"].endswith("-events"):
            self._hearing.append(writer)
        elif name == "Ping":
            said += ["Ping: Pong", f"Timestamp: {time.time():.6f}"]
        elif name == "CoreSettings":
            said.append("AsteriskVersion: 22.10.1")
        elif name == "CoreStatus":
            said += ["CoreStartupDate: 2026-11-22", "CoreStartupTime: 1"]
        elif name == "Setvar" and told["Variable"] == "GLOBAL(MDG_STRAIGHT)":
            self.ready.set()
        elif name == "Originate":
            self._rung(
                told, dict(value.split("=", 1) for key, value in headers if key == "Variable")
            )
        elif name in _LISTS:
            said.append("EventList: start")
        writer.write(("\r\n".join(said) + "\r\n\r\n").encode())
        if name in _LISTS:
            end = (f"Event: {_LISTS[name]}", said[1], "EventList: Complete")
            writer.write(("\r\n".join(end) + "\r\n\r\n").encode())

    def _tell(self, *events: str) -> None:
        data = "".join(f"{event}\r\n\r\n" for event in events).encode()
        for writer in self._hearing:
            writer.write(data)

    def _event(self, kind: str, unique_id: str, channel: str, context: str, **more: str) -> str:
        stamp = f"{time.time():.6f}"
        ids = {"Uniqueid": unique_id, "Channel": channel, "Context": context}
        return whole(kind, Timestamp=stamp, **ids, **more)

    def arrive(self, number: str) -> None:
        """A caller comes into the waiting bridge."""
        self._count += 1
        unique_id, channel = f"1700000000.{self._count}", f"PJSIP/carrier-{self._count:08x}"
        if number == self.wanted.number:
            self.came.callers += 1
            self._began[channel] = time.monotonic()
        waiting = {"BridgeUniqueid": "w", "BridgeTechnology": "holding_bridge"}
        self._tell(
            self._event("BridgeEnter", unique_id, channel, "hold", AccountCode=number, **waiting)
        )

    def _rung(self, told: dict[str, str], variables: dict[str, str]) -> None:
        caller = variables["MDG_CALLER"]
        began_s = self._began.pop(caller, None)
        if began_s is not None:
            self.came.rung_ms.append(1000 * (time.monotonic() - began_s))
        leg, channel = told["ChannelId"], f"{told['Channel']}-{len(self.came.rung_ms):08x}"
        asyncio.get_running_loop().call_later(ANSWER_S, self._talk, leg, channel, caller)

    def _talk(self, leg: str, channel: str, caller: str) -> None:
        self._talks += 1
        self.came.most_talks = max(self.came.most_talks, self._talks)
        unique_id = f"1700000000.{int(caller.rpartition('-')[2], 16)}"
        bridge = {"BridgeUniqueid": f"t-{leg}", "BridgeTechnology": "simple_bridge"}
        self._tell(
            whole("OriginateResponse", Uniqueid=leg, Channel=channel),
            self._event("BridgeEnter", leg, channel, "operator", **bridge),
            self._event("BridgeEnter", unique_id, caller, "hold", **bridge),
        )
        ids = (leg, channel, unique_id, caller)
        asyncio.get_running_loop().call_later(self.wanted.talk_s, self._over, *ids)

    def _over(self, leg: str, channel: str, unique_id: str, caller: str) -> None:
        self._talks -= 1
        self.came.talked += 1
        if self.came.talked == round(self.wanted.rate * self.wanted.seconds):
            self._all_talked.set()
        self._tell(
            self._event("HangupRequest", unique_id, caller, "hold"),
            self._event("Hangup", unique_id, caller, "hold"),
            self._event("Hangup", leg, channel, "operator"),
        )

    async def play(self) -> Came:
        """Park the crowd, then let callers come at their rate, and wait for the last."""
        wanted = self.wanted
        for number in range(wanted.parked):
            self.arrive(wanted.parked_number)
            if number % 50 == 49:
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        print("begun", flush=True)
        began_s = time.monotonic()
        calls = round(wanted.rate * wanted.seconds)
        for number in range(calls):
            self.arrive(wanted.number)
            await asyncio.sleep(max(0.0, began_s + number / wanted.rate - time.monotonic()))
        print("come", flush=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_talked.wait(), wanted.talk_s + 5.0)
        self.came.left = calls - self.came.talked
        return self.came


async def _main(wanted: Wanted) -> None:
    switch = FakeSwitch(wanted)
    server = await asyncio.start_server(switch.serve, "127.0.0.1", wanted.port)
    print("listens", flush=True)
    await switch.ready.wait()
    # The controller's side says by a line that all operators wait for calls.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    came = await switch.play()
    print(msgspec.json.encode(came).decode(), flush=True)
    server.close()


if __name__ == "__main__":
    run(_main(msgspec.json.decode(sys.argv[1], type=Wanted)))
