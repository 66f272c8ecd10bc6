"""``madoguchi recordings ...``: what an administrator does with recordings on the centre's machine.

It works beside a running centre and without one. All that is done is in the operation log, as done
by the command line of this machine's user.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from acd.app.recordings import Condition, Recordings
from acd.cli.acts import note, who
from acd.cli.options import DEFAULT_CENTRE, CentreOption, JsonOption
from acd.cli.words import say
from acd.core.recording import (
    AccessReason,
    DeletionReason,
    HoldReason,
    Recording,
    ReleaseReason,
)
from acd.errors import StoreCorrupt
from acd.ports_people import OperationKind
from acd.ports_recording import RecordingQuery

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say("通話の録音。", "Recordings of talks."),
)

T = TypeVar("T")
#: As whom the operation log has what is done here.
Chosen = StrEnum(  # type: ignore[misc]
    "Chosen",
    {each.name: each.value for each in DeletionReason if each is not DeletionReason.RETENTION},
)
IdArgument = Annotated[str, typer.Argument(help=say("録音のID。", "The recording's id."))]
WhyOption = Annotated[AccessReason, typer.Option("--reason", help=say("見る理由。", "Why."))]


_SAID = {
    Condition.SOUND: ("問題ありません", "all is well"),
    Condition.MISSING: ("音声データがありません", "its sound is missing"),
    Condition.CHANGED: ("音声データが変わっています", "its sound was changed"),
    Condition.UNREADABLE: ("復号できません", "it cannot be decrypted"),
    Condition.UNKNOWN: ("台帳にありません", "no row of the ledger knows it"),
    Condition.STILL_THERE: (
        "削除したはずの音声があります",
        "it was deleted, and its sound is there",
    ),
    Condition.CHAIN_BROKEN: ("削除の証明が変わっています", "the proof of its deletion was changed"),
}


def _do(
    centre: Path,
    kind: OperationKind,
    subject: str,
    reason: str,
    work: Callable[[Recordings], Awaitable[T]],
) -> T:
    """Write down what is done, then do it."""
    from acd.bootstrap.recording import kept_recordings
    from acd.config import load_settings

    settings = load_settings(centre)

    async def noted() -> T:
        await note(settings, kind, subject, reason)
        return await work(kept_recordings(settings, time.time))

    return asyncio.run(noted())


@app.command("list", help=say("録音を新しい順に表示します。", "Show recordings, the newest first."))
def list_recordings(
    reason: WhyOption,
    agent: Annotated[str, typer.Option(help=say("オペレーター。", "The operator."))] = "",
    call: Annotated[str, typer.Option(help=say("通話のID。", "The call's id."))] = "",
    held: Annotated[bool, typer.Option(help=say("保全中だけ。", "Only those held."))] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 50,
    centre: CentreOption = DEFAULT_CENTRE,
    as_json: JsonOption = False,
) -> None:
    """Recordings with when, how long, whose, and until when they are kept; no caller's number."""
    query = RecordingQuery(agent=agent, call=call, held=held or None, limit=limit)
    found = _do(
        centre,
        OperationKind.RECORDING_SEARCHED,
        "",
        reason.value,
        lambda kept: kept.search(query),
    )
    rows = [each.recording for each in found]
    if as_json:
        typer.echo(msgspec.json.encode([_plain(row) for row in rows]).decode())
        return
    for row in rows:
        typer.echo(_line(row))


def _plain(row: Recording) -> dict[str, object]:
    hidden = ("waveform", "gaps")
    return {name: getattr(row, name) for name in row.__struct_fields__ if name not in hidden}


def _line(row: Recording) -> str:
    started = dt.datetime.fromtimestamp(row.started_ms / 1000).astimezone()
    until = dt.datetime.fromtimestamp(row.expires_ms / 1000).astimezone().date()
    seconds = row.duration_ms // 1000
    kept = say("保全中", "held") if row.held_ms is not None else until.isoformat()
    when = started.strftime("%Y-%m-%d %H:%M:%S")
    return f"{row.id}  {when}  {seconds // 60}:{seconds % 60:02d}  {row.agent:<8} {kept}"


