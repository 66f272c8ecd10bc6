"""The SIPp side of a rehearsal: callers in one process, operators' telephones in another."""

from __future__ import annotations

import asyncio
from pathlib import Path

from acd.errors import SwitchUnavailable
from sim.inputs.draws import Draws
from sim.load import scenario
from sim.load.sipp import MAX_TIME_S, Load, Sipp
from sim.rehearsal.conductor import caller_number
from sim.rehearsal.piece import HOST, Ports, number_of

#: SIPp looks at its timers so often.
_RESOLUTION_MS = 1
#: A telephone's own talk: longer than any, since callers hang up.
_FOR_EVER_MS = 3_000_000
#: Callers are made all at once, and the first of them comes so long after that.
HEAD_START_S = 1.0
#: How long the last talks may take, in seconds of the rehearsal.
_LAST_S = 600.0


class Performance:
    """:meth:`begin`, then :meth:`over`, and always :meth:`close`."""

    def __init__(self, draws: Draws, pace: float, ports: Ports, folder: Path) -> None:
        self._draws, self._pace, self._ports, self._folder = draws, pace, ports, folder
        self._callers: Sipp | None = None
        self._phones: Sipp | None = None

    def call_id(self, number: int) -> str:
        """The Call-ID of the n-th caller, from 1."""
        if self._callers is None:
            raise SwitchUnavailable("the callers are not there yet")
        return f"callers-{number}-{self._callers.pid}@{HOST}"

    async def begin(self) -> None:
        """Let the telephones listen and the callers come, each at its time."""
        self._phones = await Sipp.start(self._phone_load(), self._folder)
        await asyncio.sleep(0.3)
        self._callers = await Sipp.start(self._caller_load(), self._folder)

    async def over(self) -> int:
        """Wait for the last caller; how many calls SIPp says went wrong."""
        if self._callers is None:
            raise SwitchUnavailable("the callers are not there yet")
        return (await self._callers.wait()).failed

    async def close(self) -> None:
        """End both; safe to call twice."""
        for each in (self._callers, self._phones):
            if each is not None:
                await each.stop()

    def _caller_load(self) -> Load:
        draws = self._draws
        rows = [
            [
                str(round(1000 * (HEAD_START_S + came_s / self._pace))),
                number_of(skill),
                f"<sip:{caller_number(index)}@{HOST}>",
                f"P-Asserted-Identity: <sip:{caller_number(index)}@{HOST}>",
                "Privacy: none",
                "0",
                "0",
            ]
            for index, (came_s, skill) in enumerate(
                zip(draws.came_s.tolist(), draws.skill.tolist(), strict=True)
            )
        ]
        last_s = float(draws.came_s[-1]) / self._pace
        return Load(
            name="callers",
            scenario=scenario.told_caller(),
            port=self._ports.callers,
            media_port=self._ports.callers_media,
            calls=len(rows),
            limit_s=min(MAX_TIME_S, HEAD_START_S + last_s + _LAST_S),
            remote=f"{HOST}:{self._ports.sip}",
            rows=rows,
            at_once=len(rows),
            resolution_ms=_RESOLUTION_MS,
        )

    def _phone_load(self) -> Load:
        return Load(
            name="phones",
            scenario=scenario.phone(),
            port=self._ports.phones,
            media_port=self._ports.phones_media,
            calls=100_000,
            limit_s=MAX_TIME_S,
            rows=[[str(scenario.ANSWER), "0", str(_FOR_EVER_MS)]],
            resolution_ms=_RESOLUTION_MS,
        )
