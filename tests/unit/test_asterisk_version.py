"""Versions that lose calls are refused, unproven ones warned about, the proven one passes."""

from __future__ import annotations

import pytest

from acd.adapters.asterisk.version import check_version
from acd.errors import AsteriskUnsupported


@pytest.mark.parametrize("text", ["Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", "Asterisk 22.10.0\n"])
def test_the_proven_release_passes_in_silence(text: str) -> None:
    assert check_version(text) is None


@pytest.mark.parametrize(
    "text", ["Asterisk 22.6.0", "Asterisk 22.11.0", "Asterisk 20.16.0", "Asterisk 20.18.2~dfsg"]
)
def test_other_good_releases_are_warned_about(text: str) -> None:
    assert "22.10" in (check_version(text) or "")


@pytest.mark.parametrize(
    "text",
    ["Asterisk 22.5.2", "Asterisk 20.15.0", "Asterisk 21.12.0", "Asterisk 18.26.4", "Asterisk 1.8"],
)
def test_releases_that_lose_calls_are_refused(text: str) -> None:
    with pytest.raises(AsteriskUnsupported, match="use 22.6 or newer"):
        check_version(text)


@pytest.mark.parametrize(
    "text",
    ["", "Asterisk certified/20.7-cert3", "Asterisk GIT-22-4a1", "FreeSWITCH", "Asterisk 22"],
)
def test_what_cannot_be_judged_is_refused(text: str) -> None:
    with pytest.raises(AsteriskUnsupported, match="cannot be judged"):
        check_version(text)
