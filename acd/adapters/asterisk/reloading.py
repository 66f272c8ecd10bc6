"""Lets a running Asterisk read its telephones again: no call is touched by that.

The account is the one that sets the secrets of operators' browsers, since Asterisk asks for the
class "system" for both; a session of its own is opened, because this happens once in a while.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.session import AmiAccount, AmiAddress, Session

#: What reads the files of :func:`acd.adapters.asterisk.conffiles.phone_files`.
MODULES = ("res_pjsip.so", "app_queue.so")
#: A large centre's telephones take a while.
TIMEOUT_S = 15.0


def replace_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files anew for whom they belong to, each whole or not at all; raises OSError."""
    for name, text in texts.items():
        path = folder / name
        before = path.stat()
        aside = folder / f"{name}.new"
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(aside, before.st_uid, before.st_gid)
        aside.chmod(before.st_mode & 0o777)
        aside.replace(path)


async def reload_phones(address: AmiAddress, account: AmiAccount) -> None:
    """Let Asterisk read its telephones and the static queue's members; raises a SwitchError."""
    session = await Session.open(address, account, on_event=_not_heard, events=False)
    try:
        for module in MODULES:
            await session.call(Action("Reload", (("Module", module),)), TIMEOUT_S)
    finally:
        session.close()


def _not_heard(_: Message) -> None:
    """This session asks for no events."""
