"""``madoguchi ledger ...`` and ``madoguchi replay``: thin calls, and their answers as text."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer

from acd.cli import ledger_figures, ledger_lost, ledger_outside, ledger_survey
from acd.cli.labels import outcome_label
from acd.cli.options import DEFAULT_CENTRE, CentreOption, FirstDayOption, JsonOption, LastDayOption
from acd.cli.words import say
from acd.errors import Refused

if TYPE_CHECKING:
    from acd.app.ledger_check import Balance, Differences
    from acd.app.replay import Replayed
    from acd.bootstrap.ledger import Checked, SpoolHolds
    from acd.config import Settings

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say("通話記録を照合、出力します。", "Reconcile and export the records."),
)
ledger_survey.register(app)
ledger_figures.register(app)
ledger_outside.register(app)
ledger_lost.register(app)
#: Ids that are shown of each kind of difference.
_SHOWN = 10
#: Exit code when something is not as it should be.
DIFFERS = 1


def _load(centre: Path) -> Settings:
    """The centre's settings; whatever is logged from here on goes to standard error. A fault in
    the plan is no reason not to look at the records."""
    from acd.bootstrap.logs import configure_logging
    from acd.config import load_settings

    found = load_settings(centre)
    configure_logging(found.log)
    return found


@app.command(
    help=say(
        "通話記録の収支を確かめ、Asteriskの記録(CEL)と照合します。",
        "Check that the ledger balances, and hold it against Asterisk's own record (CEL).",
    )
)
def check(
    centre: CentreOption = DEFAULT_CENTRE,
    cel: Annotated[
        list[Path] | None,
        typer.Option(
            help=say(
                "CELファイル(複数可、古い順)。省略時はセンターのAsteriskのもの。",
                "CEL file (may be repeated, oldest first). Default: the centre's own Asterisk's.",
            )
        ),
    ] = None,
    take_over: Annotated[
        bool,
        typer.Option(
            "--take-over",
            help=say(
                "コントローラー停止中に応対された通話を記録に引き継ぎます(source=switch)。",
                "Take over calls that only the fallback queue served (source=switch).",
            ),
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Exit code 0 when everything agrees, 1 when something differs."""
    from acd.bootstrap.ledger import check as check_ledger

    settings = _load(centre)
    found = asyncio.run(check_ledger(settings, cel, take_over=take_over))
    if as_json:
        typer.echo(_json(found, balances=found.balances))
    else:
        typer.echo("\n".join(_check_lines(found)))
    if not found.balances:
        raise typer.Exit(DIFFERS)


def _check_lines(found: Checked) -> list[str]:
    lines = [
        *_balance_lines(say("呼", "calls"), say("着信", "offered"), found.calls),
        *_balance_lines(say("窓口での滞在", "visits"), say("開始", "entered"), found.visits),
        say(
            f"ジャーナル: {found.steps} ステップを再計算しました",
            f"journal: {found.steps} steps folded again",
        ),
    ]
    if found.dropped_steps:
        lines.append(
            say(
                f"  注意: 満杯のため {found.dropped_steps} ステップの詳細と "
                f"{found.lost_outcomes} 件の結果が失われました",
                f"  note: the spool was full: detail of {found.dropped_steps} steps and "
                f"{found.lost_outcomes} outcome rows were dropped",
            )
        )
    if found.switch is None:
        lines.append(
            say("CEL: 照合する記録がありません", "CEL: there is no record to compare with")
        )
    else:
        lines += _difference_lines(found.switch)
    if found.unreadable_lines:
        lines.append(
            say(
                f"  注意: CELの {found.unreadable_lines} 行は読めませんでした",
                f"  note: {found.unreadable_lines} lines of the CEL could not be read",
            )
        )
    if found.taken_over:
        lines.append(
            say(
                f"{found.taken_over} 件を引き継ぎました (source=switch)",
                f"{found.taken_over} calls taken over (source=switch)",
            )
        )
    verdict = say("収支は一致しています", "the ledger balances")
    if not found.balances:
        verdict = say("一致しません", "it does NOT balance")
    return [*lines, verdict]


