"""Every measure a second time, in plain SQL over the ledger's tables: nothing of ``metrics`` in it.

Statements are SQLite's. ``:a`` and ``:b`` are the span, ``:t`` the threshold, ``:s`` the longest
short abandon; ``{w}`` is the clock's column, ``{here}`` the condition for a value of a dimension.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy

#: (upper, lower); a lower of None is a plain number.
Formula = tuple[str, str | None]

_C = "FROM calls WHERE NOT drill AND offered_ms >= :a AND offered_ms < :b AND {here}"
_V = "FROM visits WHERE NOT drill AND came_ms >= :a AND came_ms < :b AND {here}"
_L = "FROM legs WHERE NOT drill AND came_ms >= :a AND came_ms < :b AND {here}"
_T = "FROM agent_spans WHERE start_ms < :b AND end_ms > :a AND {here}"


def _calls(where: str) -> str:
    return f"SELECT COUNT(*) {_C} AND {where}"


def _visits(where: str) -> str:
    return f"SELECT COUNT(*) {_V} AND {where}"


def _of_visits(what: str, where: str) -> str:
    return f"SELECT COALESCE({what}, 0) {_V} AND {where}"


def _legs(what: str, where: str = "1") -> str:
    return f"SELECT COALESCE({what}, 0) {_L} AND {where}"


def _time(states: str) -> str:
    spent = "SUM(MIN(end_ms, :b) - MAX(start_ms, :a))"
    return f"SELECT COALESCE({spent}, 0) {_T} AND state IN ({states})"


A, B = "outcome = 'answered'", "outcome = 'abandoned'"
X = "outcome NOT IN ('answered', 'abandoned')"
A_T, B_T = f"{A} AND {{w}} <= :t", f"{B} AND {{w}} <= :t"
B_S = f"{B} AND wait_ms <= :s"
K = "outcome = 'blocked' AND visits = 0 AND source <> 'switch'"
IN_HOURS = "outcome <> 'closed'"
QUEUED = "(visits > 0 OR source = 'switch')"
TALK = "result IS NULL"
WORK = "'talking', 'hold', 'wrap_up'"


def _add(*parts: str) -> str:
    return "SELECT " + " + ".join(f"({part})" for part in parts)


def _less(whole: str, part: str) -> str:
    return f"SELECT ({whole}) - ({part})"


def _rank(where: str, percent: int) -> str:
    """The value at rank ⌈p·n ÷ 100⌉."""
    place = f"(SELECT MAX(1, (COUNT(*) * {percent} + 99) / 100) - 1 {_V} AND {where})"
    return f"SELECT {{w}} {_V} AND {where} ORDER BY {{w}} LIMIT 1 OFFSET {place}"


_LEVELS: dict[str, Formula] = {
    "sl_offered": (_visits(A_T), _visits("1")),
    "sl_excl_early_abandons": (_visits(A_T), _less(_visits("1"), _visits(B_T))),
    "sl_abandons_count": (_add(_visits(A_T), _visits(B_T)), _visits("1")),
    "sl_answered": (_visits(A_T), _visits(A)),
    "sl_short_count": (_add(_visits(A_T), _visits(B_S)), _visits("1")),
    "sl_excl_short": (_visits(A_T), _less(_visits("1"), _visits(B_S))),
    "sl_genesys": (_visits(A_T), _add(_visits(A), _visits(B))),
    "sl_genesys_no_short": (
        _visits(A_T), _less(_add(_visits(A), _visits(B)), _visits(B_S)),
    ),
    "sl_genesys_no_abandons": (_visits(A_T), _visits(A)),
    "sl_genesys_left": (_visits(A_T), _add(_visits(A), _visits(B), _visits(X))),
    "sl_genesys_left_no_short": (_visits(A_T), _less(_visits("1"), _visits(B_S))),
    "sl_genesys_left_no_abandons": (_visits(A_T), _add(_visits(A), _visits(X))),
    "sl_incl_blocked": (_visits(A_T), _add(_visits("1"), _calls(K))),
}  # fmt: skip
_EITHER = "outcome IN ('answered', 'abandoned')"
_WAITS: dict[str, Formula] = {
    "asa": (_of_visits("SUM({w})", A), _visits(A)),
    **{f"wait_p{percent}": (_rank(A, percent), None) for percent in (50, 90, 95)},
    "wait_max": (f"SELECT MAX({{w}}) {_V} AND {A}", None),
    "wait_mean_all": (_of_visits("SUM({w})", _EITHER), _visits(_EITHER)),
    "wait_worst": (f"SELECT MAX({{w}}) {_V} AND {_EITHER}", None),
    "abandon_wait_mean": (_of_visits("SUM({w})", B), _visits(B)),
    "abandon_wait_median": (_rank(B, 50), None),
    "abandon_wait_p90": (_rank(B, 90), None),
    "abandon_wait_max": (f"SELECT MAX({{w}}) {_V} AND {B}", None),
}
_TALKS = _legs("COUNT(*)", TALK)
_WORKED = _time(WORK)
_LOGGED_IN = f"SELECT COALESCE(SUM(MIN(end_ms, :b) - MAX(start_ms, :a)), 0) {_T}"
_WORK: dict[str, Formula] = {
    "handled": (_TALKS, None),
    "transfers": (_legs("COUNT(*)", f"{TALK} AND target_kind IS NOT NULL"), None),
    "ring_mean": (_legs("SUM(ring_ms)"), _legs("COUNT(*)")),
    "att": (_legs("SUM(talk_ms)", TALK), _TALKS),
    "hold_mean": (_legs("SUM(hold_ms)", TALK), _TALKS),
    "wrap_up_mean": (_legs("SUM(wrap_up_ms)", TALK), _TALKS),
    "aht": (_legs("SUM(talk_ms + hold_ms + wrap_up_ms)", TALK), _TALKS),
    "logged_in": (_LOGGED_IN, None),
    "occupancy": (_WORKED, _add(_WORKED, _time("'ready'"))),
    "utilisation": (_WORKED, _LOGGED_IN),
}


def _formulas(by_visit: bool) -> dict[str, Formula]:
    count = _visits if by_visit else _calls
    offered, in_hours = count("1"), count("1" if by_visit else IN_HOURS)
    queued = count("1" if by_visit else QUEUED)
    answered, abandoned, short = count(A), count(B), count(B_S)
    outcomes = (
        "left_in_menu self_served call_back message sent_elsewhere closed blocked failed lost"
    ).split()
    survey = f"{A} AND survey IS NOT NULL"
    enquiry = f"{A} AND call_type = 'enquiry'"
    return {
        "offered": (offered, None),
        "offered_in_hours": (in_hours, None),
        "queued": (queued, None),
        "answered": (answered, None),
        "abandoned": (abandoned, None),
        "short_abandoned": (short, None),
        **{name: (_calls(f"outcome = '{name}'"), None) for name in outcomes},
        "answer_rate_a": (answered, in_hours),
        "answer_rate_b": (answered, queued),
        "answer_rate_c": (answered, _less(queued, short)),
        "abandonment_in_hours": (abandoned, in_hours),
        "abandonment_in_hours_excl_short": (_less(abandoned, short), _less(in_hours, short)),
        "abandonment_of_queued": (abandoned, queued),
        "abandonment_of_queued_excl_short": (_less(abandoned, short), _less(queued, short)),
        "blocked_rate": (_calls("outcome = 'blocked'"), _calls(IN_HOURS)),
        "lost_call_rate": (_calls("outcome IN ('blocked', 'abandoned')"), _calls(IN_HOURS)),
        "resolved_in_centre": (_calls(f"{enquiry} AND forwarded <= 0"), _calls(enquiry)),
        "transfer_rate": (_calls(f"{A} AND forwarded > 0"), _calls(A)),
        "mis_transfer_rate": (
            _calls(f"{A} AND (returned > 0 OR forwarded > 1)"),
            _calls(f"{A} AND (returned > 0 OR forwarded > 0)"),
        ),
        **_LEVELS,
        **_WAITS,
        **_WORK,
        "satisfaction": (f"SELECT COALESCE(SUM(survey), 0) {_C} AND {survey}", _calls(survey)),
        "satisfaction_good": (_calls(f"{survey} AND survey >= 4"), _calls(survey)),
        "survey_answers": (_calls(survey), None),
        "survey_rate": (_calls(survey), _calls(f"{A} AND survey_asked")),
    }


FORMULAS = {by_visit: _formulas(by_visit) for by_visit in (False, True)}

#: The condition for a value (``:value``) of a dimension, by table.
_PLAIN = {
    "all": "1", "queue": "queue = :value", "number": "dialled = :value",
    "call_type": "COALESCE(call_type, '') = :value", "language": "language = :value",
    "trunk": "trunk = :value", "operator": "COALESCE(agent, '') = :value",
}  # fmt: skip


def condition(dim: str, queues_of_skill: Sequence[str] = (), team: Sequence[str] = ()) -> str:
    """The condition; a skill's queues and a team's people are given by the plan."""
    if dim == "skill":
        names = ", ".join(f"'{queue}'" for queue in queues_of_skill) or "NULL"
        return (
            f"(COALESCE(queue IN ({names}), 0) OR ',' || skills || ',' LIKE '%,' || :value || ',%')"
        )
    if dim == "team":
        return "COALESCE(agent, '') IN (" + ", ".join(f"'{who}'" for who in team) + ")"
    return _PLAIN[dim]


def ask(
    connection: sqlalchemy.Connection,
    key: str,
    here: str,
    values: Mapping[str, Any],
    *,
    by_visit: bool,
    from_answer: bool,
) -> tuple[int | None, int | None]:
    """Both numbers of a figure."""
    clock = "caller_ms" if from_answer else "wait_ms"

    def number(statement: str | None) -> int | None:
        if statement is None:
            return None
        text = statement.format(w=clock, here=here)
        found = connection.execute(sqlalchemy.text(text), values).scalar_one_or_none()
        return None if found is None else int(found)

    upper, lower = FORMULAS[by_visit][key]
    return number(upper), number(lower)
