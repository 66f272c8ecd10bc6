"""Several machines on one: network namespaces with cables between them, and what runs there.

A namespace lives as long as the process that holds it, and that one dies with the tests: nothing
is left behind on the machine, whatever happens to them.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from acd.adapters.asterisk.places import private_root
from acd.bootstrap.switch import PROJECT
from acd.errors import SwitchUnavailable
from tests.e2e.browser_kit import until
from tests.e2e.raw_sip import authorization
from tests.fakes.sip_agent import SipAgent, SipMessage

#: Where a far Asterisk has its things: not where one of this machine would.
THERE = "/srv/madoguchi"
_NEW_NET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Machine:
    """A network of its own: loopback, and the ends of cables. Needs root."""

    def __init__(self) -> None:
        hold = ["setpriv", "--pdeathsig=KILL", "unshare", "--net", "sleep", "infinity"]
        self._holder = subprocess.Popen(hold)
        self._net = Path(f"/proc/{self._holder.pid}/ns/net")
        ours, until_s = os.readlink("/proc/self/ns/net"), time.monotonic() + 5.0
        while os.readlink(self._net) == ours:
            assert time.monotonic() < until_s, "no namespace can be made here"
            time.sleep(0.01)
        self.ip("link", "set", "lo", "up")

    def command(self, *words: str) -> list[str]:
        """A command that runs there."""
        return ["nsenter", f"--net={self._net}", *words]

    def ip(self, *words: str) -> None:
        """Change addresses or links there."""
        subprocess.run(self.command("ip", *words), check=True)

    def cable(self, name: str, address: str, other: Machine, others: str) -> None:
        """Lay a cable to another machine; both ends bear ``name``."""
        far = ["type", "veth", "peer", "name", name, "netns", str(other._holder.pid)]
        self.ip("link", "add", "name", name, *far)
        for machine, own in ((self, address), (other, others)):
            machine.ip("address", "add", f"{own}/24", "dev", name)
            machine.ip("link", "set", "dev", name, "up")

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """What this thread opens or starts meanwhile belongs to that machine."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        there = os.open(self._net, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(there)
            yield
        finally:
            _enter(home)
            os.close(there)
            os.close(home)

    def close(self) -> None:
        """Away with it; cables go with either end."""
        self._holder.kill()
        self._holder.wait()


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, _NEW_NET):
        raise OSError(ctypes.get_errno(), "a namespace cannot be entered")


#: Another machine's disk: its root, and what was brought to it.
_ENTER = """
set -eu
root=$1 brought=$2
shift 2
mount --bind "$root" "$root"
mount --rbind /proc "$root/proc"
for node in null zero full random urandom; do mount --bind "/dev/$node" "$root/dev/$node"; done
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/srv"
mkdir "$root/srv/madoguchi"
mount --bind "$brought" "$root/srv/madoguchi"
mount -o remount,bind,ro "$root"
exec chroot "$root" "$@"
"""


class FarAsterisk:
    """Asterisk as an administrator starts it there, by the words of ``asterisk-conf``."""

    def __init__(self, machine: Machine, brought: Path) -> None:
        self._machine, self._brought = machine, brought
        self._process: asyncio.subprocess.Process

    def _inside(self, *words: str) -> list[str]:
        own = ("unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "sh")
        return [*own, str(private_root(PROJECT)), str(self._brought), *words]

    def _enter(self, *words: str) -> list[str]:
        return self._inside("asterisk", *words, "-C", f"{THERE}/etc/asterisk.conf")

    async def start(self) -> None:
        """Return when it is booted."""
        # All there ends with this process: the shell is the first of its processes.
        alone = ("setpriv", "--pdeathsig=KILL", "unshare", "--pid", "--fork", "--kill-child")
        first = ("sh", "-c", '"$@" & wait', "sh")
        command = self._machine.command(*alone, *first, *self._enter("-f", "-U", "asterisk"))
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        await until(self._booted, 30.0)

    async def _booted(self) -> bool:
        assert self._process.returncode is None, "it ended while booting"
        with contextlib.suppress(SwitchUnavailable):
            return "fully booted" in await self.cli("core waitfullybooted")
        return False

    async def cli(self, command: str) -> str:
        """What a console command prints."""
        process = await asyncio.create_subprocess_exec(
            *self._enter("-rx", command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(process.communicate(), 20.0)
        if process.returncode:
            raise SwitchUnavailable(said.decode())
        return said.decode()

    async def shell(self, line: str) -> str:
        """What an administrator's line prints there; it must succeed."""
        process = await asyncio.create_subprocess_exec(
            *self._inside("sh", "-ec", line), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(process.communicate(), 30.0)
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def stop(self, grace_s: float = 0.0) -> None:
        """Gone at once."""
        self._process.kill()
        await self._process.wait()


class DeskPhone(SipAgent):
    """A telephone that registers with its secret, as one on a desk does."""

    registered = 0

    expires_s = 300
    _register_count = 0

    def register(self, secret: str, expires_s: int = 300) -> None:
        """Ask to be known for so long, 0: no longer; ``registered`` is the last answer."""
        self._secret, self.expires_s = secret, expires_s
        self._register_count += 2
        self._ask("", self._register_count - 1)

    def _ask(self, challenge: str, cseq: int) -> None:
        where, user = f"sip:{self.server[0]}", f"<sip:{self.name}@{self.server[0]}>"
        lines = [
            f"REGISTER {where} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bKr{cseq}x{self.port};rport",
            "Max-Forwards: 70",
            f"From: {user};tag=r{self.port}",
            f"To: {user}",
            f"Call-ID: register-{self.port}",
            f"CSeq: {cseq} REGISTER",
            f"Contact: <sip:{self.name}@{self.host}:{self.port}>",
            f"Expires: {self.expires_s}",
        ]
        if challenge:
            lines.append(authorization(challenge, self.name, self._secret, where))
        self._send(lines, "")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Prove who it is when asked; the rest is as with any telephone."""
        message = SipMessage.parse(data)
        cseq, _, method = message.get("cseq").partition(" ")
        if method != "REGISTER":
            super().datagram_received(data, addr)
        elif message.status == 401 and int(cseq) % 2:
            self._ask(data.decode(), int(cseq) + 1)
        else:
            self.registered = message.status
