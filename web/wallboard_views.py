"""What the wallboard shows, as plain data for JSON: sections that are sent when they change.

Counts of people by state, never who: a board in public ranks nobody. Times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
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
from web.floor_views import banner
from web.seat_map import seat_map
from web.views import Json

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


def now_sections(engine: Engine, now_s: float, down: Sequence[str] = ()) -> Json:
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


def centre_section(engine: Engine, channels: Mapping[str, int]) -> Json:
    """What changes with the plan alone; ``channels`` that were bought, by trunk."""
    plan = engine.plan
    places = seat_map(plan.agents)
    number = next(iter(plan.numbers), None)
    name = {"ja": number.name_ja, "en": number.name_en} if number else {"ja": "", "en": ""}
    return {
        "name": name,
        "timezone": plan.timezone,
        "channels": dict(sorted(channels.items())),
        "seats": [
            [places[agent.id]["row"], places[agent.id]["column"]] for agent in _seated(engine)
        ],
        "queues": [
            {"id": q.id, "ja": q.name_ja, "en": q.name_en, "threshold_s": q.sl_threshold_s}
            for q in plan.queues
            if not is_drill_queue(q.id)
        ],
    }


def day_sections(figures: LiveFigures | None, timezone: str, now_s: float) -> Json:
    """What the day has brought; null until the records have been read."""
    today = figures.today if figures is not None else None
    if figures is None or today is None:
        return {"figures": None, "curve": None, "forecast": None}
    hours = figures.hours()
    rates = [_rate(today.shown(key, figures.day, hours)) for key in today.keys]
    return {
        "figures": {
            "day": [figures.day.from_ms, figures.day.to_ms],
            "counts": {key: today.figure(key, figures.day).part for key in COUNTS},
            "rates": rates,
            "queues": {queue: _queue(today, figures.day, queue) for queue in today.queues},
        },
        "curve": _curve(figures, today, timezone),
        "forecast": _forecast(figures, today, now_s),
    }


def service_section(figures: LiveFigures | None) -> Json:
    """How much of the service hours so far callers could be served; null until that is known."""
    shown = figures.availability() if figures is not None else None
    return {"service": None if shown is None else _rate(shown)}


def _rate(shown: Shown) -> Json:
    measure, params = parsed(shown.figure.key)
    return {
        **_figure(shown.figure),
        "name": {"ja": measure.ja, "en": measure.en},
        "formula": {"ja": measure.formula_ja, "en": measure.formula_en},
        "threshold_s": params.threshold_ms / 1000 if measure.timed else None,
        **_held(shown.figure, shown.target),
        "worst": _worst(shown),
    }


def _worst(shown: Shown) -> Json | None:
    if shown.worst is None or shown.worst_span is None:
        return None
    return {
        "from_s": shown.worst_span.from_ms / 1000,
        **_figure(shown.worst),
        **_held(shown.worst, shown.worst_target),
    }


def _figure(figure: Figure) -> Json:
    value = None if figure.value is None else round(figure.value, 6)
    return {"key": figure.key, "value": value, "part": figure.part, "whole": figure.whole}


def _held(figure: Figure, target: Target | None) -> Json:
    if target is None:
        return {"contract": None, "promise": None, "at_least": True, "met": None, "kept": None}
    return {
        "contract": target.contract,
        "promise": target.promise,
        "at_least": target.at_least,
        "met": target.met(figure.value),
        "kept": target.kept(figure.value),
    }


def _queue(today: Today, day: Span, queue: str) -> Json:
    rate, level = today.keys[0], today.keys[1]
    within = today.figure(level, day, Dim.QUEUE, queue)
    return {
        **{key: today.figure(key, day, Dim.QUEUE, queue).part for key in COUNTS},
        "rate": _figure(today.figure(rate, day, Dim.QUEUE, queue)),
        "level": {**_figure(within), **_held(within, today.own_target(level, queue))},
    }


def _curve(figures: LiveFigures, today: Today, timezone: str) -> Json:
    """Half hours of the day from the first to the last that matters."""
    expected = _expected(figures)
    rows = []
    for place, half in enumerate(figures.halves()):
        offered, answered = (
            today.figure(key, half).part or 0 for key in ("offered_in_hours", "answered")
        )
        rate = today.figure(today.keys[0], half).value
        row = [offered, answered, None if rate is None else round(rate, 4), expected.get(place)]
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


def _forecast(figures: LiveFigures, today: Today, now_s: float) -> Json | None:
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
