"""What keeps a controller that was deposed from acting on a switch (docs/adr/0030).

Every action of a controller in a cluster passes :meth:`Fence.admit` in the very step in which it is
written: without the lease nothing leaves. Legs carry the term they were rung under, which the
dialplan compares with its own ``GLOBAL(MDG_TERM)`` when somebody answers: what slipped through ends
there. And who leads anew ends the manager sessions of whoever led before (:func:`end_sessions`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import structlog
from msgspec import Struct

from acd.adapters.asterisk import actions
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.session import Admit, AmiAccount, AmiAddress, Session
from acd.errors import SwitchError, SwitchUnavailable
from acd.ports import ChannelSeen
from acd.ports_cluster import Leadership

#: Global variables of the dialplan: the term in force, and the menu server of who leads.
TERM, MENUS = "MDG_TERM", "MDG_AGI"
#: Of a leg: the term it was rung under.
OF_TERM = "MDG_OF_TERM"
#: How long ending others' sessions may take; calls wait for it.
KICK_S = 0.5
MAX_SESSIONS = 64
#: So many characters of an account's name are listed (measured on 22.10).
SHOWN = 15

#: Account, address, start, seconds since, and the session's id; further columns follow.
_ROW = re.compile(r"(?P<user>\S+)\s+\S+\s+\d+\s+\d+\s+(?P<id>\d+)\s")
_log = structlog.get_logger("madoguchi.fence")


class Fence:
    """The right of one tenure to act on switches. ``menus`` is where this controller's menu server
    is, as the dialplan calls it (``agi://host:port/key``); ``account`` may end others' sessions."""

    def __init__(self, leadership: Leadership, menus: str, account: AmiAccount) -> None:
        self._leadership = leadership
        self._menus = menus
        self._account = account
        self._cleared: set[tuple[str, int]] = set()

    @property
    def term(self) -> str:
        """The term as the dialplan knows it."""
        return str(self._leadership.token)

    def admit(self, action: Action) -> Action:
        """The action as it may be sent; raises SwitchUnavailable when nothing may."""
        if not self._leadership.holds():
            raise SwitchUnavailable("This controller does not lead at present.", code="deposed")
        if action.name != "Originate":
            return action
        return Action(action.name, (*action.headers, ("Variable", f"{OF_TERM}={self.term}")))

    def names(self) -> tuple[Action, ...]:
        """Tell the dialplan under which term calls are led now, and where the menu is."""
        return (actions.set_global(TERM, self.term), actions.set_global(MENUS, self._menus))

    async def clear(self, address: AmiAddress) -> None:
        """End the sessions of whoever led before, once for each switch in a tenure."""
        place = (address.host, address.port)
        if place not in self._cleared and await end_sessions(address, self._account, self.admit):
            self._cleared.add(place)


def legs_anew(seen: Iterable[ChannelSeen], known: Collection[str], term: str) -> tuple[Action, ...]:
    """What becomes of legs that were rung under an earlier term, as a sweep shows them.

    A leg that rings for an offer that the engine knows gets the present term: whoever answers it
    has the caller. One that it does not know ends, unless it has somebody already.
    """
    wanted: list[Action] = []
    for leg in seen:
        if leg.offer is None or leg.bridge:
            continue
        if leg.offer in known:
            wanted.append(actions.set_variable(leg.channel, OF_TERM, term))
        else:
            wanted.append(actions.hang_up(leg.channel))
    return tuple(wanted)


class Connected(Struct, frozen=True):
    """A session as the switch lists it."""

    user: str
    session: str


def connected(listing: str) -> list[Connected]:
    """The rows of ``manager show connected``."""
    rows = (_ROW.match(line.strip()) for line in listing.splitlines())
    return [Connected(row["user"], row["id"]) for row in rows if row][:MAX_SESSIONS]


async def end_sessions(address: AmiAddress, account: AmiAccount, admit: Admit) -> bool:
    """End every session of our accounts, before we open our own; returns whether that was done.

    ``account`` may run commands of the console and nothing else. Never raises: the other fences
    stand without this one, and a switch that is gone has no sessions.
    """
    ours = {each.user[:SHOWN] for each in (address.events, address.actions)}
    try:
        session = await Session.open(
            address,
            account,
            on_event=lambda _: None,
            events=False,
            admit=admit,
            gulps=False,
        )
    except SwitchError as error:
        _log.warning("sessions_not_ended", code=error.code)
        return False
    try:
        reply = await session.call(_command("manager show connected"), KICK_S)
        for each in connected("\n".join(reply.all("Output"))):
            if each.user in ours:
                await session.call(_command(f"manager kick session {each.session}"), KICK_S)
    except SwitchError as error:
        _log.warning("sessions_not_ended", code=error.code)
        return False
    else:
        return True
    finally:
        session.close()


def _command(text: str) -> Action:
    return Action("Command", (("Command", text),))
