"""Settings and plan files: TOML and environment in, plan types of the core out.

:func:`load_centre` reads one centre's directory, reports every fault at once, each with its
path, and refuses a centre with any fault as a whole.

What is named here is loaded when it is first asked for: reading files takes libraries (pydantic,
the calendars of holidays) that whoever wants one small module of this package need not wait for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acd.config.centre import Centre, load_centre, load_settings, load_timezone
    from acd.config.settings import (
        DtmfMode,
        SessionTimers,
        Settings,
        SwitchKind,
        TrunkKind,
        TrunkSettings,
    )

__all__ = [
    "Centre",
    "DtmfMode",
    "SessionTimers",
    "Settings",
    "SwitchKind",
    "TrunkKind",
    "TrunkSettings",
    "load_centre",
    "load_settings",
    "load_timezone",
]
_OF_THE_CENTRE = ("Centre", "load_centre", "load_settings", "load_timezone")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "centre" if name in _OF_THE_CENTRE else "settings"
    return getattr(import_module(f"acd.config.{module}"), name)
