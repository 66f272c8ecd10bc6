"""Calls from a CSV file of any system: columns by name, every fault with its line.

What stands in a cell is never repeated in a message: it may be somebody's number.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from acd.config.faults import nearest
from acd.errors import ConfigError, Fault, LimitExceeded, NotFound
from sim.calibrate.past import CALLS_MAX, DAYS_MAX, QUEUES_MAX, UNKNOWN, Ended, Past

BYTES_MAX = 2_000_000_000
FAULTS_MAX = 50
_SECONDS_MAX, _COUNT_MAX = 604_800.0, 1_000_000
#: Column, its other names, what it holds.
COLUMNS: dict[str, tuple[str, ...]] = {
    "came": ("came_at", "offered", "offered_at", "begin", "time", "着信日時", "日時"),
    "queue": ("class", "skill", "窓口", "キュー"),
    "outcome": ("ended", "result", "結果"),
    "wait_s": ("wait", "待ち時間", "待ち秒"),
    "talk_s": ("talk", "通話時間", "通話秒"),
    "hold_s": ("hold", "保留時間", "保留秒"),
    "wrap_up_s": ("wrap_s", "wrap", "wrap_up", "後処理時間", "後処理秒"),
    "caller": ("number", "from", "発信者"),
    "operator": ("agent", "オペレーター"),
    "calls": ("count", "offered_calls", "着信数", "件数"),
}
#: A talk time from here has no wrap-up in it, and often the wait: never taken.
_BILLED = ("billsec", "billsecs", "billed_s", "duration")
_OUTCOMES: dict[str, Ended] = {
    **dict.fromkeys(("answered", "answer", "応答"), Ended.ANSWERED),
    **dict.fromkeys(("abandoned", "abandon", "no answer", "放棄"), Ended.ABANDONED),
    **dict.fromkeys(("blocked", "busy", "congestion", "呼損"), Ended.BLOCKED),
    **dict.fromkeys(("left", "other", "その他"), Ended.LEFT),
}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_DIGITS = re.compile(r"(?:\d[\s()+-]*){5,}")


@dataclass(slots=True)
class _Rows:
    """What was read so far; callers and operators are numbered and their names forgotten."""

    came: array[float] = field(default_factory=lambda: array("d"))
    queue: array[int] = field(default_factory=lambda: array("q"))
    ended: array[int] = field(default_factory=lambda: array("b"))
    wait: array[float] = field(default_factory=lambda: array("d"))
    talk: array[float] = field(default_factory=lambda: array("d"))
    wrap: array[float] = field(default_factory=lambda: array("d"))
    caller: array[int] = field(default_factory=lambda: array("q"))
    operator: array[int] = field(default_factory=lambda: array("q"))
    counted: array[int] = field(default_factory=lambda: array("q"))
    queues: dict[str, int] = field(default_factory=dict)
    callers: dict[str, int] = field(default_factory=dict)
    operators: dict[str, int] = field(default_factory=dict)


class _Faults:
    """Faults of one file, up to a limit."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Fault] = []

    def add(self, line: int, message: str, ja: str) -> None:
        if len(self.found) < FAULTS_MAX:
            self.found.append(Fault(f"{self.name}:{line}", message, ja))

    @property
    def full(self) -> bool:
        return len(self.found) >= FAULTS_MAX


def read_csv(path: Path, zone: dt.tzinfo) -> Past:
    """The calls of a file; moments without an offset are in ``zone``.

    Raises:
        NotFound: there is no such file.
        LimitExceeded: it is larger than can be read.
        ConfigError: every fault in it (the first fifty), each with its line.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise OSError
    except OSError:
        raise NotFound(
            f"there is no file {str(path)[:200]!r}",
            ja=f"「{str(path)[:200]}」というファイルはありません。",
        ) from None
    if size > BYTES_MAX:
        raise LimitExceeded(
            f"{path.name} has {size:,} bytes, at most {BYTES_MAX:,} are read: split it by months",
            ja=f"{path.name}は{size:,}バイトあり、上限の{BYTES_MAX:,}を超えます。"
            "月ごとに分けてください。",
        )
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return read_lines(file, path.name, zone)


def read_text(text: str, name: str, zone: dt.tzinfo) -> Past:
    """The same from a text."""
    return read_lines(io.StringIO(text.removeprefix("\ufeff"), newline=""), name, zone)


def _encoding(path: Path) -> str:
    """UTF-8, or what Japanese spreadsheets write where it is not."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character cut at the end of what was looked at is no fault.
        if error.start < len(head) - 3:
            return "cp932"
    return "utf-8-sig"


