"""``madoguchi cutover check|rehearse|status|switch|rollback``: a centre's numbers change over."""

from __future__ import annotations

import asyncio
import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from acd.cli.options import DEFAULT_CENTRE, CentreOption, JsonOption
from acd.cli.words import japanese, say
from acd.errors import NotFound, Refused

if TYPE_CHECKING:
    from acd.app.cutover_calls import Tried
    from acd.app.cutover_gate import Criterion
    from acd.bootstrap.cutover.checking import Point
    from acd.bootstrap.cutover.steps import Moved
    from acd.bootstrap.cutover.work import Cutover
    from acd.config.cutover_file import CallRow

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say(
        "電話番号を新しい窓口へ切り替えます(点検、リハーサル、切替、切り戻し)。",
        "Change a centre's numbers over: check, rehearse, switch, roll back.",
    ),
)
#: Exit code when something is not as it must be.
NOT_GOOD = 1

ByOption = Annotated[
    str,
    typer.Option("--by", help=say("誰が行うか(証跡に残ります)。", "Who does it, for the record.")),
]
YesOption = Annotated[
    bool, typer.Option("--yes", help=say("確認を求めません。", "Do not ask for confirmation."))
]


@app.command(
    help=say("切替計画に対して設置全体を点検します。", "Check the installation against the plan.")
)
def check(by: ByOption = "", centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Exit code 0 when every point is good."""
    from acd.bootstrap.cutover.checking import passed
    from acd.bootstrap.cutover.steps import checked

    work, console = _work(centre), _console()
    points = asyncio.run(checked(work, by or getpass.getuser(), lambda each: _point(console, each)))
    bad = sum(not each.good for each in points)
    _end(
        work,
        console,
        passed(points),
        say("点検に合格しました。", "The check is passed."),
        say(f"合格しない点が{bad}つあります。", f"{bad} point(s) are not good."),
    )


@app.command(
    help=say(
        "仮番号へ試験通話をかけ、記録と突き合わせます。",
        "Make the test calls to the temporary numbers and hold them against the ledger.",
    )
)
def rehearse(
    only: Annotated[
        list[str] | None,
        typer.Option(help=say("この試験だけ(複数可)。", "Only this call (may be repeated).")),
    ] = None,
    by: ByOption = "",
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Exit code 0 when every call of the matrix passed at its last try."""
    from acd.app.cutover_state import Stage
    from acd.bootstrap.cutover.steps import rehearsed

    work, console = _work(centre), _console()
    known = {each.id for each in work.plan.calls}
    for name in only or ():
        if name not in known:
            raise NotFound(
                f"there is no test call {name!r} in cutover.toml",
                ja=f"cutover.toml に試験通話 {name!r} がありません。",
            )

    async def ask(row: CallRow, dialled: str, _until_s: float) -> None:
        console.print(
            say(
                f"    いま {dialled} へ電話してください ({row.wait_min:g}分待ちます)",
                f"    call {dialled} now (waits for {row.wait_min:g} min)",
            ),
            style="bold",
        )

    def tell(row: CallRow, dialled: str, tried: Tried | None) -> None:
        _call(console, row, dialled, tried)

    calls = asyncio.run(rehearsed(work, by or getpass.getuser(), ask, tell, only or ()))
    bad = sum(not each.passed for each in calls)
    _end(
        work,
        console,
        work.stage is Stage.REHEARSED,
        say("リハーサルに合格しました。", "The rehearsal is passed."),
        say(
            f"合格していない試験通話があります (今回 {bad}件)。",
            f"Not every test call has passed ({bad} of these failed).",
        ),
    )


@app.command(
    help=say("証跡を作り直し、PDFにします。", "Write the evidence anew, and print it as PDF.")
)
def evidence(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Nothing is recorded. Without chromium the page is there all the same, and the exit code 1."""
    from acd.bootstrap.cutover.evidence import print_evidence, write_evidence

    work, console = _work(centre), _console()
    page = write_evidence(work, "ja" if japanese() else "en")
    console.print(say(f"証跡: {page}", f"evidence: {page}"), soft_wrap=True)
    printed = asyncio.run(print_evidence(page))
    console.print(f"PDF: {printed}", soft_wrap=True)


@app.command(help=say("段階と、切替の可否の条件を示します。", "Show how far it is, and the gate."))
def status(
    by: ByOption = "", as_json: JsonOption = False, centre: CentreOption = DEFAULT_CENTRE
) -> None:
    """Nothing is recorded. Exit code 0 when the switch may be made now."""
    from acd.app.cutover_gate import go
    from acd.bootstrap.cutover.facts import criteria
    from acd.cli.client import Client

    work = _work(centre)
    found = criteria(work, Client.of(centre), by)
    if as_json:
        table = {"stage": work.stage.value, "go": go(found), "gate": msgspec.to_builtins(found)}
        typer.echo(json.dumps(table, ensure_ascii=False, indent=1))
    else:
        console = _console()
        console.print(f"{work.plan.title}: {_stage(work)}", style="bold")
        _gate(console, found)
    if not go(found):
        raise typer.Exit(NOT_GOOD)


@app.command(
    help=say(
        "条件がそろっていれば本番の番号に切り替え、試験通話で確かめます。",
        "If every criterion is met, adopt the real numbers and prove it by test calls.",
    )
)
def switch(by: ByOption, yes: YesOption = False, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """After the switch: the same command makes the proving calls again."""
    from acd.app.cutover_gate import go
    from acd.app.cutover_state import Deed, Stage
    from acd.bootstrap.cutover.steps import decided, proven, switched
    from acd.cli.client import Client

    work, console, client = _work(centre), _console(), Client.of(centre)

    def tell(row: CallRow, dialled: str, tried: Tried | None) -> None:
        _call(console, row, dialled, tried)

    if work.stage in (Stage.SWITCHED, Stage.PROVEN):
        _moved(work, console, asyncio.run(proven(work, by, "", tell)))
        return
    work.must_allow(Deed.NO_GO)
    gate = decided(work, client, by)
    _gate(console, gate)
    if not go(gate):
        _end(work, console, False, "", say("条件がそろっていません: 切り替えません。", "No go."))
    _confirm(work, yes)
    _carriers(work, console, back=False)
    _moved(work, console, asyncio.run(switched(work, client, by, gate, tell)))


@app.command(
    help=say(
        "もとの計画に戻し、試験通話で確かめ、かかった時間を残します。",
        "Put the former plan back, prove it by test calls, and keep how long it took.",
    )
)
def rollback(
    by: ByOption,
    reason: Annotated[str, typer.Option(help=say("なぜ戻すか。", "Why."))],
    yes: YesOption = False,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Exit code 0 when the former plan is in force and proven."""
    from acd.app.cutover_state import Deed
    from acd.bootstrap.cutover.steps import rolled_back
    from acd.cli.client import Client

    work, console = _work(centre), _console()
    work.must_allow(Deed.ROLLED_BACK)
    _confirm(work, yes)
    _carriers(work, console, back=True)

    def tell(row: CallRow, dialled: str, tried: Tried | None) -> None:
        _call(console, row, dialled, tried)

    _moved(work, console, asyncio.run(rolled_back(work, Client.of(centre), by, reason, tell)))


# -- what a person reads ------------------------------------------------------------------------


def _work(centre: Path) -> Cutover:
    from acd.bootstrap.cutover.work import Cutover
    from acd.bootstrap.logs import configure_logging

    work = Cutover(centre)
    configure_logging(work.settings.log)
    return work


def _console() -> Console:
    return Console(highlight=False)


def _mark(good: bool) -> Text:
    return Text("○ ", "green") if good else Text("× ", "bold red")


def _point(console: Console, point: Point) -> None:
    lang = "ja" if japanese() else "en"
    line = _mark(point.good)
    line.append(point.asked.of(lang), "bold")
    line.append(f"  {point.found.of(lang)}")
    console.print(line)


def _call(console: Console, row: CallRow, dialled: str, tried: Tried | None) -> None:
    if tried is None:
        from acd.cli.cutover_words import kind_label

        console.print(f"… {row.id}: {kind_label(row.kind.value)} → {dialled}", style="dim")
        return
    from acd.cli.cutover_words import result_line

    line = _mark(tried.passed)
    line.append(f"{tried.id}  ", "bold")
    line.append(result_line(tried))
    console.print(line)


def _gate(console: Console, criteria: list[Criterion]) -> None:
    for each in criteria:
        line = _mark(each.met)
        line.append(say(each.ja, each.en))
        line.append(f"  ({each.found})", "dim")
        console.print(line)


def _carriers(work: Cutover, console: Console, *, back: bool) -> None:
    """Read out what people outside have to be asked for now."""
    for each in work.plan.carriers.values():
        step = each.back_step if back else each.switch_step
        console.print(f"☎ {each.name} ({each.contact}): {step}", style="bold")


def _confirm(work: Cutover, yes: bool) -> None:
    if yes:
        return
    name = work.plan.id
    typed = typer.prompt(say(f"実行するには {name} と入力してください", f"type {name} to go on"))
    if typed.strip() != name:
        raise Refused("nothing was changed", ja="何も変えていません。")


def _moved(work: Cutover, console: Console, moved: Moved) -> None:
    good = moved.proven
    minutes, seconds = divmod(round(moved.took_s), 60)
    took = say(f"{minutes}分{seconds}秒", f"{minutes} min {seconds} s")
    _end(
        work,
        console,
        good,
        say(
            f"{_stage(work)}。試験通話で確かめました ({took})。",
            f"{_stage(work)}; the test calls say so ({took}).",
        ),
        say(
            f"{_stage(work)}。ただし試験通話が合格していません ({took})。",
            f"{_stage(work)}, but the proving calls did not pass ({took}).",
        ),
    )


def _stage(work: Cutover) -> str:
    from acd.cli.cutover_words import stage_label

    return stage_label(work.stage.value)


def _end(work: Cutover, console: Console, good: bool, well: str, ill: str) -> None:
    """The verdict, the evidence anew, and the next step."""
    from acd.bootstrap.cutover.evidence import write_evidence

    console.print(well if good else ill, style="bold green" if good else "bold red")
    page = write_evidence(work, "ja" if japanese() else "en")
    console.print(say(f"証跡: {page}", f"evidence: {page}"), soft_wrap=True)
    if good and work.next_step:
        console.print(say(f"次: {work.next_step}", f"next: {work.next_step}"))
    if not good:
        raise typer.Exit(NOT_GOOD)