def _balance_lines(what: str, offered: str, balance: Balance) -> list[str]:
    parts = [f"{outcome_label(name)} {count}" for name, count in sorted(balance.outcomes.items())]
    parts.append(say(f"進行中 {balance.in_progress}", f"in progress {balance.in_progress}"))
    sign = "=" if balance.balances else "≠"
    lines = [f"{what}: {offered} {balance.offered} {sign} {' + '.join(parts)}"]
    lines += _ids(say("記録がない", "without a row"), balance.lost)
    lines += _ids(say("ジャーナルと異なる", "not as journaled"), balance.different)
    if balance.before:
        lines.append(
            say(
                f"  うち {balance.before} 件はジャーナルより前",
                f"  {balance.before} of them from before the journal",
            )
        )
    return lines


def _difference_lines(found: Differences) -> list[str]:
    kinds: list[tuple[str, list[Any]]] = [
        (say("Asteriskにだけある呼", "calls only Asterisk saw"), found.only_switch),
        (say("停止中に応対された呼", "answered while no controller ran"), found.answered_unseen),
        (say("Asteriskにない呼", "calls Asterisk did not see"), found.only_ledger),
        (say("記録にない通話", "talks not in the ledger"), found.talk_not_in_ledger),
        (say("Asteriskにない通話", "talks not in Asterisk"), found.talk_not_in_switch),
    ]
    notes: list[tuple[str, list[Any]]] = [
        (say("注意: 通話時間の違い", "note: talks of another length"), found.talk_length),
        (say("注意: 開始・終了時刻の違い", "note: calls with another begin or end"), found.moments),
    ]
    lines = [
        say(
            f"CEL: {found.compared} 件の呼を照合しました",
            f"CEL: {found.compared} calls compared",
        )
    ]
    for what, ids in [*kinds, *notes]:
        lines += _ids(what, ids)
    return lines


def _ids(what: str, ids: list[Any]) -> list[str]:
    if not ids:
        return []
    more = f" ... (+{len(ids) - _SHOWN})" if len(ids) > _SHOWN else ""
    return [f"  {what}: {len(ids)}: {', '.join(map(str, ids[:_SHOWN]))}{more}"]


# -- export -------------------------------------------------------------------------------------


@app.command(
    help=say(
        "通話記録をCSVに書き出します(呼、滞在、応対、区間、分類、相談先、外線発信)。",
        "Write the records as CSV files: calls, visits, legs, segments, dispositions, parties, "
        "outside calls.",
    )
)
def export(
    csv: Annotated[
        Path, typer.Option("--csv", help=say("書き出すフォルダー。", "Folder to write to."))
    ],
    centre: CentreOption = DEFAULT_CENTRE,
    first_day: FirstDayOption = None,
    last_day: LastDayOption = None,
) -> None:
    """Days are the centre's own; a row belongs to the day in which it began."""
    from acd.bootstrap.ledger_export import export_csv, span_ms
    from acd.cli.acts import days, note
    from acd.config import load_timezone
    from acd.ports_people import OperationKind

    settings = _load(centre)
    zone = ZoneInfo(load_timezone(centre))
    subject = f"ledger {days(first_day, last_day)}"
    asyncio.run(note(settings, OperationKind.RECORDS_EXPORTED, subject))
    try:
        counts = export_csv(settings, csv, zone, *span_ms(first_day, last_day, zone))
    except OSError as error:
        raise Refused(
            say(
                f"{csv} に書き出せません ({error.strerror})。別のフォルダーを指定してください。",
                f"{csv} cannot be written to ({error.strerror}): name another folder",
            )
        ) from error
    for path, rows in counts.items():
        typer.echo(say(f"{path}: {rows} 行", f"{path}: {rows} rows"))


# -- spool --------------------------------------------------------------------------------------


