"""A page printed to PDF by the machine's own chromium, without a window, within a bounded time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path

from acd.errors import MadoguchiError

#: What the browser is called; Debian's package is ``chromium``.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
WITHIN_S = 60.0
_OPTIONS = (
    "--headless", "--disable-gpu", "--disable-extensions", "--disable-dev-shm-usage",
    "--disable-background-networking", "--no-first-run", "--no-pdf-header-footer",
    # The page is whole by itself: whatever it asked for would go nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


class NotPrinted(MadoguchiError):
    """The page could not be printed."""

    code = "pdf_failed"


class Printer:
    """Prints one page at a time; ``programs`` are looked for in the PATH, in this order."""

    def __init__(self, programs: tuple[str, ...] = PROGRAMS, within_s: float = WITHIN_S) -> None:
        self._programs, self._within_s = programs, within_s
        self._one = asyncio.Semaphore(1)
        self._sandbox: bool | None = None

    async def pdf(self, page: str) -> bytes:
        """The page as PDF; raises NotPrinted when there is no browser or it does not finish."""
        program = next(filter(None, map(shutil.which, self._programs)), None)
        if program is None:
            raise NotPrinted(
                "PDF needs the program chromium: run make setup, or install the package chromium",
                code="pdf_program_missing",
                ja="PDFにはchromiumが必要です。make setup を実行するか、パッケージ chromium を"
                "入れてください。",
            )
        async with self._one:
            folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="madoguchi-report-")
            try:
                return await self._print(program, Path(folder), page)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _has_sandbox(self) -> bool:
        """Whether the browser can make a sandbox of its own: root cannot, nor who may make no
        namespaces (a container, a walled unit of systemd). There it goes without: the page holds no
        script and loads nothing."""
        if self._sandbox is None:
            self._sandbox = os.geteuid() != 0 and await _may_make_namespaces()
        return self._sandbox

    async def _print(self, program: str, folder: Path, page: str) -> bytes:
        source, target = folder / "report.html", folder / "report.pdf"
        await asyncio.to_thread(source.write_text, page, encoding="utf-8")
        sandbox = () if await self._has_sandbox() else ("--no-sandbox", "--no-zygote")
        process = await asyncio.create_subprocess_exec(
            program, *_OPTIONS, *sandbox, f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={target}", source.as_uri(),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._within_s):
                await process.wait()
        except TimeoutError:
            raise NotPrinted(
                f"chromium did not print the report within {self._within_s:g} s",
                code="pdf_late",
                ja=f"chromiumが{self._within_s:g}秒以内に印刷を終えませんでした。",
            ) from None
        finally:
            # The browser's helpers are in its process group and may outlive it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        try:
            return await asyncio.to_thread(target.read_bytes)
        except OSError:
            raise NotPrinted(
                f"chromium printed nothing (it ended with {process.returncode})",
                ja=f"chromiumは何も印刷しませんでした (終了コード {process.returncode})。",
            ) from None


async def _may_make_namespaces() -> bool:
    """Whether this process may make the namespaces that a browser shuts its parts into."""
    try:
        tried = await asyncio.create_subprocess_exec(
            "unshare", "--user", "--pid", "--net", "true",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return False
    return await tried.wait() == 0
