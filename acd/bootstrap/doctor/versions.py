"""Which versions work together here, and are they among those that were proven?"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import sys
from importlib import metadata

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.version import check_version
from acd.adapters.sql.database import sqlite_file
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, told, well
from acd.bootstrap.doctor.lease import redis_about
from acd.bootstrap.doctor.scene import Scene
from acd.errors import AsteriskUnsupported, MadoguchiError
from acd.japanese import in_japanese

ANSWER_S = 3.0
#: Older PostgreSQL lacks what is used; no older one is tried.
POSTGRES_FIRST, REDIS_FIRST = 15, 7


async def look(scene: Scene) -> Finding:
    """Asterisk, Python, the database's program, Redis, madoguchi itself."""
    shown = [f"madoguchi {metadata.version('madoguchi')}", f"Python {sys.version.split()[0]}"]
    advice: str | None = None
    for node in scene.settings.nodes:
        try:
            session = await scene.session(node)
            answer = await session.call(Action("CoreSettings"), ANSWER_S)
            asterisk = answer.get("AsteriskVersion")
            shown.append(f"Asterisk {asterisk.partition('~')[0].partition('+')[0]}")
            advice = check_version(f"Asterisk {asterisk}") or advice
        except AsteriskUnsupported as error:
            return fault(
                told(error), Said("その版のAsteriskにしてください", "install the version it names")
            )
        except MadoguchiError:
            shown.append("Asterisk –")
    shown.append(await asyncio.to_thread(_database, scene.settings.database_url))
    with contextlib.suppress(MadoguchiError):
        about = await redis_about(scene)
        shown += [f"Redis {about[0]}"] if about else []
    line = " · ".join(shown)
    for name, first in (("PostgreSQL", POSTGRES_FIRST), ("Redis", REDIS_FIRST)):
        found = re.search(rf"{name} (\d+)", line)
        if found and int(found[1]) < first:
            return fault(
                Said(f"{line}。{name} が古すぎます", f"{line}: this {name} is too old"),
                Said(f"{name} {first} 以上にしてください", f"use {name} {first} or newer"),
            )
    if advice is not None:
        return note(
            Said(line, line),
            Said(in_japanese(advice) or "この版での動作は確かめられていません", advice),
        )
    return well(line, line)


def _database(url: str) -> str:
    if sqlite_file(url) is not None:
        return f"SQLite {sqlite3.sqlite_version}"
    engine = sqlalchemy.create_engine(
        url, hide_parameters=True, connect_args={"connect_timeout": int(ANSWER_S)}
    )
    try:
        with engine.connect() as connection:
            text = str(connection.exec_driver_sql("SHOW server_version").scalar_one())
        return f"PostgreSQL {text.split(maxsplit=1)[0]}"
    except (SQLAlchemyError, OSError):
        return "PostgreSQL –"
    finally:
        engine.dispose()