@app.command("verify", help=say("録音が元のままか検査します。", "Check that recordings are whole."))
def verify(
    recording: Annotated[str, typer.Argument(help=say("録音のID。", "One of them."))] = "",
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Check hashes, decrypt everything, and follow the chain of deletions; exit code 1 when
    anything is wrong."""
    checked = _do(
        centre,
        OperationKind.RECORDING_SEARCHED,
        recording,
        "verify",
        lambda kept: kept.verify(recording),
    )
    wrong = [each for each in checked if each.condition is not Condition.SOUND]
    for each in wrong:
        typer.echo(f"{each.recording}: {say(*_SAID[each.condition])}")
    count = len(checked) - len(wrong)
    typer.echo(say(f"{count}件は元のままです。", f"{count} recording(s) are as they were stored."))
    if wrong:
        raise StoreCorrupt(
            say(f"{len(wrong)}件に問題があります。", f"{len(wrong)} thing(s) are wrong.")
        )


@app.command("hold", help=say("録音を保全し、削除されないようにします。", "Let none delete it."))
def hold(
    recording: IdArgument,
    reason: Annotated[HoldReason, typer.Option(help=say("保全の理由。", "Why it is held."))],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Put a recording under legal hold."""
    _do(
        centre,
        OperationKind.RECORDING_HELD,
        recording,
        reason.value,
        lambda kept: kept.hold(recording, who(), reason),
    )
    typer.echo(say(f"{recording} を保全しました", f"{recording} is held"))


@app.command("release", help=say("録音の保全を解きます。", "End the hold of a recording."))
def release(
    recording: IdArgument,
    reason: Annotated[
        ReleaseReason, typer.Option(help=say("解く理由。", "Why it need not be held."))
    ],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """End a legal hold: the recording is deleted when it is due."""
    _do(
        centre,
        OperationKind.RECORDING_RELEASED,
        recording,
        reason.value,
        lambda kept: kept.hold(recording, who(), None),
    )
    typer.echo(say(f"{recording} の保全を解きました", f"{recording} is no longer held"))


@app.command("delete", help=say("録音を期限前に削除します。", "Delete before it is due."))
def delete(
    recording: IdArgument,
    reason: Annotated[Chosen, typer.Option(help=say("削除の理由。", "Why it is deleted."))],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Destroy the sound and print the proof."""
    proof = _do(
        centre,
        OperationKind.RECORDING_DELETED,
        recording,
        reason.value,
        lambda kept: kept.delete(recording, DeletionReason(reason.value), who()),
    )
    typer.echo(msgspec.json.format(msgspec.json.encode(proof)).decode())


@app.command("purge", help=say("保存期間の過ぎた録音を削除します。", "Delete what is due."))
def purge(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Delete what is due now; a running centre does it by itself every hour."""
    count = _do(
        centre,
        OperationKind.RECORDING_DELETED,
        "",
        DeletionReason.RETENTION.value,
        lambda kept: kept.purge(),
    )
    typer.echo(say(f"{count}件を削除しました", f"{count} recording(s) were deleted"))


@app.command("proofs", help=say("削除の証明を表示します。", "Show the proofs of deletions."))
def proofs(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """All proofs as JSON, a line each; every hash covers the one before."""
    found = _do(
        centre, OperationKind.RECORDING_SEARCHED, "", "proofs", lambda kept: kept.deletions()
    )
    for proof in found:
        typer.echo(msgspec.json.encode(proof).decode())


@app.command("new-key", help=say("暗号鍵を新しくします。", "Change the encryption key."))
def new_key(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Make a new master key and put every recording under it; the sound itself is not touched."""

    async def rekeyed(kept: Recordings) -> int:
        return await asyncio.to_thread(kept.rekey)

    count = _do(centre, OperationKind.RECORDING_REKEYED, "", "", rekeyed)
    typer.echo(
        say(
            f"新しい鍵に{count}件を移しました。古い鍵は、古いバックアップのために残してあります。",
            f"{count} recording(s) are under a new key; the old one stays for old backups.",
        )
    )
