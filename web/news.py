"""What every screen is told as it happens, though nothing else on it is live: the centre's banner.

A snapshot first (``{"state": {"now_s": …, "banner": …}}``), then ``delta`` whenever the banner is
another one; ``null`` is none. Between changes nothing is sent, and nobody's page asks.
"""

from __future__ import annotations

from web.answer import json_text
from web.channel import Channel
from web.floor_views import Banner, banner
from web.frames import NewsNow, NewsSnapshot
from web.identity import Identity
from web.subscriber import Subscriber
from web.wiring import Wiring

#: Screens of one person: they stand in as many tabs.
PER_PERSON = 20


class News(Channel):
    """Feeds every page that has no live state of its own."""

    #: How often it is looked at, while somebody listens.
    flush_every_s = 0.3
    #: How soon a session that is over is told so.
    recheck_every_s = 5.0

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring, PER_PERSON)
        self._told = self._banner()

    def subscribe(self, who: Identity, page: str = "") -> Subscriber:
        """A new page, its snapshot queued; raises HttpError when there are too many."""
        subscriber = self.admit(who, page)
        self.flush()
        self._subscribers.add(subscriber)
        subscriber.push("snapshot", json_text(NewsSnapshot(state=self._body())))
        return subscriber

    def flush(self) -> None:
        """Tell every page of another banner."""
        now = self._banner()
        if now == self._told:
            return
        self._told = now
        for subscriber in self._subscribers:
            subscriber.push("delta", json_text(self._body()))

    def _banner(self) -> Banner | None:
        return banner(self._wiring.engine())

    def _body(self) -> NewsNow:
        return {"now_s": self._wiring.now(), "banner": self._told}
