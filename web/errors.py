"""From errors to answers: a status, a stable code, one sentence in both languages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import NotRequired, TypedDict

import structlog
from aiohttp import web

from acd.errors import (
    ConfigError,
    Fault,
    LimitExceeded,
    MadoguchiError,
    NotFound,
    Refused,
    TransitionError,
)
from acd.japanese import in_japanese
from web.answer import JsonAnswer, Words, json_response
from web.messages import both

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = structlog.get_logger(__name__)


class FaultTold(TypedDict):
    """One key that is wrong, and how it should be."""

    path: str
    message: str
    ja: str


class ErrorTold(TypedDict):
    """``code`` does not change; ``faults`` are all that were found in a body or a file."""

    code: str
    message: Words
    faults: NotRequired[list[FaultTold]]


class Error(TypedDict):
    """Why it was not done."""

    error: ErrorTold


class HttpError(MadoguchiError):
    """An error of the interface itself, with its status."""

    def __init__(self, status: int, code: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(both(code, code)["en"], code=code)
        self.status = status
        self.faults = tuple(faults)


def status_of(error: MadoguchiError) -> int:
    """The HTTP status of an error."""
    match error:
        case HttpError():
            return error.status
        case NotFound():
            return 404
        case ConfigError():
            return 422
        case LimitExceeded():
            return 422
        case Refused() | TransitionError():
            return 409
        case _:
            return 503 if error.retryable else 500


def error_body(error: MadoguchiError) -> Error:
    """``{"error": {"code", "message": {"ja", "en"}, "faults": [...]}}``."""
    body: ErrorTold = {
        "code": error.code,
        "message": both(error.code, error.message, error.ja),
    }
    faults = error.faults if isinstance(error, ConfigError | HttpError) else ()
    if faults:
        body["faults"] = [
            {
                "path": fault.path,
                "message": fault.message,
                "ja": fault.ja or in_japanese(fault.message) or fault.message,
            }
            for fault in faults
        ]
    return {"error": body}


def error_response(error: MadoguchiError) -> JsonAnswer[Error]:
    """The answer that an error becomes."""
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return json_response(error_body(error), status, headers)


@web.middleware
async def errors_as_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error becomes an answer; one that nobody foresaw is logged and says nothing."""
    try:
        return await handler(request)
    except MadoguchiError as error:
        return error_response(error)
    except web.HTTPRequestEntityTooLarge:
        return error_response(HttpError(413, "too_large"))
    except web.HTTPNotFound:
        return error_response(HttpError(404, "no_such_route"))
    except web.HTTPMethodNotAllowed:
        return error_response(HttpError(405, "method_not_allowed"))
    except TimeoutError:
        return error_response(HttpError(503, "timeout"))
    except web.HTTPException:
        raise
    except Exception:
        _log.exception("request_failed", method=request.method, route=_route_name(request))
        return error_response(HttpError(500, "internal"))


def _route_name(request: web.Request) -> str:
    # The route's pattern, never the path: a path may hold what a caller or a program put there.
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
