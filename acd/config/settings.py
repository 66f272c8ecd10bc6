"""Settings: where things run and how large they may get. ``settings.toml`` plus environment.

Each key has a default that works on one machine, with every address on loopback. An environment
variable wins over the file: ``MADOGUCHI_API__PORT=8081`` is ``[api] port``. Secrets are never
here: they live in the state directory (``acd.adapters.secrets``).
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    Field,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from acd.config.alarm_settings import AlarmSettings
from acd.config.cluster_settings import ClusterSettings
from acd.config.faults import Faults
from acd.config.kinds import id_fault
from acd.config.mail_settings import MailSettings
from acd.config.people_settings import OidcSettings, PeopleSettings, TlsSettings
from acd.config.recording_settings import RecordingSettings
from acd.config.report_settings import ReportSettings
from acd.config.screen_settings import ScreenSettings
from acd.config.settings_kinds import Host, Ident, Network, Port, Seconds, Section, Word
from acd.config.switch_settings import SwitchKind, SwitchSettings, further_switches
from acd.config.trunk_settings import TrunkGroupSettings, check_trunk_groups

__all__ = [
    "DtmfMode",
    "SessionTimers",
    "Settings",
    "SwitchKind",
    "SwitchSettings",
    "TrunkKind",
    "TrunkSettings",
]

ENV_PREFIX = "MADOGUCHI_"


class DtmfMode(StrEnum):
    """How a carrier sends digits; ``auto`` takes RFC 4733 and falls back to in-band."""

    AUTO = "auto"
    RFC4733 = "rfc4733"
    INBAND = "inband"
    INFO = "info"


class SessionTimers(StrEnum):
    """RFC 4028 session timers, in Asterisk's words."""

    NO = "no"
    YES = "yes"
    REQUIRED = "required"
    ALWAYS = "always"


class TrunkKind(StrEnum):
    """How a carrier and we know each other."""

    REGISTRATION = "registration"
    ADDRESS = "address"


class Transport(StrEnum):
    """The SIP transport towards a carrier."""

    UDP = "udp"
    TCP = "tcp"


class AgiSettings(Section):
    """The menu server that Asterisk calls. ``advertise`` is its address as Asterisk sees it, and
    where Asterisk admits the controller from; ``admit``: where further controllers come from.
    ``tls_port``: where the tunnels of switches that speak TLS find it; in the clear it is served
    only where some switch does not.

    ``drain_s``: how long rings and menus under way may take when the controller is told to stop.
    """

    bind: Host = "127.0.0.1"
    port: Port = 4573
    tls_port: Port = 4574
    advertise: Host = "127.0.0.1"
    admit: Annotated[tuple[Network, ...], Field(max_length=8)] = ()
    max_sessions: int = Field(default=500, ge=1, le=10_000)
    drain_s: float = Field(default=4.0, ge=0, le=60, allow_inf_nan=False)


class ApiSettings(Section):
    """The HTTP and WebSocket interface.

    ``allowed_origins`` lists pages that may open the WebSocket besides our own address.
    """

    bind: Host = "127.0.0.1"
    port: Port = 8080
    allowed_origins: tuple[str, ...] = ()
    max_body_bytes: int = Field(default=16_384, ge=1_024, le=1_048_576)
    max_sockets: int = Field(default=500, ge=1, le=10_000)
    max_sockets_per_token: int = Field(default=4, ge=1, le=100)
    max_frames_waiting: int = Field(default=500, ge=10, le=100_000)
    request_timeout_s: Seconds = 5.0


class BrowserCodec(StrEnum):
    """How sound is packed between an operator's browser and Asterisk."""

    ULAW = "ulaw"
    ALAW = "alaw"
    OPUS = "opus"


