"""The browser that prints reports: what is said without one, and how it is started where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from acd.adapters.report_pdf import NotPrinted, Printer


async def test_without_a_browser_pdf_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NotPrinted, match="chromium") as missing:
        await Printer(("no-such-browser",)).pdf("<p>")
    assert missing.value.code == "pdf_program_missing"
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60\n", encoding="utf-8")
    slow.chmod(0o755)
    with pytest.raises(NotPrinted) as late:
        await Printer((str(slow),), within_s=0.2).pdf("<p>")
    assert late.value.code == "pdf_late"


@pytest.mark.parametrize(
    ("may", "root", "goes_without"), [(0, False, False), (1, False, True), (0, True, True)]
)
async def test_where_no_namespaces_can_be_made_the_browser_goes_without_a_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may: int, root: bool, goes_without: bool
) -> None:
    """A walled unit of systemd forbids them: a browser that insists prints nothing."""
    browser, unshare = tmp_path / "browser", tmp_path / "unshare"
    browser.write_text(
        'for word; do case "$word" in --print-to-pdf=*) to=${word#*=};; esac; done\n'
        'echo "$@" >"$to"\n',
        encoding="utf-8",
    )
    unshare.write_text(f"exit {may}\n", encoding="utf-8")
    for program in (browser, unshare):
        program.write_text("#!/bin/sh\n" + program.read_text())
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    words = (await Printer((str(browser),)).pdf("<p>")).decode().split()
    assert ("--no-sandbox" in words, "--no-zygote" in words) == (goes_without, goes_without)
