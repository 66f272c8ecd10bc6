"""Ports for loads: each process has its share, and nobody is given what is not free."""

from __future__ import annotations

import socket

import pytest

from acd.errors import ConfigError, LimitExceeded
from sim.load.ports import SHARE, free_ports


def test_ports_are_of_this_process_share_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARE, "21000-21100")
    found = free_ports(5) + free_ports(5)
    assert len(set(found)) == 10
    assert all(21000 <= port <= 21096 for port in found)


def test_a_port_in_use_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARE, "21100-21109")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 21102))
        assert free_ports(1) == [21104]
        with pytest.raises(LimitExceeded, match="no 2 free ports"):
            free_ports(2)


@pytest.mark.parametrize("text", ["", "21000", "22000-21000", "80-21000", "1-x", "21000-99999"])
def test_a_share_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(SHARE, text)
    with pytest.raises(ConfigError, match="must be like 23000-32700"):
        free_ports(1)
