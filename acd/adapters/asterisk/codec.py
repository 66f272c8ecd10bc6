"""Asterisk Manager Interface framing without I/O: bytes in, messages out, and back.

A message is a block of ``Name: value`` lines that ends with an empty line; lines end with CR LF.
:class:`Decoder` takes bytes in chunks of any size and splits before it decodes, so that a character
cut in two by the network stays whole. :func:`encode` refuses what would break the framing.

Sizes are bytes. Asterisk refuses lines of more than about 1,020 bytes (measured on 22.10).
"""

from __future__ import annotations

from typing import NamedTuple

from acd.errors import ActionFailed, LimitExceeded

#: Longest line Asterisk takes from us, without its CR LF.
MAX_LINE_BYTES = 1020
#: Most header lines in one action; Asterisk drops what comes after its 128th.
MAX_HEADERS = 120
#: Largest message taken from the switch. Its largest events stay under 4 KiB.
MAX_MESSAGE_BYTES = 65_536

_EOL = "\r\n"
_END = b"\r\n\r\n"


class Action(NamedTuple):
    """One request to the switch: its name and its headers in order (names may repeat)."""

    name: str
    headers: tuple[tuple[str, str], ...] = ()


class Message:
    """One event or response: header values are looked up in the received text when asked for.

    Names are case-sensitive, as the switch writes them. Most messages are asked for two or three
    of their twenty headers, so taking them all apart is work for nothing.
    """

    __slots__ = ("event", "text")

    def __init__(self, text: str) -> None:
        #: All lines as received, each between two CR LF.
        self.text = _EOL + text + _EOL
        self.event = self.get("Event")

    def get(self, name: str, default: str = "") -> str:
        """The first value of a header, or ``default`` when the message has no such header."""
        text = self.text
        key = f"\r\n{name}: "
        at = text.find(key)
        if at < 0:
            return default
        at += len(key)
        return text[at : text.find(_EOL, at)]

    def all(self, name: str) -> list[str]:
        """Every value of a header that may repeat, in order."""
        return [value for key, value in self.headers() if key == name]

    def headers(self) -> list[tuple[str, str]]:
        """Every header in order, duplicates included; lines without ``: `` are left out."""
        pairs = (line.partition(": ") for line in self.text.split(_EOL))
        return [(name, value) for name, separator, value in pairs if separator]

    def __repr__(self) -> str:
        """The kind only: values may be personal data, and this ends up in logs."""
        return f"<Message {self.event or self.get('Response')!r}>"


def encode(action: Action, action_id: str) -> bytes:
    """The bytes of an action. A line break in any value raises :class:`ActionFailed` (code
    ``unsafe_value``), an over-long line or too many headers :class:`LimitExceeded`; the error
    names the header and never its value."""
    lines = [f"Action: {action.name}", f"ActionID: {action_id}"]
    lines += [f"{name}: {value}" for name, value in action.headers]
    if len(lines) > MAX_HEADERS:
        raise LimitExceeded(f"{action.name}: more than {MAX_HEADERS} header lines.")
    text = _EOL.join(lines)
    breaks = len(lines) - 1
    if text.count("\n") != breaks or text.count("\r") != breaks or "\0" in text:
        raise ActionFailed(_unsafe(action, action_id), code="unsafe_value")
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_LINE_BYTES:
        for line in data.split(b"\r\n"):
            if len(line) > MAX_LINE_BYTES:
                name = line.partition(b":")[0].decode("utf-8", "replace")
                raise LimitExceeded(
                    f"{action.name}: header {name!r} is longer than {MAX_LINE_BYTES} bytes."
                )
    return data + _END


def _unsafe(action: Action, action_id: str) -> str:
    pairs = (("Action", action.name), ("ActionID", action_id), *action.headers)
    for name, value in pairs:
        if any(mark in part for mark in "\r\n\0" for part in (name, value)):
            shown = name if name.isalnum() else "(unprintable)"
            return f"header {shown!r} holds a line break or a zero byte; the action was not sent."
    return "a header holds a line break or a zero byte; the action was not sent."


class Decoder:
    """Takes what the switch sends and gives the messages in it.

    ``banner`` is the switch's greeting line, empty until it has come. After
    :class:`LimitExceeded` the stream cannot be trusted any more: close the connection.
    """

    def __init__(self, max_message_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self.banner = ""
        self._limit = max_message_bytes
        self._rest = b""

    def feed(self, data: bytes) -> list[Message]:
        """The messages that ``data`` completes, in order."""
        if self._rest:
            data = self._rest + data
        if not self.banner:
            data = self._take_banner(data)
        if _END not in data:
            self._rest = self._bounded(data)
            return []
        *blocks, rest = data.split(_END)
        self._rest = self._bounded(rest)
        messages = []
        for block in blocks:
            text = self._bounded(block).decode("utf-8", "replace").strip("\r\n")
            if text:
                messages.append(Message(text))
        return messages

    def _take_banner(self, data: bytes) -> bytes:
        line, found, rest = data.partition(b"\r\n")
        if not found:
            return data
        self.banner = self._bounded(line).decode("utf-8", "replace") or "(none)"
        return rest

    def _bounded(self, block: bytes) -> bytes:
        if len(block) > self._limit:
            raise LimitExceeded(
                f"The switch sent a message of more than {self._limit} bytes; the connection "
                "cannot be trusted any more."
            )
        return block
