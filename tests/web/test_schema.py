"""Requests made at random from the OpenAPI document, right and wrong: every answer is one that the
document tells of, and none is a defect."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.client import Api
from web.openapi import document
from web.server import MAX_LINE

#: The whole run takes about so long at most, and longer where a busy machine has asked less.
BUDGET_S, LEAST = 10.0, 100
EXAMPLES = 3
#: WebSockets, and what ends the run's own session or waits for a page.
NOT_HERE = ("/api/live", "/api/news", "/api/wallboard/live", "/sip", "/api/oidc/start")
CHECKED = [status_code_conformance, content_type_conformance, response_schema_conformance]


def try_everything(base: str, headers: dict[str, str]) -> tuple[int, set[str]]:
    """Ask every operation; returns how many requests were made, and what was wrong."""
    schema = schemathesis.openapi.from_dict(dict(document()))
    began, asked = time.monotonic(), 0
    troubles: set[str] = set()

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path in NOT_HERE:
            continue
        if time.monotonic() - began > BUDGET_S and asked > LEAST:
            break
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def one(case: schemathesis.Case[Any]) -> None:
                nonlocal asked
                asked += 1
                answer = case.call(base_url=base, headers=headers, timeout=10)
                if len(str(answer.request.url)) > MAX_LINE:
                    return  # the HTTP library itself reads no further
                said = f"{case.method} {case.path}: {answer.status_code} {answer.text[:200]}"
                try:
                    case.validate_response(answer, checks=CHECKED)
                except FailureGroup as group:
                    troubles.update(f"{said}: {each.title}" for each in group.exceptions)
                if answer.status_code == 500:
                    troubles.add(said)

            # What takes nothing cannot be asked wrongly.
            with contextlib.suppress(Unsatisfiable):
                one()
    return asked, troubles


@pytest.mark.requirement("M23")
@pytest.mark.parametrize("who", ["admin", "op09"])
async def test_every_answer_is_one_that_the_document_tells_of(api: Api, who: str) -> None:
    asked, troubles = await asyncio.to_thread(try_everything, api.base, api.headers(who))
    assert not troubles, "\n".join(sorted(troubles))
    assert asked > LEAST
