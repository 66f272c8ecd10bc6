"""An Asterisk that is installed on the machine is used without a root of its own.

Debian 12 has none to install, so the private one is run in place, through its own loader.
"""

from __future__ import annotations

import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.adapters.asterisk.process import AsteriskPaths, AsteriskProcess, AsteriskSpec
from acd.errors import AsteriskStartFailed
from tests.e2e.test_asterisk_process import write_config
from tests.fakes.unfit import unfit

USER = "nobody"
_RUN_IN_PLACE = """#!/bin/sh
lib={root}/usr/lib/x86_64-linux-gnu
exec {root}/lib64/ld-linux-x86-64.so.2 --library-path "$lib" {root}/usr/sbin/asterisk "$@"
"""


@pytest.fixture
def paths(asterisk_root: Path) -> Iterator[AsteriskPaths]:
    # Not below tmp_path: another user than root has to reach it.
    top = Path(tempfile.mkdtemp(prefix="madoguchi-"))
    top.chmod(0o755)
    binary = top / "asterisk"
    binary.write_text(_RUN_IN_PLACE.format(root=asterisk_root), encoding="utf-8")
    binary.chmod(0o755)
    made = AsteriskPaths(etc=top / "etc", run=top / "run", binary=str(binary))
    write_config(made)
    conf = made.etc / "asterisk.conf"
    packaged = (
        f"astmoddir => {asterisk_root}/usr/lib/x86_64-linux-gnu/asterisk/modules\n"
        f"astdatadir => {asterisk_root}/usr/share/asterisk\n[options]"
    )
    conf.write_text(conf.read_text(encoding="utf-8").replace("[options]", packaged))
    yield made
    shutil.rmtree(top)


def readable_by_others(asterisk_root: Path) -> bool:
    """Whether the checkout lies where another user can read it."""
    uid = pwd.getpwnam(USER).pw_uid
    probe = ["setpriv", f"--reuid={uid}", "--clear-groups", "test", "-r"]
    return (
        subprocess.run([*probe, f"{asterisk_root}/usr/sbin/asterisk"], check=False).returncode == 0
    )


async def test_it_runs_as_the_user_named(paths: AsteriskPaths, asterisk_root: Path) -> None:
    if not readable_by_others(asterisk_root):
        unfit("this checkout lies in a folder that only its owner can read")
    switch = AsteriskProcess(AsteriskSpec(paths=paths, user=USER))
    assert "Asterisk 22." in await switch.version()
    async with switch:
        status = Path(f"/proc/{switch.pid}/status").read_text(encoding="utf-8")
        assert f"Uid:\t{pwd.getpwnam(USER).pw_uid}\t" in status
        assert "127.0.0.1" in await switch.cli("pjsip show transports")
    assert switch.pid is None


async def test_an_unknown_user_is_named(paths: AsteriskPaths) -> None:
    switch = AsteriskProcess(AsteriskSpec(paths=paths, user="no-such-user"))
    with pytest.raises(AsteriskStartFailed, match="no user 'no-such-user'"):
        await switch.start()


async def test_a_run_folder_too_deep_for_a_socket_is_refused(paths: AsteriskPaths) -> None:
    deep = AsteriskPaths(etc=paths.etc, run=paths.run / ("d" * 100), binary=paths.binary)
    with pytest.raises(AsteriskStartFailed, match="too long for a control socket"):
        await AsteriskProcess(AsteriskSpec(paths=deep, user=USER)).start()
