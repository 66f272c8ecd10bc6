"""Can the database be reached and written, and does it have this version's tables?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from acd.adapters.sql import database as sql
from acd.adapters.sql.probe import probe
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, told, well
from acd.bootstrap.doctor.scene import Scene
from acd.errors import MadoguchiError

_LAG_STEPS = 10_000


async def look(scene: Scene) -> Finding:
    """Reachable, writable, of this version; and whether the running controller lags behind."""
    url = scene.settings.database_url
    try:
        shown = await asyncio.to_thread(probe, url)
        is_at, known = await asyncio.to_thread(revisions, url)
    except MadoguchiError as error:
        return fault(
            told(error),
            Said(
                "電話は受けられますが、記録がジャーナルにたまります。早めに直してください",
                "calls go on and records wait in the journal: mend it soon",
            ),
        )
    head = known[0]
    apart = Said(
        f"{shown} の表は版 {is_at}、このプログラムは版 {head} です",
        f"{shown} has tables of version {is_at}, this program wants {head}",
    )
    if is_at and is_at not in known:
        return fault(
            apart,
            Said(
                "表のほうが新しいので、プログラムを新しくしてください",
                "the tables are newer: bring the program to their version",
            ),
        )
    if is_at and is_at != head:
        return note(
            apart,
            Said(
                "次の起動で移行します。先にバックアップを取ってください",
                "they are brought up at the next start; make a backup before",
            ),
        )
    lag = (await scene.controller()).figures.get("madoguchi_journal_lag_steps", 0.0)
    if lag > _LAG_STEPS:
        return note(
            Said(
                f"{shown} に書き込めますが、記録が {lag:,.0f} 件遅れています",
                f"{shown} can be written, but {lag:,.0f} steps wait for it",
            ),
            Said("データベースの負荷とディスクを見てください", "look at its load and its disk"),
        )
    state = f"版 {is_at}" if is_at else "表は最初の起動で作られます"
    state_en = f"version {is_at}" if is_at else "the tables are made at the first start"
    return well(f"{shown} に書き込めます ({state})", f"{shown} can be written ({state_en})")


def revisions(url: str) -> tuple[str, list[str]]:
    """The version of the tables that are there (empty: none), and those that this program knows,
    the one that it wants first. Blocks; raises StoreUnavailable."""
    config = Config()
    folder = Path(sql.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    known = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    file = sql.sqlite_file(url)
    if file is not None and not file.exists():
        return "", known
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(drivername="sqlite")
    with sql.unavailable():
        engine = sqlalchemy.create_engine(parsed, hide_parameters=True)
        try:
            with engine.connect() as connection:
                return MigrationContext.configure(connection).get_current_revision() or "", known
        finally:
            engine.dispose()
