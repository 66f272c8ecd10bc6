"""A distribution in a few words, as it is given on a command line.

``120s``: exponential with this mean (or another kind where that is the default); ``fixed:60s``;
``weibull:120s:0.7`` and ``gamma:120s:0.7`` (shape); ``lognormal:240s:0.8`` (variance ÷ mean²);
``none``: endless.
"""

from __future__ import annotations

from acd.errors import Refused
from sim.inputs.distributions import Distribution, Kind
from sim.inputs.quantities import TEXT_MAX, positive_duration_s

_NEVER = ("none", "never", "なし")
_SHAPED = {"weibull": Kind.WEIBULL, "gamma": Kind.GAMMA, "lognormal": Kind.LOGNORMAL}
_PLAIN = {
    "exponential": Kind.EXPONENTIAL,
    "fixed": Kind.DETERMINISTIC,
    "deterministic": Kind.DETERMINISTIC,
}


def length(text: str) -> Distribution | None:
    """The distribution; None for an endless one.

    >>> length("120s").mean_s, length("fixed:1m").kind.value, length("none")
    (120.0, 'deterministic', None)
    """
    name, *rest = [part.strip() for part in text[: TEXT_MAX + 1].split(":")]
    if not rest:
        if name.lower() in _NEVER:
            return None
        return Distribution(Kind.EXPONENTIAL, positive_duration_s(name))
    if name in _PLAIN and len(rest) == 1:
        return Distribution(_PLAIN[name], positive_duration_s(rest[0]))
    if name in _SHAPED and len(rest) == 2:
        number = _number(rest[1])
        if number is not None:
            kind, mean_s = _SHAPED[name], positive_duration_s(rest[0])
            if kind is Kind.LOGNORMAL:
                return Distribution(kind, mean_s, scv=number)
            return Distribution(kind, mean_s, shape=number)
    forms = "120s, fixed:60s, weibull:120s:0.7, gamma:120s:0.7, lognormal:120s:1.5, none"
    raise Refused(
        f'"{text[:TEXT_MAX]}" is not understood: write {forms}',
        ja=f"「{text[:TEXT_MAX]}」の意味がわかりません。{forms} のように書いてください。",
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.01 <= value <= 100 else None
