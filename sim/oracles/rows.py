"""The file of reference values: read whole, checked, every fault named with its place.

A list of ``{id, model, params, expect, source}``; ``expect`` has by key ``{value, rtol}`` (exact)
or ``{mean, half_width_95}`` (simulated). Times in seconds, rates per second.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from acd.errors import ConfigError, Fault, Refused
from sim.inputs.distributions import Distribution, Kind

#: The reference values that come with the project.
SHIPPED = Path(__file__).with_name("oracles.json")
FILE_BYTES_MAX = 5_000_000
ROWS_MAX = 10_000
_KEYS = {"id", "model", "params", "expect", "source"}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a key should be: within ``rtol`` of ``value``, or, if ``half`` is known, within four
    combined standard errors."""

    value: float
    rtol: float = 0.0
    half: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One case: a model, its parameters, and what is expected by key."""

    id: str
    model: str
    params: dict[str, Any]
    expect: dict[str, Expected]
    source: str


def read(path: Path) -> tuple[Row, ...]:
    """All rows of a file.

    Raises:
        ConfigError: the file cannot be read, or rows are wrong; all faults at once.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise _one(str(path), "is larger than 5 MB", "は5 MBを超えています")
        written = json.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _one(str(path), f"cannot be read ({error})", f"読み込めません({error})") from error
    except (ValueError, RecursionError) as error:
        raise _one(str(path), f"is not JSON: {error}", f"JSONではありません: {error}") from error
    if not isinstance(written, list) or len(written) > ROWS_MAX:
        raise _one(
            str(path),
            f"must be a list of at most {ROWS_MAX} rows",
            f"{ROWS_MAX}行までのリストにしてください",
        )
    faults: list[Fault] = []
    rows = [_row(f"{path.name}[{number}]", each, faults) for number, each in enumerate(written)]
    if faults:
        raise ConfigError(faults)
    return tuple(row for row in rows if row is not None)


def _row(at: str, written: Any, faults: list[Fault]) -> Row | None:
    if not isinstance(written, dict):
        faults.append(Fault(at, "must be a table", "{} の形にしてください"))
        return None
    at = f"{at}({str(written.get('id', '?'))[:40]})"
    before = len(faults)
    for key in sorted(set(written) - _KEYS):
        faults.append(unknown(f"{at}.{key[:40]}", key, _KEYS))
    for key, kind in (("id", str), ("model", str), ("params", dict), ("expect", dict)):
        if not isinstance(written.get(key), kind):
            faults.append(Fault(f"{at}.{key}", "is missing or of the wrong kind",
                                "がないか、形が違います"))  # fmt: skip
    expect = {}
    if isinstance(written.get("expect"), dict):
        for key, each in written["expect"].items():
            found = _expected(each)
            if found is None:
                faults.append(
                    Fault(
                        f"{at}.expect.{key[:40]}",
                        "must be {value, rtol} or {mean, half_width_95}, finite numbers",
                        "{value, rtol} か {mean, half_width_95} を有限の数で書いてください",
                    )
                )
            else:
                expect[key] = found
    if len(faults) > before:
        return None
    source = str(written.get("source", ""))
    return Row(written["id"], written["model"], written["params"], expect, source)


def _expected(written: Any) -> Expected | None:
    if not isinstance(written, dict) or not all(_finite(each) for each in written.values()):
        return None
    if set(written) == {"value", "rtol"} and written["rtol"] >= 0:
        return Expected(float(written["value"]), rtol=float(written["rtol"]))
    if set(written) == {"mean", "half_width_95"} and written["half_width_95"] >= 0:
        return Expected(float(written["mean"]), half=float(written["half_width_95"]))
    return None


def _finite(value: Any) -> bool:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return numeric and abs(value) < 1e300 and math.isfinite(value)


def unknown(at: str, key: str, known: set[str]) -> Fault:
    """A fault that names the nearest known key."""
    near = get_close_matches(key, sorted(known), 1)
    guess = f'; did you mean "{near[0]}"?' if near else ""
    guess_ja = f"。「{near[0]}」ではありませんか" if near else ""
    return Fault(at, f"there is no such key{guess}", f"その項目はありません{guess_ja}")


def _one(path: str, message: str, ja: str) -> ConfigError:
    return ConfigError([Fault(path, message, ja)])


class Params:
    """The parameters of a row, asked for one by one; :meth:`done` refuses what nobody asked for."""

    def __init__(self, params: dict[str, Any]) -> None:
        self._params = params
        self._asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether it is there."""
        self._asked.add(key)
        return key in self._params

    def any(self, key: str) -> Any:
        """A value of any kind."""
        if not self.has(key):
            raise Refused(f'the parameter "{key}" is missing', ja=f"「{key}」がありません。")
        return self._params[key]

    def number(self, key: str) -> float:
        """A finite number."""
        value = self.any(key)
        if not _finite(value):
            raise _wrong(key, "a finite number", "有限の数")
        return float(value)

    def whole(self, key: str) -> int:
        """A whole number."""
        value = self.number(key)
        if value != int(value):
            raise _wrong(key, "a whole number", "整数")
        return int(value)

    def table(self, key: str) -> dict[str, Any]:
        """A table."""
        value = self.any(key)
        if not isinstance(value, dict):
            raise _wrong(key, "a table", "{} の形")
        return value

    def patience(self, key: str = "patience") -> Distribution | None:
        """A length of time by its kind; None when it is not there."""
        if not self.has(key) or self._params[key] is None:
            return None
        own = Params(self.table(key))
        found = _distribution(own)
        own.done()
        return found

    def done(self) -> None:
        """Refuse parameters that nobody asked for: they would be left out in silence."""
        for key in self._params:
            if key not in self._asked:
                fault = unknown("", key, self._asked)
                raise Refused(f'"{key[:40]}": {fault.message}', ja=f"「{key[:40]}」: {fault.ja}")


def _distribution(own: Params) -> Distribution:
    name = own.any("kind")
    if name not in set(Kind):
        raise _wrong("kind", "one of " + ", ".join(Kind), "次のどれか: " + ", ".join(Kind))
    kind = Kind(name)
    if kind is Kind.DETERMINISTIC:
        return Distribution(kind, own.number("value_s"))
    if kind is Kind.HYPEREXPONENTIAL:
        weights, means = _list(own, "weights"), _list(own, "means_s")
        mean = math.fsum(w * m for w, m in zip(weights, means, strict=False))
        return Distribution(kind, mean, weights=weights, means_s=means)
    if kind is Kind.EMPIRICAL:
        times, left = _list(own, "times_s"), _list(own, "survival")
        steps = zip((0.0, *times), times, (1.0, *left), strict=False)
        mean = math.fsum((b - a) * s for a, b, s in steps)
        return Distribution(kind, mean or 1.0, times_s=times, survival_at=left)
    mean_s = own.number("mean_s")
    shape = own.number("shape") if kind in (Kind.WEIBULL, Kind.GAMMA) else 1.0
    scv = own.number("scv") if kind is Kind.LOGNORMAL else 1.0
    return Distribution(kind, mean_s, shape=shape, scv=scv)


def _list(own: Params, key: str) -> tuple[float, ...]:
    value = own.any(key)
    if not isinstance(value, list) or not all(_finite(each) for each in value):
        raise _wrong(key, "a list of numbers", "数のリスト")
    return tuple(float(each) for each in value)


def _wrong(key: str, en: str, ja: str) -> Refused:
    return Refused(f'the parameter "{key}" must be {en}', ja=f"「{key}」は{ja}にしてください。")
