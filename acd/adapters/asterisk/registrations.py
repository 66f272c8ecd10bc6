"""Where each telephone is registered, of several switches, and how it is rung from another one.

Every switch tells when a telephone registers there or is gone (``ContactStatus``), and is asked
about all telephones after each connect. A telephone that is registered where the caller waits is
rung directly; else over the trunk to the switch where it came last; else at its home, as the plan
says (docs/adr/0032).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.devices import Devices
from acd.adapters.asterisk.session import Session
from acd.core.ids import OfferId, SwitchId, node_endpoint
from acd.errors import ActionFailed

#: How much later than the leg to it a telephone on another switch is let go.
BEHIND_S = 0.1
#: Questions under way at once.
BATCH = 500
#: How channels over the trunk to another switch begin.
_OVER = f"PJSIP/{node_endpoint(SwitchId(''))}"
#: The dialplan's variable with whom the caller is sent on to.
_DIAL = "MDG_DIAL"
_GONE = ("Removed", "Unreachable")
_HERE = ("Created", "NonQualified", "Reachable", "Updated")
#: A telephone of ours, as dialled: no number over a trunk, no address.
_PHONE = re.compile(r"PJSIP/([A-Za-z0-9][A-Za-z0-9_.-]{0,63})")
_CONTACT = re.compile(r"PJSIP/[^/&]{1,64}/([^&]{1,256})")


class NodeDevices(Devices):
    """Which telephones still have a leg, of whichever switch."""

    def ended(self, leg: OfferId, channel: str) -> None:
        """The channel of a leg is gone; the telephone behind another switch is, a moment later."""
        if channel.startswith(_OVER):
            asyncio.get_running_loop().call_later(BEHIND_S, self.gone, leg)
        else:
            self.gone(leg)


class OnePlace:
    """The telephones of a centre of one switch: they are there or nowhere, and nothing is asked."""

    def __init__(self) -> None:
        self.devices: Devices = Devices()

    async def up(self, switch: SwitchId, session: Session, timeout_s: float) -> None:
        """The switch is connected."""

    def lost(self, switch: SwitchId) -> None:
        """The switch is away."""

    def hears(self, switch: SwitchId, message: Message) -> bool:
        """Whether an event is about where telephones are; here none is."""
        return False


class Registrations(OnePlace):
    """The telephones of one centre. ``known`` are all of them, ``home`` tells where one is at home
    (None: it is none of ours); ``moved`` is told when one came somewhere and was elsewhere, or
    nowhere, before. ``devices`` are shared by the switches, since a telephone is."""

    def __init__(
        self,
        known: Callable[[], Sequence[str]],
        home: Callable[[str], SwitchId | None],
        moved: Callable[[str, SwitchId], None],
    ) -> None:
        super().__init__()
        self.devices = NodeDevices()
        self._known, self._home, self._moved = known, home, moved
        #: By switch and telephone, the addresses at which it is registered.
        self._contacts: dict[tuple[SwitchId, str], set[str]] = {}
        #: Where each telephone is, of all the switches where it may be: where it came last.
        self._place: dict[str, SwitchId] = {}

    def place(self, device: str) -> SwitchId | None:
        """Where the telephone is registered, as far as is known."""
        return self._place.get(device)

    def rung_at(self, device: str, here: SwitchId) -> SwitchId:
        """The switch that rings the telephone for a caller ``here``."""
        if (here, device) in self._contacts:
            return here
        return self._place.get(device) or self._home(device) or here

    def placed(self, action: Action, here: SwitchId) -> Action:
        """The action with a telephone dialled where it is; others as they are."""
        if action.name == "Originate":
            key = "Channel"
        elif action.name == "Setvar" and ("Variable", _DIAL) in action.headers:
            key = "Value"
        else:
            return action
        headers = [
            (name, self._way(value, here) if name == key else value)
            for name, value in action.headers
        ]
        return Action(action.name, tuple(headers))

    def _way(self, dialled: str, here: SwitchId) -> str:
        phone = _PHONE.fullmatch(dialled)
        if phone is None:
            return dialled
        there = self.rung_at(phone[1], here)
        return dialled if there == here else f"{dialled}@{node_endpoint(there)}"

    # What the switches tell

    def hears(self, switch: SwitchId, message: Message) -> bool:
        """Take a ``ContactStatus`` of one switch; False for any other event."""
        if message.event != "ContactStatus":
            return False
        self._heard(switch, message)
        return True

    def _heard(self, switch: SwitchId, message: Message) -> None:
        device, address = message.get("AOR"), message.get("URI")
        status = message.get("ContactStatus")
        if not address or (self._home(device) is None and (switch, device) not in self._contacts):
            return
        if status in _HERE:
            self._came(switch, device, address)
        elif status in _GONE:
            self._went(switch, device, address)

    def lost(self, switch: SwitchId) -> None:
        """Nothing is known of one switch any more."""
        for at, device in [key for key in self._contacts if key[0] == switch]:
            del self._contacts[at, device]
            if self._place.get(device) == switch:
                self._look_elsewhere(device)

    async def up(self, switch: SwitchId, session: Session, timeout_s: float) -> None:
        """One switch is connected: ask it about all telephones, and dial there as they are placed;
        raises a SwitchError. Who is registered elsewhere as well stays there: what a switch that
        was away remembers may be long past."""
        session.placing = lambda action: self.placed(action, switch)
        todo = self._known()
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            asked = [session.submit(_question(device)) for device in batch]
            for device, future in zip(batch, asked, strict=True):
                try:
                    answer = await session.finish(future, timeout_s)
                except ActionFailed:
                    # It has only just started, or its files do not know the telephone yet.
                    continue
                self._learn(switch, device, set(_CONTACT.findall(answer.get("Value"))))

    def _learn(self, switch: SwitchId, device: str, found: set[str]) -> None:
        if not found:
            self._contacts.pop((switch, device), None)
            if self._place.get(device) == switch:
                self._look_elsewhere(device)
            return
        self._contacts[switch, device] = found
        if device not in self._place:
            self._settle(device, switch)

    def _came(self, switch: SwitchId, device: str, address: str) -> None:
        known = self._contacts.setdefault((switch, device), set())
        again = address in known
        known.add(address)
        if not again and self._place.get(device) != switch:
            self._settle(device, switch)

    def _went(self, switch: SwitchId, device: str, address: str) -> None:
        known = self._contacts.get((switch, device))
        if known is None:
            return
        known.discard(address)
        if not known:
            del self._contacts[switch, device]
            if self._place.get(device) == switch:
                self._look_elsewhere(device)

    def _look_elsewhere(self, device: str) -> None:
        del self._place[device]
        for at, known in self._contacts:
            if known == device:
                self._settle(device, at)
                return

    def _settle(self, device: str, switch: SwitchId) -> None:
        self._place[device] = switch
        self._moved(device, switch)


def _question(device: str) -> Action:
    return Action("Getvar", (("Variable", f"PJSIP_DIAL_CONTACTS({device})"),))
