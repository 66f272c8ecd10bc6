"""The doctor's own call: through Asterisk and back by its echo, so that sound is measured at the
far end of a real call.

It is made as a telephone of its own that no operator has, reaches nothing but the echo, and
touches no other channel.
"""

from __future__ import annotations

import asyncio

from msgspec import Struct

from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import TEST_PHONE
from acd.config import Settings
from sim.load.line import SILENCE
from sim.load.sound import tone
from sim.load.telephone import Dialled, Telephone, codecs_of

ECHO = "*43"
HZ, LEVEL = 400, 0.3
LISTEN_S = 1.5
#: The tone begins after this much silence, so that its way can be timed.
SILENT_TICKS = 10
_TICK_S = 0.02
_CYCLE_TICKS = 3_000
_MULAW, _ALAW = 0, 8


class Looped(Struct, frozen=True):
    """What came back. ``status``: SIP's answer (0: none). ``level`` is the tone's, 0..1 of full
    scale; ``around_s`` the time from mouth to ear; ``lost`` packets of ``sent``."""

    status: int
    codecs: tuple[str, ...] = ()
    level: float = 0.0
    around_s: float = 0.0
    heard: int = 0
    lost: int = 0


async def call(settings: Settings, secrets: Secrets, number: str, within_s: float) -> Telephone:
    """A call of the doctor's own telephone, answered or not. Raises OSError without a way there."""
    switch = settings.switch
    dialled = Dialled(
        number,
        f"<sip:{TEST_PHONE}@{switch.sip_bind}>",
        user=TEST_PHONE,
        secret=secrets.get(f"phone.{TEST_PHONE}"),
        codecs=(_MULAW, _ALAW),
    )
    return await Telephone.call((switch.sip_bind, switch.sip_port), dialled, within_s=within_s)


async def echo(settings: Settings, secrets: Secrets) -> Looped:
    """Call the echo, speak a tone, measure what comes back. Raises OSError without a way there."""
    phone = await call(settings, secrets, ECHO, 2.5)
    try:
        if not phone.up:
            return Looped(phone.status)
        phone.speak([SILENCE] * SILENT_TICKS + [tone(HZ, LEVEL)] * _CYCLE_TICKS)
        await asyncio.sleep(LISTEN_S)
        line = phone.line
        first_s = line.first_sound_s()
        spoken_s = line.began_s + SILENT_TICKS * _TICK_S
        return Looped(
            phone.status,
            tuple(codecs_of(phone.sdp)),
            level=line.level(HZ),
            around_s=0.0 if first_s is None else max(0.0, first_s - spoken_s),
            heard=len(line.heard),
            lost=line.lost(),
        )
    finally:
        await phone.hang_up()
