"""Oversized, malformed and malicious requests: a clear answer, and the server goes on."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.fakes.centre import Centre
from tests.web.client import Api

OP = "/api/agents/op09"


async def raw(api: Api, data: bytes, timeout_s: float = 5.0) -> bytes:
    """Send bytes as they are; returns what comes back until the server closes or is silent."""
    parts = urlsplit(api.base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(data)
        await writer.drain()
        writer.write_eof()
        return await asyncio.wait_for(reader.read(65_536), timeout_s)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def send(api: Api, body: bytes, kind: str = "application/json") -> tuple[int, str]:
    headers = {**api.headers("op09"), "Content-Type": kind}
    url = f"{api.base}{OP}/not-ready"
    async with api.session.post(url, data=body, headers=headers) as answer:
        return answer.status, (await answer.json())["error"]["code"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_body"),
        (b"{", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b"[" * 10_000, 400, "bad_json"),
        (b"null", 400, "bad_body"),
        (b"[]", 400, "bad_body"),
        (b'{"reason": "lunch", "reasons": 1}', 400, "bad_body"),
        (b'{"reason": "no_answer"}', 400, "bad_body"),
        (b'{"reason": ["lunch"]}', 400, "bad_body"),
        (b'{"reason": "' + b"x" * 5_000 + b'"}', 400, "bad_body"),
        (b'{"reason": "' + b"x" * 50_000 + b'"}', 413, "too_large"),
        ('{"reason": "昼食; DROP TABLE calls; --"}'.encode(), 400, "bad_body"),
    ],
)
async def test_a_wrong_body_changes_nothing(
    api: Api, centre: Centre, body: bytes, status: int, code: str
) -> None:
    before = centre.engine.snapshot()
    assert await send(api, body) == (status, code)
    assert centre.engine.snapshot() == before


async def test_every_fault_of_a_body_is_named_with_a_hint(api: Api) -> None:
    _, answer = await api.post(f"{OP}/transfer", "op09", {"kind": "que", "targt": "tax"})
    faults = {each["path"]: each["message"] for each in answer["error"]["faults"]}
    assert set(faults) == {"body.kind", "body.targt", "body.target"}
    assert 'did you mean "target"' in faults["body.targt"]


async def test_a_form_from_another_page_is_refused(api: Api) -> None:
    assert await send(api, b"reason=lunch", "application/x-www-form-urlencoded") == (
        415,
        "not_json",
    )
    assert await send(api, b'{"reason": "lunch"}', "text/plain") == (415, "not_json")


@pytest.mark.parametrize(
    "agent",
    ["op09%00", "op09%0d%0aX-Evil:1", "%3Cscript%3E", "OP09", "op09%2f..%2fop10", "a" * 3_000],
)
async def test_odd_names_in_a_path_are_nobody(api: Api, agent: str) -> None:
    status, answer = await api.post(f"/api/agents/{agent}/ready", "admin")
    assert (status, answer["error"]["code"]) == (404, "no_such_route")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * 2_000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 40_000 + b"\r\n",
        b"POST /api/reload HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"OPTIONS sip:op09@localhost SIP/2.0\r\n\r\n",
    ],
)
async def test_bytes_that_are_no_request_do_no_harm(api: Api, data: bytes) -> None:
    answer = await raw(api, data)
    assert b" 200 " not in answer[:40]
    assert (await api.get("/healthz"))[0] == 200


async def test_a_defect_says_nothing_about_the_inside(api: Api, centre: Centre) -> None:
    centre.broken = True
    status, answer = await api.post(f"{OP}/login", "op09")
    assert (status, answer["error"]["code"]) == (500, "internal")
    assert "defect" not in str(answer)


async def test_answers_are_neither_stored_nor_taken_for_pages(api: Api) -> None:
    async with api.session.get(api.base + "/api/me", headers=api.headers("op09")) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers
