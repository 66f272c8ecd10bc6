"""What the hour came to: figures by queue, the balance with SIPp's own counts, where records lie."""

from __future__ import annotations

import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine
from acd.cli.words import say
from acd.config import Centre
from acd.core.cdr_types import CallRecord, LegRecord
from sim.load.balance import Balance, compare
from sim.load.demo import Played

_SHOWN = 12


async def report(console: Console, centre: Centre, played: Played, channels_left: int) -> bool:
    """Print the report; whether everything balances and nothing is left behind."""
    engine = async_engine(centre.settings.database_url)
    async with engine.connect() as c:
        calls = [
            msgspec.convert(["call", *row], CallRecord, strict=False)
            for row in (await c.execute(select(tables.calls))).all()
        ]
        legs = [
            msgspec.convert(["leg", *row], LegRecord, strict=False)
            for row in (await c.execute(select(tables.legs))).all()
        ]
    await engine.dispose()
    balance = compare(played.callers, played.known, played.phones, calls, legs)
    _print_balance(console, balance, played, channels_left)
    return balance.balances and channels_left == 0 and played.caller_counts.failed == 0


def _print_balance(console: Console, balance: Balance, played: Played, channels_left: int) -> None:
    table = Table(title=say("照合", "Balance"))
    for name in ("figure", "ledger", "SIPp", ""):
        table.add_column(name)
    for line in balance.lines:
        verdict = "ok" if line.balances else "DIFFERS"
        table.add_row(line.name, str(line.ledger), str(line.sipp), verdict)
    console.print(table)
    for difference in balance.differences[:_SHOWN]:
        console.print(difference)
    console.print("channels left", channels_left, played.caller_counts)
