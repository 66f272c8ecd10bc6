"""The units for machines without containers, started by a real systemd with all their walls up.

What a wall forbids shows only when it is tried: a system call that is not allowed ended the whole
controller once a report was asked for. There is no Asterisk here: the controller waits for one.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.containers.stack_kit import PROJECT, open_centre

pytestmark = pytest.mark.timeout(900)

IMAGE = "madoguchi-test/systemd"
URL = "http://127.0.0.1:8080"
#: What systemd needs to be the first process of a container. All of it would be "privileged", which
#: an engine that itself lacks something cannot give.
RIGHTS = (
    "--cap-add=ALL", "--cap-drop=SYS_RESOURCE", "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined", "--security-opt=systempaths=unconfined",
    "--cgroupns=private", "--volume=/sys/fs/cgroup:/sys/fs/cgroup", "--tmpfs=/run", "--tmpfs=/tmp",
)  # fmt: skip
#: How a report begins, by kind.
BEGINNINGS = {"pdf": b"%PD", "xlsx": b"PK\3", "csv": b"\xef\xbb\xbf", "json": b"{\n "}
#: What the head of the unit tells the reader to say in the centre's settings.
CHANGES = {
    'state_dir = "../var"': 'state_dir = "/var/lib/madoguchi"',
    'kind = "provided"': 'kind = "remote"\nhost = "127.0.0.1"',
    "[recording]": '[recording]\nincoming_dir = "/var/lib/madoguchi/incoming"',
}


class Machine:
    """One machine with systemd and the units installed as they say."""

    def __init__(self, centre: Path) -> None:
        words = ("--network=none", "--env=container=docker", IMAGE, "--log-target=console")
        self._name = _docker("run", "--detach", "--tty", *RIGHTS, *words).strip()
        self.until(lambda: "running" in self.said("systemctl is-system-running || true"))
        _docker("cp", "tools/systemd/.", f"{self._name}:/etc/systemd/system/")
        self.said("mkdir -p /etc/madoguchi && systemctl daemon-reload")
        _docker("cp", str(centre), f"{self._name}:/etc/madoguchi/centre")
        self.said("chown -R root: /etc/madoguchi; chmod -R a+rX /etc/madoguchi")

    def said(self, line: str) -> str:
        """What a line of shell says there; one that fails is the test's failure."""
        return _docker("exec", self._name, "sh", "-c", line)

    def until(self, true: Callable[[], bool], within_s: float = 60.0) -> None:
        """Wait until something is true; what systemd says of the controller if it is not."""
        end = time.monotonic() + within_s
        while not true():
            if time.monotonic() > end:
                pytest.fail(self.said("journalctl --no-pager -u 'madoguchi*' | tail -n 30"))
            time.sleep(0.2)

    def start(self) -> None:
        """Start the controller, now and with the machine."""
        told = self.said("systemctl enable --now madoguchi 2>&1 || journalctl -u madoguchi")
        assert "madoguchi: " not in told, told

    def answers(self) -> bool:
        """Whether the controller's interface is there."""
        return '"ok":true' in self.said(f"curl -s {URL}/healthz || true")

    def process(self) -> str:
        """The controller's process, which a crash would make another one."""
        return self.said("systemctl show --property=MainPID --value madoguchi").strip()

    def gone(self) -> None:
        """End it, whatever it is doing."""
        _docker("rm", "--force", self._name)


def _docker(*words: str) -> str:
    done = subprocess.run(
        ["docker", *words], cwd=PROJECT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"docker {words[0]}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    network = os.environ.get("MADOGUCHI_BUILD_NETWORK", "default")
    _docker("build", "--network", network, "--tag", IMAGE, "tests/containers/systemd")
    centre = tmp_path_factory.mktemp("units") / "centre"
    open_centre(PROJECT / "centre", centre)
    settings = (centre / "settings.toml").read_text(encoding="utf-8")
    for before, after in CHANGES.items():
        assert settings.count(f"{before}\n") == 1
        settings = settings.replace(f"{before}\n", f"{after}\n")
    (centre / "settings.toml").write_text(settings, encoding="utf-8")
    started = Machine(centre)
    try:
        yield started
    finally:
        started.gone()


def test_the_controller_works_within_its_walls_and_ends_in_order(machine: Machine) -> None:
    machine.start()
    machine.until(machine.answers)
    process = machine.process()
    token = machine.said(
        "runuser -u madoguchi -- env MADOGUCHI_CENTRE=/etc/madoguchi/centre "
        "/opt/madoguchi/.venv/bin/madoguchi tokens add supervisor"
    ).splitlines()[0]
    for kind, begins in BEGINNINGS.items():
        query = f"{URL}/api/reports/file?kind=daily&first=2026-11-23&format={kind}"
        ask = f"curl -sf -H 'Authorization: Bearer {token}' '{query}' -o /tmp/report"
        machine.said(ask)
        assert machine.said("head -c 3 /tmp/report | od -An -tx1").strip() == begins.hex(" "), kind
    machine.said("systemctl reload madoguchi")
    assert machine.process() == process, "nothing of all that ended it"
    machine.said("systemctl stop madoguchi")
    end = machine.said("systemctl show --property=Result,ExecMainStatus madoguchi").split()
    assert end == ["Result=success", "ExecMainStatus=0"]
    assert "drained" in machine.said("journalctl --no-pager -u madoguchi")


def test_a_controller_that_dies_is_there_again(machine: Machine) -> None:
    machine.start()
    machine.until(machine.answers)
    process = machine.process()
    machine.said("systemctl kill --signal=KILL --kill-whom=main madoguchi")
    machine.until(lambda: machine.process() not in ("0", process) and machine.answers())


def test_the_timer_makes_backups(machine: Machine) -> None:
    machine.said("install -d -o madoguchi -g madoguchi -m 700 /var/backups/madoguchi")
    machine.said("systemctl enable --now madoguchi-backup.timer")
    assert "madoguchi-backup.timer" in machine.said("systemctl list-timers --no-pager")
    machine.said("systemctl start madoguchi-backup.service")
    kept = machine.said("ls /var/backups/madoguchi").split()
    assert any(name.startswith("20") for name in kept), kept
