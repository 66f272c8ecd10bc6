"""The SIPp scenario files, made from the templates in ``xml/``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_TEMPLATES = Path(__file__).parent / "xml"

#: What a phone does with a ringing call; the number is the row's first field.
ANSWER, RING_ON, BUSY, DECLINE, UNAVAILABLE = range(5)

_REFUSALS = (
    ("busy", "486 Busy Here"),
    ("declined", "603 Decline"),
    ("unavailable", "503 Service Unavailable"),
)

_SOUND = """\
  <nop hide="true">
    <action><test assign_to="is_it" variable="sound" compare="equal" value="{number}"/></action>
  </nop>
  <nop next="sound_{number}" test="is_it" hide="true"/>
"""
_PLAY = """\
  <label id="sound_{number}"/>
  <nop next="listen" hide="true"><action><exec play_pcap_audio="{file}"/></action></nop>
"""


def caller(sounds: Sequence[Path]) -> str:
    """The caller's scenario; row field 5 picks ``sounds[n - 1]``, 0 stays silent."""
    numbers = range(1, len(sounds) + 1)
    tests = "".join(_SOUND.format(number=n) for n in numbers)
    plays = "".join(_PLAY.format(number=n, file=sounds[n - 1]) for n in numbers)
    return _read("caller.xml").replace(
        "  <!-- SOUNDS -->\n", tests + '  <nop next="listen" hide="true"/>\n' + plays
    )


#: A caller who hangs up when a note says so: SIPp sorts what comes to its port by Call-ID alone.
_TOLD = """\
  <label id="listen"/>
  <recv request="MESSAGE" optional="true" next="leave"/>
  <recv request="BYE" next="ended"/>
  <label id="leave"/>
"""


def told_caller() -> str:
    """A caller without sounds who hangs up when a MESSAGE with its Call-ID comes; the row's
    patience counts for nothing."""
    once, both = (f'<Reference variables="{names}"/>' for names in ("sound", "sound,left"))
    whole = caller(()).replace(once, both)
    head, _, rest = whole.partition("  <!-- LISTEN -->\n")
    return head + _TOLD + rest.partition("  <!-- LISTENED -->\n")[2]


def phone() -> str:
    """An operator's phone."""
    block = _read("refusal.xml")
    refusals = "".join(
        block.replace("{{NAME}}", name).replace("{{STATUS}}", status) for name, status in _REFUSALS
    )
    return _read("phone.xml").replace("  <!-- REFUSALS -->\n", refusals)


def register() -> str:
    """A phone that registers once and is done."""
    return _read("register.xml")


def plain_caller() -> str:
    """A caller without media who stays until hung up; row field 0 is the number dialled."""
    return _read("plain_caller.xml")


def plain_phone(talk_s: float) -> str:
    """Any number of phones without media: they answer at once and hang up after ``talk_s``."""
    return _read("plain_phone.xml").replace("{{TALK_MS}}", str(round(talk_s * 1000)))


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")
