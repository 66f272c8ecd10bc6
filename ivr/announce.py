"""What to say to a caller on hold, and when: rules without state of their own.

* Nothing is said more often than the queue's plan says.
* The place in the line is told while it improves; who was overtaken by a call of higher priority
  hears no worse number.
* The expected wait is told as a range, and never with a later end than was told before: an
  estimate that grows is kept back rather than announced. When the engine is unsure, nothing.
* When there is nothing new, a word of comfort.
* Who waits without music hears a few words in between, which count for nothing else.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from acd.core.expected import ExpectedWait
from ivr.prompts import position_prompt, wait_range

#: The first announcement comes after this long, or when the queue says, whichever is sooner.
FIRST_AFTER_S = 15.0
#: Who waits without music is told no more often than this that the line still holds.
COMFORT_EVERY_S = 30.0

_NO_END = 1_000_000


class Waiting(Struct, frozen=True):
    """A caller's situation: place in the line (1 = next), expected wait (None = unsure)."""

    position: int
    expected: ExpectedWait | None


class Told(Struct, frozen=True):
    """What a caller was told last: when, the best place, and the earliest end in minutes; and when
    the few words were said that stand for the music."""

    at_s: float
    position: int
    end_min: int = _NO_END
    stay_at_s: float = 0.0


def due_s(told: Told | None, entered_s: float, every_s: float) -> float | None:
    """The moment from which something may be said (Unix seconds); None = never.

    ``every_s`` is the queue's ``announce_every_s``; 0 turns announcements off.
    """
    if every_s <= 0:
        return None
    if told is None:
        return entered_s + min(FIRST_AFTER_S, every_s)
    return told.at_s + every_s


def in_another_line(told: Told) -> Told:
    """What remains of it when the caller was moved to another queue: only when it was said."""
    return Told(at_s=told.at_s, position=_NO_END)


def stay_due_s(told: Told | None, entered_s: float) -> float:
    """From when a caller without music is to hear that the line still holds (Unix seconds)."""
    if told is None:
        return entered_s + FIRST_AFTER_S
    return max(told.at_s, told.stay_at_s) + COMFORT_EVERY_S


def stay(now_s: float, told: Told | None) -> tuple[tuple[str, ...], Told]:
    """The few words instead of music; what else was told, and when, stays as it was."""
    before = told or Told(at_s=now_s, position=_NO_END)
    return ("stay-on-line",), msgspec.structs.replace(before, stay_at_s=now_s)


def what_to_say(now_s: float, waiting: Waiting, told: Told | None) -> tuple[tuple[str, ...], Told]:
    """The prompts to play now, and what the caller has been told after them.

    The shell asks when :func:`due_s` has come, and keeps the second result for the next time.
    """
    before = told or Told(at_s=now_s, position=_NO_END)
    if not 1 <= waiting.position <= before.position:
        return ("hold-comfort",), Told(now_s, before.position, before.end_min)
    prompts: list[str] = []
    if waiting.position < before.position or told is None:
        prompts.append(position_prompt(waiting.position))
    end_min = before.end_min
    expected = waiting.expected
    span = wait_range(expected.p50_s, expected.p90_s) if expected else None
    if span is not None and prompts and (span.high_min or _NO_END) <= end_min:
        prompts.append(span.prompt)
        end_min = span.high_min or end_min
    return tuple(prompts) or ("hold-comfort",), Told(now_s, waiting.position, end_min)
