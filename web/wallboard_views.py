"""What the wallboard shows, as plain data for JSON: sections that are sent when they change.

Counts of people by state, never who: a board in public ranks nobody. Times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from acd.app.figures import LiveFigures
from acd.core.drill import is_drill_queue
from acd.core.engine import Engine
from agents.agent import Agent
from agents.state import AgentState, NotReadyReason
from metrics.dimensions import Dim
from metrics.intervals import Span
from metrics.measures import Figure, parsed
from metrics.realtime import now_of
from metrics.targets import Target
from metrics.today import COUNTS, Shown, Today
from web.answer import Words
from web.floor_views import Banner, banner
from web.seat_map import seat_map

#: The curve covers these hours of the day at least, and whenever somebody calls.
USUAL_HOURS = (8, 18)
#: A state as one letter: a floor of hundreds of seats is sent at each change.
_LETTERS = {
    "ready": "r",
    "ringing": "g",
    "talking": "t",
    "hold": "h",
    "wrap_up": "w",
    "not_ready": "n",
    "no_answer": "a",
    "logged_out": "o",
}
_HALF_S = 1_800


class QueueLine(TypedDict):
    """Who waits for one queue, and since when the longest."""

    waiting: int
    since_s: float | None


class Lines(TypedDict):
    """Who waits; queues by id, of which only those that have a line."""

    count: int
    since_s: float | None
    queues: dict[str, QueueLine]


class Trunks(TypedDict):
    """Calls on each of the carriers' lines, calls in progress, and lines that do not answer."""

    by_trunk: dict[str, int]
    in_progress: int
    down: list[str]


class Notices(TypedDict):
    """What everybody must know."""

    banner: Banner | None
    switches_down: list[str]


class Now(TypedDict):
    """What is true at this moment. ``operators``: how many are in each state; ``seats``: the state
    of each operator as one letter, in the order of the centre's places."""

    waiting: Lines
    operators: dict[str, int]
    lines: Trunks
    seats: str
    notices: Notices


class QueueShown(Words):
    """A queue of the board."""

    id: str
    threshold_s: float


class Centre(TypedDict):
    """What changes with the plan alone: ``seats`` are rows and columns, ``channels`` those that
    were bought, by trunk."""

    name: Words
    timezone: str
    channels: dict[str, int]
    seats: list[tuple[int, int]]
    queues: list[QueueShown]


class FigureShown(TypedDict):
    """A figure with both numbers of its part; null: there is none."""

    key: str
    value: float | None
    part: int | None
    whole: int | None


class HeldTo(TypedDict):
    """What a figure is held to: the contract's target and our own promise."""

    contract: float | None
    promise: float | None
    at_least: bool
    met: bool | None
    kept: bool | None


class HeldFigure(FigureShown, HeldTo):
    """A figure and what it is held to."""


class WorstHour(HeldFigure):
    """The worst hour of the day."""

    from_s: float


class Rate(FigureShown, HeldTo):
    """A rate with its name, its formula, its threshold if it has one, and its worst hour."""

    name: Words
    formula: Words
    threshold_s: float | None
    worst: WorstHour | None


class Counts(TypedDict):
    """Calls of the day."""

    offered_in_hours: int | None
    answered: int | None
    abandoned: int | None
    blocked: int | None


class QueueFigures(Counts):
    """The day of one queue."""

    rate: FigureShown
    level: HeldFigure


class Figures(TypedDict):
    """The day so far; ``day`` is its begin and end in Unix milliseconds."""

    day: tuple[int, int]
    counts: Counts
    rates: list[Rate]
    queues: dict[str, QueueFigures]


class Curve(TypedDict):
    """Half hours: offered, answered, answer rate, and calls that are still to be expected."""

    from_s: int
    step_s: int
    rows: list[tuple[int, int, float | None, float | None]]


class Forecast(TypedDict):
    """The rest of the day: how busy it is against others, calls to come, calls of the whole."""

    busyness: float
    rest: int
    whole: int


