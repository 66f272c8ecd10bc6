"""A talk between a caller and the telephone in a browser: begun, heard, and put away."""

from __future__ import annotations

import re
from typing import Any

from tests.e2e.browser_kit import (
    CALLER_HZ,
    HEARD,
    LEVEL,
    OPERATOR_HZ,
    SILENCE,
    Caller,
    Office,
    Telephone,
    until,
)


async def put_away(office: Office, phone: Telephone) -> None:
    """Whatever a test left: the next one finds the operator logged out and nobody in a call."""
    if "op01" not in await office.kit.agents_in("logged_out"):
        await office.kit.request("POST", "/api/agents/op01/logout", {})
    await phone.close()
    await office.kit.until(lambda: nobody(office))


async def nobody(office: Office) -> bool:
    return await office.kit.channels() == [] and await contacts(office) == []


async def contacts(office: Office) -> list[str]:
    """Browsers that Asterisk knows where to ring."""
    text = await office.kit.switch.cli("pjsip show contacts")
    return re.findall(r"Contact:\s+(web-\w+)/", text)


async def talk(office: Office, phone: Telephone, number: str = "") -> Caller:
    """A caller and the operator hear one another."""
    caller = await (office.caller(number) if number else office.caller())
    await phone.answer()
    await both_hear(phone, caller)
    return caller


async def both_hear(phone: Telephone, caller: Caller) -> None:
    async def hear() -> bool:
        return await phone.hears() > HEARD and heard_by(caller) > HEARD

    async def story() -> Any:
        return await phone.state(), await phone.hears(), heard_by(caller), await phone.seen()

    await until(hear, story=story)


async def at_full_level(phone: Telephone, caller: Caller) -> None:
    """Each hears the other as loud as it speaks, and nobody hears themselves. A busy machine may
    need some tries for a stretch of sound without a gap."""

    async def pure() -> bool:
        heard, echo = await phone.hears(), await phone.hears(OPERATOR_HZ)
        here = abs(heard - LEVEL) < 0.05 and echo < SILENCE
        there = abs(heard_by(caller) - LEVEL) < 0.05 and heard_by(caller, CALLER_HZ) < SILENCE
        return here and there

    async def story() -> Any:
        return await phone.hears(), heard_by(caller)

    await until(pure, story=story)


def heard_by(caller: Caller, hz: int = OPERATOR_HZ) -> float:
    """How loud a tone is in the caller's last half second."""
    return caller.hears(hz)


async def operator_is(office: Office, state: str, agent: str = "op01") -> None:
    await office.kit.until(lambda: _is(office, state, agent))


async def _is(office: Office, state: str, agent: str) -> bool:
    return agent in await office.kit.agents_in(state)
