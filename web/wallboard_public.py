"""How busy the centre is, for anybody: three steps and a rounded wait, no number of people.

What is told is worked out every few seconds, whoever asks and however often, and is the same for
all: nobody can follow single calls by asking quickly.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from enum import StrEnum
from html import escape

from msgspec import Struct

from acd.core.call import CallState
from acd.core.engine import Engine
from agents.state import AgentState

#: What is told stays the same for so long, and may be kept by others.
KEPT_S = 20
#: Somebody who has waited longer than this, or is expected to, makes it very busy.
VERY_S = 180.0
#: The steps of a wait that are told, in minutes; the last means "more than the one before".
STEPS_MIN = (1, 2, 3, 5, 10, 15, 20, 30)
#: Requests of one address: so many at once, and so many per second.
AT_ONCE, PER_S, ADDRESSES_MAX = 20.0, 1.0, 10_000


class Busy(StrEnum):
    """How busy it is."""

    FREE = "free"
    BUSY = "busy"
    VERY_BUSY = "very_busy"
    CLOSED = "closed"


WORDS = {
    Busy.FREE: ("つながりやすい", "free"),
    Busy.BUSY: ("混み合っています", "busy"),
    Busy.VERY_BUSY: ("大変混み合っています", "very busy"),
    Busy.CLOSED: ("受付時間外", "closed"),
}


class BusyNow(Struct, frozen=True):
    """``wait_min``: about so many minutes at most, rounded up to a step; None when not known."""

    level: Busy
    wait_min: int | None


def busy_now(engine: Engine, now_s: float) -> BusyNow:
    """How busy it is at this moment."""
    if not _open(engine, now_s):
        return BusyNow(Busy.CLOSED, None)
    state = engine.state
    waiting = [
        call
        for call in state.calls.values()
        if call.state in (CallState.QUEUED, CallState.OFFERED) and not call.drill
    ]
    ready = any(agent.state is AgentState.READY for agent in state.agents.values())
    if not waiting:
        return BusyNow(Busy.FREE, 1) if ready else BusyNow(Busy.BUSY, None)
    last = max(waiting, key=lambda call: (call.visit_from_s, call.id))
    expected = engine.expected_wait(last.id, now_s)
    longest_s = now_s - min(call.visit_from_s for call in waiting)
    wait_s = expected.p50_s if expected is not None else None
    very = max(longest_s, wait_s or 0.0) > VERY_S
    level = Busy.VERY_BUSY if very else Busy.BUSY
    return BusyNow(level, None if wait_s is None else step_of(wait_s))


def step_of(wait_s: float) -> int:
    """The step that a wait is told as.

    >>> step_of(10), step_of(61), step_of(4_000)
    (1, 2, 30)
    """
    return next((step for step in STEPS_MIN if wait_s <= 60 * step), STEPS_MIN[-1])


def _open(engine: Engine, now_s: float) -> bool:
    """Whether any queue takes calls now. Queues without hours of their own say nothing: it is the
    menu that sends callers there."""
    calendars = engine.state.calendars
    hours = {queue.hours for queue in engine.plan.queues if queue.hours}
    return not hours or any(calendars[each].is_open(now_s) for each in hours)


class PublicBusy:
    """What is told now, worked out seldom, and who asks too often."""

    def __init__(self) -> None:
        self._told: BusyNow | None = None
        self._at = 0.0
        self._credit: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def now(self, engine: Engine, now_s: float) -> BusyNow:
        """What is told to everybody."""
        at = time.monotonic()
        if self._told is None or at - self._at >= KEPT_S:
            self._told, self._at = busy_now(engine, now_s), at
        return self._told

    def too_often(self, address: str) -> bool:
        """Count a request; true when this address has asked too often."""
        at = time.monotonic()
        credit, since = self._credit.pop(address, (AT_ONCE, at))
        credit = min(AT_ONCE, credit + (at - since) * PER_S) - 1
        self._credit[address] = max(credit, -1.0), at
        if len(self._credit) > ADDRESSES_MAX:
            self._credit.popitem(last=False)
        return credit < 0


def words_of(now: BusyNow) -> tuple[str, str]:
    """The same as a short sentence in Japanese and English."""
    ja, en = WORDS[now.level]
    if now.wait_min is None or now.level is Busy.CLOSED:
        return ja, en
    wait_ja, wait_en = f"待ち時間 約{now.wait_min}分以内", f"wait: within about {now.wait_min} min"
    return f"{ja} ({wait_ja})", f"{en} ({wait_en})"


#: Light ground, a dark word: colour and word say the same. Width per character in pixels.
_COLOURS = {
    Busy.FREE: "#00745a",
    Busy.BUSY: "#8a5300",
    Busy.VERY_BUSY: "#b23b0e",
    Busy.CLOSED: "#5d646e",
}
_WIDE_PX, _NARROW_PX = 14, 8


def badge(now: BusyNow, lang: str, title: str) -> str:
    """The badge as SVG, without script, font or link of its own."""
    text = words_of(now)[0 if lang == "ja" else 1]
    left, right = _width(title) + 20, _width(text) + 20
    said = escape(f"{title}: {text}")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="28" \
role="img" aria-label="{said}" lang="{lang}"><title>{said}</title>\
<rect width="{left}" height="28" fill="#161a20"/>\
<rect x="{left}" width="{right}" height="28" fill="{_COLOURS[now.level]}"/>\
<g fill="#ffffff" font-family="Noto Sans JP, Hiragino Sans, Yu Gothic UI, sans-serif" \
font-size="13" text-anchor="middle"><text x="{left / 2:g}" y="19">{escape(title)}</text>\
<text x="{left + right / 2:g}" y="19" font-weight="bold">{escape(text)}</text></g></svg>
"""


def _width(text: str) -> int:
    return sum(_NARROW_PX if char.isascii() else _WIDE_PX for char in text)
