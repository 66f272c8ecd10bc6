"""The wallboard's live channel: a snapshot, then the sections that changed, numbered.

Everybody sees the same, so that a change is put into words once, whoever looks. The centre is
looked at a few times a second, and only while somebody looks at the board; figures of the day are
worked out again once a second at most. A display has its own layout, which comes with its
snapshot, and anew when somebody changes it.
"""

from __future__ import annotations

import re
import time

from aiohttp import web

from web.answer import json_text
from web.channel import Channel
from web.identity import Identity
from web.subscriber import Subscriber
from web.wallboard_screens import USUAL, layout_of
from web.wallboard_views import centre_section, day_sections, now_sections, service_section
from web.wiring import Wiring

#: How often figures of the day are worked out at most, and a sign of life is sent at least.
FIGURES_EVERY_S, LIFE_EVERY_S = 1.0, 2.0
#: How often it is worked out for how much of the day callers could be served.
SERVICE_EVERY_S = 5.0
#: Displays that one link serves: a city hall has many walls.
PER_LINK = 100

_SCREEN = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class WallboardLive(Channel):
    """Feeds every display. ``page`` of a connection is the screen that it shows."""

    #: How often the centre is looked at.
    flush_every_s = 0.2
    #: A link that was revoked shows nothing after this time.
    recheck_every_s = 0.4

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring, PER_LINK)
        self._sections: dict[str, str] = {}
        self._layouts: dict[str, str] = {}
        self._version = -1
        self._counted_at = self._spoke_at = 0.0
        self._served_at = float("-inf")
        self._plan: object = None

    def subscribe(self, who: Identity, page: str = "") -> Subscriber:
        """A new display, its snapshot queued; raises HttpError when there are too many."""
        subscriber = self.admit(who, page or USUAL)
        # Those who look already are told of the same changes, and so stay in step.
        self._tell(self._changes())
        self._subscribers.add(subscriber)
        layout = self._layouts.setdefault(subscriber.page, self._layout(subscriber.page))
        body = _object({**self._sections, "layout": layout, "now_s": json_text(self._wiring.now())})
        subscriber.push("snapshot", f'{{"state":{body}}}')
        return subscriber

    def flush(self) -> None:
        """Tell every display what changed since the last time."""
        if not self._subscribers:
            return
        changes = self._changes()
        if changes or time.monotonic() - self._spoke_at >= LIFE_EVERY_S:
            self._tell(changes)
        self._tell_layouts()

    def _tell(self, changes: dict[str, str]) -> None:
        self._spoke_at = time.monotonic()
        body = _object({"now_s": json_text(self._wiring.now()), **changes})
        for subscriber in self._subscribers:
            subscriber.push("delta", body)

    def _tell_layouts(self) -> None:
        shown = {subscriber.page for subscriber in self._subscribers}
        for screen in shown:
            layout = self._layout(screen)
            if layout != self._layouts.get(screen):
                self._layouts[screen] = layout
                body = _object({"now_s": json_text(self._wiring.now()), "layout": layout})
                for subscriber in self._subscribers:
                    if subscriber.page == screen:
                        subscriber.push("delta", body)
        self._layouts = {screen: self._layouts[screen] for screen in shown}

    def _layout(self, screen: str) -> str:
        layout = self._wiring.wallboard.screens.of(screen)
        return json_text(layout_of(screen, layout))

    def _changes(self) -> dict[str, str]:
        """The sections that are not as they were, as texts; they are from now on."""
        engine, now_s = self._wiring.engine(), self._wiring.now()
        sections = now_sections(engine, now_s, self._down())
        found = {name: json_text(each) for name, each in sections.items()}
        if engine.plan is not self._plan:
            self._plan = engine.plan
            found["centre"] = json_text(centre_section(engine, self._wiring.wallboard.channels))
        found |= self._day(engine.plan.timezone, now_s) | self._service()
        changes = {name: text for name, text in found.items() if self._sections.get(name) != text}
        self._sections |= changes
        return changes

    def _down(self) -> list[str]:
        watching = self._wiring.watching
        if watching is None:
            return []
        return [trunk for trunk, is_up in watching.trunks.up.items() if not is_up]

    def _day(self, timezone: str, now_s: float) -> dict[str, str]:
        figures = self._wiring.wallboard.figures
        version = figures.version if figures is not None else 0
        # A half hour that ends changes the forecast, though no call does.
        version += round(now_s // 60)
        due = time.monotonic() - self._counted_at >= FIGURES_EVERY_S
        if version == self._version or not (due or not self._sections):
            return {}
        self._version, self._counted_at = version, time.monotonic()
        sections = day_sections(figures, timezone, now_s)
        return {name: json_text(each) for name, each in sections.items()}

    def _service(self) -> dict[str, str]:
        if time.monotonic() - self._served_at < SERVICE_EVERY_S:
            return {}
        self._served_at = time.monotonic()
        sections = service_section(self._wiring.wallboard.figures)
        return {name: json_text(each) for name, each in sections.items()}


def screen_named(request: web.Request) -> str:
    """The screen that a display asks for; the usual one without a name."""
    screen = request.query.get("screen", "")
    return screen if _SCREEN.fullmatch(screen) else USUAL


def _object(members: dict[str, str]) -> str:
    """An object whose members are JSON already."""
    return "{" + ",".join(f'"{name}":{text}' for name, text in members.items()) + "}"
