"""Who sends no end of a request, and a controller that does not decide: both end after a while."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from acd.config.settings import ApiSettings
from tests.fakes.centre import Centre
from tests.web.client import Api

OP = "/api/agents/op09"


@pytest.fixture
def limits() -> ApiSettings:
    return ApiSettings(request_timeout_s=0.5)


async def test_a_body_that_never_ends_is_given_up(api: Api) -> None:
    token = api.tokens["op09"].encode()
    head = b"POST /api/agents/op09/login HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token
    parts = urlsplit(api.base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(head + b"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    answer = await asyncio.wait_for(reader.read(300), 20.0)
    writer.close()
    assert b" 503 " in answer.split(b"\r\n")[0]


async def test_a_controller_that_does_not_answer_is_a_timeout(api: Api, centre: Centre) -> None:
    centre.slow_s = 2.0
    status, answer = await api.post(f"{OP}/login", "op09")
    assert (status, answer["error"]["code"]) == (503, "timeout")