class Brought(TypedDict):
    """What the day has brought; null until the records have been read."""

    figures: Figures | None
    curve: Curve | None
    forecast: Forecast | None


class Service(TypedDict):
    """For how much of the service hours so far callers could be served; null until known."""

    service: Rate | None


def now_sections(engine: Engine, now_s: float, down: Sequence[str] = ()) -> Now:
    """What is true at this moment: who waits, what operators do, lines in use, banners. ``down``
    are the carriers' lines that do not answer."""
    now = now_of(engine.state, now_s)
    longest = {
        queue: round(now_s - each.longest_ms / 1000, 1) if each.waiting else None
        for queue, each in now.queues.items()
    }
    return {
        "waiting": {
            "count": sum(each.waiting for each in now.queues.values()),
            "since_s": min((s for s in longest.values() if s is not None), default=None),
            "queues": {
                queue: {"waiting": each.waiting, "since_s": longest[queue]}
                for queue, each in now.queues.items()
                if each.waiting
            },
        },
        "operators": _operators(now.operators),
        "lines": {
            "by_trunk": dict(sorted((k or "–", n) for k, n in now.lines.items())),
            "in_progress": now.in_progress,
            "down": sorted(down),
        },
        "seats": "".join(_LETTERS[_shown(agent)] for agent in _seated(engine)),
        "notices": {
            "banner": banner(engine),
            "switches_down": sorted(engine.state.switches_down),
        },
    }


def _seated(engine: Engine) -> list[Agent]:
    """Operators in the plan's order, which is that of their places in the centre's section."""
    known = engine.agents
    return [known[each.id] for each in engine.plan.agents if each.id in known]


def _shown(agent: Agent) -> str:
    away = agent.state is AgentState.NOT_READY
    return "no_answer" if away and agent.reason is NotReadyReason.NO_ANSWER else agent.state.value


def _operators(by_state: dict[str, int]) -> dict[str, int]:
    """By the state as it is shown: who did not answer is a state of its own."""
    found: dict[str, int] = {}
    for key, number in by_state.items():
        state, _, reason = key.partition(".")
        shown = "no_answer" if (state, reason) == ("not_ready", "no_answer") else state
        found[shown] = found.get(shown, 0) + number
    return dict(sorted(found.items()))


def centre_section(engine: Engine, channels: Mapping[str, int]) -> Centre:
    """What changes with the plan alone; ``channels`` that were bought, by trunk."""
    plan = engine.plan
    places = seat_map(plan.agents)
    number = next(iter(plan.numbers), None)
    name: Words = {"ja": "", "en": ""}
    if number:
        name = {"ja": number.name_ja, "en": number.name_en}
    return {
        "name": name,
        "timezone": plan.timezone,
        "channels": dict(sorted(channels.items())),
        "seats": [
            (places[agent.id]["row"], places[agent.id]["column"]) for agent in _seated(engine)
        ],
        "queues": [
            {"id": q.id, "ja": q.name_ja, "en": q.name_en, "threshold_s": q.sl_threshold_s}
            for q in plan.queues
            if not is_drill_queue(q.id)
        ],
    }


def day_sections(figures: LiveFigures | None, timezone: str, now_s: float) -> Brought:
    """What the day has brought; null until the records have been read."""
    today = figures.today if figures is not None else None
    if figures is None or today is None:
        return {"figures": None, "curve": None, "forecast": None}
    hours = figures.hours()
    rates = [_rate(today.shown(key, figures.day, hours)) for key in today.keys]
    return {
        "figures": {
            "day": (figures.day.from_ms, figures.day.to_ms),
            "counts": _counts(today, figures.day),
            "rates": rates,
            "queues": {queue: _queue(today, figures.day, queue) for queue in today.queues},
        },
        "curve": _curve(figures, today, timezone),
        "forecast": _forecast(figures, today, now_s),
    }


def service_section(figures: LiveFigures | None) -> Service:
    """How much of the service hours so far callers could be served; null until that is known."""
    shown = figures.availability() if figures is not None else None
    return {"service": None if shown is None else _rate(shown)}


