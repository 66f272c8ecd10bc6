"""What the operators' browser telephones need of the world, as small Protocols."""

from __future__ import annotations

from typing import Protocol

from acd.core.ids import OfferId


class PhoneSecrets(Protocol):
    """The switch's register of who may be which telephone."""

    async def put(self, phone: str, password: str) -> None:
        """From now on this password, and no other, opens this telephone; raises a SwitchError."""
        ...

    async def remove(self, phone: str) -> None:
        """No password opens it any more (none may have before); raises a SwitchError."""
        ...


class LeaseBook(Protocol):
    """Remembers who holds which telephone beyond the end of the process. No secret is in it."""

    def load(self) -> dict[str, str]:
        """What was kept last; empty when there is nothing to be read."""
        ...

    def save(self, leases: dict[str, str]) -> None:
        """Keep this in place of what was there. A disk that refuses it is no reason to stop."""
        ...


class KeySender(Protocol):
    """The switch, as far as it sends keys."""

    async def press(self, offer: OfferId, keys: str) -> None:
        """Send keys (0-9, *, #, A-D) to whoever is with this leg of an operator's; raises a
        SwitchError."""
        ...
