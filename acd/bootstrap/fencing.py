"""What stands between a deposed controller and switch and database, where there are several."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from acd.adapters.asterisk.fence import Fence
from acd.adapters.asterisk.session import AmiAccount
from acd.adapters.secrets import Secrets
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.records import SqlRecords
from acd.bootstrap.menus import menus_of
from acd.config.settings import Settings
from acd.core.engine import Engine
from acd.core.ids import SwitchId
from acd.core.inputs import Input
from acd.core.inputs_talk import TalkMet
from acd.errors import Deposed, StoreError
from acd.ports_cluster import Leadership

#: The account that ends the sessions of a controller that led before.
FENCE = "ami.fence"
#: How soon a database that could not be reached is asked again.
FENCE_AGAIN_S = 0.5

_log = structlog.get_logger("madoguchi.cluster")


def fence_account(settings: Settings, secrets: Secrets) -> AmiAccount:
    """The manager account for it; without a secret, and so not there, where nobody needs it."""
    secret = secrets.get(FENCE) if settings.cluster.on else ""
    return AmiAccount(f"{settings.switch.ami_user}-fence", secret)


def fence_of(
    settings: Settings, secrets: Secrets, leadership: Leadership, agi_key: str
) -> Fence | None:
    """The fence of one switch, whose menus ask with ``agi_key``; none for a single controller."""
    if not settings.cluster.on:
        return None
    menus = menus_of(settings)
    own = f"agi://{menus.host}:{menus.port}/{agi_key}"
    return Fence(leadership, own, fence_account(settings, secrets))


def known_legs(engine: Engine) -> set[str]:
    """The offers, parties and calls of operators that legs may be there for."""
    state = engine.state
    return {*state.offers, *state.parties, *state.dials, *state.floor.takings}


def note_recovered(switch: SwitchId, wanted: Iterable[Input]) -> None:
    """Say how many talks were found that whoever led before could not tell of any more."""
    talks = sum(isinstance(each, TalkMet) for each in wanted)
    if talks:
        _log.warning("talks_recovered", switch=switch, talks=talks)


def store_fence(settings: Settings, leadership: Leadership) -> SqlFence | None:
    """What keeps a deposed controller out of the database; nothing where there is no cluster."""
    return SqlFence(leadership, settings.cluster.node) if settings.cluster.on else None


async def fence_stores(records: SqlRecords) -> None:
    """Let the database refuse whoever led before, as soon as it can be reached.

    Calls do not wait for it: until then the one before is kept off by the lease alone.
    """
    while True:
        try:
            await records.fence()
        except Deposed:
            return
        except StoreError:
            await asyncio.sleep(FENCE_AGAIN_S)
        else:
            return
