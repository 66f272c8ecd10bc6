"""Where one Asterisk finds its things: outside, on this machine, and inside, as it sees them.

A private Asterisk lives in a root of its own (``tools/asterisk-root.sh``) and sees the folders of
a run at fixed places, so a configuration rendered for it names no path of this machine. An Asterisk
that is installed on the machine sees them where they are.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from msgspec import Struct

from acd.errors import AsteriskStartFailed

#: Under which user and group id the private Asterisk runs: nobody's on any machine.
RUN_AS_ID = 52060

#: What Asterisk expects to find below its run folder.
_FOLDERS = ("db", "log", "log/cdr-csv", "log/cel-custom", "spool", "spool/monitor", "cache")
#: Longest path of a Unix socket that the kernel takes, without the closing zero.
_SOCKET_PATH_MAX = 107


class AsteriskPaths(Struct, frozen=True):
    """The folders of one run.

    Attributes:
        etc: the rendered configuration, with ``asterisk.conf`` in it. It holds secrets: the start
            makes it readable for Asterisk alone.
        run: written by Asterisk: control socket, database, logs, spool. Made if missing.
        sounds: the project's prompts, read by Asterisk; None when a configuration uses none.
        root: the private root, or None for an Asterisk that is installed on this machine.
        binary: the program, as seen inside.
    """

    etc: Path
    run: Path
    sounds: Path | None = None
    root: Path | None = None
    binary: str = "/usr/sbin/asterisk"

    @property
    def inside_etc(self) -> str:
        """The configuration folder as Asterisk sees it."""
        return "/madoguchi/etc" if self.root else str(self.etc.resolve())

    @property
    def inside_run(self) -> str:
        """The run folder as Asterisk sees it."""
        return "/madoguchi/run" if self.root else str(self.run.resolve())

    @property
    def inside_sounds(self) -> str:
        """The project's prompts as Asterisk sees them; empty without any."""
        if self.root:
            return "/madoguchi/sounds"
        return str(self.sounds.resolve()) if self.sounds else ""

    def directories(self) -> dict[str, str]:
        """The ``[directories]`` section of ``asterisk.conf`` for this run.

        What is not named here (modules, music, the English core sounds) stays where the package
        put it.
        """
        run = self.inside_run
        return {
            "astetcdir": self.inside_etc,
            "astdbdir": f"{run}/db",
            "astspooldir": f"{run}/spool",
            "astcachedir": f"{run}/cache",
            "astrundir": run,
            "astlogdir": f"{run}/log",
        }


def private_root(project: Path) -> Path:
    """The private root that ``make setup`` builds for a checkout.

    Raises:
        AsteriskStartFailed: it is not there.
    """
    root = project / ".cache" / "asterisk" / "root"
    if not (root / "usr/sbin/asterisk").exists():
        raise AsteriskStartFailed(
            "There is no private Asterisk in this checkout: run `make setup`."
        )
    return root.resolve()


def make_run_folder(run: Path) -> None:
    """Make a run folder with all that Asterisk expects to find in it; one that is there is kept."""
    for name in ("", *_FOLDERS):
        (run / name).mkdir(mode=0o750, parents=True, exist_ok=True)


class Owner(Struct, frozen=True):
    """The user and group that Asterisk runs under."""

    uid: int
    gid: int


def prepare(paths: AsteriskPaths, owner: Owner | None) -> None:
    """Make the run folder ready, whatever an earlier run left in it.

    ``owner`` is who Asterisk will run as; None leaves owners alone.

    Raises:
        AsteriskStartFailed: an Asterisk still runs there, or the folders cannot be used.
    """
    if not (paths.etc / "asterisk.conf").is_file():
        raise AsteriskStartFailed(f"There is no asterisk.conf in {paths.etc}: render one first.")
    if len(f"{paths.inside_run}/asterisk.ctl") > _SOCKET_PATH_MAX:
        raise AsteriskStartFailed(
            f"The path {paths.inside_run} is too long for a control socket: use a shorter one."
        )
    if paths.run.is_dir() and _answers(paths.run, "asterisk.ctl"):
        raise AsteriskStartFailed(
            f"An Asterisk is already running in {paths.run}: stop it, or use another folder."
        )
    make_run_folder(paths.run)
    for name in ("asterisk.ctl", "asterisk.pid"):
        (paths.run / name).unlink(missing_ok=True)
    if owner is not None:
        _hand_over(paths.run, owner, folder_mode=0o750, file_mode=0o640)
        _hand_over(paths.etc, owner, folder_mode=0o750, file_mode=0o640)


def _answers(folder: Path, name: str) -> bool:
    """Whether somebody listens on the Unix socket, however long its path is."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            probe.connect(f"/proc/self/fd/{held}/{name}")
    except OSError:
        return False
    finally:
        os.close(held)
    return True


def _hand_over(top: Path, owner: Owner, *, folder_mode: int, file_mode: int) -> None:
    """Give a tree to one user. Links are left alone: they may point anywhere."""
    for folder, _, files in os.walk(top):
        os.chown(folder, owner.uid, owner.gid)
        os.chmod(folder, folder_mode)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                os.chown(path, owner.uid, owner.gid)
                path.chmod(file_mode)
