"""The tunnel that carries a switch's AGI, and what somebody between sees of it.

It is the stunnel of this machine, or the one in the cache.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from acd.bootstrap.switch import PROJECT

ROOT = PROJECT / ".cache" / "stunnel" / "root"
#: Of every protocol (ETH_P_ALL).
_ALL = 0x0003


class Tunnel:
    """stunnel at work with a configuration of the product's. ``before``: words that run it
    somewhere else (in another network, with other folders in sight)."""

    def __init__(self, conf: Path | str, log: Path, before: Sequence[str] = ()) -> None:
        self._log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", *before, _program(), str(conf)],
                stdout=out,
                stderr=out,
                env={**os.environ, "LD_LIBRARY_PATH": _libraries()},
            )

    def wait_until_there(self, pid_file: Path, within_s: float = 20.0) -> None:
        """Return when it takes connections: it writes its number then."""
        end_s = time.monotonic() + within_s
        while not (pid_file.exists() and pid_file.read_text().strip()):
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < end_s, self.said()
            time.sleep(0.02)
        self.pid = int(pid_file.read_text())

    def said(self) -> str:
        """What it wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """Gone at once."""
        self._process.kill()
        self._process.wait()


def _program() -> str:
    own = ROOT / "usr/bin/stunnel"
    if own.exists():
        return str(own)
    found = shutil.which("stunnel")
    assert found is not None, "run tools/stunnel.sh"
    return found


def _libraries() -> str:
    return ":".join(str(each) for each in ROOT.glob("usr/lib/*-linux-gnu"))


class Wire:
    """Everything that passes an interface of the network that this thread is in."""

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
        self._socket.bind((interface, 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)

    def seen(self) -> bytes:
        """What passed since the last look, one packet after another."""
        packets = []
        with contextlib.suppress(BlockingIOError):
            while True:
                packets.append(self._socket.recv(1 << 16, socket.MSG_DONTWAIT))
        return b"\n".join(packets)

    def close(self) -> None:
        """Look no more."""
        self._socket.close()
