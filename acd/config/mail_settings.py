"""Where mail goes out: the one relay of the centre, for alarms and for reports."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: A plain address, with nothing in it that a header could be made of.
Address = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$"),
]
#: Name of an environment variable that holds a secret; empty: there is none.
SecretVariable = Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]{2,63})?$")]


class MailSecurity(StrEnum):
    """How the connection to the relay is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailSettings(BaseModel):
    """The relay. An empty ``host`` means that no mail is sent.

    ``password_variable`` names the environment variable with the password of ``username``.
    ``security = "none"`` sends in the clear: only without a password.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=200)

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]{0,253}$")] = ""
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    security: MailSecurity = MailSecurity.STARTTLS
    username: str = ""
    password_variable: SecretVariable = ""
    sender: Address = "madoguchi@localhost"
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 10.0

    @model_validator(mode="after")
    def _whole(self) -> MailSettings:
        if bool(self.username) != bool(self.password_variable):
            raise ValueError("username and password_variable go together")
        if self.username and self.security is MailSecurity.NONE:
            raise ValueError("a password is never sent in the clear: use starttls or tls")
        return self
