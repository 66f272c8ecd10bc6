"""Webhooks arrive signed, are tried again within bounds, and go nowhere else."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from acd.adapters.webhook import Webhook, WebhookFailed
from acd.config.alarm_settings import WebhookSettings

SECRET, BODY = "a secret of the receiver's", '{"text":"警報"}'.encode()
ENVIRON = {"HOOK_SECRET": SECRET}


@dataclass
class Receiver:
    """Answers with these statuses, one after another, and keeps what came."""

    answers: list[int] = field(default_factory=list)
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    elsewhere: int = 0
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.seen.append((dict(request.headers), await request.read()))
        status = self.answers.pop(0) if self.answers else 204
        headers = {"Location": "/elsewhere"} if status in (302, 307) else {}
        return web.Response(status=status, headers=headers)

    async def astray(self, request: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()

    def hook(self, **environ: str) -> Webhook:
        settings = WebhookSettings(url=self.url, secret_variable="HOOK_SECRET")
        return Webhook(settings, {**ENVIRON, **environ}, (0.0, 0.01, 0.01, 0.01))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/hook", receiver.take)
    app.router.add_route("*", "/elsewhere", receiver.astray)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver


async def test_the_receiver_can_tell_that_it_is_ours(receiver: Receiver) -> None:
    await receiver.hook().send(BODY)
    headers, body = receiver.seen[0]
    assert body == BODY
    at, _, mac = headers["X-Madoguchi-Signature"].removeprefix("t=").partition(",v1=")
    expected = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(mac, expected)
    assert headers["Content-Type"] == "application/json"
    assert SECRET not in str(headers)


async def test_a_receiver_in_trouble_is_tried_again_with_the_same_delivery(
    receiver: Receiver,
) -> None:
    receiver.answers = [503, 429, 500]
    await receiver.hook().send(BODY)
    assert len({headers["X-Madoguchi-Delivery"] for headers, _ in receiver.seen}) == 1
    assert len(receiver.seen) == 4


async def test_tries_have_an_end(receiver: Receiver) -> None:
    receiver.answers = [503] * 9
    with pytest.raises(WebhookFailed, match="HTTP 503"):
        await receiver.hook().send(BODY)
    assert len(receiver.seen) == 4


@pytest.mark.parametrize("status", [302, 307, 400, 401, 410])
async def test_a_redirect_or_a_refusal_is_final(receiver: Receiver, status: int) -> None:
    receiver.answers = [status] * 4
    with pytest.raises(WebhookFailed):
        await receiver.hook().send(BODY)
    assert len(receiver.seen) == 1
    assert receiver.elsewhere == 0


async def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    await receiver.hook().send(BODY)
    assert len(receiver.seen) == 1


async def test_without_a_secret_nothing_is_sent(receiver: Receiver) -> None:
    with pytest.raises(WebhookFailed) as failed:
        await receiver.hook(HOOK_SECRET="").send(BODY)
    assert failed.value.code == "webhook_secret_missing"
    assert receiver.seen == []


async def test_nobody_there_is_no_more_than_a_failure() -> None:
    settings = WebhookSettings(url="http://127.0.0.1:9/x", secret_variable="HOOK_SECRET")
    with pytest.raises(WebhookFailed, match="ClientConnectorError"):
        await Webhook(settings, ENVIRON, (0.0,)).send(BODY)