@app.command(
    help=say(
        "データベースが止まったとき、何時間分の通話を保持できるかを示します。",
        "Say how many hours of calls the spool holds while the database is away.",
    )
)
def spool(
    centre: CentreOption = DEFAULT_CENTRE,
    calls_per_hour: Annotated[
        float | None,
        typer.Option(
            min=1.0,
            help=say(
                "1時間あたりの呼数。省略時は実績の最繁時。",
                "Calls per hour. Default: the busiest hour in the spool.",
            ),
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bytes per call are measured from what lies in the spool."""
    from acd.bootstrap.ledger import spool_holds

    holds = spool_holds(_load(centre), calls_per_hour)
    typer.echo(_json(holds) if as_json else "\n".join(_spool_lines(holds)))


def _spool_lines(holds: SpoolHolds) -> list[str]:
    mib = 1024 * 1024
    source = say("実測", "measured") if holds.measured else say("標準値", "usual value")
    ring_mib = holds.ring_bytes // mib
    return [
        say(
            f"スプール {ring_mib} MiB、1呼あたり {holds.call_bytes} バイト({source})",
            f"spool {ring_mib} MiB, {holds.call_bytes} bytes per call ({source})",
        ),
        say(
            f"毎時 {holds.calls_per_hour:g} 呼で {holds.hours:,.1f} 時間分をすべて保持します",
            f"at {holds.calls_per_hour:g} calls an hour it holds {holds.hours:,.1f} hours in full",
        ),
        say(
            f"その後は結果のみ(予備 {holds.reserve_bytes // mib} MiB)でさらに "
            f"{holds.hours_of_outcomes:,.1f} 時間分",
            f"and then, outcomes only (reserve {holds.reserve_bytes // mib} MiB), "
            f"{holds.hours_of_outcomes:,.1f} hours more",
        ),
    ]


# -- prune --------------------------------------------------------------------------------------


@app.command(
    help=say(
        "古いジャーナルとスナップショットをデータベースから消します(通話の記録は残ります)。",
        "Drop old steps and snapshots from the database; the records of calls stay.",
    )
)
def prune(
    centre: CentreOption = DEFAULT_CENTRE,
    keep_days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=say(
                "残す日数。省略時は設定の journal_days。",
                "Days to keep. Default: journal_days of the settings.",
            ),
        ),
    ] = None,
) -> None:
    """A running centre does the same by itself every hour."""
    from acd.bootstrap.housekeeping import prune_ledger

    done = asyncio.run(prune_ledger(_load(centre), keep_days))
    typer.echo(
        say(
            f"{done.steps} ステップと {done.snapshots} 個のスナップショットを消しました",
            f"{done.steps} steps and {done.snapshots} snapshots dropped",
        )
    )


# -- replay -------------------------------------------------------------------------------------


def replay(
    centre: CentreOption = DEFAULT_CENTRE,
    newest: Annotated[
        bool,
        typer.Option(
            "--newest",
            help=say(
                "最も新しいスナップショットから始めます(既定は最も古いもの)。",
                "Begin at the newest snapshot kept (default: the oldest).",
            ),
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Decide the recorded inputs again; exit code 1 when any is decided otherwise."""
    from acd.bootstrap.ledger import replay as replay_journal
    from acd.config import load_timezone

    settings = _load(centre)
    done = asyncio.run(replay_journal(settings, load_timezone(centre), newest=newest))
    typer.echo(_json(done) if as_json else "\n".join(_replay_lines(done)))
    if done.differing or done.gap_at is not None:
        raise typer.Exit(DIFFERS)


def _replay_lines(done: Replayed) -> list[str]:
    lines = [
        say(
            f"ステップ {done.first_seq} から {done.steps} ステップ({done.events} イベント)を"
            f"再判断: 違い {done.differing} 件",
            f"{done.steps} steps ({done.events} events) from step {done.first_seq} decided again: "
            f"{done.differing} differ",
        )
    ]
    if done.gap_at is not None:
        lines.append(
            say(
                f"ステップ {done.gap_at} が失われているため、そこで止まりました",
                f"stopped there: step {done.gap_at} is missing",
            )
        )
    for one in done.shown:
        lines.append(f"  {one.seq} {one.happened}{f' ({one.failed})' if one.failed else ''}")
        lines += [f"    - {name}" for name in one.recorded]
        lines += [f"    + {name}" for name in one.decided]
    return lines


def _json(found: msgspec.Struct, **more: object) -> str:
    return msgspec.json.format(
        msgspec.json.encode(msgspec.structs.asdict(found) | more), indent=2
    ).decode()
