"""``madoguchi backup``, ``restore`` and ``verify``: thin calls, and their answers as text."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from acd.cli.acts import Owed, word
from acd.cli.options import DEFAULT_CENTRE, CentreOption, JsonOption
from acd.cli.words import say
from acd.config import load_settings
from acd.errors import Refused, StoreError
from acd.ports_people import OperationKind

if TYPE_CHECKING:
    from acd.bootstrap.backup import BackedUp
    from acd.bootstrap.restore import Restored
    from acd.bootstrap.verify import Looked

#: Exit code when something is not as it should be.
WRONG = 1
_SHOWN = 5
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_MIB = 1 << 20

FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help=say("バックアップの場所。", "The backup."))
]
SetOption = Annotated[
    str,
    typer.Option(
        "--set", help=say("世代の名前。 省略時は最新。", "Which set. Default: the newest.")
    ),
]

ToOption = Annotated[
    Path,
    typer.Option(
        "--to",
        metavar="FOLDER",
        help=say("置き場所。 別のディスクか 別のマシンに。", "Where to: another disk or machine."),
    ),
]
EveryOption = Annotated[
    str,
    typer.Option(
        help=say(
            "この間隔で 続けます (例 5m)。 省略時は 1回だけ。",
            "Go on at this pace (5m). Default: once.",
        )
    ),
]
WholeOption = Annotated[
    bool,
    typer.Option(
        "--whole",
        help=say("増分ではなく 全体を コピーします。", "A whole copy, not an increment."),
    ),
]
WholeEveryOption = Annotated[
    str, typer.Option(help=say("全体を コピーする 間隔。", "How often a whole copy is made."))
]
KeepOption = Annotated[
    int, typer.Option(min=1, max=1_000, help=say("残す世代の数。", "How many sets are kept."))
]
SecretsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help=say(
            "秘密(鍵)だけを 別の場所に 置きます。 バックアップだけでは 録音を 聞けません。",
            "Put the secrets (keys) there instead: the backup alone lets nobody hear.",
        ),
    ),
]


def seconds(text: str) -> float:
    """``5m`` as seconds; raises Refused."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if match is None or int(match[1]) == 0:
        raise Refused(
            f"{text} is no length of time: write 30s, 5m, 2h or 1d",
            ja=f"{text} は時間の長さではありません。30s、5m、2h、1d のように書いてください。",
        )
    return float(int(match[1]) * _UNITS[match[2]])


# -- backup ------------------------------------------------------------------------------------


