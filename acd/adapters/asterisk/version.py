"""Which Asterisk versions madoguchi works with, and what to say about the others."""

from __future__ import annotations

import re

from acd.errors import AsteriskUnsupported

#: The minor release everything is proven with; another 22.x works but is not measured.
PROVEN = (22, 10)
#: The first release of a branch whose Redirect does not lose a channel. Later branches have it.
FIRST_GOOD = {20: 16, 22: 6}

_VERSION = re.compile(r"^Asterisk (\d{1,3})\.(\d{1,3})(?:\.\d+)?")


def parse_version(text: str) -> tuple[int, int]:
    """Major and minor of what ``asterisk -V`` prints.

    Raises:
        AsteriskUnsupported: a certified, home-made or unreadable version.
    """
    found = _VERSION.match(text.strip())
    if found is None:
        shown = text.strip()[:60] or "nothing"
        raise AsteriskUnsupported(
            f"The version of this Asterisk cannot be judged (it says {shown!r}): "
            "use a release of Asterisk 22.6 or newer, or 20.16 or newer."
        )
    return int(found[1]), int(found[2])


def check_version(text: str) -> str | None:
    """Judge what ``asterisk -V`` prints: None when proven, else one sentence to warn with.

    Raises:
        AsteriskUnsupported: a version that is known to lose calls, or is not known at all.
    """
    major, minor = parse_version(text)
    first = FIRST_GOOD.get(major, 0)
    if major < min(FIRST_GOOD) or major == 21 or minor < first:
        raise AsteriskUnsupported(
            f"Asterisk {major}.{minor} loses calls that are redirected: "
            "use 22.6 or newer (22.10 is proven), or 20.16 or newer."
        )
    if (major, minor) == PROVEN:
        return None
    return (
        f"Asterisk {major}.{minor} is not the release madoguchi is proven with "
        f"({PROVEN[0]}.{PROVEN[1]}): run the end-to-end tests against it before trusting it."
    )
