"""Bodies of requests about the wallboard."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from web.api.bodies import Body
from web.wallboard_screens import NAME_MAX, NEWS_MAX, TILES_MAX, TileKind, TileSize


class TileBody(Body):
    """One tile of a display."""

    kind: TileKind
    size: TileSize


class ScreenBody(Body):
    """How a display is laid out."""

    name: Annotated[str, Field(max_length=NAME_MAX)] = ""
    tiles: Annotated[tuple[TileBody, ...], Field(min_length=1, max_length=TILES_MAX)]
    news: Annotated[str, Field(max_length=NEWS_MAX)] = ""
    alarm_s: Annotated[int, Field(strict=True, ge=10, le=3_600)] = 120


class LinkBody(Body):
    """A link for a display; ``label`` says which one it is."""

    label: Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class BusyQuery(Body):
    """The language of the badge."""

    lang: Literal["ja", "en"] = "ja"