def _rate(shown: Shown) -> Rate:
    measure, params = parsed(shown.figure.key)
    return {
        **_figure(shown.figure),
        "name": {"ja": measure.ja, "en": measure.en},
        "formula": {"ja": measure.formula_ja, "en": measure.formula_en},
        "threshold_s": params.threshold_ms / 1000 if measure.timed else None,
        **_held(shown.figure, shown.target),
        "worst": _worst(shown),
    }


def _worst(shown: Shown) -> WorstHour | None:
    if shown.worst is None or shown.worst_span is None:
        return None
    return {
        "from_s": shown.worst_span.from_ms / 1000,
        **_figure(shown.worst),
        **_held(shown.worst, shown.worst_target),
    }


def _figure(figure: Figure) -> FigureShown:
    value = None if figure.value is None else round(figure.value, 6)
    return {"key": figure.key, "value": value, "part": figure.part, "whole": figure.whole}


def _held(figure: Figure, target: Target | None) -> HeldTo:
    if target is None:
        return {"contract": None, "promise": None, "at_least": True, "met": None, "kept": None}
    return {
        "contract": target.contract,
        "promise": target.promise,
        "at_least": target.at_least,
        "met": target.met(figure.value),
        "kept": target.kept(figure.value),
    }


def _counts(today: Today, day: Span, dim: Dim = Dim.ALL, value: str = "") -> Counts:
    offered, answered, abandoned, blocked = (
        today.figure(key, day, dim, value).part for key in COUNTS
    )
    return {
        "offered_in_hours": offered,
        "answered": answered,
        "abandoned": abandoned,
        "blocked": blocked,
    }


def _queue(today: Today, day: Span, queue: str) -> QueueFigures:
    rate, level = today.keys[0], today.keys[1]
    within = today.figure(level, day, Dim.QUEUE, queue)
    return {
        **_counts(today, day, Dim.QUEUE, queue),
        "rate": _figure(today.figure(rate, day, Dim.QUEUE, queue)),
        "level": {**_figure(within), **_held(within, today.own_target(level, queue))},
    }


def _curve(figures: LiveFigures, today: Today, timezone: str) -> Curve:
    """Half hours of the day from the first to the last that matters."""
    expected = _expected(figures)
    rows = []
    for place, half in enumerate(figures.halves()):
        offered, answered = (
            today.figure(key, half).part or 0 for key in ("offered_in_hours", "answered")
        )
        rate = today.figure(today.keys[0], half).value
        share = None if rate is None else round(rate, 4)
        row = (offered, answered, share, expected.get(place))
        hour = datetime.fromtimestamp(half.from_ms / 1000, ZoneInfo(timezone)).hour
        matters = USUAL_HOURS[0] <= hour < USUAL_HOURS[1] or offered or (expected.get(place) or 0)
        rows.append((half.from_ms // 1000, row, matters))
    kept = [place for place, each in enumerate(rows) if each[2]]
    shown = rows[kept[0] : kept[-1] + 1]
    return {"from_s": shown[0][0], "step_s": _HALF_S, "rows": [each[1] for each in shown]}


def _expected(figures: LiveFigures) -> dict[int, float]:
    """Calls that are still to be expected, by the place of the half hour."""
    found = figures.forecast()
    if found is None:
        return {}
    first = len(figures.halves()) - len(found.by_interval)
    return {first + place: round(n, 1) for place, n in enumerate(found.by_interval) if n >= 0.05}


def _forecast(figures: LiveFigures, today: Today, now_s: float) -> Forecast | None:
    """The rest of the day from now: what the running half hour has brought is no rest."""
    found = figures.forecast()
    if found is None:
        return None
    came = today.figure("offered_in_hours", figures.day).part or 0
    rest = max(0.0, found.rest - (came - found.so_far))
    return {
        "busyness": round(found.busyness, 3),
        "rest": round(rest),
        "whole": round(came + rest),
    }
