"""Who is asked after the talk how it was: a share of the callers, drawn by the call's id.

The draw depends on nothing but the id and the plan's seed: whoever counts later can say who should
have been asked, and nobody can choose.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated

from msgspec import Meta, Struct

#: The keys that answer: 1 is the worst, 5 the best.
ANSWERS = "12345"

PromptIds = Annotated[tuple[str, ...], Meta(max_length=10)]


class Survey(Struct, frozen=True, forbid_unknown_fields=True):
    """The question after a talk: asked of ``share`` of the callers (0-1) who are still there when
    the operator has hung up, with ``timeout_s`` seconds of silence to answer it."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)]
    prompts: PromptIds = ("survey-question",)
    thanks: PromptIds = ("survey-thanks",)
    timeout_s: Annotated[float, Meta(ge=1.0, le=30.0)] = 5.0


def is_asked(call: str, seed: int, share: float) -> bool:
    """Whether this call is in the sample."""
    drawn = blake2b(f"{seed}:{call}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") < share * 2**64
