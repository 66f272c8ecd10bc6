"""Decisions on the disaster switch, and on the question that callers answer after a talk."""

from __future__ import annotations

from acd.core import events as e
from acd.core import events_floor as f
from acd.core import inputs_floor as i
from acd.core.decide_floor import refuse
from acd.core.events import AlertKind, CallOutcome, RefusalReason
from acd.core.plan import Mode
from acd.core.rules_changed import asked_so_far, rules_changed
from acd.core.step import Step

#: The longest reason, in characters.
MAX_REASON = 200
#: What a caller may answer.
ANSWERS = range(1, 6)


def mode_requested(step: Step, happened: i.ModeRequested) -> None:
    """Other rules apply at once, to callers who wait already too."""
    state = step.state
    drill = happened.drill and happened.mode is Mode.DISASTER
    now = state.floor.mode
    if happened.mode is Mode.DISASTER and state.planned.disaster is None:
        refuse(step, happened.mode.value, happened, RefusalReason.NO_DISASTER_PLAN)
    elif not 0 < len(happened.reason) <= MAX_REASON:
        refuse(step, happened.mode.value, happened, RefusalReason.OUT_OF_BOUNDS)
    elif (now.mode, now.drill) == (happened.mode, drill):
        refuse(step, happened.mode.value, happened, RefusalReason.NOTHING_TO_CHANGE)
    else:
        asked = asked_so_far(state, step.now)
        step.emit(f.ModeChanged(happened.mode, drill, happened.reason, happened.by))
        subject = "drill" if drill else happened.mode.value
        step.emit(e.AlertRaised(AlertKind.MODE_CHANGED, subject))
        rules_changed(step, asked)


def survey_asked(step: Step, happened: i.SurveyAsked) -> None:
    """Only who spoke to an operator is asked, and once."""
    call = step.state.calls.get(happened.call)
    if call is None or call.survey_asked:
        return
    # The dialplan may ask before the news arrives that the operator has hung up.
    if call.outcome is CallOutcome.ANSWERED:
        step.emit(f.SurveyOffered(call.id))


def survey_answered(step: Step, happened: i.SurveyAnswered) -> None:
    """The first answer of somebody who was asked counts."""
    call = step.state.calls.get(happened.call)
    if call is None or not call.survey_asked or call.survey:
        return
    if happened.answer in ANSWERS:
        step.emit(f.SurveyGiven(call.id, happened.answer))
