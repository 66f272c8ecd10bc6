"""The ``madoguchi`` command: one table of verbs, one place where errors become sentences.

Exit codes: 0 done; 1 an error, said in one sentence; 2 wrong usage; 3 a centre's files are wrong;
4 something is not there at the moment and may be later; 130 interrupted.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Annotated

import typer

from acd.cli.lazy import LazyGroup, Verb
from acd.cli.words import say
from acd.errors import ConfigError, Fault, MadoguchiError, StoreUnavailable
from acd.japanese import in_japanese

EXIT_ERROR, EXIT_CONFIG, EXIT_RETRY, EXIT_INTERRUPTED = 1, 3, 4, 130
#: Errors of the operating system that say nothing of a defect.
_FOR_A_PERSON = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.ENOTDIR,
    errno.EISDIR,
)

VERBS = (
    Verb(
        "demo",
        "acd.cli.run:demo",
        "実際の通話で、市役所の忙しい1時間を1分で再現します。",
        "Play a city's busy hour in a minute, with real calls.",
    ),
    Verb(
        "up",
        "acd.cli.run:up",
        "Asteriskとコントローラーを起動し、Ctrl-Cまで動かします。",
        "Start Asterisk and the controller, until Ctrl-C.",
    ),
    Verb(
        "serve",
        "acd.cli.serve:serve",
        "コントローラーだけを起動します(Asteriskは別に動いているもの)。",
        "Run the controller alone, against an Asterisk that runs already.",
    ),
    Verb(
        "check",
        "acd.cli.check:check",
        "センターの設定をすべて検査します。",
        "Check a centre's files as a whole.",
    ),
    Verb(
        "doctor",
        "acd.cli.doctor:doctor",
        "設置全体を診断し、直すところを示します。",
        "Look at the whole installation and say what to mend.",
    ),
    Verb(
        "cutover",
        "acd.cli.cutover:app",
        "電話番号を新しい窓口へ切り替えます(点検、リハーサル、切替、切り戻し)。",
        "Change a centre's numbers over: check, rehearse, switch, roll back.",
    ),
    Verb(
        "reload",
        "acd.cli.check:reload",
        "動いているセンターに設定を読み直させます。",
        "Let the running centre read its files again.",
    ),
    Verb(
        "takeover",
        "acd.cli.check:takeover",
        "待機しているコントローラーに引き継ぎます(計画した切り替え)。",
        "Let the controller that stands by lead (a planned change).",
    ),
    Verb(
        "agent",
        "acd.cli.agent:app",
        "オペレーターとして操作します(ログイン、受付可、離席、転送など)。",
        "Act as an operator: log in, ready, not ready, transfer ...",
    ),
    Verb(
        "floor",
        "acd.cli.floor:app",
        "スーパーバイザーとして操作します(状況、ログアウト、離席にする)。",
        "Act as a supervisor: see the floor, log out, set not ready.",
    ),
    Verb(
        "alarms",
        "acd.cli.alarms:app",
        "警報を一覧し、届くかどうか試します。",
        "List alarms, and try whether they arrive.",
    ),
    Verb(
        "explain",
        "acd.cli.floor:explain",
        "なぜこの呼がこのオペレーターに配られたかを説明します。",
        "Say why a call was offered to an operator, and not to the others.",
    ),
    Verb(
        "ivr",
        "acd.cli.ivr_try:app",
        "音声ガイダンスの流れを、電話をかけずに試します。",
        "Try a menu without a telephone.",
    ),
    Verb(
        "ledger",
        "acd.cli.ledger:app",
        "通話記録を照合、出力します。",
        "Reconcile and export the records.",
    ),
    Verb(
        "report",
        "acd.cli.report:app",
        "日報・月報などを作ります (HTML、PDF、XLSX、CSV、JSON)。",
        "Make the daily, monthly ... report: HTML, PDF, XLSX, CSV, JSON.",
    ),
    Verb(
        "recordings",
        "acd.cli.recordings:app",
        "通話の録音を一覧、検査、保全、削除します。",
        "List, check, hold and delete recordings of talks.",
    ),
    Verb(
        "replay",
        "acd.cli.ledger:replay",
        "記録された入力をもう一度判断し、違いを示します。",
        "Decide the recorded inputs again and show any difference.",
    ),
    Verb(
        "users",
        "acd.cli.users:app",
        "サインインできる人を加え、止め、一覧します。",
        "Add, stop and list who may sign in.",
    ),
    Verb(
        "backup",
        "acd.cli.backup:backup",
        "センターをまるごとバックアップします (動かしたままで)。",
        "Back the whole centre up, while it runs.",
    ),
    Verb(
        "restore",
        "acd.cli.backup:restore",
        "バックアップからセンターを復元します (空の場所にだけ)。",
        "Bring a centre back from its backup, into an empty place only.",
    ),
    Verb(
        "verify",
        "acd.cli.backup:verify",
        "バックアップ、または動いているセンターの記録がすべて正しいか検査します。",
        "Check that a backup, or all that a running centre keeps, is whole.",
    ),
    Verb(
        "operations",
        "acd.cli.operations:app",
        "操作記録を表示し、書き換えがないか確かめます。",
        "Show the operation log, and prove that nobody changed it.",
    ),
    Verb(
        "tls",
        "acd.cli.tls:app",
        "お試し用の証明書を作ります。",
        "Make a certificate for trying out.",
    ),
    Verb(
        "wallboard",
        "acd.cli.wallboard:app",
        "ボード(壁の画面)のリンクを作成、失効、一覧します。",
        "Make, revoke and list links of the wallboard's displays.",
    ),
    Verb(
        "tokens",
        "acd.cli.tokens:app",
        "APIのトークンを作成、失効、一覧します。",
        "Make, revoke and list API tokens.",
    ),
    Verb(
        "secret",
        "acd.cli.tokens:secret",
        "回線業者のパスワードなどを保存します。",
        "Keep a password that a carrier gave you.",
    ),
    Verb(
        "asterisk-conf",
        "acd.cli.asterisk_conf:asterisk_conf",
        "別のマシンのAsteriskに置く設定一式を書き出します。",
        "Write the configuration that an Asterisk on another machine needs.",
    ),
    Verb(
        "proxy-conf",
        "acd.cli.proxy_conf:proxy_conf",
        "複数の交換機の前に置くSIPプロキシの設定を書き出します。",
        "Write the configuration of a SIP proxy in front of several nodes.",
    ),
    Verb(
        "plan",
        "acd.cli.plan:app",
        "席と回線の必要数を計算し、シミュレーションで確かめます。",
        "Plan seats and lines: work out, simulate, compare.",
    ),
    Verb("bench", "acd.cli.run:bench", "性能を測ります。", "Measure the figures."),
    Verb(
        "soak",
        "acd.cli.run:soak",
        "正解のわかっている1万件の通話を流し、1件ずつ照合します。",
        "Play 10,000 calls of known truth and compare them one by one.",
    ),
    Verb("version", "acd.cli.check:version", "版を表示します。", "Print the version."),
)


class _Madoguchi(LazyGroup):
    verbs = VERBS


app = typer.Typer(cls=_Madoguchi, add_completion=False, pretty_exceptions_enable=False)


@app.callback(
    invoke_without_command=True,
    help=say(
        "madoguchi: Asterisk上で動く、電話窓口の着信分配と音声ガイダンス。",
        "madoguchi: answers a city's telephone, on stock Asterisk.",
    ),
)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help=say("版を表示します。", "Print the version."))
    ] = False,
) -> None:
    if version:
        from acd.cli.check import version as show

        show()
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
    else:
        return
    raise typer.Exit


def exit_code(error: MadoguchiError) -> int:
    """The process's exit code for an error."""
    if isinstance(error, ConfigError):
        return EXIT_CONFIG
    return EXIT_RETRY if error.retryable else EXIT_ERROR


