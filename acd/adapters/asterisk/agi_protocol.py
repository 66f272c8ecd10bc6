"""The AGI wire protocol without I/O: bytes in, what they mean out; and commands as bytes.

A session begins with lines ``agi_name: value`` that end with an empty one; after it every command
is answered by ``200 result=1 (note)`` or by an error (``510 ...``; ``520-...`` up to ``520 ...`` is
one answer in several lines). A line ``HANGUP`` may come at any time. Everything is bounded, and
whatever does not fit is refused: a caller's name may be in there.
"""

from __future__ import annotations

import re

from msgspec import Struct

from acd.errors import LimitExceeded, SwitchError

#: Longest line, header lines of a session, lines of one answer.
MAX_LINE_BYTES = 2048
MAX_HEADERS = 64
MAX_ANSWER_LINES = 40

_HEADER = re.compile(r"(agi_[a-z0-9_]{1,40}): ?(.*)")
_ANSWER = re.compile(r"(\d{3})([ -]|$)(.*)")
_RESULT = re.compile(r"result=(-?\d{1,9})(?: \((.*)\))?")
#: A word that goes into a command as it is; anything else is quoted, and control characters never.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


class AgiFault(SwitchError):
    """What came from the other side is not AGI, or not at this point."""

    code = "agi_fault"


class Begun(Struct, frozen=True):
    """The headers are complete."""

    headers: dict[str, str]


class Answer(Struct, frozen=True):
    """The answer to the command sent last: ``code`` 200 is success, ``result`` the command's own
    (-1 mostly means that the channel is gone), ``note`` what stood in brackets."""

    code: int
    result: int
    note: str = ""


class HangupSeen(Struct, frozen=True):
    """The channel was hung up, redirected or connected: these look the same from here."""


Seen = Begun | Answer | HangupSeen


class AgiReader:
    """Takes bytes as they come and gives what they mean, in order.

    Raises :class:`LimitExceeded` or :class:`AgiFault`; the session is of no use after that.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._headers: dict[str, str] = {}
        self._begun = False
        self._continued = 0

    def feed(self, data: bytes) -> list[Seen]:
        """What these bytes complete, together with those before them."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        seen = [found for line in lines if (found := self._line(line)) is not None]
        if len(self._rest) > MAX_LINE_BYTES:
            raise LimitExceeded("An AGI line is too long.")
        return seen

    def _line(self, raw: bytes) -> Seen | None:
        if len(raw) > MAX_LINE_BYTES:
            raise LimitExceeded("An AGI line is too long.")
        line = raw.decode("utf-8", errors="replace").removesuffix("\r")
        return self._answer(line) if self._begun else self._header(line)

    def _header(self, line: str) -> Seen | None:
        if not line:
            self._begun = True
            return Begun(self._headers)
        found = _HEADER.fullmatch(line)
        if found is None:
            raise AgiFault("An AGI session begins with something that is no header.")
        # A name that comes twice was written by somebody else than the switch.
        if found[1] in self._headers:
            raise AgiFault("An AGI header comes twice.")
        if len(self._headers) >= MAX_HEADERS:
            raise LimitExceeded("An AGI session has too many headers.")
        self._headers[found[1]] = found[2]
        return None

    def _answer(self, line: str) -> Seen | None:
        found = _ANSWER.fullmatch(line)
        if found is None:
            return self._other(line)
        code = int(found[1])
        if found[2] == "-":
            self._count()
            return None
        self._continued = 0
        result = _RESULT.match(found[3])
        if code == 200 and result is None:
            raise AgiFault("An AGI answer has no result.")
        if result is None:
            return Answer(code, -1)
        return Answer(code, int(result[1]), result[2] or "")

    def _other(self, line: str) -> Seen | None:
        if line == "HANGUP":
            return HangupSeen()
        if not self._continued:
            raise AgiFault("An AGI answer has no code.")
        self._count()
        return None

    def _count(self) -> None:
        self._continued += 1
        if self._continued > MAX_ANSWER_LINES:
            raise LimitExceeded("An AGI answer has too many lines.")


def command(*words: str) -> bytes:
    """A command line. Words that are empty or hold a blank, a quote or a backslash are quoted;
    raises :class:`AgiFault` for control characters and for a line that the switch would cut."""
    line = " ".join(_quoted(word) for word in words).encode()
    if len(line) > MAX_LINE_BYTES:
        raise LimitExceeded("An AGI command is too long.")
    return line + b"\n"


def _quoted(word: str) -> str:
    if _UNPRINTABLE.search(word):
        raise AgiFault("An AGI command may not hold control characters.")
    if word and not any(mark in word for mark in ' "\\'):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
