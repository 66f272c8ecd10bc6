"""A caller in a conversation: hears what is played, presses what was planned, may be gone."""

from __future__ import annotations

from collections.abc import Sequence

from acd.core.ids import CallId, SwitchId
from acd.core.inputs import Caller, CallerKind
from acd.ports import CallerGone, CallInfo


class FakeConversation:
    """In memory. ``keys``: what is pressed at each menu, in order (``""`` = waits). A key is
    pressed once a menu is heard to its end. ``gone_after`` ends it after so many sounds."""

    def __init__(
        self,
        keys: Sequence[str] = (),
        *,
        call: str = "1.1",
        dialled: str = "0466001111",
        caller: Caller | None = None,
        gone_after: int | None = None,
    ) -> None:
        self.info = CallInfo(
            call=CallId(call),
            switch=SwitchId("a"),
            channel=f"PJSIP/carrier-{call}",
            trunk="carrier",
            dialled=dialled,
            caller=caller or Caller(CallerKind.NUMBER, "0311112222"),
        )
        self.heard: list[str] = []
        self.next = ""
        self.variables: dict[str, str] = {}
        self._keys = list(keys)
        self._gone_after = gone_after

    async def play(self, prompts: Sequence[str], keys: str = "") -> str:
        """Hear everything to its end."""
        for prompt in prompts:
            if self._gone_after is not None and len(self.heard) >= self._gone_after:
                raise CallerGone
            self.heard.append(prompt)
        return ""

    async def wait_key(self, timeout_s: float) -> str:
        """The next planned key."""
        return self._keys.pop(0) if self._keys else ""

    async def set_next(self, where: str, **variables: str) -> None:
        """Remember the marker."""
        if self._gone_after is not None and len(self.heard) >= self._gone_after:
            raise CallerGone
        self.next = where
        self.variables |= variables
