"""How displays are laid out: for each its tiles, their order and sizes, its news, as data.

All of it lies in one private file of the state directory. What is asked for and was never saved is
the usual layout under that name, so that a new display shows something at once.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypedDict

import msgspec
from msgspec import Meta, Struct

from acd.errors import LimitExceeded, NotFound, StoreCorrupt, StoreUnavailable

FILE = "wallboard.json"
USUAL = "main"
SCREENS_MAX, TILES_MAX = 50, 24
NEWS_MAX, NAME_MAX = 200, 60
MAX_FILE_BYTES = 1_000_000


class TileKind(StrEnum):
    """What a tile shows."""

    WAITING = "waiting"
    LONGEST = "longest"
    ANSWER_RATE = "answer_rate"
    SERVICE_LEVEL = "service_level"
    ABANDONMENT = "abandonment"
    AVAILABILITY = "availability"
    COUNTS = "counts"
    CURVE = "curve"
    QUEUES = "queues"
    OPERATORS = "operators"
    FORECAST = "forecast"
    LINES = "lines"
    SEATS = "seats"


class TileSize(StrEnum):
    """How wide a tile is: a quarter, a third, a half, two thirds, or all of the screen."""

    QUARTER = "quarter"
    THIRD = "third"
    HALF = "half"
    WIDE = "wide"
    WHOLE = "whole"


class Tile(Struct, frozen=True, forbid_unknown_fields=True):
    """One tile."""

    kind: TileKind
    size: TileSize


class WallScreen(Struct, frozen=True, forbid_unknown_fields=True):
    """One display. Somebody who waits longer than ``alarm_s`` is an alarm. ``news`` is one line for
    everybody who looks."""

    name: Annotated[str, Meta(max_length=NAME_MAX)]
    tiles: Annotated[tuple[Tile, ...], Meta(min_length=1, max_length=TILES_MAX)]
    news: Annotated[str, Meta(max_length=NEWS_MAX)] = ""
    alarm_s: Annotated[int, Meta(ge=10, le=3_600)] = 120


class Layout(TypedDict):
    """A display's layout with its id."""

    id: str
    name: str
    tiles: tuple[Tile, ...]
    news: str
    alarm_s: int


def layout_of(id_: str, screen: WallScreen) -> Layout:
    """The same with its id."""
    return {
        "id": id_,
        "name": screen.name,
        "tiles": screen.tiles,
        "news": screen.news,
        "alarm_s": screen.alarm_s,
    }


def _tiles(*pairs: tuple[TileKind, TileSize]) -> tuple[Tile, ...]:
    return tuple(Tile(kind, size) for kind, size in pairs)


USUAL_TILES = _tiles(
    (TileKind.WAITING, TileSize.QUARTER),
    (TileKind.LONGEST, TileSize.QUARTER),
    (TileKind.ANSWER_RATE, TileSize.QUARTER),
    (TileKind.SERVICE_LEVEL, TileSize.QUARTER),
    (TileKind.CURVE, TileSize.HALF),
    (TileKind.QUEUES, TileSize.HALF),
    (TileKind.OPERATORS, TileSize.HALF),
    (TileKind.COUNTS, TileSize.QUARTER),
    (TileKind.FORECAST, TileSize.QUARTER),
)


def usual(name: str = "") -> WallScreen:
    """The layout of a display that nobody has laid out yet."""
    return WallScreen(name, USUAL_TILES)


class WallScreens:
    """The layouts of one centre; without a directory they last as long as the process."""

    def __init__(self, state_dir: Path | None = None) -> None:
        self._path = state_dir / FILE if state_dir is not None else None
        self._screens = self._read()

    def all(self) -> dict[str, WallScreen]:
        """Every layout by its id, the usual one first."""
        return {USUAL: self.of(USUAL), **self._screens}

    def of(self, screen: str) -> WallScreen:
        """A display's layout."""
        return self._screens.get(screen) or usual()

    def put(self, screen: str, layout: WallScreen) -> None:
        """Keep a layout; raises LimitExceeded, StoreUnavailable."""
        if screen not in self._screens and len(self._screens) >= SCREENS_MAX:
            raise LimitExceeded(f"there are {SCREENS_MAX} screens: remove some first")
        self._write({**self._screens, screen: layout})

    def remove(self, screen: str) -> None:
        """Forget a layout; raises NotFound, StoreUnavailable."""
        if screen not in self._screens:
            raise NotFound("there is no such screen", code="unknown_screen")
        self._write({id_: each for id_, each in self._screens.items() if id_ != screen})

    def _read(self) -> dict[str, WallScreen]:
        if self._path is None:
            return {}
        try:
            with self._path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unavailable(error) from error
        try:
            return msgspec.json.decode(data, type=dict[str, WallScreen])
        except msgspec.DecodeError as error:
            raise StoreCorrupt(f"{self._path} is damaged: restore it or remove it") from error

    def _write(self, screens: dict[str, WallScreen]) -> None:
        if self._path is not None:
            new = self._path.with_name(FILE + ".new")
            try:
                handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(msgspec.json.format(msgspec.json.encode(screens)))
                    os.fsync(file.fileno())
                new.replace(self._path)
            except OSError as error:
                raise self._unavailable(error) from error
        self._screens = screens

    def _unavailable(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"{self._path} cannot be used: {error.strerror or error}")
