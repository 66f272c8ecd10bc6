"""``madoguchi plan lines``: how many channels an interval needs, exactly and at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.plan.form import PLAIN, Form, csv_text, judged, taking
from acd.cli.plan.size import (
    AhtOption,
    CallsOption,
    PatienceOption,
    SurgeOption,
    interval,
    report,
)
from acd.cli.words import japanese, say

if TYPE_CHECKING:
    from sim.size.channels import Besides, Channels
    from sim.size.seats import Interval

_PARTS = (0.9, 0.99, 0.999, 0.9999)
#: The share of blocked calls that is named: the usual bound for public lines.
_FEW = 0.01


MenuOption = Annotated[
    str, typer.Option("--menu", help=say("案内を聞く時間。", "Time in the menu before."))
]
WrapUpOption = Annotated[
    str,
    typer.Option(
        "--wrap-up", help=say("処理時間のうち後処理。", "The part of --aht that is wrap-up.")
    ),
]
TransferredOption = Annotated[
    str,
    typer.Option(
        "--transferred",
        help=say("担当課へ取り次ぐ割合。", "Share that is transferred to a department."),
    ),
]
TransferredForOption = Annotated[
    str,
    typer.Option(
        "--transferred-for",
        help=say("取り次いだ後の通話時間。", "How long such a call lasts afterwards."),
    ),
]


@taking("lines")
def lines(
    calls: CallsOption,
    aht: AhtOption,
    seats: Annotated[int, typer.Option("--seats", help=say("席数。", "How many seats."))],
    patience: PatienceOption = None,
    have: Annotated[
        int | None,
        typer.Option("--lines", help=say("この回線数を試す。", "Try this number of lines.")),
    ] = None,
    menu: MenuOption = "0s",
    wrap_up: WrapUpOption = "0s",
    handed_on: TransferredOption = "0%",
    handed_on_for: TransferredForOption = "180s",
    surge: SurgeOption = "1",
    absent: Annotated[
        int, typer.Option("--absent", min=0, help=say("欠員。", "How many are missing."))
    ] = 0,
    form: Form = PLAIN,
) -> None:
    """Sentences, then a table; or JSON, or CSV."""
    from sim.erlang.checks import whole
    from sim.inputs.quantities import duration_s, share
    from sim.size.channels import Besides, channels, lines_for

    if have is not None:
        whole("lines", have)
    of, seats = interval(calls, aht, patience, surge, None), max(0, seats - absent)
    part = share(handed_on)
    besides = Besides(
        duration_s(menu), part, duration_s(handed_on_for) if part else 0.0, duration_s(wrap_up)
    )
    found = channels(of, seats, besides)
    counts = sorted({*(found.enough(each) for each in _PARTS), *([have] if have else [])})
    rows = [_row(of, seats, besides, found, each) for each in counts if each]
    few = None if besides.any or form.for_programs else lines_for(of, seats, _FEW)
    form.give(
        lambda: _print_words(seats, besides, found, rows, have, few),
        data=lambda: _json(found, rows),
        rows=lambda: csv_text(list(rows[0]), [list(each.values()) for each in rows]),
        page=lambda: report(of, seats, None, found.shares, have),
    )
    if form.claims:
        from sim.size.held import lines_broken

        blocked_share = next((row["p_block"] for row in rows if row["lines"] == have), None)
        judged(lines_broken(form.claims, of, seats, found, blocked_share))


def _row(
    of: Interval, seats: int, besides: Besides, found: Channels, number: int
) -> dict[str, float | int | None]:
    from sim.size.channels import blocked

    exact = None if besides.any else blocked(of, seats, number)
    return {"lines": number, "beyond": found.beyond(number), "p_block": exact}


def _print_words(
    seats: int, besides: Besides, found: Channels, rows: list[dict[str, float | int | None]],
    have: int | None, few: int | None,
) -> None:  # fmt: skip
    p99, p999 = found.enough(0.99), found.enough(0.999)
    ja = japanese()
    typer.echo(
        f"{seats}席のとき、使う回線は平均{found.mean:.1f}本です。{p99}本あれば時間の99 %、"
        f"{p999}本あれば99.9 %で足ります(待っている方も回線を使います)。"
        if ja
        else f"With {seats} seats {found.mean:.1f} lines are in use on average. {p99} are enough "
        f"for 99 % of the time, {p999} for 99.9 % (callers who wait hold a line as well)."
    )
    if few is not None:
        typer.echo(
            f"話し中でつながらない電話を1 %以下にするには{few}本です。"
            if ja
            else f"{few} lines keep the calls that find them all taken to at most 1 %."
        )
    for row in rows:
        if have and row["lines"] == have:
            typer.echo(_given(row, ja))
    typer.echo(_method(besides, ja))
    typer.echo("")
    _print_table(rows, exact=not besides.any)


def _given(row: dict[str, float | int | None], ja: bool) -> str:
    from sim.size.words import percent

    number, exact, beyond = row["lines"], row["p_block"], row["beyond"] or 0.0
    if exact is not None:
        lost = percent(exact)
        return (
            f"{number}本では、電話の{lost}が話し中でつながりません。"
            if ja
            else f"With {number} lines {lost} of the calls find them all taken."
        )
    more = percent(beyond)
    return (
        f"{number}本では、時間の{more}で足りません。"
        if ja
        else f"{number} lines are too few for {more} of the time."
    )


def _method(besides: Besides, ja: bool) -> str:
    if not besides.any:
        return (
            "公式による値で、計算の誤差はありません。"
            if ja
            else "By formula: there is no sampling error."
        )
    if besides.handed_on or besides.wrap_up_s:
        return (
            "公式による値です。取り次ぎ後の通話(1件で2回線)と後処理は、ほかと独立とみなしています。"
            if ja
            else "By formula; transferred calls (two lines each) and wrap-up are taken as "
            "independent of the rest."
        )
    return (
        "公式による値で、案内を聞いている方も数えています。"
        if ja
        else "By formula, callers in the menu included."
    )


def _print_table(rows: list[dict[str, float | int | None]], exact: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    table.add_column(say("回線", "lines"), justify="right")
    table.add_column(say("足りない時間", "too few for"), justify="right")
    if exact:
        table.add_column(say("話し中の電話", "calls blocked"), justify="right")
    for row in rows:
        cells = [str(row["lines"]), f"{100 * (row['beyond'] or 0.0):.3f} %"]
        if exact:
            cells.append(f"{100 * (row['p_block'] or 0.0):.3f} %")
        table.add_row(*cells)
    Console().print(table)


def _json(found: Channels, rows: list[dict[str, float | int | None]]) -> str:
    import json

    data = {
        "mean": found.mean,
        "lines_p99": found.enough(0.99),
        "lines_p999": found.enough(0.999),
        "lines": rows,
        "shares": found.shares,
    }
    return json.dumps(data, indent=1)
