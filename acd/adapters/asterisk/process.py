"""Starts, asks and stops one Asterisk: the private one of this checkout, or the machine's own.

The private one runs in a mount namespace of its own, in a read-only root, under a user id that
nobody else has; what it may write is its run folder. It dies with the process that started it
unless told otherwise, so a killed test or demo leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import re
import resource
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from acd.adapters.asterisk import proctree
from acd.adapters.asterisk.listen import Listen, require_free
from acd.adapters.asterisk.places import (
    RUN_AS_ID,
    AsteriskPaths,
    Owner,
    prepare,
    private_root,
)
from acd.adapters.asterisk.version import check_version
from acd.errors import AsteriskStartFailed, SwitchUnavailable

__all__ = [
    "AsteriskPaths",
    "AsteriskProcess",
    "AsteriskSpec",
    "Listen",
    "check_version",
    "private_root",
]

_OPEN_FILES_MAX = 32_768
_OUTPUT_MAX = 4 * 1024 * 1024
_NEEDS_ROOT = (
    "Starting the private Asterisk needs root: run the same command with sudo, "
    "or use an Asterisk that is installed on this machine."
)
_TRANSPORT = re.compile(r"^Transport:\s+(?!<)(\S+)", re.MULTILINE)

# Runs inside the new mount namespace; every mount goes with the last process in it. The caller of
# this script changes into nothing and passes: ROOT ETC RUN SOUNDS NOFILE COMMAND...
_ENTER_ROOT = """
set -eu
root=$1 etc=$2 run=$3 sounds=$4 files=$5
shift 5
ulimit -n "$files"
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --rbind /proc "$root/proc"
for node in null zero full random urandom; do mount --bind "/dev/$node" "$root/dev/$node"; done
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
for file in resolv.conf hosts; do
  if [ -f "/etc/$file" ] && [ -f "$root/etc/$file" ]; then
    mount --bind "/etc/$file" "$root/etc/$file"
  fi