def print_error(error: MadoguchiError) -> None:
    """The error on standard error: one sentence, or every fault on a line of its own."""
    if isinstance(error, ConfigError):
        count = len(error.faults)
        lines = [f"  {each.path}: {_told(each)}" for each in error.faults]
        head = say(f"設定に誤りが{count}件あります。", f"{count} fault(s) in the centre's files:")
        typer.echo("\n".join([f"madoguchi: {head}", *lines]), err=True)
    else:
        typer.echo(f"madoguchi: {_told(error)}", err=True)


def _told(what: MadoguchiError | Fault) -> str:
    """The error or fault in the language of this terminal."""
    return say(what.ja or in_japanese(what.message) or what.message, what.message)


def sentence_of(group: ExceptionGroup[Exception]) -> MadoguchiError | None:
    """The error to tell when tasks that belong together ended by errors of ours alone."""
    ours, others = group.split(MadoguchiError)
    first: BaseException | None = ours if others is None else None
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first if isinstance(first, MadoguchiError) else None


def sentence_of_file(error: OSError) -> MadoguchiError | None:
    """The error to tell when a file or folder is not to be used: that is for a person to mend. None
    for what is more likely a defect of ours."""
    if error.errno not in _FOR_A_PERSON or not error.filename:
        return None
    name, why = os.fsdecode(error.filename), error.strerror
    return StoreUnavailable(
        f"{name} cannot be used ({why}). Look at its owner and rights and the room on the disk, or "
        "choose another state_dir.",
        ja=f"{name} を使えません ({why})。所有者と権限、ディスクの空きを確かめるか、"
        "別の state_dir を指定してください。",
    )


def main() -> None:
    """Entry point of the command: errors that are ours never show a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character shows a mark instead of ending the command.
            stream.reconfigure(errors="replace")
    try:
        app()
    except MadoguchiError as error:
        print_error(error)
        sys.exit(exit_code(error))
    except ExceptionGroup as group:
        said = sentence_of(group)
        if said is None:
            raise
        print_error(said)
        sys.exit(exit_code(said))
    except OSError as error:
        found = sentence_of_file(error)
        if found is None:
            raise
        print_error(found)
        sys.exit(exit_code(found))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
