"""The dry run: what a caller would hear and where the call would end, without a telephone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from ivr.flow import Flow
from ivr.prompts import CATALOGUE
from ivr.session import (
    EnterQueue,
    Finish,
    Listen,
    Passed,
    Phase,
    Play,
    SendTo,
    Session,
    Surroundings,
)

#: How long a caller takes to press a key once it is clear which.
REACTION_S = 1.0
#: In the list of keys: the caller presses nothing this time.
NOTHING = "-"


class Sound(StrEnum):
    """What a line of the dry run is about."""

    SPOKEN = "spoken"
    CUT_SHORT = "cut_short"
    UNHEARD = "unheard"
    PRESSED = "pressed"
    SILENCE = "silence"


class Line(Struct, frozen=True):
    """Something heard or done, ``at_s`` seconds after the answer; ``prompt`` names a sentence."""

    at_s: float
    sound: Sound
    text: str
    prompt: str = ""


class Tryout(Struct, frozen=True):
    """A whole dry run: the lines, the final step, when it came, the nodes passed."""

    lines: tuple[Line, ...]
    end: EnterQueue | SendTo | Finish
    seconds: float
    passed: tuple[Passed, ...]


def try_out(
    flow: Flow,
    around: Surroundings,
    keys: Sequence[str],
    answered_s: float,
    lengths_s: Mapping[str, float],
    *,
    at_once: bool = False,
) -> Tryout:
    """Walk through a flow at a moment (Unix seconds) with the keys a caller would press.

    The caller hears every menu to its end before pressing; with ``at_once`` each key comes a
    second into the first sentence that a key may cut short. Keys beyond the last are not pressed.
    ``lengths_s`` gives seconds by ``language/prompt``; a prompt without one takes no time.
    """
    caller = _Caller(flow, list(keys), lengths_s, at_once)
    session = Session(flow, around)
    step = session.begin(answered_s)
    while True:
        if isinstance(step, Play):
            key = caller.hear(step, session)
        elif isinstance(step, Listen):
            key = caller.wait(step)
        else:
            return Tryout(tuple(caller.lines), step, caller.now_s, tuple(session.passed))
        step = session.heard(key, answered_s + caller.now_s)


class _Caller:
    """The caller of a dry run, and the clock since the answer."""

    def __init__(
        self, flow: Flow, keys: list[str], lengths_s: Mapping[str, float], at_once: bool
    ) -> None:
        self._written = {**CATALOGUE, **flow.prompts}
        self._keys = keys
        self._lengths_s = lengths_s
        self._at_once = at_once
        self.lines: list[Line] = []
        self.now_s = 0.0

    def hear(self, step: Play, session: Session) -> str:
        """Listen to prompts; returns the key that cut in, or ``""``."""
        began_s = self.now_s
        cut_s = began_s + REACTION_S if self._cuts_in(step, session) else None
        for prompt in step.prompts:
            text = self._written[prompt].text(step.language)
            length_s = self._lengths_s.get(f"{step.language}/{prompt}", 0.0)
            ends_s = self.now_s + length_s
            if cut_s is None or ends_s <= cut_s:
                self.lines.append(Line(self.now_s, Sound.SPOKEN, text, prompt))
                self.now_s = ends_s
            elif self.now_s < cut_s:
                self.lines.append(Line(self.now_s, Sound.CUT_SHORT, text, prompt))
                self.now_s = cut_s
            else:
                self.lines.append(Line(self.now_s, Sound.UNHEARD, text, prompt))
        return self._press() if cut_s is not None else ""

    def wait(self, step: Listen) -> str:
        """What happens in the silence after a menu."""
        if self._keys and self._keys[0] != NOTHING:
            self.now_s += REACTION_S
            return self._press()
        del self._keys[:1]
        self.lines.append(Line(self.now_s, Sound.SILENCE, ""))
        self.now_s += step.timeout_s
        return ""

    def _cuts_in(self, step: Play, session: Session) -> bool:
        if not (self._at_once and step.keys and self._keys and self._keys[0] != NOTHING):
            return False
        return session.phase in (Phase.ASKED, Phase.SPOKEN_TO)

    def _press(self) -> str:
        key = self._keys.pop(0)
        self.lines.append(Line(self.now_s, Sound.PRESSED, key))
        return key
