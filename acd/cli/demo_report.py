"""What the hour came to: figures by queue, the balance with SIPp, and where the records lie."""

from __future__ import annotations

import asyncio
import shlex
import sys
import time
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.adapters.asterisk.conffiles import CEL_FILE
from acd.adapters.sql.reader import LedgerReader
from acd.bootstrap.ledger import check
from acd.bootstrap.reports import reports_of
from acd.bootstrap.switch import paths_of
from acd.cli.options import DEFAULT_CENTRE
from acd.cli.report_terminal import show
from acd.cli.words import japanese, say
from acd.config import Centre
from acd.ports_reports import Format
from metrics.report_make import Asked
from metrics.report_model import Kind
from sim.load.balance import Balance, Line, compare
from sim.load.demo import Played

_SHOWN = 20
_LINES = {
    "calls": ("かかってきた電話", "calls"),
    "calls ended": ("終わった電話", "calls ended"),
    "refused by the switch": ("交換機が断った電話", "refused by the switch"),
    "talks": ("オペレーターとの通話", "talks with an operator"),
    "withheld numbers": ("非通知の電話", "withheld numbers"),
    "rings": ("オペレーターの電話機が鳴った回数", "rings of operators' phones"),
    "failed at SIPp": ("SIPp側の失敗", "failed at SIPp"),
    "channels left": ("残った回線", "channels left behind"),
}


async def report(console: Console, centre: Centre, played: Played, channels_left: int) -> bool:
    """Print the report; whether everything balances and nothing is left behind."""
    checked = await check(centre.settings)
    reader = LedgerReader(centre.settings.database_url)
    try:
        calls, legs = await reader.calls(), await reader.legs()
    finally:
        await reader.close()
    balance = compare(played.callers, played.known, played.phones, calls, legs)
    balance.lines += [
        Line("failed at SIPp", 0, played.caller_counts.failed + played.phone_counts.failed),
        Line("channels left", channels_left, 0),
    ]
    page = await _report(console, centre)
    again = _check_again(centre)
    _print_balance(console, balance, again if not checked.balances else "")
    _print_places(console, centre, page, again)
    return balance.balances and checked.balances


def _check_again(centre: Centre) -> str:
    """The command that holds these records against Asterisk's once more."""
    state, command = shlex.quote(str(centre.settings.state_dir)), shlex.quote(sys.argv[0])
    other = centre.path.resolve() != DEFAULT_CENTRE.resolve()
    where = f" --centre {shlex.quote(str(centre.path))}" if other else ""
    return f"MADOGUCHI_STATE_DIR={state} {command} ledger check{where}"


async def _report(console: Console, centre: Centre) -> Path:
    """Print the day's report, and put the whole of it beside the records."""
    reports = reports_of(centre, time.time)
    lang = "ja" if japanese() else "en"
    asked = Asked(Kind.DAILY, reports.today())
    made = await reports.make(asked)
    show(made, lang, console)
    path = centre.settings.state_dir / "report.html"
    page = await reports.written(made, Format.HTML, lang)
    await asyncio.to_thread(path.write_bytes, page)
    return path


def _print_balance(console: Console, balance: Balance, look: str) -> None:
    """``look``: the command that says what differs from Asterisk's own record, if anything."""
    table = _table(say("通話記録とSIPpの照合", "The ledger against SIPp's own counts"))
    table.add_column("")
    table.add_column(say("通話記録", "ledger"), justify="right")
    table.add_column("SIPp", justify="right")
    table.add_column("")
    for line in balance.lines:
        mark = Text("✓", "green") if line.balances else Text(say("違い", "differs"), "bold red")
        ja, en = _LINES[line.name]
        table.add_row(say(ja, en), str(line.ledger), str(line.sipp), mark)
    console.print(table)
    for difference in balance.differences[:_SHOWN]:
        console.print(Text(f"  {difference}", "red"))
    if len(balance.differences) > _SHOWN:
        console.print(Text(f"  … {len(balance.differences) - _SHOWN}", "red"))
    if look:
        wrong = say(
            f"Asteriskの記録と合いません: `{look}` をご覧ください。",
            f"Asterisk's own record differs: see `{look}`.",
        )
        console.print(Text(wrong, "bold red"))
    elif balance.balances:
        good = say(
            "一致: 1件ずつ照合して違いはありません。Asterisk自身の記録とも合います。",
            "Balanced, call by call and ring by ring; Asterisk's own record agrees too.",
        )
        console.print(Text(good, "bold green"))
    else:
        console.print(Text(say("一致しません。", "It does not balance."), "bold red"))


def _print_places(console: Console, centre: Centre, page: Path, again: str) -> None:
    state = centre.settings.state_dir
    lines = [
        (say("報告", "report"), page.resolve().as_uri()),
        (say("通話記録", "records"), state / "madoguchi.sqlite"),
        (say("ジャーナル", "journal"), state / "spool"),
        (say("Asteriskの記録", "Asterisk's own"), paths_of(centre.settings).run / CEL_FILE),
        (say("SIPpの記録", "SIPp's notes"), state / "sipp"),
        (say("もう一度照合", "check it again"), again),
    ]
    grid = Table.grid(padding=(0, 2))
    for name, path in lines:
        grid.add_row(Text(name, "dim"), Text(str(path), overflow="fold"))
    console.print(grid)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
