"""Settings of the screens: what a call may be classified as, and what opens when one rings."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

#: What a pop-up address may name: ``{number}`` is the caller's, empty if it is not known.
POP_NAMES = frozenset({"number", "call", "queue", "dialled"})
_NAME = re.compile(r"\{([^{}]*)\}")


def _pop_url(text: str) -> str:
    if not text:
        return text
    parts = urlsplit(_NAME.sub("x", text))
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in text[:8]:
        raise ValueError("must be empty or an http(s) address with a host")
    unknown = sorted(set(_NAME.findall(text)) - POP_NAMES)
    if unknown or "{" in _NAME.sub("", text):
        known = ", ".join(f"{{{name}}}" for name in sorted(POP_NAMES))
        raise ValueError(f"may name {known} and nothing else in braces")
    if "{" in urlsplit(text).netloc:
        raise ValueError("must not name a part of the call in its host")
    return text


class Disposition(BaseModel):
    """One class that a call may be given, with its words."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=60)

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    ja: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


_USUAL = (
    ("answered", "回答した", "Answered"),
    ("guided", "担当課を案内", "Told which department"),
    ("put-through", "取り次いだ", "Put through"),
    ("call-back", "折り返しが必要", "To be called back"),
    ("opinion", "ご意見・苦情", "Opinion or complaint"),
    ("elsewhere", "市の業務ではない", "Not the city's business"),
    ("wrong-number", "間違い・無言", "Wrong number or silence"),
    ("other", "その他", "Other"),
)


class ScreenSettings(BaseModel):
    """What operators see, and the public.

    ``pop_url`` is an address with ``{number}``, ``{call}``, ``{queue}``, ``{dialled}`` that is
    offered when a call rings; ``pop_opens`` lets it open by itself. ``public_busy`` tells anybody
    how busy the centre is now, in three steps and a rounded wait, for the city's own pages.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=500)

    pop_url: Annotated[str, AfterValidator(_pop_url)] = ""
    pop_opens: bool = False
    public_busy: bool = False
    dispositions: Annotated[tuple[Disposition, ...], Field(min_length=1, max_length=30)] = tuple(
        Disposition(code=code, ja=ja, en=en) for code, ja, en in _USUAL
    )


def pop_address(settings: ScreenSettings, values: dict[str, str]) -> str:
    """The address for one call, its parts escaped; empty when none is configured."""
    return _NAME.sub(lambda name: quote(values.get(name[1], ""), safe=""), settings.pop_url)
