"""What the interface needs of the rest; the composition root fills it."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from acd.app.desk import Desk
from acd.app.floor import Floor, Reloaded
from acd.app.mode_switch import ModeSwitch
from acd.app.overseeing import Overseeing
from acd.app.recorder import Recorder
from acd.app.recordings import Recordings
from acd.app.reports import Reports
from acd.app.softphones import Softphones
from acd.app.talk import Talk
from acd.app.watching import Watching
from acd.config.screen_settings import ScreenSettings
from acd.config.settings import ApiSettings
from acd.core.engine import Engine
from acd.core.explain_text import Told
from acd.core.ids import AgentId, OfferId
from acd.errors import Refused
from acd.ports_screens import CallHistory, NoHistory
from acd.ports_studies import Studies
from web.auth import TokenStore
from web.entrance import Entrance
from web.floor_alarms import FloorAlarms
from web.seats import Seats
from web.wallboard_wiring import Wallboard


@dataclass(frozen=True)
class Health:
    """Whether callers can be served now: the switch is there, the journal can be written, and the
    menu server listens."""

    switch: bool
    journal: bool
    menus: bool = True

    @property
    def ok(self) -> bool:
        """All of it."""
        return not self.missing

    @property
    def missing(self) -> list[str]:
        """Names of what is not there."""
        parts = {"switch": self.switch, "journal": self.journal, "menus": self.menus}
        return [name for name, there in parts.items() if not there]


@dataclass(frozen=True)
class NodeLevel:
    """One switch: whether it is connected, and how late its events are."""

    up: bool
    ami_lag_s: float


@dataclass(frozen=True)
class Gauges:
    """Figures that only the adapters know. Counts and seconds, no personal data."""

    ami_lag_s: float = 0.0
    journal_lag: int = 0
    spool_used_bytes: int = 0
    spool_limit_bytes: int = 0
    details_dropped: int = 0
    clock_drift_s: float = 0.0
    engine_rebuilt: int = 0
    journal_failures: int = 0
    events_forged: int = 0
    trunk_refused: Mapping[str, int] = field(default_factory=dict)
    trunk_limits: Mapping[str, int] = field(default_factory=dict)
    database_up: bool = True
    database_failing_s: float = 0.0
    loop_lag_s: float = 0.0
    nodes: Mapping[str, NodeLevel] = field(default_factory=dict)
    tunnels_end_s: float | None = None


async def nobody_stands_by() -> str:
    """What handing over is where there is one controller."""
    raise Refused(
        "there is no other controller ([cluster] in settings.toml): nothing was changed",
        code="no_standby",
        ja="ほかのコントローラーがありません(settings.toml の [cluster])。何も変えていません。",
    )


@dataclass(frozen=True)
class Wiring:
    """Everything behind the interface.

    ``engine`` gives the engine at work (read only here), ``now`` engine time. ``entrance`` tells
    who asks. ``explain`` answers why an offer was made; it raises NotFound.
    ``softphones`` is None where browsers are no telephones; ``sip_urls`` are where switches take
    their SIP, the first to be tried first, and ``sip_trust`` is what they have to prove over TLS.
    """

    settings: ApiSettings
    engine: Callable[[], Engine]
    now: Callable[[], float]
    desk: Desk
    floor: Floor
    overseeing: Overseeing
    talk: Talk
    mode: ModeSwitch
    tokens: TokenStore
    entrance: Entrance
    reload: Callable[[], Awaitable[Reloaded]]
    explain: Callable[[OfferId], Awaitable[Told]]
    health: Callable[[], Health]
    gauges: Callable[[], Gauges] = field(default=Gauges)
    recorder: Recorder | None = None
    recordings: Recordings | None = None
    reports: Reports | None = None
    studies: Studies | None = None
    softphones: Softphones | None = None
    screens: ScreenSettings = field(default_factory=ScreenSettings)
    history: CallHistory = field(default_factory=NoHistory)
    seats: Seats = field(default_factory=Seats)
    floor_alarms: FloorAlarms = field(default_factory=FloorAlarms)
    sip_urls: Callable[[AgentId], Sequence[str]] = lambda _: ()
    sip_trust: ssl.SSLContext | None = None
    wallboard: Wallboard = field(default_factory=Wallboard)
    watching: Watching | None = None
    hand_over: Callable[[], Awaitable[str]] = nobody_stands_by
