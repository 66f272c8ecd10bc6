"""Reports: a day worked out by hand, every rendering against the model, revisions, deliveries."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from acd.adapters.mail import Mailer
from acd.adapters.report_folder import ReportFolder
from acd.adapters.report_outlets import DeliveriesFile, FolderOutlet, MailOutlet
from acd.adapters.report_writer import FileWriter
from acd.adapters.report_xlsx import FORMATS, cell_value
from acd.app.report_schedule import ReportSchedule
from acd.app.reports import Reports, Rules
from acd.config.mail_settings import MailSecurity, MailSettings
from acd.core.cdr_types import Record, Source
from acd.core.events import CallOutcome
from acd.core.plan import TargetKind
from acd.errors import LimitExceeded, MadoguchiError
from acd.ports_reports import Format, Outlet, ReportFile
from metrics.cells import Cells
from metrics.contract import Contract
from metrics.dimensions import shape_of
from metrics.report_csv import COLUMNS, safe
from metrics.report_make import Asked, Material, make_report
from metrics.report_model import Kind, Report, Why
from metrics.report_names import names_of
from metrics.report_rows import gathered
from sim.load.ports import free_ports
from tests.fakes.report_rows import Rows
from tests.report_days import CALLER, PLAN, TOKYO, at_ms, call, random_day

DAY = dt.date(2026, 11, 20)
AFTER_S = at_ms(DAY, 31) / 1000


def by_hand() -> list[Record]:
    """Eight calls on a Friday.

    9:00 tax answered after 5 s, 9:10 tax answered after 30 s and put through to the waste
    department, 9:20 tax abandoned after 3 s (short), 9:30 general abandoned after 61 s,
    10:00 switchboard answered after 12 s, 10:01 switchboard answered after 8 s while the one before
    still talks, 10:30 left in the menu, 20:00 closed. In hours 7, answered 4: A = 4/7. Six visits:
    within 20 s are 5, 12, 8: SL = 3/6; without the one abandoned within 20 s: 3/5.
    """
    answered, gone = CallOutcome.ANSWERED, CallOutcome.ABANDONED
    waste = (TargetKind.NUMBER, "waste-dept")
    return [
        *call("1", at_ms(DAY, 9), answered, wait_s=5, disposition="answered"),
        *call("2", at_ms(DAY, 9 + 1 / 6), answered, wait_s=30, to=waste),
        *call("3", at_ms(DAY, 9 + 2 / 6), gone, wait_s=3),
        *call("4", at_ms(DAY, 9.5), gone, queue="general", wait_s=61),
        *call("5", at_ms(DAY, 10), answered, queue="switchboard", wait_s=12),
        *call("6", at_ms(DAY, 10 + 1 / 60), answered, queue="switchboard", wait_s=8),
        *call("7", at_ms(DAY, 10.5), CallOutcome.LEFT_IN_MENU),
        *call("8", at_ms(DAY, 20), CallOutcome.CLOSED),
    ]


def made(
    rows: Sequence[Record],
    kind: Kind = Kind.DAILY,
    first: dt.date = DAY,
    tz: ZoneInfo = TOKYO,
    last: dt.date | None = None,
) -> Report:
    cells = Cells(shape_of(PLAN))
    cells.fold(rows)
    asked = Asked(kind, first, last, operators=True)
    span = asked.span(tz)
    material = Material(
        cells, gathered(span, rows), PLAN, names_of(PLAN, {}, {"carrier": 30}), Contract()
    )
    return make_report(asked, material, tz, now_ms=span.to_ms)


def column(report: Report, table: str, key: str) -> dict[str, float | None]:
    found = report.table(table)
    assert found is not None
    at = [each.key for each in found.columns].index(key)
    return {line.id: line.cells[at].value for line in found.lines}


@pytest.mark.requirement("M26")
def test_a_day_by_hand() -> None:
    report = made(by_hand())
    first = {each.figure.key: each for each in report.judged if not each.worst_hour}
    parts = {key: (each.figure.part, each.figure.whole) for key, each in first.items()}
    assert parts["answer_rate_a"] == (4, 7)
    assert parts["sl_offered_20s"] == (3, 6)
    assert parts["sl_excl_early_abandons_20s"] == (3, 5)
    assert parts["abandonment_in_hours"] == (2, 7)
    assert parts["sl_offered_10s"] == (1, 2)
    rate = first["answer_rate_a"]
    assert (rate.contract, rate.promise, rate.met, rate.kept) == (0.90, 0.95, False, False)
    (worst,) = [e for e in report.judged if e.worst_hour and e.figure.key == "answer_rate_a"]
    assert (worst.figure.part, worst.figure.whole, worst.hour and worst.hour.en) == (
        2, 4, "09:00–10:00",
    )  # fmt: skip
    assert column(report, "queue", "queued") == {"tax": 3, "general": 1, "switchboard": 2}
    assert column(report, "calls", "count")["left_in_menu"] == 1
    waits = column(report, "abandoned_waits", "count")
    assert {key: n for key, n in waits.items() if n} == {"le_5s": 1, "le_120s": 1}
    assert column(report, "transfers", "count") == {"number:waste-dept": 1}
    assert column(report, "categories", "count") == {"answered": 1, "": 3}
    assert column(report, "lines", "peak") == {"carrier": 2}
    assert column(report, "lines", "peak_at") == {"carrier": at_ms(DAY, 10 + 1 / 60)}
    assert report.balances
    assert report.complete


@given(seed=st.integers(0, 999), calls=st.integers(0, 60), kind=st.sampled_from(list(Kind)[:4]))
@settings(max_examples=15, deadline=None)
def test_the_sums_of_every_table_are_its_total(seed: int, calls: int, kind: Kind) -> None:
    rows = [*random_day(DAY, seed, calls), *random_day(DAY - dt.timedelta(days=3), seed, calls)]
    report = made(rows, kind)
    assert [table.id for table in report.tables if not table.balances] == []
    assert sum(1 for table in report.tables if any(each.sums for each in table.columns)) > 8


@pytest.mark.parametrize(
    ("kind", "first", "tz", "lines"),
    [
        (Kind.DAILY, DAY, TOKYO, 24),
        (Kind.MONTHLY, dt.date(2026, 2, 1), TOKYO, 28),
        (Kind.DAILY, dt.date(2026, 3, 29), ZoneInfo("Europe/Berlin"), 23),
        (Kind.DAILY, dt.date(2026, 10, 25), ZoneInfo("Europe/Berlin"), 25),
    ],
)
def test_a_time_without_calls_is_a_report_without_figures(
    kind: Kind, first: dt.date, tz: ZoneInfo, lines: int
) -> None:
    report = made([], kind, first, tz)
    curve = report.table("curve")
    assert curve is not None
    assert len(curve.lines) == lines
    assert len({line.name.en for line in curve.lines}) == lines
    assert all(each.figure.value is None for each in report.judged)
    assert report.balances


# -- renderings --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_a_page_holds_all_and_loads_nothing(lang: str) -> None:
    report = made(by_hand(), Kind.MONTHLY)
    page = (await FileWriter().written(report, Format.HTML, lang)).decode()
    assert not re.search(r"""(src|href)=|url\((?!#)|@import|<script|https?:""", page)
    assert CALLER not in page
    assert ("月報 2026年11月" if lang == "ja" else "Monthly report Nov 2026") in page
    for each in report.definitions:
        assert each.key in page
        assert each.formula.of(lang).split("<")[0].replace("&", "&amp;") in page


async def test_hostile_names_stay_text() -> None:
    evil = "<img src=x onerror=alert(1)>\"'"
    report = made(call("x", at_ms(DAY, 9), language=evil, disposition=evil))
    page = (await FileWriter().written(report, Format.HTML, "ja")).decode()
    assert "<img" not in page
    assert 'data-value="<' not in page


@pytest.mark.requirement("M26")
async def test_the_csv_read_back_is_the_model() -> None:
    report = made([*by_hand(), *call("f", at_ms(DAY, 9), disposition="=1+1")])
    data = await FileWriter().written(report, Format.CSV, "ja")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == COLUMNS
    found = {(row["table"], row["line"], row["key"]): row["value"] for row in rows}
    for table in report.tables:
        for line in table.lines:
            for each, cell in zip(table.columns, line.cells, strict=True):
                key = cell.key if each.opens else each.key
                value = found[table.id, safe(line.id or "none"), key]
                assert (float(value) if value else None) == cell.value
    assert CALLER not in data.decode()
    assert "'=1+1" in {row["line"] for row in rows}


async def test_the_workbook_read_back_is_the_model() -> None:
    report = made(by_hand(), Kind.WEEKLY)
    data = await FileWriter().written(report, Format.XLSX, "en")
    book = load_workbook(io.BytesIO(data))
    for table in report.tables:
        sheet = book[table.name.en[:31]]
        for row, line in enumerate(table.lines, start=2):
            for at, (each, cell) in enumerate(zip(table.columns, line.cells, strict=True), start=2):
                there = sheet.cell(row, at)
                wanted = cell_value(cell.value, each.form, TOKYO)
                assert there.value == wanted, (table.id, line.id, each.key)
                assert there.number_format == FORMATS[each.form]


async def test_the_json_read_back_is_the_model() -> None:
    report = made(by_hand())
    data = await FileWriter().written(report, Format.JSON, "ja")
    assert msgspec.json.decode(data, type=Report) == report


@pytest.mark.requirement("M26")
async def test_the_printed_pages_have_numbers_and_the_words() -> None:
    data = await FileWriter().written(made(by_hand()), Format.PDF, "ja")
    pages = PdfReader(io.BytesIO(data)).pages
    assert 4 <= len(pages) <= 12
    box = pages[0].mediabox
    assert (round(box.width), round(box.height)) in {(594, 841), (595, 842)}
    # Some glyphs are shared with radicals of the same look.
    read = "".join("".join(each.extract_text().split()) for each in pages)
    text = unicodedata.normalize("NFKC", read)
    for words in ("日報2026年11月20日", "目標との比較", "窓口ごと", "数字の決め方", "仕様書"):
        assert words in text
    assert f"1/{len(pages)}" in "".join(pages[0].extract_text().split())


# -- revisions ---------------------------------------------------------------------------------


class Centre:
    """Reports over such a ledger, kept in a folder."""

    def __init__(self, folder: Path, rows: list[Record]) -> None:
        self.ledger, self.now_s = Rows(rows), AFTER_S
        self.rules = Rules(PLAN, names_of(PLAN), Contract())
        store = ReportFolder(folder / "reports")
        self.reports = Reports(
            self.ledger, store, FileWriter(), lambda: self.rules, lambda: self.now_s
        )


@pytest.mark.requirement("M26")
async def test_a_report_made_again_is_the_same_until_the_ledger_changes(tmp_path: Path) -> None:
    centre = Centre(tmp_path, by_hand())
    asked = Asked(Kind.DAILY, DAY)
    first = await centre.reports.keep(asked)
    assert await centre.reports.keep(asked) == first
    centre.ledger.held += call("9", at_ms(DAY, 11), wait_s=1, source=Source.SWITCH)
    second = await centre.reports.keep(asked)
    newest = second.revisions[-1]
    assert (second.revision, newest.why) == (2, (Why.TAKEN_OVER,))
    offered = next(each for each in newest.changes if each.key == "offered")
    assert (offered.before, offered.after) == (8, 9)
    centre.rules = Rules(PLAN, names_of(PLAN), Contract(threshold_s=30.0))
    third = await centre.reports.keep(asked)
    assert third.revisions[-1].why == (Why.RULES_CHANGED,)
    assert await centre.reports.revision(Kind.DAILY, "2026-11-20", "2026-11-20", 1) == first
    page = (await centre.reports.written(third, Format.HTML, "ja")).decode()
    assert "訂正の記録" in page
    assert "引き継いだ" in page


async def test_what_is_not_over_is_provisional_and_not_kept(tmp_path: Path) -> None:
    centre = Centre(tmp_path, by_hand())
    centre.now_s = at_ms(DAY, 12) / 1000
    report = await centre.reports.keep(Asked(Kind.DAILY, DAY))
    assert (report.complete, report.revision) == (False, 0)
    assert await centre.reports.kept() == []
    with pytest.raises(LimitExceeded):
        await centre.reports.keep(Asked(Kind.RANGE, DAY, DAY + dt.timedelta(days=400)))


# -- deliveries --------------------------------------------------------------------------------


class Post(Message):
    """What a mail server was given."""

    def __init__(self) -> None:
        super().__init__()
        self.subjects: list[str] = []
        self.files: list[str] = []

    def handle_message(self, message: object) -> None:
        self.subjects.append(str(message["Subject"]))  # type: ignore[index]
        parts = message.walk()  # type: ignore[attr-defined]
        self.files += [part.get_filename() for part in parts if part.get_filename()]


class Shut:
    """An outlet that refuses until it is opened."""

    name = "shut"

    def __init__(self) -> None:
        self.open, self.taken = False, 0

    async def take(self, subject: str, text: str, files: Sequence[ReportFile]) -> None:
        if not self.open:
            raise MadoguchiError("no")
        self.taken += 1


async def test_a_due_report_goes_into_the_folder_and_out_by_mail_once(tmp_path: Path) -> None:
    centre, post, shut = Centre(tmp_path, by_hand()), Post(), Shut()
    (port,) = free_ports(1)
    server = Controller(post, hostname="127.0.0.1", port=port)
    server.start()
    alarms: list[tuple[str, str]] = []
    try:
        relay = MailSettings(host="127.0.0.1", port=port, security=MailSecurity.NONE)
        outlets: list[Outlet] = [
            FolderOutlet(tmp_path / "out"), MailOutlet(Mailer(relay), ["a@city.example"]), shut,
        ]  # fmt: skip

        def schedule() -> ReportSchedule:
            return ReportSchedule(
                centre.reports, {Kind.DAILY: dt.time(7)}, outlets,
                DeliveriesFile(tmp_path / "delivered.json"), [Format.CSV, Format.XLSX], ["ja"],
                lambda: centre.now_s, lambda: TOKYO, lambda *told: alarms.append(told),
            )  # fmt: skip

        one = schedule()
        centre.now_s = at_ms(DAY, 31) / 1000
        await one.look()
        await one.look()
        assert alarms == [("report_failed", "daily 2026-11-20")]
        assert len(post.subjects) == 1
        shut.open = True
        centre.now_s += 61
        # After a restart what was sent is not sent again; what is missing is.
        await schedule().look()
        await schedule().look()
    finally:
        server.stop()
    assert (len(post.subjects), shut.taken) == (1, 1)
    assert post.files == ["daily-2026-11-20-r1-ja.csv", "daily-2026-11-20-r1-ja.xlsx"]
    assert sorted(os.listdir(tmp_path / "out")) == sorted(post.files)


async def test_nothing_is_due_before_its_time(tmp_path: Path) -> None:
    centre, shut = Centre(tmp_path, by_hand()), Shut()
    shut.open = True
    done = DeliveriesFile(tmp_path / "delivered.json")
    await done.finish("daily 2026-11-19")
    schedule = ReportSchedule(
        centre.reports, {Kind.DAILY: dt.time(7)}, [shut], done, [Format.JSON], ["ja"],
        lambda: centre.now_s, lambda: TOKYO,
    )  # fmt: skip
    centre.now_s = at_ms(DAY, 30.9) / 1000
    await schedule.look()
    assert shut.taken == 0
    centre.now_s = at_ms(DAY, 31) / 1000
    await schedule.look()
    assert shut.taken == 1
