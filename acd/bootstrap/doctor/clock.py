"""Do this machine's clock and those of the parts agree, and does somebody keep it right?"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import platform
import time
from collections.abc import Awaitable, Callable

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from acd.adapters.asterisk.codec import Action
from acd.adapters.sql.database import sqlite_file
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, well
from acd.bootstrap.doctor.lease import redis_about
from acd.bootstrap.doctor.scene import Scene
from acd.errors import MadoguchiError

#: Beyond this, times of the parts cannot be laid beside one another; beyond the second, durations
#: and the age of heartbeats begin to be wrong.
NOTE_S, FAULT_S = 0.5, 2.0
ANSWER_S = 3.0
#: How far a part's clock is ahead of this machine's, in seconds; None where there is no such part.
Ask = Callable[[Scene], Awaitable[float | None]]
#: ``struct timex`` of Linux on 64 bits: its size, where its status stands, "not synchronised".
_TIMEX_BYTES, _STATUS_AT, _UNSYNCHRONISED = 208, 40, 0x40


async def look(scene: Scene) -> Finding:
    """Against each Asterisk, a database server and Redis, as far as they are there."""
    apart = {}
    asked: list[tuple[str, Ask]] = [("PostgreSQL", _database), ("Redis", _redis)]
    asked += [(f"Asterisk {node}", _asterisk_at(node)) for node in scene.settings.nodes]
    for name, ask in asked:
        with contextlib.suppress(MadoguchiError, TimeoutError, OSError):
            found = await ask(scene)
            if found is not None:
                apart[name] = found
    shown = [f"{name} {seconds:+.2f} s" for name, seconds in apart.items()]
    kept = synchronised()
    furthest = max((abs(each) for each in apart.values()), default=0.0)
    ntp_ja = {True: "時刻同期あり", False: "時刻同期なし", None: "時刻同期は不明"}[kept]
    ntp_en = {True: "kept by NTP", False: "not kept by NTP", None: "NTP unknown"}[kept]
    found_ja = "、".join([ntp_ja, *shown]) or ntp_ja
    found_en = ", ".join([ntp_en, *shown])
    ask_ntp = Said(
        "全マシンで時刻同期 (chrony など) を動かしてください",
        "run a time service (chrony) on all machines",
    )
    if furthest > FAULT_S:
        return fault(Said(found_ja, found_en), ask_ntp)
    if furthest > NOTE_S or kept is False:
        return note(Said(found_ja, found_en), ask_ntp)
    return well(found_ja, found_en)


def _asterisk_at(node: str) -> Ask:
    async def ask(scene: Scene) -> float | None:
        session = await scene.session(node)
        before = time.time()
        answer = await session.call(Action("Ping"), ANSWER_S)
        return float(answer.get("Timestamp", "0") or 0) - (before + time.time()) / 2

    return ask


async def _redis(scene: Scene) -> float | None:
    before = time.time()
    about = await redis_about(scene)
    return None if about is None else about[1] - (before + time.time()) / 2


async def _database(scene: Scene) -> float | None:
    url = scene.settings.database_url
    if sqlite_file(url) is not None:
        return None
    return await asyncio.to_thread(_server_clock, url)


def _server_clock(url: str) -> float | None:
    engine = sqlalchemy.create_engine(
        url, hide_parameters=True, connect_args={"connect_timeout": int(ANSWER_S)}
    )
    try:
        with engine.connect() as connection:
            before = time.time()
            there = connection.exec_driver_sql(
                "SELECT extract(epoch FROM clock_timestamp())"
            ).scalar_one()
            return float(there) - (before + time.time()) / 2
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()


def synchronised() -> bool | None:
    """Whether the kernel's clock is kept by a time service; None where that cannot be asked."""
    if platform.system() != "Linux" or ctypes.sizeof(ctypes.c_long) != 8:
        return None
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    status = int.from_bytes(timex.raw[_STATUS_AT : _STATUS_AT + 4], "little")
    return not status & _UNSYNCHRONISED
