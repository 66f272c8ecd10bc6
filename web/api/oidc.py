"""The way in by the city's own accounts: to the provider, and back."""

from __future__ import annotations

from typing import Annotated, TypedDict

from aiohttp import web
from pydantic import ConfigDict, Field

from web.answer import Elsewhere, JsonAnswer, json_response
from web.api.bodies import Body
from web.api.sessions import welcome
from web.cookies import drop_cookie, read_cookie, set_cookie
from web.door import Door, Knock
from web.errors import HttpError
from web.oidc import Oidc

#: Ties the provider's answer to the browser that began.
COOKIE = "madoguchi-oidc"
#: The browser goes on elsewhere.
Sent = Annotated[web.Response, Elsewhere()]


class Provider(TypedDict):
    """Whether the city's own accounts are a way in, and what its button says."""

    enabled: bool
    name: str


class Returned(Body):
    """What the provider sends back; some send more, which is nothing to us."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_max_length=4_000)

    state: Annotated[str, Field(pattern=r"^[ -~]{0,200}$")] = ""
    code: Annotated[str, Field(pattern=r"^[ -~]{0,1500}$")] = ""
    error: Annotated[str, Field(pattern=r"^[ -~]{0,200}$")] = ""


def _provider(knock: Knock) -> Oidc:
    oidc = knock.wiring.entrance.oidc
    if not oidc.enabled:
        raise HttpError(404, "no_such_route")
    return oidc


async def oidc(knock: Knock) -> JsonAnswer[Provider]:
    """Whether there is such a way in, and what its button says."""
    provider = knock.wiring.entrance.oidc
    return json_response(Provider(enabled=provider.enabled, name=provider.settings.name))


async def oidc_start(knock: Knock) -> Sent:
    """Send the browser to the provider."""
    started = await _provider(knock).start()
    answer = web.Response(status=303, headers={"Location": started.url})
    set_cookie(answer, started.state, tls=knock.wiring.entrance.tls, name=COOKIE)
    return answer


async def oidc_return(knock: Knock) -> Sent:
    """The browser comes back: signed in, or to the sign-in page with the reason why not."""
    provider, entrance = _provider(knock), knock.wiring.entrance
    body = knock.body_as(Returned)
    cookie = read_cookie(knock.request, tls=entrance.tls, name=COOKIE)
    try:
        user = await provider.finish(body.state, body.code, cookie)
        began = await entrance.sign_in.known_elsewhere(user)
    except HttpError as error:
        answer = web.Response(status=303, headers={"Location": f"/sign-in?failed={error.code}"})
    else:
        signed_in = welcome(knock.wiring, knock.request, began)
        answer = web.Response(status=303, headers={"Location": "/"})
        answer.cookies.update(signed_in.cookies)
    drop_cookie(answer, tls=entrance.tls, name=COOKIE)
    return answer


DOORS = (
    Door("GET", "/api/oidc", oidc),
    Door("GET", "/api/oidc/start", oidc_start),
    Door("GET", "/api/oidc/return", oidc_return, Returned),
)
