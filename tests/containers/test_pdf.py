"""The controller's image with its browser prints, within the walls that compose puts around it."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.containers.stack_kit import PROJECT

pytestmark = pytest.mark.timeout(900)

VERSION = "pdf"
IMAGE = f"madoguchi/controller:{VERSION}"
WALLS = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges:true", "--tmpfs=/tmp")
_PRINT = """
import asyncio, sys
from acd.adapters.report_pdf import Printer
sys.stdout.buffer.write(asyncio.run(Printer().pdf("<meta charset=utf-8><h1>日報</h1>")))
"""


def test_the_image_with_a_browser_prints() -> None:
    _docker("compose", "build", "init")
    python = "/opt/madoguchi/.venv/bin/python"
    run = ("run", "--rm", "--network=none", *WALLS, "--entrypoint", python, IMAGE, "-c", _PRINT)
    assert _docker(*run).startswith(b"%PDF-")


def _docker(*words: str) -> bytes:
    asked = os.environ | {"MADOGUCHI_PDF": "yes", "MADOGUCHI_VERSION": VERSION}
    done = subprocess.run(
        ["docker", *words], cwd=PROJECT, env=asked, capture_output=True, timeout=800, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
    return done.stdout
