"""Whether carriers' lines answer, and how many calls are on them: asked of one Asterisk.

``DEVICE_STATE`` follows the OPTIONS that Asterisk sends to a trunk's host; ``GROUP_COUNT`` counts
channels that count themselves (see ``conf_trunks``). The switch is asked anew for each call to the
outside, so that nothing has to be remembered over a restart, and what others made is counted too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from acd.adapters.asterisk.actions import checked_word
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.session import Session
from acd.errors import ActionFailed

#: How long the switch may take for its answers.
TIMEOUT_S = 2.0
_GONE = frozenset({"UNAVAILABLE", "INVALID"})


class LineStates:
    """Asks over the connection that ``session`` gives; every method raises a SwitchError."""

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session

    async def up(self, trunks: Sequence[str]) -> dict[str, bool]:
        """Which of the trunks answer."""
        told = await self._ask([f"DEVICE_STATE(PJSIP/{_safe(trunk)})" for trunk in trunks])
        return {trunk: state not in _GONE for trunk, state in zip(trunks, told, strict=True)}

    async def counts(self, group: str, trunks: Sequence[str]) -> tuple[int, list[tuple[int, int]]]:
        """Calls of a whole group; and of each trunk calls in both directions, and calls out."""
        wanted = [f"GROUP_COUNT({_safe(group)}@lines)"]
        for trunk in trunks:
            wanted += [f"GROUP_COUNT({_safe(trunk)}@{kind})" for kind in ("trunk", "out")]
        whole, *each = (_whole(text) for text in await self._ask(wanted))
        return whole, list(zip(each[::2], each[1::2], strict=True))

    async def in_use(self, trunks: Sequence[str]) -> dict[str, int]:
        """Calls on each of the trunks, in both directions."""
        told = await self._ask([f"GROUP_COUNT({_safe(trunk)}@trunk)" for trunk in trunks])
        return {trunk: _whole(count) for trunk, count in zip(trunks, told, strict=True)}

    async def heard_nothing(self, channel: str) -> bool:
        """Whether the other side has said nothing to our INVITE, or no more than that it came."""
        [last] = await self._ask([f"HANGUPCAUSE({channel},tech)"], channel)
        return last in ("", "SIP 100") or last.startswith("SIP 100 ")

    async def name_of(self, unique_id: str) -> str:
        """The full name of a channel."""
        [name] = await self._ask(["CHANNEL(name)"], unique_id)
        return name

    async def _ask(self, wanted: Sequence[str], channel: str = "") -> list[str]:
        session = self._session()
        of = (("Channel", channel),) if channel else ()
        sent = [session.submit(Action("Getvar", (*of, ("Variable", each)))) for each in wanted]
        return [(await session.finish(future, TIMEOUT_S)).get("Value") for future in sent]


def _safe(name: str) -> str:
    checked = checked_word(name, "name of a trunk")
    if "/" in checked or not checked:
        raise ActionFailed("That is no name of a trunk.", code="unsafe_value")
    return checked


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
