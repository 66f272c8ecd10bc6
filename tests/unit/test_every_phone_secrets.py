"""Browsers' secrets on several switches: all know them, and who was away learns what it missed."""

from __future__ import annotations

import pytest

from acd.adapters.every_phone_secrets import EveryPhoneSecrets
from acd.errors import SwitchError, SwitchUnavailable


class Switch:
    """A register that may be away."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.away = False

    async def put(self, phone: str, password: str) -> None:
        self._reach()
        self.known[phone] = password

    async def remove(self, phone: str) -> None:
        self._reach()
        self.known.pop(phone, None)

    def _reach(self) -> None:
        if self.away:
            raise SwitchUnavailable("away")


async def test_all_know_it_and_who_was_away_learns_the_newest() -> None:
    one, two = Switch(), Switch()
    every = EveryPhoneSecrets([one, two])
    await every.put("web-a", "1")
    two.away = True
    await every.put("web-a", "2")
    await every.put("web-b", "3")
    await every.remove("web-b")
    await every.catch_up()
    assert two.known == {"web-a": "1"}
    two.away = False
    await every.catch_up()
    assert one.known == two.known == {"web-a": "2"}


async def test_nobody_there_is_a_failure_as_with_one_switch() -> None:
    one = Switch()
    one.away = True
    with pytest.raises(SwitchError):
        await EveryPhoneSecrets([one]).put("web-a", "1")
