"""The right to act of one time as leader, which also ends by our own will."""

from __future__ import annotations

from acd.ports_cluster import Leadership


class Tenure:
    """A Leadership for as long as a controller leads: over when it is closed, whatever the lease
    says. Closing comes before handing over: from then on nothing is decided and nothing sent."""

    def __init__(self, leadership: Leadership) -> None:
        self._leadership = leadership
        self._token = leadership.token
        self._open = True

    @property
    def token(self) -> int:
        """The fencing token that it began with."""
        return self._token

    def holds(self) -> bool:
        """Whether anything may be done at this moment."""
        return self._open and self._leadership.holds() and self._leadership.token == self._token

    def refused(self, token: int) -> None:
        """A fence knows somebody else: no concern of a later tenure of ours with a higher token."""
        self._open = False
        self._leadership.refused(token)

    def close(self) -> None:
        """Do nothing from now on."""
        self._open = False

    def open_again(self) -> None:
        """The handing over came to nothing: go on."""
        self._open = True
