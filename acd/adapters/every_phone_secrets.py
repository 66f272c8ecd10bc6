"""The secrets of browsers' telephones on several switches: each knows them all.

Whoever's switch dies telephones at another one at once. A switch that is away learns what it missed
when it is back (:meth:`EveryPhoneSecrets.catch_up`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from acd.errors import SwitchError
from acd.ports_phones import PhoneSecrets


class EveryPhoneSecrets:
    """The port :class:`acd.ports_phones.PhoneSecrets` over those of several switches."""

    def __init__(self, switches: Sequence[PhoneSecrets]) -> None:
        self._switches = tuple(switches)
        #: What each has missed: by telephone the password, None to be removed.
        self._missed: tuple[dict[str, str | None], ...] = tuple({} for _ in switches)

    async def put(self, phone: str, password: str) -> None:
        """Write it wherever somebody is there; raises a SwitchError when nobody is."""
        await self._everywhere(phone, password)

    async def remove(self, phone: str) -> None:
        """Remove it wherever somebody is there; raises a SwitchError when nobody is."""
        await self._everywhere(phone, None)

    async def catch_up(self) -> None:
        """Tell those who missed something; who is still away hears it another time."""
        for number, missed in enumerate(self._missed):
            for phone, password in list(missed.items()):
                if await self._tell(number, phone, password) is not None:
                    break

    async def _everywhere(self, phone: str, password: str | None) -> None:
        told = (self._tell(number, phone, password) for number in range(len(self._switches)))
        failures = [error for error in await asyncio.gather(*told) if error is not None]
        if len(failures) == len(self._switches):
            raise failures[0]

    async def _tell(self, number: int, phone: str, password: str | None) -> SwitchError | None:
        switch, missed = self._switches[number], self._missed[number]
        try:
            if password is None:
                await switch.remove(phone)
            else:
                await switch.put(phone, password)
        except SwitchError as error:
            missed[phone] = password
            return error
        missed.pop(phone, None)
        return None
