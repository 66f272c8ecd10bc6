"""Plays an hour against a running centre: sounds made, phones registered, callers let loose."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from acd.errors import SwitchUnavailable
from sim.load import scenario, sound
from sim.load.balance import Known
from sim.load.counts import Counts, Fact
from sim.load.hour import Habit, Hour, Kind, caller_row, callers, phone_rows
from sim.load.sipp import Load, Sipp

#: A caller's sound is longer than any call; SIPp stops it with the call.
_SOUND_S = 150.0
_REGISTERED_S = "600"
_DRAIN_S = 90.0
_LISTENING_S = 0.3


@dataclass(frozen=True, slots=True)
class Place:
    """Where the centre is reached, and where this side lives.

    ``secrets`` are the phones' passwords by user; ``ports`` must hold one SIP and one media port
    for the callers and for each habit (:func:`ports_needed`).
    """

    host: str
    sip_port: int
    secrets: Mapping[str, str]
    ports: Sequence[int]


@dataclass(frozen=True, slots=True)
class Played:
    """What SIPp saw: notes and sums, and which number each caller's row had."""

    callers: list[Fact]
    phones: list[Fact]
    known: dict[str, Known]
    caller_counts: Counts
    phone_counts: Counts


def ports_needed() -> int:
    """UDP ports that a hour needs on this side."""
    return 2 * (1 + len(Habit))


class Performance:
    """One hour: :meth:`raise_phones` first, then :meth:`play`, and always :meth:`close`."""

    def __init__(
        self, hour: Hour, habits: Mapping[str, Habit], place: Place, folder: Path, talk_s: float
    ) -> None:
        self._hour = hour
        self._habits = habits
        self._place = place
        self._folder = folder
        self._talk_s = talk_s
        self._phones: list[Sipp] = []
        shutil.rmtree(folder, ignore_errors=True)

    async def raise_phones(self) -> None:
        """Register the phones and let them listen; the unreachable ones stay away.

        Raises :class:`SwitchUnavailable` when a phone could not register.
        """
        for index, habit in enumerate(Habit):
            users = [user for user, has in self._habits.items() if has is habit]
            if users and habit is not Habit.UNREACHABLE:
                await self._register(habit, users, index)
                self._phones.append(await Sipp.start(self._phone_load(habit, index), self._folder))
        await asyncio.sleep(_LISTENING_S)

    async def play(self) -> Played:
        """Let everybody call; returns when the last caller has hung up."""
        plans = callers(self._hour)
        known = {
            str(row): Known("" if plan.kind is Kind.WITHHELD else plan.number)
            for row, plan in enumerate(plans, start=1)
        }
        load = Load(
            name="callers",
            scenario=scenario.caller(self._sounds()),
            port=self._port(0),
            media_port=self._port(1),
            calls=len(plans),
            limit_s=self._hour.length_s + _DRAIN_S,
            remote=f"{self._place.host}:{self._place.sip_port}",
            rows=[caller_row(plan, self._place.host) for plan in plans],
            at_once=len(plans),
            host=self._place.host,
        )
        calling = await Sipp.start(load, self._folder)
        try:
            counts = await calling.wait()
        finally:
            await calling.stop()
        phone_counts = await self.close()
        facts = [fact for phone in self._phones for fact in phone.facts]
        return Played(calling.facts, sorted(facts, key=_when), known, counts, phone_counts)

    async def close(self) -> Counts:
        """Put the phones down; safe to call twice."""
        total = Counts()
        for counts in await asyncio.gather(*(phone.stop() for phone in self._phones)):
            total += counts
        return total

    def _sounds(self) -> list[Path]:
        """One for each door, and one without keys, since nobody on a line is quite silent."""
        files = []
        for number, keys in enumerate([*(door.keys for door in self._hour.doors), ()], start=1):
            file = self._folder / f"sound{number}.pcap"
            file.write_bytes(sound.stream(keys, _SOUND_S, hz=300 + 50 * number))
            files.append(file)
        return files

    async def _register(self, habit: Habit, users: Sequence[str], index: int) -> None:
        """From the port on which the phones will listen: the switch keeps what it sees."""
        port = self._port(2 + 2 * index)
        load = Load(
            name=f"register-{habit.value}",
            scenario=scenario.register(),
            port=port,
            media_port=self._port(3 + 2 * index),
            calls=len(users),
            limit_s=10.0,
            remote=f"{self._place.host}:{self._place.sip_port}",
            rows=[self._registration(user, port) for user in users],
            host=self._place.host,
        )
        registering = await Sipp.start(load, self._folder)
        try:
            counts = await registering.wait()
        finally:
            await registering.stop()
        if counts.successful != len(users):
            raise SwitchUnavailable(
                f"{len(users) - counts.successful} of {len(users)} phones could not register: "
                f"see {self._folder}"
            )

    def _registration(self, user: str, port: int) -> list[str]:
        secret = self._place.secrets[user]
        return [
            user,
            f"[authentication username={user} password={secret}]",
            str(port),
            _REGISTERED_S,
        ]

    def _phone_load(self, habit: Habit, index: int) -> Load:
        return Load(
            name=f"phones-{habit.value}",
            scenario=scenario.phone(),
            port=self._port(2 + 2 * index),
            media_port=self._port(3 + 2 * index),
            calls=10_000,
            limit_s=self._hour.length_s + 2 * _DRAIN_S,
            rows=phone_rows(habit, self._hour.seed, self._talk_s),
            host=self._place.host,
            echo=True,
        )

    def _port(self, index: int) -> int:
        return self._place.ports[index]


def _when(fact: Fact) -> float:
    return fact.at_s