def backup(
    to: ToOption,
    centre: CentreOption = DEFAULT_CENTRE,
    every: EveryOption = "",
    whole: WholeOption = False,
    whole_every: WholeEveryOption = "1d",
    keep: KeepOption = 7,
    secrets: SecretsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the backup up to now: beside a running centre, or while it stands."""
    from acd.bootstrap.backup import Wanted, back_up

    pace_s = seconds(every) if every else 0.0
    wanted = Wanted(whole, seconds(whole_every), keep, secrets)
    settings = load_settings(centre)
    owed = Owed(settings)
    if not pace_s:
        _note(owed, OperationKind.BACKED_UP, to)
        _say_backup(back_up(settings, centre, to, wanted), to, as_json=as_json)
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        _note(owed, OperationKind.BACKED_UP, to)
        try:
            _say_backup(back_up(settings, centre, to, wanted), to, as_json=as_json)
        except (StoreError, OSError) as error:
            # Whatever is away now may be back for the next one; the reader of the log is told.
            typer.echo(say(f"バックアップできません: {error}", f"no backup: {error}"), err=True)
        stop.wait(pace_s)


def _note(owed: Owed, kind: OperationKind, folder: Path, name: str = "") -> None:
    """Everybody's data is in a backup. It waits for no log: it is for the days when things fail."""
    subject = f"{name} folder={word(folder.resolve())}".strip()
    asyncio.run(owed.note(kind, subject))


def _say_backup(done: BackedUp, to: Path, *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(done).decode())
        return
    mib, place = done.size_bytes / _MIB, to / done.name
    kind = say("全体", "whole copy") if done.whole else say("増分", "increment")
    typer.echo(
        say(
            f"{place} にバックアップしました ({kind}、{done.took_s:.1f} 秒、計 {mib:,.1f} MiB)。"
            f"記録 {done.steps} ステップ、録音 {done.recordings} 件を加えました。",
            f"Backed up to {place} ({kind}, {done.took_s:.1f} s, {mib:,.1f} MiB in all): "
            f"{done.steps} steps and {done.recordings} recordings added.",
        )
    )
    if not done.database:
        typer.echo(
            say(
                "データベースに届かないため、利用者や操作記録の変更は次回に入ります。",
                "The database is away: changes to people and the operation log follow next time.",
            )
        )
    if done.forgotten:
        typer.echo(
            say(
                f"古い世代を消しました: {', '.join(done.forgotten)}",
                f"Old sets removed: {', '.join(done.forgotten)}",
            )
        )


# -- restore -----------------------------------------------------------------------------------


def restore(
    folder: FolderArgument,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            help=say(
                "センターを置く フォルダー (その下に centre と var)。 省略時は 元の場所。",
                "Folder for the centre (centre and var below it). Default: where it was.",
            ),
        ),
    ] = None,
    name: SetOption = "",
    secrets: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help=say("秘密(鍵)を 別に置いた場所。", "Where the secrets were put apart."),
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring everything back, then say what was brought and how old it is."""
    from acd.bootstrap.restore import restore as bring_back

    told = {
        "sums": say("バックアップを検査しています ...", "Checking the backup ..."),
        "files": say("設定と秘密を戻しています ...", "Bringing back settings and secrets ..."),
        "database": say("データベースを戻しています ...", "Bringing back the database ..."),
        "steps": say("その後の記録を加えています ...", "Adding what came after it ..."),
        "recordings": say("録音を戻しています ...", "Bringing back recordings ..."),
    }
    done = bring_back(folder, into, name, lambda what: typer.echo(told[what], err=True), secrets)
    _note(Owed(load_settings(Path(done.centre))), OperationKind.RESTORED, folder, done.name)
    if as_json:
        typer.echo(msgspec.json.encode(done).decode())
    else:
        _say_restored(done)


def _say_restored(done: Restored) -> None:
    last = dt.datetime.fromtimestamp(done.last_ms / 1000).astimezone()
    until = last.strftime("%Y-%m-%d %H:%M:%S")
    typer.echo(
        say(
            f"{until} までの記録を {done.took_s:.0f} 秒で復元しました。"
            f"センターは {done.centre}、記録は {done.state_dir}、録音 {done.recordings} 件です。",
            f"Restored up to {until} in {done.took_s:.0f} s: the centre to {done.centre}, its "
            f"records to {done.state_dir}, {done.recordings} recordings.",
        )
    )
    if not done.state:
        typer.echo(
            say(
                "待ち呼と受付状態は戻していません。オペレーターはログインし直してください。",
                "Who waited and who was logged in is not known: operators log in anew.",
            )
        )
    typer.echo(
        say(
            f"次に: madoguchi verify --centre {done.centre} で確かめ、"
            f"madoguchi up (または serve) --centre {done.centre} で始めてください。",
            f"Next: madoguchi verify --centre {done.centre}, then madoguchi up (or serve) "
            f"--centre {done.centre}.",
        )
    )


# -- verify ------------------------------------------------------------------------------------


def verify(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]",
            help=say(
                "バックアップの場所。 省略時は 動いているセンター。",
                "A backup. Default: the centre itself.",
            ),
        ),
    ] = None,
    centre: CentreOption = DEFAULT_CENTRE,
    name: SetOption = "",
    as_json: JsonOption = False,
) -> None:
    """Look at everything; exit code 1 when anything is wrong."""
    from acd.bootstrap.logs import configure_logging
    from acd.bootstrap.verify import verify_backup, verify_centre

    if folder is not None:
        looked = verify_backup(folder, name)
    else:
        settings = load_settings(centre)
        configure_logging(settings.log)
        looked = verify_centre(settings)
    wrong = [each for each in looked if each.wrong]
    if as_json:
        typer.echo(msgspec.json.encode(looked).decode())
    else:
        _say_looked(looked, str(folder or centre))
    if wrong:
        raise typer.Exit(WRONG)


_WHAT = {
    "files": ("ファイルの検査和", "check sums of files"),
    "database": ("データベース", "the database"),
    "steps": ("その後の記録 (ステップ)", "steps since the copy"),
    "recordings": ("録音と台帳", "recordings and their index"),
    "ledger": ("通話記録の収支 (呼)", "the ledger's balance (calls)"),
    "operations": ("操作記録の連なり", "the chain of the operation log"),
    "spool": ("手元の記録 (ステップ)", "the local journal (steps)"),
}


def _say_looked(looked: list[Looked], where: str) -> None:
    wrong = [each for each in looked if each.wrong]
    sentence = say(f"{where} に異常はありません。", f"{where}: all is well.")
    if wrong:
        sentence = say(
            f"{where} に異常が {len(wrong)} 種類あります。", f"{where}: {len(wrong)} things wrong."
        )
    typer.echo(sentence)
    table = Table(box=None)
    for head in (say("対象", "what"), say("件数", "looked at"), say("異常", "wrong")):
        table.add_column(head)
    for each in looked:
        names = ", ".join(each.wrong[:_SHOWN])
        more = f" (+{len(each.wrong) - _SHOWN})" if len(each.wrong) > _SHOWN else ""
        verdict = names + more if each.wrong else say("なし", "nothing")
        table.add_row(say(*_WHAT[each.what.value]), f"{each.count:,}", verdict)
    Console(highlight=False).print(table)
