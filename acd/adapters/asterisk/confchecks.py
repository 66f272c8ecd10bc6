"""What may stand in an Asterisk configuration file: one check per kind of value.

A configuration file is lines; ``;`` starts a comment, ``[`` a section, ``#`` an inclusion. Each
check admits the characters that its kind of value needs and no others.
"""

from __future__ import annotations

import ipaddress
import re

from acd.errors import Fault

#: Names begin with a letter, so that no telephone number can be the name of an endpoint.
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")
_PATH = re.compile(r"/[A-Za-z0-9_.+/-]*")
_SIP_URI = re.compile(r"sips?:([A-Za-z0-9_.+*-]{1,64}@)?[A-Za-z0-9.-]{1,253}(:\d{1,5})?")
#: Printable ASCII without blanks: what a carrier may give as an account.
_TEXT = re.compile(r"[!-~]{1,128}")


class Checks:
    """Collects faults under dotted paths that begin with ``root``. Values are never repeated in a
    message: some are secrets."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.faults: list[Fault] = []

    def that(self, field: str, holds: bool, message: str) -> None:
        """A fault unless ``holds``."""
        if not holds:
            self.faults.append(Fault(f"{self._root}.{field}", message))

    def name(self, field: str, value: str) -> None:
        """A name of an endpoint or account."""
        self.that(field, _NAME.fullmatch(value) is not None, "must match [a-z][a-z0-9_-]*, <= 40")

    def secret(self, field: str, value: str) -> None:
        """A secret of our own making."""
        holds = _SECRET.fullmatch(value) is not None
        self.that(field, holds, "must be 16 to 128 characters of A-Z a-z 0-9 _ -")

    def text(self, field: str, value: str) -> None:
        """A user or secret that somebody else gave us. A backslash at its end would escape what
        follows, and an escaped semicolon could not be told from one of ours."""
        holds = _TEXT.fullmatch(value) is not None and "\\" not in value
        self.that(field, holds, "must be 1 to 128 printable ASCII characters, no blank, no \\")

    def path(self, field: str, value: str) -> None:
        """An absolute path."""
        holds = _PATH.fullmatch(value) is not None and "/../" not in f"{value}/"
        self.that(field, holds, "must be an absolute path of plain characters")

    def address(self, field: str, value: str) -> None:
        """An IPv4 address to listen at or to connect to."""
        try:
            ipaddress.IPv4Address(value)
        except ValueError:
            self.that(field, False, "must be an IPv4 address")

    def network(self, field: str, value: str) -> None:
        """An IPv4 or IPv6 address or network."""
        try:
            ipaddress.ip_network(value)
        except ValueError:
            self.that(field, False, "must be an IP address or network")

    def sip_uri(self, field: str, value: str) -> None:
        """A SIP URI without parameters."""
        self.that(field, _SIP_URI.fullmatch(value) is not None, "must be a plain SIP URI")

    def between(self, field: str, value: int, low: int, high: int) -> None:
        """A number within bounds."""
        self.that(field, low <= value <= high, f"must be from {low} to {high}")

    def one_of(self, field: str, value: str, choices: tuple[str, ...]) -> None:
        """One of a few words."""
        self.that(field, value in choices, f"must be one of {', '.join(choices)}")