def read_lines(file: Any, name: str, zone: dt.tzinfo) -> Past:
    """Calls line by line."""
    faults = _Faults(name)
    reader = csv.reader(_bounded(file))
    rows = _Rows()
    notes: list[tuple[str, str]] = []
    at: dict[str, int] = {}
    try:
        header = next(reader, None)
        if not header:
            faults.add(1, "the file is empty", "ファイルが空です。")
        else:
            at, notes = _columns(header, faults)
        for row in () if faults.found else reader:
            if row and any(cell.strip() for cell in row):
                _take(row, at, reader.line_num, rows, zone, faults)
            if faults.full:
                break
    except csv.Error:
        faults.add(reader.line_num, "is no line of CSV", "CSVの行として読めません。")
    if not faults.found and not len(rows.came):
        faults.add(1, "there is no call in it", "電話が1件もありません。")
    if faults.found:
        raise ConfigError(faults.found)
    return _past(rows, at, notes, zone, faults)


def _bounded(file: Any) -> Iterator[str]:
    """Lines, of which none is longer than a record can be."""
    while line := file.readline(65_537):
        if len(line) > 65_536 or "\0" in line:
            raise csv.Error("a line that is none")
        yield line


# -- columns ---------------------------------------------------------------------------------


def _columns(header: list[str], faults: _Faults) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Where each column is; a name that is nearly a known one is a fault, another is left out."""
    at: dict[str, int] = {}
    unknown: list[str] = []
    names = {other: key for key, others in COLUMNS.items() for other in (key, *others)}
    billed = False
    for place, cell in enumerate(header[:500]):
        word = unicodedata.normalize("NFKC", cell).strip().lower().removeprefix("\ufeff")
        key = names.get(word)
        if key is not None and key in at:
            faults.add(1, f'two columns are "{key}"', f"「{key}」の列が二つあります。")
        elif key is not None:
            at[key] = place
        elif word in _BILLED:
            billed = True
        elif word and not _DIGITS.search(word):
            unknown.append(word[:40])
    for word in unknown:
        near = nearest(word, [each for each in names if names[each] not in at])
        if near:
            faults.add(1, f'there is no column "{word}"{near}',
                       f"「{word}」という列はありません{_ja_near(near)}。")  # fmt: skip
    if "came" not in at:
        known = ", ".join(COLUMNS)
        faults.add(1, f'the column "came" is missing (known: {known})',
                   f"「came」(着信日時)の列がありません(使える列: {known})。")  # fmt: skip
    if billed and "talk_s" not in at and "calls" not in at:
        faults.add(1, "billsec is no handling time (no wrap-up, often with the wait): give talk_s "
                   "and wrap_up_s, or leave it out",
                   "billsecには後処理が含まれないため、処理時間には使えません。talk_sとwrap_up_sの"
                   "列にするか、列を除いてください。")  # fmt: skip
    notes = []
    if unknown and not faults.found:
        left = ", ".join(unknown[:8])
        notes.append((f"使わなかった列: {left}", f"columns that are not used: {left}"))
    return at, notes


def _ja_near(near: str) -> str:
    return f"。{near.split(chr(34))[1]} ではありませんか"


# -- rows ------------------------------------------------------------------------------------


def _take(
    row: list[str], at: dict[str, int], line: int, rows: _Rows, zone: dt.tzinfo, faults: _Faults
) -> None:
    def cell(key: str) -> str:
        place = at.get(key, -1)
        return row[place].strip() if 0 <= place < len(row) else ""

    came = _moment(cell("came"), zone)
    if came is None:
        faults.add(
            line,
            "came is no moment: write 2026-11-24 09:15:00",
            "cameが日時ではありません。2026-11-24 09:15:00 のように書いてください。",
        )
        return
    times = {key: _seconds(cell(key)) for key in ("wait_s", "talk_s", "hold_s", "wrap_up_s")}
    for key, value in times.items():
        if value is None:
            faults.add(line, f"{key} is no number of seconds from 0 to {_SECONDS_MAX:.0f}",
                       f"{key}が0から{_SECONDS_MAX:.0f}までの秒数ではありません。")  # fmt: skip
            return
    known = {key: value for key, value in times.items() if value is not None}
    ended = _outcome(cell("outcome"), at, known)
    count = _count(cell("calls")) if "calls" in at else 1
    if ended is None:
        words = "answered, abandoned, blocked, left"
        faults.add(line, f"outcome is none of {words}", f"outcomeが {words} のどれでもありません。")
        return
    if count is None:
        faults.add(line, "calls is no whole number from 0 on", "callsが0以上の整数ではありません。")
        return
    queue = _numbered(rows.queues, cell("queue") or "calls")
    if queue >= QUEUES_MAX:
        faults.add(line, f"more than {QUEUES_MAX} queues", f"窓口が{QUEUES_MAX}を超えています。")
        return
    _append(rows, came, queue, ended, known, cell("caller"), cell("operator"), count)


def _append(
    rows: _Rows, came: float, queue: int, ended: Ended, times: dict[str, float], caller: str,
    operator: str, count: int,
) -> None:  # fmt: skip
    if len(rows.came) >= CALLS_MAX:
        raise LimitExceeded(
            f"more than {CALLS_MAX:,} calls: read fewer days",
            ja=f"電話が{CALLS_MAX:,}件を超えています。日数を減らしてください。",
        )
    hold = times["hold_s"]
    rows.came.append(came)
    rows.queue.append(queue)
    rows.ended.append(ended)
    rows.wait.append(times["wait_s"])
    rows.talk.append(times["talk_s"] + (0.0 if hold != hold else hold))
    rows.wrap.append(times["wrap_up_s"])
    rows.caller.append(_numbered(rows.callers, caller) if caller else UNKNOWN)
    rows.operator.append(_numbered(rows.operators, operator) if operator else UNKNOWN)
    rows.counted.append(count)


def _numbered(known: dict[str, int], word: str) -> int:
    return known.setdefault(word[:200], len(known))


def _moment(text: str, zone: dt.tzinfo) -> float | None:
    try:
        if re.fullmatch(r"\d{9,11}(\.\d{1,9})?", text):
            at = float(text)
            return at if at < 4e9 else None
        # Spreadsheets write 2026/11/4 9:05.
        if ":" not in text:
            return None
        padded = re.sub(r"(?<![\d.:+])(\d)(?=[-/:T ])", r"0\1", text.replace("/", "-"))
        when = dt.datetime.fromisoformat(padded)
        if not 1990 <= when.year <= 2100:
            return None
        return (when if when.tzinfo else when.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        return None


def _seconds(text: str) -> float | None:
    """NaN for an empty cell; None for what is no length of time."""
    if not text:
        return float("nan")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        return None
    value = float(text)
    return value if value <= _SECONDS_MAX else None


def _count(text: str) -> int | None:
    if not re.fullmatch(r"\d{1,7}", text):
        return None
    return int(text) if int(text) <= _COUNT_MAX else None


def _outcome(text: str, at: dict[str, int], times: dict[str, float]) -> Ended | None:
    """As it says; without such a column, a talk was answered."""
    if "outcome" in at:
        return _OUTCOMES.get(text.lower())
    if "talk_s" not in at:
        return Ended.LEFT
    return Ended.ANSWERED if times["talk_s"] > 0 else Ended.ABANDONED


# -- the whole -------------------------------------------------------------------------------


def _past(
    rows: _Rows, at: dict[str, int], notes: list[tuple[str, str]], zone: dt.tzinfo, faults: _Faults
) -> Past:
    came = np.frombuffer(rows.came)
    first = dt.datetime.fromtimestamp(float(came.min()), zone).date()
    last = dt.datetime.fromtimestamp(float(came.max()), zone).date()
    if (last - first).days >= DAYS_MAX:
        faults.add(1, f"the calls reach over more than {DAYS_MAX} days",
                   f"記録が{DAYS_MAX}日を超えています。")  # fmt: skip
        raise ConfigError(faults.found)
    order = np.argsort(came, kind="stable")

    def column(of: array[Any], kind: type) -> Any:
        return np.frombuffer(of, of.typecode)[order].astype(kind)

    ids, named = _queue_ids(list(rows.queues))
    return Past(
        zone, first, last, ids, came[order], column(rows.queue, np.int64),
        column(rows.ended, np.int8), column(rows.wait, np.float64),
        column(rows.talk, np.float64), column(rows.wrap, np.float64),
        column(rows.caller, np.int64), column(rows.operator, np.int64),
        column(rows.counted, np.int64), notes=(*notes, *named),
    )  # fmt: skip


def _queue_ids(names: list[str]) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    """Names that a scenario file may have. One that may be a telephone number is not repeated."""
    ids: list[str] = []
    notes: list[tuple[str, str]] = []
    for number, name in enumerate(names, 1):
        private = bool(_DIGITS.search(unicodedata.normalize("NFKC", name)))
        new = name if _ID.fullmatch(name) and not private else f"queue-{number}"
        while new in ids:
            new = f"{new[:28]}-{number}"
        ids.append(new)
        if new != name and not private:
            shown = "".join(each for each in name[:32] if each.isprintable())
            notes.append((f"{new} は「{shown}」です", f'{new} is "{shown}"'))
    return tuple(ids), notes