class SoftphoneSettings(Section):
    """Operators' browsers as telephones.

    ``ws_port``: where Asterisk serves SIP over WebSocket to the controller (0: browsers are no
    telephones here). ``networks``: only this machine's addresses within them are told to
    browsers; empty: all that one could reach. ``codecs``: the first that both sides know is used;
    opus bears a lossy line better and costs Asterisk more. ``supervisors``: how many of them may
    hear and speak in their browsers at the same time.
    """

    ws_port: int = Field(default=8088, ge=0, le=65_535)
    networks: tuple[Network, ...] = ()
    codecs: Annotated[tuple[BrowserCodec, ...], Field(min_length=1, max_length=3)] = (
        BrowserCodec.ULAW,
        BrowserCodec.OPUS,
    )
    supervisors: int = Field(default=8, ge=0, le=99)


class StoreSettings(Section):
    """Journal, spool and database. An empty ``database_url`` is a SQLite file in the state
    directory; ``spool_mib`` bounds the local journal, ``reserve_mib`` of it is for outcomes.

    ``journal_days``: how long the database keeps steps, for replay and explanations (calls and
    visits stay). ``snapshot_days``: how long every hourly snapshot; then one a day. ``cel_days``:
    how long Asterisk's own record, on this machine.
    """

    database_url: str = ""
    spool_mib: int = Field(default=256, ge=8, le=65_536)
    reserve_mib: int = Field(default=16, ge=1, le=4_096)
    fsync: bool = False
    snapshot_every_s: Seconds = 60.0
    journal_days: int = Field(default=365, ge=1, le=3_650)
    snapshot_days: int = Field(default=7, ge=1, le=3_650)
    cel_days: int = Field(default=90, ge=1, le=3_650)

    @model_validator(mode="after")
    def _whole(self) -> StoreSettings:
        if self.reserve_mib * 2 > self.spool_mib:
            raise ValueError("reserve_mib must be at most half of spool_mib")
        return self


class FallbackSettings(Section):
    """The static queue that Asterisk itself serves while no controller is there.

    An empty ``members`` means every operator of the plan.
    """

    members: tuple[Ident, ...] = ()
    ring_timeout_s: int = Field(default=15, ge=3, le=120)


class TrunkSettings(Section):
    """One line to a carrier.

    ``registration``: we register with ``username`` at ``host`` (the password is the secret
    ``trunk.<id>``). ``address``: calls are taken from the networks in ``match``, and from nobody
    else. ``max_channels``: how many calls there may be over it at once, in both directions (0: all
    that come), ``max_outgoing`` of them to the outside (0: no less). Where there is a ``host`` it
    is asked every ``qualify_s`` seconds whether it is there (OPTIONS; 0: never).
    """

    kind: TrunkKind
    host: Host = ""
    port: Port = 5060
    transport: Transport = Transport.UDP
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$|^$")] = ""
    match: tuple[Network, ...] = ()
    trust_id_inbound: bool = False
    dtmf_mode: DtmfMode = DtmfMode.AUTO
    session_timers: SessionTimers = SessionTimers.YES
    session_expires_s: int = Field(default=1_800, ge=90, le=86_400)
    rtp_timeout_s: int = Field(default=30, ge=0, le=3_600)
    rtp_timeout_hold_s: int = Field(default=300, ge=0, le=86_400)
    codecs: tuple[Word, ...] = ("ulaw",)
    max_channels: int = Field(default=0, ge=0, le=10_000)
    max_outgoing: int = Field(default=0, ge=0, le=10_000)
    qualify_s: int = Field(default=10, ge=0, le=3_600)

    @model_validator(mode="after")
    def _whole(self) -> TrunkSettings:
        if self.kind is TrunkKind.REGISTRATION and not (self.host and self.username):
            raise ValueError("a trunk by registration needs host and username")
        if self.kind is TrunkKind.ADDRESS and not self.match:
            raise ValueError("a trunk by address needs at least one network in match")
        if any(each.endswith("/0") for each in self.match):
            raise ValueError("match must not let everybody in")
        return self


