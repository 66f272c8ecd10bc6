"""Turning everything that is wrong with the files into one list of faults, each with its path.

A path is the file, a colon, and the dotted place in it: ``plan.toml:queues.tax.ladder[0].after_s``.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from acd.errors import ConfigError, Fault

#: More faults than this are not worth printing: the file is of another kind.
MAX_FAULTS = 200

#: A value quoted in a fault is cut to this many characters.
MAX_QUOTED = 60

#: A table with more keys than these is not listed in a fault.
MAX_LISTED = 16


class Faults:
    """Collects faults; :meth:`raise_if_any` refuses the whole."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, path: str, message: str) -> None:
        """Note one fault."""
        fault = Fault(path, message)
        if fault not in self._faults and len(self._faults) < MAX_FAULTS:
            self._faults.append(fault)

    def add_all(self, faults: Iterable[Fault]) -> None:
        """Note several faults."""
        for fault in faults:
            self.add(fault.path, fault.message)

    def add_validation(
        self,
        base: str,
        error: ValidationError,
        model: type[BaseModel],
        place: Callable[[Sequence[int | str]], str] = lambda loc: "",
    ) -> None:
        """Note each thing that pydantic found; ``base`` is the path of the validated table.

        ``place`` may name another place that a value came from.
        """
        for detail in error.errors(include_url=False):
            # pydantic marks a bad key of a table with "[key]" after the key itself.
            loc = tuple(part for part in detail["loc"] if part != "[key]")
            message = _message(detail, known_keys(model, loc[:-1]))
            self.add(place(loc) or join(base, loc), message)

    @property
    def found(self) -> tuple[Fault, ...]:
        """Every fault so far."""
        return tuple(self._faults)

    def raise_if_any(self) -> None:
        """Raise :class:`ConfigError` with every fault, in the order of the files."""
        if self._faults:
            raise ConfigError(self._faults)

    def __bool__(self) -> bool:
        return bool(self._faults)


def join(base: str, loc: Sequence[int | str]) -> str:
    """``("ladder", 0, "after_s")`` below ``base`` as one dotted path."""
    path = base
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += part if path.endswith(":") else f".{part}"
    return path


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean "x"?`` for the nearest known word, or nothing."""
    close = difflib.get_close_matches(word[:MAX_QUOTED], list(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""


def quoted(value: object) -> str:
    """A value for a message: short, on one line."""
    text = repr(value)
    return text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + "…"


def known_keys(model: type[BaseModel], loc: Sequence[int | str]) -> tuple[str, ...]:
    """The keys that a table at ``loc`` inside ``model`` may have."""
    kind: Any = model
    for part in loc:
        kind = _step(kind, part)
    models = [each for each in _alternatives(kind) if _is_model(each)]
    return tuple(models[0].model_fields) if models else ()


def _step(kind: Any, part: int | str) -> Any:
    for each in _alternatives(kind):
        if _is_model(each):
            field = each.model_fields.get(str(part))
            if field is not None:
                return field.annotation
        origin, args = typing.get_origin(each), typing.get_args(each)
        if origin in (list, tuple) and isinstance(part, int) and args:
            return args[0]
        if origin in (dict, Mapping) and len(args) == 2:
            return args[1]
    return None


def _alternatives(kind: Any) -> list[Any]:
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return _alternatives(typing.get_args(kind)[0])
    if origin in (typing.Union, types.UnionType):
        return [each for arg in typing.get_args(kind) for each in _alternatives(arg)]
    return [kind]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _no_such_key(word: str, keys: Sequence[str]) -> str:
    near = nearest(word, keys)
    if near or not 0 < len(keys) <= MAX_LISTED:
        return "there is no such key" + near
    return f"there is no such key; those here are {', '.join(keys)}"


def _message(detail: Any, keys: Sequence[str]) -> str:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail.get("input")
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    got = "" if isinstance(value, dict | list) else f", not {quoted(value)}"
    match kind:
        case "extra_forbidden":
            return _no_such_key(last, keys)
        case "missing":
            return "is missing"
        case "enum" | "literal_error":
            return f"must be one of {context['expected']}{got}" + _near_value(value, context)
        case "value_error":
            return str(context["error"])
        case "string_pattern_mismatch":
            return f"must match {context['pattern']}{got}"
        case _:
            text = str(detail["msg"]).removeprefix("Input ")
            return (text[:1].lower() + text[1:]).replace("should be", "must be") + got


def _near_value(value: object, context: Mapping[str, Any]) -> str:
    words = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
    return nearest(value, words) if isinstance(value, str) else ""
