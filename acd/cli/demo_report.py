"""What the hour came to: figures by queue, the balance with SIPp, and where the records lie."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.adapters.asterisk.conffiles import CEL_FILE
from acd.adapters.sql.reader import LedgerReader
from acd.bootstrap.ledger import check
from acd.bootstrap.switch import paths_of
from acd.cli.labels import outcome_label
from acd.cli.words import japanese, say
from acd.config import Centre
from acd.core.cdr_types import Record
from metrics import report as figures
from metrics.tally import Tally
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
        calls, visits, legs = await reader.calls(), await reader.visits(), await reader.legs()
    finally:
        await reader.close()
    balance = compare(played.callers, played.known, played.phones, calls, legs)
    balance.lines += [
        Line("failed at SIPp", 0, played.caller_counts.failed + played.phone_counts.failed),
        Line("channels left", channels_left, 0),
    ]
    _print_figures(console, centre, [*calls, *visits, *legs])
    _print_balance(console, balance, agrees=checked.balances)
    _print_places(console, centre)
    return balance.balances and checked.balances


def _print_figures(console: Console, centre: Centre, rows: Sequence[Record]) -> None:
    tally = Tally()
    tally.add(rows)
    text = figures.queue_table(
        figures.report_by_queue(centre.plan, tally), japanese=japanese(), targets=None
    )
    # A column for each queue: the measures' names are what is long.
    table = _table(text.title)
    table.add_column("", no_wrap=True, min_width=max(map(cell_len, text.header[1:])))
    for row in text.rows:
        table.add_column(row[0], justify="right", overflow="fold")
    for index, name in enumerate(text.header[1:], start=1):
        table.add_row(name, *(row[index] for row in text.rows))
    console.print(table)
    for note in text.notes:
        console.print(Text(note, "dim"))
    console.print(Text(_totals(tally)))


def _totals(tally: Tally) -> str:
    whole = figures.centre_figures(tally.calls)
    rates = [figures.percent(each) for each in (whole.answer_rate_a, whole.answer_rate_b)]
    ended = ", ".join(
        f"{outcome_label(name)} {count}" for name, count in whole.outcomes.items() if count
    )
    return say(
        f"全体: 着信 {whole.offered}、応答率A {rates[0]} (応答÷着信)、応答率B {rates[1]} "
        f"(応答÷窓口に入った呼)。内訳: {ended}",
        f"All calls: {whole.offered} offered, answer rate A {rates[0]} (answered ÷ offered), "
        f"B {rates[1]} (answered ÷ queued). Outcomes: {ended}",
    )


def _print_balance(console: Console, balance: Balance, *, agrees: bool) -> None:
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
    if not agrees:
        wrong = say(
            "Asteriskの記録と合いません: `madoguchi ledger check` をご覧ください。",
            "Asterisk's own record differs: see `madoguchi ledger check`.",
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


def _print_places(console: Console, centre: Centre) -> None:
    state = centre.settings.state_dir
    lines = [
        (say("通話記録", "records"), state / "madoguchi.sqlite"),
        (say("ジャーナル", "journal"), state / "spool"),
        (say("Asteriskの記録", "Asterisk's own"), paths_of(centre.settings).run / CEL_FILE),
        (say("SIPpの記録", "SIPp's notes"), state / "sipp"),
    ]
    grid = Table.grid(padding=(0, 2))
    for name, path in lines:
        grid.add_row(Text(name, "dim"), Text(str(path)))
    console.print(grid)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
