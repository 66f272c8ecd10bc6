"""A world of its own for a chaos run: network, mounts and processes that end with it.

Whatever the run breaks (rules of the firewall, full disks, killed and stopped processes) is broken
in namespaces that nobody else sees and that the kernel takes away with the run's first process,
however it ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from acd.bootstrap.switch import PROJECT
from acd.errors import NotFound, Refused

#: Says to the process inside that it is there.
INSIDE = "MADOGUCHI_CHAOS_INSIDE"
PROGRAMS = PROJECT / ".cache" / "chaos" / "root"
_disks: list[Path] = []
_ENTER = ("unshare", "--net", "--mount", "--propagation", "private", "--pid", "--fork")


def enter(module: str, arguments: list[str]) -> None:
    """Go on as ``python -m module arguments`` inside a new world; returns only in there.

    Raises :class:`Refused` without root, :class:`NotFound` when the set-up is missing.
    """
    if os.environ.get(INSIDE):
        _furnish()
        return
    if os.geteuid() != 0:
        raise Refused("a chaos run makes namespaces of its own, which needs root: use sudo")
    iptables()
    os.environ[INSIDE] = "1"
    command = [*_ENTER, "--mount-proc", "--kill-child", sys.executable, "-m", module, *arguments]
    sys.stdout.flush()
    os.execvp(command[0], command)


def _furnish() -> None:
    """The inside of a new world: a loopback interface, and shared memory that nobody inherits."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", "/dev/shm"], check=True)


def small_disk(folder: Path, mib: int) -> Path:
    """A disk of its own with so much room, mounted at a new folder; gone with the world."""
    folder.mkdir(parents=True)
    options = ["-o", f"size={mib}m,mode=0755", "tmpfs", str(folder)]
    subprocess.run(["mount", "-t", "tmpfs", *options], check=True)
    _disks.append(folder)
    return folder


def unmount() -> None:
    """Take the small disks away, so that the folders that hold them can go too."""
    while _disks:
        subprocess.run(["umount", "-l", str(_disks.pop())], check=True)


def iptables() -> tuple[list[str], dict[str, str]]:
    """How iptables is called, and its environment: the machine's own, or what was fetched."""
    own = shutil.which("iptables")
    if own is not None:
        return [own], {}
    program = PROGRAMS / "usr" / "sbin" / "xtables-nft-multi"
    if not program.exists():
        raise NotFound("iptables was not found: run `make setup`")
    libraries = _libraries()
    environment = {"LD_LIBRARY_PATH": str(libraries), "XTABLES_LIBDIR": str(libraries / "xtables")}
    return [str(program), "iptables"], environment


def faketime() -> Path:
    """The library that steps one process's clock."""
    found = _libraries() / "faketime" / "libfaketimeMT.so.1"
    if not found.exists():
        raise NotFound("libfaketime was not found: run `make setup`")
    return found


def _libraries() -> Path:
    found = sorted((PROGRAMS / "usr" / "lib").glob("*-linux-gnu"))
    if not found:
        raise NotFound("the programs of the chaos run were not found: run `make setup`")
    return found[0]
