"""The secrets of operators' browsers, in Asterisk's own database (sorcery.conf, family ps_auth).

What is written there is the digest that SIP compares with, never the password; it counts from the
next REGISTER on and outlives a restart. A session of its own is opened for each action: this
account may do nothing else, and logins are rare.
"""

from __future__ import annotations

import asyncio
import hashlib

import msgspec

from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.session import AmiAccount, AmiAddress, Session
from acd.errors import ActionFailed

#: Where sorcery looks: the name in sorcery.conf, and the kind of object.
FAMILY = "ps_auth/auth"
#: What Asterisk names in its challenges, and what is therefore part of every digest.
REALM = "asterisk"
ACTION_TIMEOUT_S = 3.0
#: Sessions that are open at once: Asterisk counts those that have not logged in yet.
MAX_SESSIONS = 4


class AsteriskPhoneSecrets:
    """The port :class:`acd.ports_phones.PhoneSecrets` over one Asterisk's manager interface."""

    def __init__(self, address: AmiAddress, account: AmiAccount) -> None:
        self._address = address
        self._account = account
        self._room = asyncio.Semaphore(MAX_SESSIONS)

    async def put(self, phone: str, password: str) -> None:
        """Write the digest of this password."""
        value = {"auth_type": "md5", "username": phone, "md5_cred": digest(phone, password)}
        text = msgspec.json.encode(value).decode()
        await self._act(Action("DBPut", (("Family", FAMILY), ("Key", phone), ("Val", text))))

    async def remove(self, phone: str) -> None:
        """Remove what is written; nothing written is as good."""
        try:
            await self._act(Action("DBDel", (("Family", FAMILY), ("Key", phone))))
        except ActionFailed as error:
            if "not found" not in str(error).lower():
                raise

    async def _act(self, action: Action) -> None:
        async with self._room:
            session = await Session.open(
                self._address, self._account, on_event=_not_heard, events=False
            )
            try:
                await session.call(action, ACTION_TIMEOUT_S)
            finally:
                session.close()


def digest(phone: str, password: str) -> str:
    """What SIP compares with (RFC 8760 names better ones; browsers' SIP speaks MD5). The password
    has 192 random bits, so that the digest tells nothing of it."""
    text = f"{phone}:{REALM}:{password}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def _not_heard(_: Message) -> None:
    """This session asks for no events."""
