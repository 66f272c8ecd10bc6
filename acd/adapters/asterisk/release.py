"""What a switch says of itself: which release it is, and since when it runs."""

from __future__ import annotations

from typing import NamedTuple

from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.session import Session


class Release(NamedTuple):
    """``version`` as ``22.10.1``, ``started`` in the switch's own words."""

    version: str
    started: str


async def ask_release(session: Session, timeout_s: float) -> Release:
    """Ask the switch; raises a SwitchError."""
    settings = await session.call(Action("CoreSettings"), timeout_s)
    status = await session.call(Action("CoreStatus"), timeout_s)
    started = f"{status.get('CoreStartupDate')} {status.get('CoreStartupTime')}"
    return Release(settings.get("AsteriskVersion"), started)
