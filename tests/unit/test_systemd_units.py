"""The units for machines without containers: what they start exists, none may more than the others,
and the backups come often enough."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from acd.cli import app

FOLDER = Path(__file__).parents[2] / "tools" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
OURS = "/opt/madoguchi/.venv/bin/madoguchi"
#: What somebody who broke into any of them shall find.
WALLS = {
    "UMask": "0077",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectProc": "invisible",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    # A library that tries what is not allowed is told so; otherwise the kernel kills the program.
    "SystemCallErrorNumber": "EPERM",
}


def _read(path: Path) -> list[tuple[str, str]]:
    """The settings in their order; a name may come several times."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = [line.partition("=") for line in lines if line and line[0] not in "#["]
    return [(name, value) for name, _, value in pairs]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_unit_is_walled_in_and_is_nobody_special(path: Path) -> None:
    said = dict(_read(path))
    assert {name: said.get(name) for name in WALLS} == WALLS
    assert said["User"] == said["Group"] != "root"


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_what_a_unit_starts_of_ours_is_understood(path: Path) -> None:
    lines = [value for name, value in _read(path) if name.startswith("Exec")]
    assert lines
    for line in lines:
        program, *words = shlex.split(line)
        if program != OURS:
            continue
        command = typer.main.get_command(app)
        context = command.make_context("madoguchi", list(words))
        verb = command.get_command(context, context._protected_args[0])  # type: ignore[attr-defined]
        verb.make_context(words[0], words[1:])


def test_the_timer_keeps_what_may_be_lost_within_five_minutes() -> None:
    timer = dict(_read(FOLDER / "madoguchi-backup.timer"))
    every, accuracy = timer["OnCalendar"].removeprefix("*:0/"), timer["AccuracySec"]
    assert int(every) * 60 + int(accuracy.removesuffix("s")) + 50 <= 300, "and a backup takes time"
    assert timer["Persistent"] == "true"
    service = dict(_read(FOLDER / "madoguchi-backup.service"))
    assert service["Type"] == "oneshot", "one that failed is seen as failed"
    to = shlex.split(service["ExecStart"])[3]
    assert to in (service["ReadWritePaths"], service["RequiresMountsFor"])


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A root with systemd's own units, ours, and a program wherever one of them starts one."""
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    shutil.copytree(FOLDER, tmp_path / "etc/systemd/system")
    for path in SERVICES:
        for name, value in _read(path):
            if name.startswith("Exec"):
                program = tmp_path / shlex.split(value)[0].lstrip("/")
                program.parent.mkdir(parents=True, exist_ok=True)
                program.touch(mode=0o755)
    return tmp_path


def _systemd(verb: str, root: Path, *words: str) -> tuple[int, str]:
    """Exit code and words of ``systemd-analyze``, which needs no systemd that runs."""
    done = subprocess.run(
        ["systemd-analyze", verb, f"--root={root}", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout


def test_systemd_itself_understands_every_unit(machine: Path) -> None:
    names = sorted(path.name for path in FOLDER.iterdir())
    assert _systemd("verify", machine, "--man=no", *names) == (0, "")
    # What it does not know it passes over with a word alone: so silence is what is asked for.
    unit = machine / "etc/systemd/system/madoguchi.service"
    unit.write_text(unit.read_text().replace("KillMode=", "KillMood="))
    _, said = _systemd("verify", machine, "--man=no", unit.name)
    assert "KillMood" in said


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_systemd_finds_little_that_is_exposed(machine: Path, path: Path) -> None:
    # From 0 to 10; what it lets pass as "OK" ends at 5, an ordinary service has 9.6.
    status, said = _systemd("security", machine, "--offline=true", "--threshold=20", path.name)
    assert status == 0, said.splitlines()[-1]
