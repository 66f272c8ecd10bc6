"""Settings of signing in: ``[people]``, ``[tls]`` and ``[oidc]`` of ``settings.toml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_Role = Literal[
    "operator", "supervisor", "quality", "administrator", "planner", "city_staff", "auditor"
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=500)


class PeopleSettings(_Section):
    """How people sign in, and how long that lasts.

    A session ends ``idle_min`` minutes after the last thing done (an operator who is ready for
    calls is not idle) and ``absolute_h`` hours after it began, but never during a call. After
    ``lock_after`` failures a name is locked for ``lock_min`` minutes. People of the roles in
    ``second_factor`` cannot sign in with a password alone.
    """

    idle_min: int = Field(default=60, ge=1, le=1_440)
    absolute_h: int = Field(default=14, ge=1, le=168)
    lock_after: int = Field(default=10, ge=3, le=100)
    lock_min: int = Field(default=30, ge=1, le=1_440)
    address_failures: int = Field(default=100, ge=10, le=10_000)
    second_factor: tuple[_Role, ...] = ()


class TlsSettings(_Section):
    """How browsers reach us safely. ``certificate`` and ``key`` are PEM files, relative to the
    settings file; ``proxy`` says that a proxy in front of us speaks TLS. Without either, only
    this machine is served."""

    certificate: str = ""
    key: str = ""
    proxy: bool = False

    @model_validator(mode="after")
    def _whole(self) -> TlsSettings:
        if bool(self.certificate) != bool(self.key):
            raise ValueError("certificate and key belong together")
        return self

    @property
    def on(self) -> bool:
        """Whether browsers speak TLS, with us or with the proxy."""
        return bool(self.certificate) or self.proxy


class OidcSettings(_Section):
    """Signing in with the city's own accounts (OpenID Connect); off while ``issuer`` is empty.

    ``claim`` of the identity must be the ``user`` of a person that was added. ``redirect_url`` is
    our ``/api/oidc/return`` as browsers reach it. The client's secret, where there is one, is the
    secret ``oidc``. ``name`` is what the button on the sign-in page says.
    """

    issuer: Annotated[str, Field(pattern=r"^(https?://[^\s?#]{1,300})?$")] = ""
    client_id: str = ""
    redirect_url: Annotated[str, Field(pattern=r"^(https?://[^\s?#]{1,300})?$")] = ""
    claim: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/-]{1,100}$")] = "preferred_username"
    scope: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/ -]{1,200}$")] = "openid profile"
    name: str = ""
    with_secret: bool = True

    @model_validator(mode="after")
    def _whole(self) -> OidcSettings:
        if self.issuer and not (self.client_id and self.redirect_url):
            raise ValueError("an issuer needs client_id and redirect_url")
        for url in (self.issuer, self.redirect_url):
            host = url.partition("://")[2].partition("/")[0].partition(":")[0]
            if url.startswith("http:") and host not in ("127.0.0.1", "localhost"):
                raise ValueError("plain http is for this machine only: use https")
        return self