done
mount --bind "$etc" "$root/madoguchi/etc"
mount --bind "$run" "$root/madoguchi/run"
if [ -n "$sounds" ]; then mount --bind "$sounds" "$root/madoguchi/sounds"; fi
exec chroot "$root" "$@"
"""


class AsteriskSpec(Struct, frozen=True, kw_only=True):
    """What to start and how long to wait for it.

    Attributes:
        paths: the folders of the run.
        listens: addresses that must be free before the start, for a clear message.
        user: for the machine's own Asterisk started as root, the user to become.
        boot_timeout_s: how long booting may take on a busy machine.
        die_with_parent: whether the kernel ends it when the starting process dies.
    """

    paths: AsteriskPaths
    listens: tuple[Listen, ...] = ()
    user: str = "asterisk"
    boot_timeout_s: float = 30.0
    die_with_parent: bool = True


class AsteriskProcess:
    """One Asterisk in the foreground, as a child of this process.

    Use it as an async context manager, or call :meth:`start` and :meth:`stop`.
    """

    def __init__(self, spec: AsteriskSpec) -> None:
        self._spec = spec
        self._paths = spec.paths
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        if self._process is None or self._process.returncode is not None:
            return None
        return self._process.pid

    async def __aenter__(self) -> AsteriskProcess:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def version(self) -> str:
        """What ``asterisk -V`` prints, e.g. ``Asterisk 22.10.1+dfsg``.

        Raises:
            AsteriskStartFailed: the program is not there or does not run.
        """
        if self._paths.root and os.geteuid() != 0:
            raise AsteriskStartFailed(_NEEDS_ROOT)
        inside = [self._paths.binary, "-V"]
        command = ["chroot", str(self._paths.root), *inside] if self._paths.root else inside
        status, text = await self._run(command, timeout_s=10.0)
        if status != 0:
            raise AsteriskStartFailed(
                f"Asterisk does not run ({text.strip()[-200:] or f'status {status}'}): "
                "run `make setup`, or name another Asterisk in the settings."
            )
        return text.strip()

    async def start(self) -> None:
        """Start Asterisk and return when it is fully booted with its SIP transports up.

        Raises:
            AsteriskStartFailed: in one sentence, why not. Nothing is left running then.
        """
        if self.pid is not None:
            raise AsteriskStartFailed("This Asterisk is already running.")
        owner = self._owner()
        require_free(self._spec.listens)
        prepare(self._paths, owner)
        with self._console_path.open("wb") as console:
            self._process = await asyncio.create_subprocess_exec(
                *self._command(owner),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={"PATH": os.defpath + ":/usr/sbin:/sbin", "LANG": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,  # Ctrl-C is for whoever started us: the end is staged
            )
        try:
            async with asyncio.timeout(self._spec.boot_timeout_s):
                await self._booted()
        except TimeoutError:
            await self.stop()
            raise AsteriskStartFailed(self._failure("did not finish booting in time")) from None
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> int:
        """Return the exit status when the process has ended, for whatever reason."""
        if self._process is None:
            raise SwitchUnavailable("This Asterisk was never started.")
        return await self._process.wait()

    async def cli(self, command: str, *, timeout_s: float = 5.0) -> str:
        """Run one console command (``core show channels``) and return what it prints.

        Raises:
            SwitchUnavailable: Asterisk is not running or did not answer in time.
        """
        pid = self.pid
        if pid is None:
            raise SwitchUnavailable("Asterisk is not running.")
        inside = [self._paths.binary, "-C", f"{self._paths.inside_etc}/asterisk.conf"]
        enter = ["nsenter", "--mount", "--root", "--wd", f"--target={pid}"]
        prefix = enter if self._paths.root else []
        try:
            status, text = await self._run([*prefix, *inside, "-rx", command], timeout_s=timeout_s)
        except TimeoutError:
            raise SwitchUnavailable(f"Asterisk did not answer in {timeout_s:g} s.") from None
        if status != 0:
            raise SwitchUnavailable("Asterisk does not take console commands.")
        return text

    def cpu_seconds(self) -> float:
        """CPU seconds, user and system, of Asterisk and all it started; 0 when not running."""
        return proctree.cpu_seconds(self.pid) if self.pid is not None else 0.0

    def resident_bytes(self) -> int:
        """Resident memory of Asterisk; 0 when not running."""
        return proctree.resident_bytes(self.pid) if self.pid is not None else 0

    async def stop(self, *, drain_s: float = 0.0, grace_s: float = 5.0) -> None:
        """End Asterisk and everything it started. Safe to call twice.

        With ``drain_s`` new calls are refused and running ones may end for that long; then it is
        asked to end, and after ``grace_s`` it is killed.
        """
        process = self._process
        if process is None or process.returncode is not None:
            return
        if drain_s > 0:
            with contextlib.suppress(SwitchUnavailable):
                await self.cli("core stop gracefully")
            await _ended(process, drain_s)
        _signal([process.pid], signal.SIGTERM)
        if not await _ended(process, grace_s):
            _signal(proctree.tree(process.pid), signal.SIGKILL)
            await process.wait()
        # A helper may outlive an Asterisk that ended well; it is still of the session.
        _signal(sorted(proctree.session(process.pid)), signal.SIGKILL)

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            _signal(proctree.tree(self._process.pid), signal.SIGKILL)
            await self._process.wait()

    @property
    def _console_path(self) -> Path:
        return self._paths.run / "log" / "console.out"

    def _owner(self) -> Owner | None:
        """Whom Asterisk will run as, None for our own user."""
        if self._paths.root:
            if os.geteuid() != 0:
                raise AsteriskStartFailed(_NEEDS_ROOT)
            return Owner(RUN_AS_ID, RUN_AS_ID)
        if os.geteuid() != 0:
            return None
        try:
            user = pwd.getpwnam(self._spec.user)
        except KeyError:
            raise AsteriskStartFailed(
                f"There is no user {self._spec.user!r} to run Asterisk as: make one, "
                "or name another as `user` below [switch] in settings.toml.",
                ja=f"Asteriskを動かすユーザー {self._spec.user!r} がありません。作成するか、"
                "settings.toml の [switch] に user で別の名前を書いてください。",
            ) from None
        return Owner(user.pw_uid, user.pw_gid)

    def _command(self, owner: Owner | None) -> list[str]:
        paths = self._paths
        become = ["setpriv"]
        if owner is not None:
            become += [f"--reuid={owner.uid}", f"--regid={owner.gid}", "--clear-groups"]
            become += ["--bounding-set=-all", "--no-new-privs"]
        if self._spec.die_with_parent:  # set after the change of user, which would clear it
            become += ["--pdeathsig=KILL"]
        command = [*become, paths.binary, "-f", "-C", f"{paths.inside_etc}/asterisk.conf"]
        if not paths.root:
            return command
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        files = _OPEN_FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES_MAX)
        places = [paths.root, paths.etc, paths.run]
        return [
            *("unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER_ROOT, "sh"),
            *(str(place.resolve()) for place in places),
            str(paths.sounds.resolve()) if paths.sounds else "",
            str(files),
            *command,
        ]

    async def _booted(self) -> None:
        answer = ""
        while "fully booted" not in answer:
            await self._still_there()
            with contextlib.suppress(SwitchUnavailable):
                answer = await self.cli("core waitfullybooted", timeout_s=2.0)
        # "Fully booted" says nothing about SIP: a refused transport leaves Asterisk deaf.
        while not _TRANSPORT.search(await self.cli("pjsip show transports")):
            await self._still_there()

    async def _still_there(self) -> None:
        await asyncio.sleep(0.1)
        if self.pid is None:
            raise AsteriskStartFailed(self._failure("ended while booting"))

    def _failure(self, what: str) -> str:
        try:
            lines = self._console_path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        telling = [line for line in lines if "ERROR" in line or "error" in line] or lines
        shown = " | ".join(line.strip()[-200:] for line in telling[-3:])
        return f"Asterisk {what}; see {self._console_path}" + (f": {shown}" if shown else ".")

    def _missing(self, command: str) -> str:
        if command == self._paths.binary:
            return (
                f"There is no Asterisk at {command}: install one, name its place as `program` "
                'below [switch] in settings.toml, or say kind = "provided" there.'
            )
        return f"The command {command} is missing: run `make setup`."

    async def _run(self, command: Sequence[str], *, timeout_s: float) -> tuple[int, str]:
        """Exit status and output of a short command; it never outlives the deadline."""
        if shutil.which(command[0]) is None:
            raise AsteriskStartFailed(self._missing(command[0]))
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=_OUTPUT_MAX,
        )
        try:
            async with asyncio.timeout(timeout_s):
                output, _ = await process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        return process.returncode or 0, output.decode("utf-8", errors="replace")


async def _ended(process: asyncio.subprocess.Process, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await process.wait()
    except TimeoutError:
        return False
    return True


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in reversed(pids):  # children first, so that none is started again meanwhile
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
