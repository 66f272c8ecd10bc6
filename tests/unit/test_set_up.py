"""The set-up of a fresh machine says in one sentence what is missing, and changes nothing then."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
#: What the set-up uses before it installs anything.
NEEDED = (
    "bash sh sha256sum cut cat uname mkdir flock dirname awk sort paste tail wc sleep printf true"
).split()


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A checkout on a machine with little on it: a Python 3.11, no SIPp, and nobody is root."""
    shutil.copytree(PROJECT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("uv.lock", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found, name
        (programs / name).symlink_to(found)
    pretend(tmp_path, "id", "echo 1000")
    pretend(tmp_path, "apt-get", "echo apt-get was called; exit 1")
    pretend(tmp_path, "python3", 'case "$2" in *executable*) echo python3 ;; esac')
    return tmp_path


def pretend(home: Path, name: str, does: str) -> None:
    program = home / "bin" / name
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)


def run(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [home / "bin" / "bash", *command],
        env={"PATH": str(home / "bin")},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("madoguchi: ")
    return line


def test_who_is_not_root_is_told_what_needs_it(fresh: Path) -> None:
    told = one_sentence(run(fresh, "tools/setup.sh"))
    assert "sip-tester" in told
    assert told.endswith("needs root: run the same command with sudo or as root.")
    assert not (fresh / ".venv").exists()


def test_a_python_that_is_too_old_is_named(fresh: Path) -> None:
    script = fresh / "tools" / "setup.sh"
    script.write_text(script.read_text().replace("/usr/bin/python3 ", ""))
    pretend(fresh, "python3", "exit 1")
    told = one_sentence(run(fresh, "tools/setup.sh"))
    assert "Python 3.11 or newer is needed" in told
    assert "PYTHON=/path/to/python3" in told


def test_a_system_that_is_not_debian_is_told_what_to_install(fresh: Path) -> None:
    (fresh / "bin" / "apt-get").unlink()
    assert "install " in one_sentence(run(fresh, "tools/setup.sh"))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Temporary failure resolving 'mirror'", "the package registry could not be reached"),
        ("curl: (7) Failed to connect", "the package registry could not be reached"),
        ("SSLError(CERTIFICATE_VERIFY_FAILED)", "SSL_CERT_FILE"),
        ("write error: No space left on device", "make room"),
        ("E: Could not get lock /var/lib/dpkg/lock", "another package manager is at work"),
        ("E: Unable to locate package asterisk", "the Debian mirror does not have a package"),
    ],
)
def test_what_went_wrong_on_the_way_is_one_sentence(fresh: Path, said: str, told: str) -> None:
    script = '. tools/common.sh; quietly "Fetching Asterisk" sh -c "echo \\"$1\\"; exit 1"'
    line = one_sentence(run(fresh, "-euc", script, "bash", said))
    assert line.startswith("madoguchi: Fetching Asterisk failed")
    assert told in line
