"""What one switch records by itself while no controller is there: the rule, and whose it was.

The rule is in variables of the dialplan, so that an Asterisk that has forgotten it records nothing.
Whose a recording is lies in Asterisk's database, written by the dialplan (``[taped]`` of
``extensions.conf``) under the last digits of its id: id, call, number dialled, telephone, second,
channel. There it outlives Asterisk, and AMI may read it by the class "reporting".
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence

from acd.adapters.asterisk.actions import checked_recording, set_global, set_variable
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.session import Session
from acd.core.ids import CallId
from acd.errors import ActionFailed
from acd.ports_recording import Told

#: Global variables of the dialplan: until when it records by itself, and the mark of numbers that
#: are exempt.
RECORD, EXEMPT = "MDG_RECORD", "MDG_EXEMPT"
#: Variable of a caller who waits for a queue whose talks are not recorded.
SPARED = "MDG_UNTAPED"
#: Where Asterisk's database has whose a recording is.
FAMILY = "mdg_tape"
#: So many digits at the end of an id tell the place in the database.
PLACE = 5
TIMEOUT_S = 3.0

_NUMBER = re.compile(r"[0-9+*#]{1,40}")
_ENTRY = re.compile(
    r"(?P<id>[0-9a-f]{32})\|(?P<call>[A-Za-z0-9_.-]{1,60})\|(?P<dialled>[0-9+*#]{0,40})"
    r"\|(?P<phone>[A-Za-z0-9_.-]{0,64})\|(?P<started>[0-9]{1,12})"
    r"\|(?P<channel>[A-Za-z0-9_]{1,20}/[A-Za-z0-9_.@;/-]{1,120})"
)


class Tapes:
    """``send`` sends actions and raises when one fails, ``try_to`` is patient with a caller who is
    gone; ``session`` is the connection for questions, and raises while there is none."""

    def __init__(
        self,
        session: Callable[[], Session],
        send: Callable[[tuple[Action, ...]], Awaitable[None]],
        try_to: Callable[[tuple[Action, ...]], Awaitable[bool]],
    ) -> None:
        self._session, self._send, self._try_to = session, send, try_to
        self._mark = 0

    async def record_until(self, until_s: int) -> None:
        """Until which second talks are recorded; 0: not at all. Raises a SwitchError."""
        await self._send((set_global(RECORD, str(until_s)),))

    async def exempt(self, numbers: Sequence[str]) -> None:
        """Which numbers are exempt; those told before no longer count. Raises a SwitchError."""
        self._mark += 1
        mark = f"m{self._mark}-{time.time_ns()}"
        wanted = [
            set_global(f"{EXEMPT}_{number}", mark)
            for number in numbers
            if _NUMBER.fullmatch(number)
        ]
        await self._send((*wanted, set_global(EXEMPT, mark)))

    async def spare(self, channel: str, on: bool) -> None:
        """Whether this caller's talk is not recorded. Raises a SwitchError."""
        await self._try_to((set_variable(channel, SPARED, "yes" if on else ""),))

    async def told(self, recording: str) -> Told | None:
        """Whose a recording is; None: nothing is known of it here. Raises a SwitchError."""
        found = _ENTRY.fullmatch(await self._entry(checked_recording(recording)[-PLACE:]))
        if found is None or found["id"] != recording:
            return None
        question = Action("Getvar", (("Variable", f"CHANNEL_EXISTS({found['channel']})"),))
        there = (await self._session().call(question, TIMEOUT_S)).get("Value")
        return Told(
            CallId(found["call"]),
            found["dialled"],
            found["phone"],
            int(found["started"]),
            over=there != "1",
        )

    async def _entry(self, place: str) -> str:
        question = Action("DBGet", (("Family", FAMILY), ("Key", place)))
        try:
            answer = await self._session().collect(question, TIMEOUT_S)
        except ActionFailed:  # There is no such entry.
            return ""
        return next((each.get("Val") for each in answer if each.event == "DBGetResponse"), "")
