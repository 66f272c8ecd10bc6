"""Places the test calls of a cut-over and finds each in the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection

from acd.adapters.sql.reader import LedgerReader
from acd.app.cutover_calls import Heard, Tried, by_hand, expected_caller, found, identity, judge
from acd.bootstrap.cutover.work import Cutover
from acd.config.cutover_file import CallBy, CallKind, CallRow
from acd.core.cdr_types import CallRecord
from acd.errors import StoreUnavailable
from sim.load.line import SILENCE
from sim.load.sound import PACKET_S, tone
from sim.load.telephone import Dialled, Telephone

#: How long the ledger may take to have the row of a call that is over.
LEDGER_S = 20.0
#: After so long without a row that is told as ours was, the nearest one is taken for it.
SURELY_S = 6.0
_LOOK_EVERY_S = 0.5
_KEY_EVERY_S = 2.0
_FIRST_KEY_S = 2.0
_SECOND_MS = 1_000
#: A fax machine that calls (CNG, ITU-T T.30): 1100 Hz for half a second in every three and a half.
_FAX_HZ, _FAX_ON, _FAX_ALL = 1_100, round(0.5 / PACKET_S), round(3.5 / PACKET_S)

#: Told that a person is to call this number now, until when (Unix seconds).
AskPerson = Callable[[CallRow, str, float], Awaitable[None]]


async def try_call(
    work: Cutover, row: CallRow, dialled: str, ask: AskPerson, before: Collection[str] = ()
) -> Tried:
    """One test call to ``dialled``, by this machine or by a person, held against the ledger.
    ``before`` are the ledger's ids of test calls made before."""
    if row.by is CallBy.PERSON:
        return await _by_person(work, row, dialled, ask, before)
    heard = await _place(work, row, dialled)
    began_s = time.monotonic()
    while True:
        waited_s = time.monotonic() - began_s
        records = await _records(work, heard.from_ms)
        # Somebody else's row may be there before ours is.
        record = found(row, heard, records, before, surely=waited_s < SURELY_S)
        if record is not None or waited_s > LEDGER_S:
            return judge(row, heard, record)
        await asyncio.sleep(_LOOK_EVERY_S)


async def _place(work: Cutover, row: CallRow, dialled: str) -> Heard:
    switch, who = work.settings.switch, identity(row.kind)
    from_ms = _now_ms()
    try:
        phone = await Telephone.call(
            (switch.sip_bind, switch.sip_port), Dialled(dialled, who.caller, who.headers)
        )
    except OSError:
        return Heard(dialled, from_ms, _now_ms(), 0)
    try:
        if phone.up:
            keys = [(_FIRST_KEY_S + n * _KEY_EVERY_S, key) for n, key in enumerate(row.keys)]
            phone.speak(_voice(row.kind), keys)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(phone.gone.wait(), row.stay_s)
        first_s = phone.line.first_sound_s()
        sound_ms = None if first_s is None else max(0, round((first_s - phone.answered_s) * 1000))
        ended_by_us = phone.hung_up_by_other
        to_ms = _now_ms()
    finally:
        await phone.hang_up()
    return Heard(dialled, from_ms, to_ms, phone.status, sound_ms, ended_by_us)


def _voice(kind: CallKind) -> list[bytes]:
    if kind is CallKind.FAX:
        return [tone(_FAX_HZ)] * _FAX_ON + [SILENCE] * (_FAX_ALL - _FAX_ON)
    # Whoever calls through a relay service is silent for long: nothing may end that call.
    return [SILENCE]


async def _by_person(
    work: Cutover, row: CallRow, dialled: str, ask: AskPerson, before: Collection[str]
) -> Tried:
    """Wait for a call of this kind to the number, however it is made; a test call of this machine
    that was just over is not taken for it."""
    from_ms = _now_ms()
    until_s = time.time() + row.wait_min * 60
    await ask(row, dialled, until_s)
    kind, _ = expected_caller(row)
    while time.time() < until_s:
        for record in await _records(work, from_ms):
            if record.call in before:
                continue
            if record.dialled == dialled and record.caller_kind is kind:
                return judge(row, by_hand(dialled, record), record)
        await asyncio.sleep(_LOOK_EVERY_S)
    return judge(row, Heard(dialled, from_ms, _now_ms(), -1), None)


async def _records(work: Cutover, from_ms: int) -> list[CallRecord]:
    try:
        reader = LedgerReader(work.settings.database_url)
    except StoreUnavailable:
        return []
    try:
        return await reader.calls(from_ms - 5 * _SECOND_MS)
    except StoreUnavailable:
        return []
    finally:
        await reader.close()


def _now_ms() -> int:
    return round(time.time() * _SECOND_MS)
