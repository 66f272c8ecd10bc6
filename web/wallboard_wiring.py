"""What the wallboard needs of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.app.figures import LiveFigures
from web.wallboard_public import PublicBusy
from web.wallboard_screens import WallScreens


@dataclass(frozen=True)
class Wallboard:
    """``screens``: how each display is laid out. ``figures``: of today; None in a centre that
    counts nothing. ``public``: whether anybody may ask how busy it is, and what is told.
    ``channels``: how many were bought, of each trunk for which that is known."""

    screens: WallScreens = field(default_factory=WallScreens)
    figures: LiveFigures | None = None
    channels: Mapping[str, int] = field(default_factory=dict)
    public: bool = False
    busy: PublicBusy = field(default_factory=PublicBusy)
