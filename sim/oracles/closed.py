"""Reference rows of closed forms, computed by :mod:`sim.erlang`: a function for each model."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

from acd.errors import Refused
from sim.erlang import delay, heavy_traffic, lines, offered_load
from sim.erlang.levels import level, steady_sums, sums_of
from sim.erlang.redial import redial
from sim.erlang.waiting import Waiting, mmn_g, mmn_g_lines
from sim.oracles.rows import Params

#: What a model says for a key; KeyError for one it does not know.
Answer = Callable[[str], float]


def _steady(state: Waiting, threshold_s: float | None) -> Answer:
    plain: dict[str, Callable[[], float]] = {
        "p_wait": lambda: state.p_wait,
        "p_abandon": lambda: state.abandoned / (1 - state.blocked),
        "abandoned_of_all": lambda: state.abandoned,
        "p_block": lambda: state.blocked,
        "asa_s": lambda: state.asa_s,
        "wait_mean_s": lambda: state.wait_mean_s,
        "wait_p90_s": lambda: state.wait_quantile_s(0.9),
        "queue_mean": lambda: state.queue_mean,
        "occupancy": lambda: state.occupancy,
        "attempts_per_s": lambda: state.arrival_per_s,
    }

    def answer(key: str) -> float:
        if key.startswith("sl_") and threshold_s is not None:
            return level(key, steady_sums(state, threshold_s))
        return plain[key]()

    return answer


def _threshold(of: Params) -> float | None:
    return of.number("T_s") if of.has("T_s") else None


def _mmn_g(of: Params) -> Answer:
    state = mmn_g(
        of.number("arrival_per_s"),
        of.number("aht_s"),
        of.whole("agents"),
        of.patience(),
        of.whole("waiting_places") if of.has("waiting_places") else None,
    )
    return _steady(state, _threshold(of))


def _mmn_g_lines(of: Params) -> Answer:
    state = mmn_g_lines(
        of.number("arrival_per_s"),
        of.number("aht_s"),
        of.whole("agents"),
        of.whole("lines"),
        of.patience(),
    )
    return _steady(state, _threshold(of))


def _redial(of: Params) -> Answer:
    state = redial(
        of.number("arrival_per_s"),
        of.number("aht_s"),
        of.whole("agents"),
        of.patience(),
        of.number("redial"),
    )
    return _steady(state, _threshold(of))


def _erlang_c(of: Params) -> Answer:
    found = delay.erlang_c(of.number("arrival_per_s"), of.number("aht_s"), of.whole("agents"))
    threshold_s = _threshold(of)

    def answer(key: str) -> float:
        if key in ("sl_offered", "sl_answered") and threshold_s is not None:
            return found.within(threshold_s)
        return {
            "p_wait": found.p_wait,
            "asa_s": found.asa_s,
            "queue_mean": found.queue_mean,
            "occupancy": found.occupancy,
            "wait_p90_s": found.wait_quantile_s(0.9),
        }[key]

    return answer


def _erlang_b(of: Params) -> Answer:
    return {"p_block": lines.erlang_b(of.number("erlangs"), of.whole("lines"))}.__getitem__


def _erlang_b_inverse(of: Params) -> Answer:
    erlangs = lines.erlang_b_inverse(of.whole("lines"), of.number("p_block"))
    return {"erlangs": erlangs}.__getitem__


def _extended(of: Params) -> Answer:
    first, total = lines.extended_erlang_b_inverse(
        of.whole("lines"), of.number("p_block"), of.number("retry")
    )
    return {"first_attempt_erlangs": first, "total_erlangs": total}.__getitem__


def _engset(of: Params) -> Answer:
    sources, count = of.whole("sources"), of.whole("lines")
    if of.has("alpha"):
        alpha = of.number("alpha")
    else:
        alpha = lines.engset_alpha(sources, count, of.number("offered_erlangs"))
    call, time = lines.engset(sources, count, alpha)
    return {"call_congestion": call, "time_congestion": time}.__getitem__


def _priority(of: Params) -> Answer:
    rates = of.any("arrival_per_s")
    if not isinstance(rates, list) or not all(isinstance(each, int | float) for each in rates):
        raise Refused(
            "arrival_per_s must be a list of numbers",
            ja="arrival_per_s は数のリストにしてください。",
        )
    p_wait, waits, fifo = delay.priority(rates, of.number("aht_s"), of.whole("agents"))
    by_class = {f"class_{n}.wait_mean_s": each for n, each in enumerate(waits, 1)}
    return {"p_wait": p_wait, "fifo.wait_mean_s": fifo, **by_class}.__getitem__


def _halfin_whitt(of: Params) -> Answer:
    return {"p_wait": heavy_traffic.halfin_whitt(of.number("beta"))}.__getitem__


def _square_root(of: Params) -> Answer:
    found = heavy_traffic.square_root_staffing(of.number("erlangs"), of.number("p_wait_max"))
    return {
        "beta": found.beta,
        "agents_sqrt": found.agents,
        "agents_exact": found.agents_exact,
    }.__getitem__


def _mg1(of: Params) -> Answer:
    wait_s = delay.mg1_wait_s(
        of.number("arrival_per_s"), of.number("aht_s"), of.number("service_scv")
    )
    return {"wait_mean_s": wait_s}.__getitem__


def _mt_m_inf(of: Params) -> Answer:
    rate_per_h, aht_s = formula(str(of.any("rate_per_h"))), of.number("aht_s")

    def answer(key: str) -> float:
        if not (key.startswith("busy_mean_at_") and key.endswith("h")):
            raise KeyError(key)
        at_s = 3600 * float(key.removeprefix("busy_mean_at_").removesuffix("h"))
        return offered_load.busy_mean(lambda t_s: rate_per_h(t_s / 3600) / 3600, aht_s, at_s)

    return answer


def _service_level(of: Params) -> Answer:
    names = ("answered", "abandoned", "answered_in_T", "abandoned_in_T", "short_abandoned")
    sums = sums_of(*(of.whole(name) for name in names))

    def answer(key: str) -> float:
        if not key.startswith("sl_"):
            raise KeyError(key)
        return level(key, sums)

    return answer


CLOSED: dict[str, Callable[[Params], Answer]] = {
    "erlang_b": _erlang_b,
    "erlang_b_inverse": _erlang_b_inverse,
    "extended_erlang_b": _extended,
    "engset": _engset,
    "erlang_c": _erlang_c,
    "mmn_g": _mmn_g,
    "mmck": _mmn_g,
    "mmn_g_lines": _mmn_g_lines,
    "redial": _redial,
    "priority": _priority,
    "halfin_whitt": _halfin_whitt,
    "square_root_staffing": _square_root,
    "mg1": _mg1,
    "mt_m_inf": _mt_m_inf,
    "service_level": _service_level,
}

_OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS = {"sin": math.sin, "cos": math.cos, "exp": math.exp}
_FORMULA_MAX = 200


def formula(text: str) -> Callable[[float], float]:
    """A rate over the day, written with ``t_h``, numbers, + − * /, sin, cos, exp and pi; nothing
    else is understood, so that a file cannot run code.

    >>> formula("100*(1+0.5*sin(2*pi*t_h/24))")(6.0)
    150.0
    """
    refused = Refused(
        'a rate is written with t_h, numbers, + - * /, sin, cos, exp and pi, as "10*(1+t_h/24)"',
        ja="割合の式は t_h、数、+ - * /、sin、cos、exp、pi で書いてください(例: 10*(1+t_h/24))。",
    )
    try:
        if len(text) > _FORMULA_MAX:
            raise refused
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise refused from None

    def value(node: ast.AST, t_h: float) -> float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id="t_h"):
                return t_h
            case ast.Name(id="pi"):
                return math.pi
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -value(inner, t_h)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](value(left, t_h), value(right, t_h))
            case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _FUNCTIONS:
                return _FUNCTIONS[name](value(inner, t_h))
        raise refused

    def rate(t_h: float) -> float:
        try:
            return value(tree, t_h)
        except (ArithmeticError, ValueError):
            raise refused from None

    return rate
