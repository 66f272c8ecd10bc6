"""Legs that were given up, in case one slips through to its caller all the same.

A leg passes the token check just before the token is taken off: the caller goes back to waiting,
the leg goes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from acd.adapters.asterisk import actions
from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.translate import LEG_PREFIX
from acd.core.ids import OfferId

#: How many given-up offers are remembered.
MAX_STRAYS = 1024

_log = logging.getLogger(__name__)


class Strays:
    """Which caller an offer that was given up was for. ``post`` sends an action whose outcome
    changes nothing."""

    def __init__(self, post: Callable[[Action], None]) -> None:
        self._post = post
        self._channels: dict[OfferId, str] = {}

    def expect(self, offer: OfferId, channel: str) -> None:
        """The offer was given up; its leg may not know yet."""
        self._channels[offer] = channel
        if len(self._channels) > MAX_STRAYS:
            del self._channels[next(iter(self._channels))]

    def moved(self, channel: str) -> None:
        """The caller was sent elsewhere since: nobody brings it back from there."""
        for offer in [one for one, at in self._channels.items() if at == channel]:
            del self._channels[offer]

    def entered(self, message: Message) -> None:
        """Somebody entered a bridge: undo it if it is a leg that was given up."""
        unique_id = message.get("Uniqueid")
        if not self._channels or not unique_id.startswith(LEG_PREFIX):
            return
        offer = OfferId(unique_id.removeprefix(LEG_PREFIX))
        channel = self._channels.pop(offer, None)
        if channel is not None:
            _log.warning("offer %s was connected after it had been given up: undone", offer)
            self._post(actions.redirect(channel, "hold"))
            self._post(actions.hang_up_leg(offer))
