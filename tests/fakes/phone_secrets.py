"""The switch's register of browser telephones, in memory, and the book of who holds which."""

from __future__ import annotations

from acd.errors import SwitchUnavailable


class FakePhoneSecrets:
    """``known`` is what opens which telephone now; ``away`` makes every request fail."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.away = False

    async def put(self, phone: str, password: str) -> None:
        """Remember it."""
        self._there()
        self.known[phone] = password

    async def remove(self, phone: str) -> None:
        """Forget it."""
        self._there()
        self.known.pop(phone, None)

    def _there(self) -> None:
        if self.away:
            raise SwitchUnavailable("away")


class FakeLeaseBook:
    """Outlives the process in a test: hand the same book to the next one."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def load(self) -> dict[str, str]:
        """What was saved last."""
        return dict(self.kept)

    def save(self, leases: dict[str, str]) -> None:
        """Keep it."""
        self.kept = dict(leases)
