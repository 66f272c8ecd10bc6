"""The planner's studies over the interface: quick answers, one simulated study a person."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web

from acd.errors import NotFound
from acd.ports_paper import Paper
from acd.ports_people import OperationKind
from acd.ports_studies import (
    OwnRoster,
    OwnScenario,
    Progress,
    ScenarioText,
    Studies,
    StudyChoices,
)
from web.answer import SAFE_HEADERS, Media
from web.api import bodies as common
from web.api import studies_bodies as bodies
from web.api.ask import Ask
from web.roles import ADMINISTRATORS, Role
from web.route import Route

#: Who plans seats and lines.
PLANNERS = ADMINISTRATORS | {Role.PLANNER}
ANSWER_S = 15.0
#: A report is a page by itself: it may load nothing and run nothing.
_SEALED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def _studies(ask: Ask) -> Studies:
    if ask.wiring.studies is None:
        raise NotFound("there are no studies here", code="studies_off")
    return ask.wiring.studies


def _person(ask: Ask) -> str:
    return ask.who.person or ask.who.name


async def choices(ask: Ask) -> StudyChoices:
    """The shipped examples with their values, and the bounds of what may be assumed."""
    return await _studies(ask).choices()


async def answer(ask: Ask) -> Paper:
    """The exact answer for every hour by itself: sentences, figures, plots."""
    body = ask.body_as(bodies.Answer)
    return await _studies(ask).answer(body.assumed(), body.lang.value)


async def own_answer(ask: Ask) -> Paper:
    """The same; the day may be a scenario file of one's own, which is not kept."""
    body = ask.body_as(bodies.OwnAnswer)
    return await _studies(ask).answer(body.assumed(), body.lang.value)


async def check(ask: Ask) -> OwnScenario:
    """Whether a file is a scenario: the values that it sets, or all of its faults."""
    body = ask.body_as(bodies.Check)
    return await _studies(ask).check(body.own, body.own_name)


async def check_roster(ask: Ask) -> OwnRoster:
    """The same of a roster file: what it plans, or all of its faults."""
    body = ask.body_as(bodies.Check)
    return await _studies(ask).check_roster(body.own, body.own_name)


async def scenario(ask: Ask) -> ScenarioText:
    """What is assumed, as a scenario file to be taken along."""
    body = ask.body_as(bodies.OwnAnswer)
    return await _studies(ask).scenario(body.assumed(), body.lang.value)


async def begin(ask: Ask) -> Progress:
    """Begin a simulated study: the day, a comparison, a range, the least staff, a roster; or one of
    the centre's own calls. One that I have running is given up; its result is kept until the next
    one."""
    body = ask.body_as(bodies.Begin)
    return await _studies(ask).begin(_person(ask), body.assumed(), body.wanted())


async def mine(ask: Ask) -> Progress:
    """How far my study is."""
    return _studies(ask).mine(_person(ask))


async def cancel(ask: Ask) -> Progress:
    """Give my study up."""
    return await _studies(ask).cancel(_person(ask))


async def result(ask: Ask) -> Paper:
    """What came out of my study: sentences, figures, plots."""
    return _studies(ask).result(_person(ask), ask.body_as(bodies.InLanguage).lang.value)


async def file(ask: Ask) -> Annotated[web.Response, Media(("text/html",))]:
    """The report of my study as one HTML file."""
    data = _studies(ask).file(_person(ask), ask.body_as(bodies.InLanguage).lang.value)
    return _attached(data, "study.html", "text/html")


async def made(ask: Ask) -> ScenarioText:
    """The scenario that my study made of the centre's calls, as a file to be taken along."""
    return _studies(ask).made(_person(ask), ask.body_as(bodies.InLanguage).lang.value)


async def roster(ask: Ask) -> Annotated[web.Response, Media(("text/csv",))]:
    """The roster that my study made, as CSV to import."""
    return _attached(_studies(ask).roster(_person(ask)), "roster.csv", "text/csv")


def _attached(data: bytes, name: str, kind: str) -> web.Response:
    headers = {
        **SAFE_HEADERS,
        "Content-Security-Policy": _SEALED,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return web.Response(body=data, content_type=kind, charset="utf-8", headers=headers)


ROUTES = (
    Route("GET", "/api/studies/choices", PLANNERS, choices, within_s=ANSWER_S),
    Route("GET", "/api/studies/answer", PLANNERS, answer, bodies.Answer, within_s=ANSWER_S),
    Route("POST", "/api/studies/answer", PLANNERS, own_answer, bodies.OwnAnswer, within_s=ANSWER_S),
    Route("POST", "/api/studies/check", PLANNERS, check, bodies.Check, within_s=ANSWER_S),
    Route(
        "POST", "/api/studies/check-roster", PLANNERS, check_roster, bodies.Check, within_s=ANSWER_S
    ),
    Route("POST", "/api/studies/scenario", PLANNERS, scenario, bodies.OwnAnswer, within_s=ANSWER_S),
    Route(
        "POST",
        "/api/studies/begin",
        PLANNERS,
        begin,
        bodies.Begin,
        logged_reading=OperationKind.CALLS_STUDIED,
    ),
    Route("GET", "/api/studies/mine", PLANNERS, mine),
    Route("POST", "/api/studies/cancel", PLANNERS, cancel, common.Nothing),
    Route("GET", "/api/studies/result", PLANNERS, result, bodies.InLanguage),
    Route("GET", "/api/studies/made", PLANNERS, made, bodies.InLanguage),
    Route("GET", "/api/studies/roster", PLANNERS, roster),
    Route("GET", "/api/studies/file", PLANNERS, file, bodies.InLanguage),
)
