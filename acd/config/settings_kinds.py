"""The kinds of values that settings hold, each with its bounds, and what a section of them is."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from acd.config.kinds import ID_PATTERN


def _host(text: str) -> str:
    labels = text.rstrip(".").split(".")
    if text and len(text) <= 253 and all(_label(each) for each in labels):
        return text
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ValueError("must be a host name or an IP address") from None
    return text


def _label(text: str) -> bool:
    bare = text.replace("-", "").replace("_", "")
    return bare.isascii() and bare.isalnum() and len(text) <= 63 and text[0] != "-"


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError("must be an IP address or network such as 192.0.2.0/24") from None


Host = Annotated[str, AfterValidator(_host)]
Network = Annotated[str, AfterValidator(_network)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Ident = Annotated[str, Field(pattern=ID_PATTERN)]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")]


class Section(BaseModel):
    """A table of the settings: unknown keys are faults, and what was read stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=500)