class LogLevel(StrEnum):
    """How much the log says."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogSettings(Section):
    """The log on standard error: lines for a person, or JSON for a machine."""

    level: LogLevel = LogLevel.INFO
    json_lines: bool = False


class Settings(BaseSettings):
    """All settings of one centre. ``state_dir`` is relative to the file that names it."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        str_max_length=500,
    )

    state_dir: Path = Path("../var")
    switch: SwitchSettings = SwitchSettings()
    agi: AgiSettings = AgiSettings()
    api: ApiSettings = ApiSettings()
    people: PeopleSettings = PeopleSettings()
    tls: TlsSettings = TlsSettings()
    oidc: OidcSettings = OidcSettings()
    softphone: SoftphoneSettings = SoftphoneSettings()
    store: StoreSettings = StoreSettings()
    fallback: FallbackSettings = FallbackSettings()
    recording: RecordingSettings = RecordingSettings()
    screens: ScreenSettings = ScreenSettings()
    alarms: AlarmSettings = AlarmSettings()
    mail: MailSettings = MailSettings()
    reports: ReportSettings = ReportSettings()
    log: LogSettings = LogSettings()
    cluster: ClusterSettings = ClusterSettings()
    trunks: dict[str, TrunkSettings] = {}
    trunk_groups: dict[str, TrunkGroupSettings] = {}
    switches: dict[str, SwitchSettings] = {}

    @property
    def nodes(self) -> dict[str, SwitchSettings]:
        """Every switch by its id; of a whole centre's settings the first one comes first."""
        return {self.switch.id: self.switch, **self.switches}

    def at(self, switch: str) -> Settings:
        """The same settings as seen from one of the switches: ``switch`` is that one, ``switches``
        are the others."""
        nodes = self.nodes
        here = nodes.pop(switch)
        changed: dict[str, object] = {"switch": here, "switches": nodes}
        if here.ws_port and self.softphone.ws_port:
            changed["softphone"] = self.softphone.model_copy(update={"ws_port": here.ws_port})
        return self.model_copy(update=changed)

    @property
    def secrets_dir(self) -> Path:
        """Where secrets and tokens are: shared by the controllers of a cluster, if so set."""
        return self.state_dir / self.cluster.secrets_dir

    @property
    def database_url(self) -> str:
        """The database, by default a SQLite file in the state directory."""
        default = f"sqlite+aiosqlite:///{self.state_dir / 'madoguchi.sqlite'}"
        return self.store.database_url or default

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, and there is nothing else."""
        return (env_settings, init_settings)


def make_settings(table: dict[str, Any], folder: Path, name: str, faults: Faults) -> Settings:
    """Settings from the file's table and the environment; the defaults where it is wrong.

    ``folder`` is where relative paths count from, ``name`` the file's name in faults.
    """
    try:
        settings = Settings(**{str(key): value for key, value in table.items()})
    except ValidationError as error:
        faults.add_validation(f"{name}:", error, Settings, place=_variable)
        return Settings.model_construct()
    except SettingsError as error:
        # A variable that should hold JSON and does not is reported outside of validation.
        faults.add("environment", str(error))
        return Settings.model_construct()
    for key in settings.trunks:
        wrong = id_fault(key)
        if wrong:
            faults.add(f"{name}:trunks.{key}", wrong)
    settings = settings.model_copy(
        update={"switches": further_switches(settings.switch.id, settings.switches, name, faults)}
    )
    check_trunk_groups(settings.trunk_groups, settings.trunks, name, faults)
    if not settings.tls.on and not is_loopback(settings.api.bind):
        faults.add(
            f"{name}:api.bind",
            "reaches other machines, and passwords would cross the network in the clear: give"
            " tls.certificate and tls.key, or say tls.proxy = true where a proxy speaks TLS",
        )
    where = (folder / settings.state_dir.expanduser()).resolve()
    tls = settings.tls
    if tls.certificate:
        paths = {"certificate": str(folder / tls.certificate), "key": str(folder / tls.key)}
        tls = tls.model_copy(update=paths)
    return settings.model_copy(update={"state_dir": where, "tls": tls})


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _variable(loc: Sequence[int | str]) -> str:
    """The environment variable that set the value at ``loc``, or nothing if the file did."""
    variable = ENV_PREFIX + "__".join(str(part) for part in loc).upper()
    return f"environment:{variable}" if variable in os.environ else ""
