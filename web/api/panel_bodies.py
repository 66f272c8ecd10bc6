"""Bodies of what only the operator's panel asks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from web.api.bodies import Body


class Seat(Body):
    """Which page of an operator shall be the one at work: a name that the page made up."""

    seat: Annotated[str, Field(pattern=r"^[a-z0-9]{8,40}$")]
