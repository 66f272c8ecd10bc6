"""The words of a cut-over's stages, kinds of calls and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd.bootstrap.cutover.words import KINDS, STAGES, WRONG
from acd.cli.labels import outcome_label
from acd.cli.words import japanese, say

if TYPE_CHECKING:
    from acd.app.cutover_calls import Tried


def stage_label(stage: str) -> str:
    """``リハーサル済み`` or ``rehearsed``."""
    return STAGES[stage].of(_lang())


def kind_label(kind: str) -> str:
    """``公衆電話`` or ``payphone``."""
    return KINDS[kind].of(_lang())


def result_line(tried: Tried) -> str:
    """One call in one line: what the ledger says of it, and what was not as expected."""
    outcome = outcome_label(tried.outcome) if tried.outcome else say("記録なし", "no record")
    sound = ""
    if tried.sound_ms is not None:
        ms = tried.sound_ms
        sound = say(f"、音声まで {ms} ミリ秒", f", sound after {ms} ms")
    parts = [f"{kind_label(tried.kind)}: {outcome}{sound}"]
    parts += [
        f"{WRONG[each.what].of(_lang())} {each.expected} ≠ {each.met}" for each in tried.wrong
    ]
    return " / ".join(parts)


def _lang() -> str:
    return "ja" if japanese() else "en"
