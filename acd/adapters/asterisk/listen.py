"""Whether the addresses an Asterisk is to listen on are free, and who has them if not."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from acd.adapters.asterisk.proctree import name_of
from acd.errors import AsteriskStartFailed


class Listen(Struct, frozen=True):
    """One address that Asterisk is configured to listen on."""

    protocol: Literal["udp", "tcp"]
    host: str
    port: int


def require_free(addresses: Iterable[Listen]) -> None:
    """Return when all addresses can be bound now.

    Raises:
        AsteriskStartFailed: one is taken, or is no address of this machine.
    """
    for address in addresses:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        kind = socket.SOCK_DGRAM if address.protocol == "udp" else socket.SOCK_STREAM
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:  # a port that closed a minute ago counts as free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address.host, address.port))
            except OSError as error:
                raise AsteriskStartFailed(_sentence(address, error)) from error


def _sentence(address: Listen, error: OSError) -> str:
    shown = f"{address.protocol} {address.host}:{address.port}"
    if error.errno != errno.EADDRINUSE:
        return f"Asterisk cannot listen on {shown} ({error.strerror}): configure another address."
    found = holder(address)
    by = f" by {name_of(found)} (process {found})" if found else ""
    return f"{shown} is taken{by}: stop that program, or configure another port."


def holder(address: Listen) -> int | None:
    """The process that has the port, as far as this user may see it."""
    inodes = set[str]()
    for table in (address.protocol, f"{address.protocol}6"):
        try:
            lines = Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            # Remote port 0: a listener (TCP) or an unconnected socket (UDP).
            if int(fields[1].rpartition(":")[2], 16) == address.port and fields[2].endswith(
                ":0000"
            ):
                inodes.add(f"socket:[{fields[9]}]")
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with os.scandir(f"/proc/{entry}/fd") as descriptors:
                if any(os.readlink(each.path) in inodes for each in descriptors):
                    return int(entry)
        except OSError:
            continue
    return None
