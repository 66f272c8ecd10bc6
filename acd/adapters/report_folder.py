"""Reports that are kept: a folder for each period, a file of JSON for each revision."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import msgspec

from acd.errors import StoreCorrupt, StoreUnavailable
from acd.ports_reports import Kept
from metrics.report_model import Kind, Report

_PERIOD = re.compile(r"(\d{4}-\d{2}-\d{2})_(\d{4}-\d{2}-\d{2})")
_REVISION = re.compile(r"r(\d{3,6})\.json")


class ReportFolder:
    """A ReportStore below one folder: ``daily/2026-11-20_2026-11-20/r001.json``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def newest(self, kind: Kind, first: str, last: str) -> Report | None:
        """The newest revision; None when none is kept."""
        return await asyncio.to_thread(self._newest, kind, first, last)

    async def revision(self, kind: Kind, first: str, last: str, number: int) -> Report | None:
        """One revision; None when there is none such."""
        path = self._period(kind, first, last) / f"r{number:03}.json"
        return await asyncio.to_thread(_read, path)

    async def keep(self, report: Report) -> None:
        """Keep a new revision; raises StoreUnavailable, also when that one is there already."""
        await asyncio.to_thread(self._keep, report)

    async def kept(self) -> list[Kept]:
        """Every report's newest revision, the newest period first."""
        return await asyncio.to_thread(self._kept)

    def _period(self, kind: Kind, first: str, last: str) -> Path:
        return self._folder / kind.value / f"{first}_{last}"

    def _newest(self, kind: Kind, first: str, last: str) -> Report | None:
        numbers = _revisions(self._period(kind, first, last))
        if not numbers:
            return None
        return _read(self._period(kind, first, last) / f"r{max(numbers):03}.json")

    def _keep(self, report: Report) -> None:
        folder = self._period(report.kind, report.first, report.last)
        path = folder / f"r{report.revision:03}.json"
        scratch = path.with_suffix(f".{os.getpid()}.new")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            scratch.write_bytes(msgspec.json.encode(report))
            # A link fails where the name is taken: what was published is never overwritten.
            os.link(scratch, path)
        except FileExistsError:
            raise StoreUnavailable(
                "another process keeps this revision at the same time", code="report_taken"
            ) from None
        except OSError as error:
            raise StoreUnavailable(f"a report could not be kept: {error.strerror}") from error
        finally:
            scratch.unlink(missing_ok=True)

    def _kept(self) -> list[Kept]:
        found = []
        for kind in Kind:
            for folder in sorted((self._folder / kind.value).glob("*_*"), reverse=True):
                period = _PERIOD.fullmatch(folder.name)
                numbers = _revisions(folder)
                if period and numbers:
                    path = folder / f"r{max(numbers):03}.json"
                    made_ms = round(path.stat().st_mtime * 1000)
                    found.append(Kept(kind, period[1], period[2], max(numbers), made_ms))
        return sorted(found, key=lambda each: (each.last, each.first), reverse=True)


def _revisions(folder: Path) -> list[int]:
    found = (_REVISION.fullmatch(path.name) for path in folder.glob("r*.json"))
    return [int(each[1]) for each in found if each]


def _read(path: Path) -> Report | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnavailable(f"a report could not be read: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise StoreCorrupt(f"a kept report cannot be read: {path.name}") from error
