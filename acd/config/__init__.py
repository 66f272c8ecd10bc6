"""Settings and plan files: TOML and environment in, plan types of the core out.

:func:`load_centre` reads one centre's directory, reports every fault at once, each with its
path, and refuses a centre with any fault as a whole.
"""

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
