"""What a check found: a verdict, and sentences for a person in both languages."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.errors import ConfigError, MadoguchiError
from acd.japanese import in_japanese


class Said(Struct, frozen=True):
    """The same words in both languages."""

    ja: str
    en: str

    def of(self, lang: str) -> str:
        """The words in ``ja``, or English for any other language.

        >>> Said("時計", "clock").of("en")
        'clock'
        """
        return self.ja if lang == "ja" else self.en


class Verdict(StrEnum):
    """How serious it is. Only a fault makes the whole installation "not well"."""

    WELL = "well"
    NOTE = "note"
    FAULT = "fault"
    #: It is not configured here, so there is nothing to look at.
    NONE = "none"
    #: It could not be looked at; what stands in the way is another check's finding.
    UNKNOWN = "unknown"


class Finding(Struct, frozen=True):
    """One line of the doctor's answer: what was found, and what to do about it (if anything)."""

    verdict: Verdict
    found: Said
    todo: Said | None = None


def well(ja: str, en: str) -> Finding:
    """All is as it should be."""
    return Finding(Verdict.WELL, Said(ja, en))


def nothing(ja: str, en: str) -> Finding:
    """There is nothing of this kind here."""
    return Finding(Verdict.NONE, Said(ja, en))


def unknown(ja: str, en: str) -> Finding:
    """It cannot be said at present."""
    return Finding(Verdict.UNKNOWN, Said(ja, en))


def note(found: Said, todo: Said) -> Finding:
    """Calls go on, but somebody should look."""
    return Finding(Verdict.NOTE, found, todo)


def fault(found: Said, todo: Said) -> Finding:
    """Something does not work, or will not for long."""
    return Finding(Verdict.FAULT, found, todo)


def told(error: MadoguchiError) -> Said:
    """An error of ours in both languages; of several faults the first one, with its place."""
    if isinstance(error, ConfigError) and error.faults:
        first = error.faults[0]
        ja = first.ja or in_japanese(first.message) or first.message
        return Said(f"{first.path}: {ja}", f"{first.path}: {first.message}")
    return Said(error.ja or in_japanese(error.message) or error.message, error.message)
