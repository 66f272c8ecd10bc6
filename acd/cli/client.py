"""Asking the running centre over its HTTP interface, as any program would.

``MADOGUCHI_TOKEN`` says who asks; without it, the token of this machine's command line is taken
from the state directory. ``MADOGUCHI_URL`` names a centre elsewhere.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from acd.cli.words import japanese, say
from acd.errors import ConfigError, Fault, MadoguchiError

#: An answer larger than this is not ours.
MAX_ANSWER_BYTES = 50_000_000
TIMEOUT_S = 10.0

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class NotRunning(MadoguchiError):
    """Nobody answers at the interface's address."""

    code = "not_running"
    retryable = True


class Answered(MadoguchiError):
    """The running centre said no; the sentence is its own."""

    def __init__(self, status: int, error: dict[str, Any]) -> None:
        message = error.get("message", {})
        super().__init__(
            str(message.get("ja" if japanese() else "en", f"HTTP {status}")),
            code=str(error.get("code", "error")),
        )
        self.retryable = status == 503


class Client:
    """One running centre, one token."""

    def __init__(self, url: str, token: str, certificate: str = "") -> None:
        """``certificate`` is the file of the centre's own, when it is on this machine: then no
        other is taken, and its name need not be that of the loopback address."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MadoguchiError(f"{url!r} is no address such as http://127.0.0.1:8080")
        self._url = f"{parts.scheme}://{parts.netloc}"
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._token = token
        self._certificate = certificate

    @classmethod
    def of(cls, centre: Path) -> Client:
        """The centre in this directory, or the one that the environment names."""
        url, token = os.environ.get("MADOGUCHI_URL"), os.environ.get("MADOGUCHI_TOKEN")
        if url and token:
            return cls(url, token)
        from acd.config import load_settings
        from web.auth import TokenStore

        settings = load_settings(centre)
        host = _ANYWHERE.get(settings.api.bind, settings.api.bind)
        host = f"[{host}]" if ":" in host else host
        own = "" if url else settings.tls.certificate
        scheme = "https" if own else "http"
        return cls(
            url or f"{scheme}://{host}:{settings.api.port}",
            token or TokenStore(settings.secrets_dir).local(),
            own,
        )

    def get(self, path: str) -> Any:
        """The JSON at a path; raises a MadoguchiError."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON that a request answers; raises a MadoguchiError."""
        return self._ask("POST", path, json.dumps(body or {}).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        connection = self._connection()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read(MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException, socket.gaierror) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise NotRunning(
                say(
                    f"{self._url} で動いているセンターがありません ({why})。"
                    "`make up` か `madoguchi serve` で起動してください。",
                    f"no centre answers at {self._url} ({why}): start it with `make up`"
                    " or `madoguchi serve`",
                )
            ) from error
        finally:
            connection.close()
        return self._read(answer.status, data)

    def _connection(self) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        context = ssl.create_default_context()
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            try:
                context.load_verify_locations(self._certificate)
            except OSError as error:
                raise MadoguchiError(f"{self._certificate} cannot be read") from error
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=TIMEOUT_S, context=context
        )

    def _read(self, status: int, data: bytes) -> Any:
        try:
            found = json.loads(data)
        except ValueError as error:
            raise NotRunning(
                say(
                    f"{self._url} で応答しているのは madoguchi ではありません。",
                    f"what answers at {self._url} is not madoguchi",
                )
            ) from error
        if status == 200:
            return found
        said = found.get("error", {}) if isinstance(found, dict) else {}
        faults = said.get("faults")
        if said.get("code") == "config_invalid" and isinstance(faults, list):
            raise ConfigError([Fault(str(each["path"]), str(each["message"])) for each in faults])
        raise Answered(status, said)
