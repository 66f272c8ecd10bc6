"""Asking a caller after the talk how it was: one question, five keys, then goodbye as always."""

from __future__ import annotations

from collections.abc import Callable

from acd.core.call import Call
from acd.core.events import CallOutcome
from acd.core.inputs_floor import SurveyAnswered, SurveyAsked
from acd.ports import Conversation, Deliver
from ivr.survey import ANSWERS, Survey, is_asked

#: Sound files of prompts in a language.
Files = Callable[[tuple[str, ...], str], list[str]]


def wants_answer(survey: Survey, call: Call, seed: int) -> bool:
    """Whether this caller is asked: who spoke to an operator, and is in the sample."""
    if call.outcome is not CallOutcome.ANSWERED or call.survey_asked:
        return False
    return is_asked(call.id, seed, survey.share)


async def ask_caller(
    conversation: Conversation, call: Call, survey: Survey, files: Files, deliver: Deliver
) -> None:
    """Put the question; raises CallerGone when the caller hangs up. Any other key is no answer."""
    deliver(SurveyAsked(call.id))
    spoken = files(survey.prompts, call.language)
    key = await conversation.play(spoken, ANSWERS) if spoken else ""
    key = key or await conversation.wait_key(survey.timeout_s)
    if key and key in ANSWERS:
        deliver(SurveyAnswered(call.id, int(key)))
        thanks = files(survey.thanks, call.language)
        if thanks:
            await conversation.play(thanks)
