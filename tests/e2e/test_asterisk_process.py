"""A real Asterisk is started, asked, and stopped; every way it can fail says one clear sentence."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import textwrap
from pathlib import Path

import pytest

from acd.adapters.asterisk import proctree
from acd.adapters.asterisk.places import RUN_AS_ID
from acd.adapters.asterisk.process import (
    AsteriskPaths,
    AsteriskProcess,
    AsteriskSpec,
    Listen,
    check_version,
    private_root,
)
from acd.errors import AsteriskStartFailed, SwitchUnavailable
from sim.load.ports import free_ports

PROJECT = Path(__file__).parents[2]
(PORT,) = free_ports(1)
MODULES = """
    [modules]
    autoload=no
    load=res_pjproject.so
    load=res_sorcery_config.so
    load=res_sorcery_memory.so
    load=res_sorcery_astdb.so
    load=res_pjsip.so
    load=res_pjsip_session.so
    load=chan_pjsip.so
    load=pbx_config.so
    """
TRANSPORT = f"""
    [local]
    type=transport
    protocol=udp
    bind=127.0.0.1:{PORT}
    """


def write_config(paths: AsteriskPaths, *, pjsip: str = TRANSPORT, modules: str = MODULES) -> None:
    """The smallest configuration that boots with a SIP transport."""
    directories = "\n".join(f"{key} => {value}" for key, value in paths.directories().items())
    files = {
        "asterisk.conf": f"[directories]\n{directories}\n[options]\n",
        "modules.conf": modules,
        "pjsip.conf": pjsip,
        "extensions.conf": "[default]\n",
        "logger.conf": "[general]\n[logfiles]\nconsole => notice,warning,error\n",
    }
    paths.etc.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (paths.etc / name).write_text(textwrap.dedent(text), encoding="utf-8")


@pytest.fixture
def paths(tmp_path: Path) -> AsteriskPaths:
    made = AsteriskPaths(
        etc=tmp_path / "etc", run=tmp_path / "run", root=private_root(PROJECT), sounds=tmp_path
    )
    write_config(made)
    return made


def spec(paths: AsteriskPaths) -> AsteriskSpec:
    return AsteriskSpec(
        paths=paths, listens=(Listen("udp", "127.0.0.1", PORT),), boot_timeout_s=20.0
    )


def mounts() -> str:
    return Path("/proc/self/mountinfo").read_text(encoding="utf-8")


async def test_it_boots_answers_and_leaves_nothing_behind(paths: AsteriskPaths) -> None:
    before = mounts()
    switch = AsteriskProcess(spec(paths))
    assert check_version(await switch.version()) is None or "22." in await switch.version()
    await switch.start()
    pid = switch.pid
    assert pid is not None
    assert f"127.0.0.1:{PORT}" in await switch.cli("pjsip show transports")
    assert switch.cpu_seconds() > 0
    assert switch.resident_bytes() > 10_000_000
    assert os.stat(f"/proc/{pid}").st_uid == RUN_AS_ID
    assert mounts() == before, "mounts belong to the private namespace alone"
    await switch.stop()
    assert switch.pid is None
    assert proctree.tree(pid) == []
    assert switch.cpu_seconds() == 0
    with pytest.raises(SwitchUnavailable, match="not running"):
        await switch.cli("core show version")


async def test_it_may_write_its_run_folder_and_nothing_else(paths: AsteriskPaths) -> None:
    async with AsteriskProcess(spec(paths)) as switch:
        await switch.cli("database put proof key value")
        status = Path(f"/proc/{switch.pid}/status").read_text(encoding="utf-8")
        options = Path(f"/proc/{switch.pid}/mountinfo").read_text(encoding="utf-8")
    assert (paths.run / "db" / "astdb.sqlite3").stat().st_uid == RUN_AS_ID
    assert (paths.etc / "pjsip.conf").stat().st_mode & 0o077 == 0o040, "secrets: owner's group only"
    assert "NoNewPrivs:\t1" in status
    assert "CapEff:\t0000000000000000" in status
    root = next(line.split() for line in options.splitlines() if line.split()[4] == "/")
    assert "ro" in root[5].split(",")


async def test_it_starts_again_where_it_was_killed(paths: AsteriskPaths) -> None:
    switch = AsteriskProcess(spec(paths))
    await switch.start()
    await switch.kill()
    assert (paths.run / "asterisk.ctl").exists(), "a killed Asterisk leaves its socket"
    await switch.start()
    assert "Asterisk 2" in await switch.cli("core show version")
    await switch.stop()


async def test_one_run_folder_serves_one_asterisk(paths: AsteriskPaths) -> None:
    async with AsteriskProcess(spec(paths)):
        second = AsteriskProcess(AsteriskSpec(paths=paths))
        with pytest.raises(AsteriskStartFailed, match="already running"):
            await second.start()


async def test_a_taken_port_is_named_with_who_has_it(paths: AsteriskPaths) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", PORT))
        with pytest.raises(AsteriskStartFailed, match=f"{PORT} is taken by .*{os.getpid()}"):
            await AsteriskProcess(spec(paths)).start()


async def test_a_deaf_asterisk_does_not_count_as_started(paths: AsteriskPaths) -> None:
    write_config(paths, pjsip="")
    switch = AsteriskProcess(AsteriskSpec(paths=paths, boot_timeout_s=4.0))
    with pytest.raises(AsteriskStartFailed, match="did not finish booting"):
        await switch.start()
    assert switch.pid is None


async def test_an_asterisk_that_ends_while_booting_says_so(paths: AsteriskPaths) -> None:
    write_config(paths, modules="[modules]\nautoload=no\nrequire=no_such_module.so\n")
    switch = AsteriskProcess(AsteriskSpec(paths=paths, boot_timeout_s=20.0))
    with pytest.raises(AsteriskStartFailed, match=r"ended while booting.*no_such_module"):
        await switch.start()


async def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    paths = AsteriskPaths(etc=tmp_path, run=tmp_path / "run", root=private_root(PROJECT))
    with pytest.raises(AsteriskStartFailed, match=r"no asterisk\.conf"):
        await AsteriskProcess(AsteriskSpec(paths=paths)).start()


async def test_a_missing_asterisk_is_named(tmp_path: Path) -> None:
    paths = AsteriskPaths(etc=tmp_path, run=tmp_path, binary="/nowhere/asterisk")
    with pytest.raises(AsteriskStartFailed, match=r"/nowhere/asterisk: install one"):
        await AsteriskProcess(AsteriskSpec(paths=paths)).version()


async def test_it_dies_with_who_started_it(paths: AsteriskPaths) -> None:
    code = textwrap.dedent(f"""
        import asyncio, pathlib
        from acd.adapters.asterisk.process import *
        async def main():
            paths = AsteriskPaths(etc=pathlib.Path({str(paths.etc)!r}),
                run=pathlib.Path({str(paths.run)!r}), root=pathlib.Path({str(paths.root)!r}))
            switch = AsteriskProcess(AsteriskSpec(paths=paths))
            await switch.start()
            print(switch.pid, flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
        """)
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=PROJECT
    )
    assert starter.stdout is not None
    pid = int(await asyncio.wait_for(starter.stdout.readline(), 20))
    assert proctree.name_of(pid) == "asterisk"
    starter.send_signal(signal.SIGKILL)
    await starter.wait()
    for _ in range(50):
        if not proctree.tree(pid):
            return
        await asyncio.sleep(0.1)
    pytest.fail("Asterisk outlived the process that started it")
