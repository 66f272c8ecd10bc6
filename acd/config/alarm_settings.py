"""Which alarms there are, when they may be told, and to whom: all of it is data.

Every kind has a rule of its own name that holds unless ``[alarms.rules.<id>]`` says otherwise;
further rules have ids of their own and name their ``kind``.
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Struct
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from acd.config.kinds import ID_PATTERN
from acd.config.mail_settings import Address

_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Ident = Annotated[str, Field(pattern=ID_PATTERN)]
Limit = Annotated[float, Field(ge=-1, le=1e12, allow_inf_nan=False)]
Weekday = Annotated[int, Field(ge=0, le=6)]
Wait = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class Severity(StrEnum):
    """How bad it is. What is critical is told at any hour."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


class Column(StrEnum):
    """Which of the two targets is meant: what the specification asks (仕様書), or what the centre
    promises itself (提案)."""

    CONTRACT = "contract"
    PROMISE = "promise"


class AlarmKind(StrEnum):
    """What is watched. The first four and LINE_QUALITY have a subject: a queue or a trunk. Kinds
    that begin with TARGET hold the day so far against what was agreed (``measures.toml``)."""

    SERVICE_LEVEL = "service_level"
    LONGEST_WAIT = "longest_wait"
    TRUNK_FULL = "trunk_nearly_full"
    TRUNK_DOWN = "trunk_down"
    LINE_QUALITY = "line_quality"
    NOBODY_LOGGED_IN = "nobody_logged_in"
    SWITCH_GONE = "switch_gone"
    AMI_LAG = "ami_lag"
    SPOOL_FILLING = "spool_filling"
    DISK_FULL = "disk_nearly_full"
    CLOCK_DRIFT = "clock_drift"
    JOURNAL_LAG = "journal_lag"
    JOURNAL_FAILING = "journal_failing"
    DATABASE_GONE = "database_gone"
    CONTROLLER_REBUILT = "controller_rebuilt"
    EVENT_LOOP_LAG = "event_loop_lag"
    TARGET_ANSWER_RATE = "target_answer_rate"
    TARGET_SERVICE_LEVEL = "target_service_level"
    TARGET_ABANDONMENT = "target_abandonment"
    TARGET_AVAILABILITY = "target_availability"


#: Kinds of which less is worse.
LOW_IS_BAD = frozenset({AlarmKind.SERVICE_LEVEL, AlarmKind.LINE_QUALITY})
#: Kinds that hold a figure of the day so far against its target.
OF_TARGETS = frozenset(kind for kind in AlarmKind if kind.name.startswith("TARGET_"))
#: Kinds whose rules may be for some queues alone.
OF_QUEUES = frozenset(
    {AlarmKind.SERVICE_LEVEL, AlarmKind.LONGEST_WAIT, *OF_TARGETS - {AlarmKind.TARGET_AVAILABILITY}}
)


class Rule(Struct, frozen=True):
    """One rule, whole. An alarm begins when the value was at ``raise_at`` or worse for ``for_s``
    seconds, and is over when it was better than ``clear_at`` for ``clear_after_s``.

    Units of the value: service level, trunk, spool and disk are shares (0 to 1), waits, lags and
    drift seconds, line quality a MOS (1 to 4.5), the rest counts; what is gone or is not is 1 or 0.
    ``queues`` (none: all of them) narrows rules about queues; ``window_s`` and ``at_least`` (calls)
    are for the service level, ``window_s`` also for what is counted over the last minutes.

    Of what is held against a target both limits say by how much (a share: 0.01 is one point) the
    figure is on the wrong side of it, below 0 on the right one; it must be more than ``raise_at``.
    Nothing is said of a day with fewer calls than ``at_least``, of availability within the first
    ``at_least_service_s`` of the service hours. ``against`` names the column of targets.
    """

    id: str
    kind: AlarmKind
    severity: Severity
    raise_at: float
    clear_at: float
    for_s: float
    clear_after_s: float = 60.0
    window_s: float = 900.0
    at_least: int = 10
    queues: tuple[str, ...] = ()
    against: Column = Column.CONTRACT
    at_least_service_s: float = 3_600.0


_K, _S = AlarmKind, Severity
_USUAL = (
    (_K.SERVICE_LEVEL, _S.WARNING, 0.6, 0.7, 60.0),
    (_K.LONGEST_WAIT, _S.WARNING, 300.0, 180.0, 10.0),
    (_K.TRUNK_FULL, _S.WARNING, 0.9, 0.75, 20.0),
    (_K.TRUNK_DOWN, _S.CRITICAL, 1.0, 1.0, 5.0),
    (_K.LINE_QUALITY, _S.WARNING, 3.3, 3.6, 60.0),
    (_K.NOBODY_LOGGED_IN, _S.CRITICAL, 1.0, 1.0, 120.0),
    (_K.SWITCH_GONE, _S.CRITICAL, 1.0, 1.0, 15.0),
    (_K.AMI_LAG, _S.WARNING, 2.0, 1.0, 10.0),
    (_K.SPOOL_FILLING, _S.CRITICAL, 0.5, 0.4, 10.0),
    (_K.DISK_FULL, _S.CRITICAL, 0.95, 0.93, 10.0),
    (_K.CLOCK_DRIFT, _S.WARNING, 2.0, 1.0, 10.0),
    (_K.JOURNAL_LAG, _S.WARNING, 20_000.0, 5_000.0, 30.0),
    (_K.JOURNAL_FAILING, _S.CRITICAL, 1.0, 1.0, 5.0),
    (_K.DATABASE_GONE, _S.WARNING, 1.0, 1.0, 30.0),
    (_K.CONTROLLER_REBUILT, _S.CRITICAL, 1.0, 1.0, 0.0),
    (_K.EVENT_LOOP_LAG, _S.WARNING, 0.5, 0.2, 15.0),
)
#: Figures of a whole day move slowly: they must be half a point better than agreed, for as long
#: as it takes, before it is over. Availability only rises once callers are served again.
_TARGETS = (
    (_K.TARGET_ANSWER_RATE, -0.005),
    (_K.TARGET_SERVICE_LEVEL, -0.005),
    (_K.TARGET_ABANDONMENT, -0.005),
    (_K.TARGET_AVAILABILITY, 0.0),
)
USUAL_RULES = {
    kind.value: Rule(kind.value, kind, severity, raise_at, clear_at, for_s)
    for kind, severity, raise_at, clear_at, for_s in _USUAL
} | {
    kind.value: Rule(
        kind.value, kind, _S.WARNING, 0.0, clear_at, for_s=30.0, clear_after_s=300.0, at_least=50
    )
    for kind, clear_at in _TARGETS
}


class RuleSettings(BaseModel):
    """What a file says of a rule; what it leaves out is as usual for the kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=64)

    kind: AlarmKind | None = None
    enabled: bool = True
    severity: Severity | None = None
    raise_at: Limit | None = None
    clear_at: Limit | None = None
    for_s: Wait | None = None
    clear_after_s: Annotated[float, Field(ge=5, le=86_400)] | None = None
    window_s: Annotated[float, Field(ge=60, le=7_200)] | None = None
    at_least: Annotated[int, Field(ge=1, le=10_000)] | None = None
    queues: Annotated[tuple[Ident, ...], Field(max_length=100)] = ()
    against: Column | None = None
    at_least_service_s: Wait | None = None


class QuietSettings(BaseModel):
    """A stretch of local time without alarms but critical ones; it may go over midnight, and then
    belongs to the day on which it begins. ``days``: 0 Monday to 6 Sunday."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[tuple[Weekday, ...], Field(max_length=7)] = tuple(range(7))
    begins: Annotated[str, Field(pattern=_TIME)]
    ends: Annotated[str, Field(pattern=_TIME)]


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _https(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(host)):
        raise ValueError("must be an https address (http only to this machine)")
    if not host or "@" in parts.netloc:
        raise ValueError("must have a host, and no name or password in it")
    if not url.isascii() or any(char <= " " for char in url):
        raise ValueError("must be ASCII without spaces")
    return url


class WebhookSettings(BaseModel):
    """A receiver of alarms. ``secret_variable`` names the environment variable with the secret
    that signs what is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=500)

    url: Annotated[str, AfterValidator(_https)]
    secret_variable: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]
    least: Severity = Severity.WARNING


class AlarmMailSettings(BaseModel):
    """Who gets alarms by mail; the relay is ``[mail]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[tuple[Address, ...], Field(max_length=20)] = ()
    least: Severity = Severity.WARNING


class AlarmSettings(BaseModel):
    """Alarms of one centre."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: Annotated[dict[str, RuleSettings], Field(max_length=100)] = {}
    quiet: Annotated[tuple[QuietSettings, ...], Field(max_length=20)] = ()
    webhooks: Annotated[dict[str, WebhookSettings], Field(max_length=10)] = {}
    mail: AlarmMailSettings = AlarmMailSettings()

    @model_validator(mode="after")
    def _whole(self) -> AlarmSettings:
        self.rules_in_force()
        return self

    def rules_in_force(self) -> tuple[Rule, ...]:
        """The usual rules with what the file says of them, and the file's own."""
        rules = dict(USUAL_RULES)
        for name, said in self.rules.items():
            rule = _with(name, said)
            if said.enabled:
                rules[name] = rule
            else:
                rules.pop(name, None)
        return tuple(rules.values())


def _with(name: str, said: RuleSettings) -> Rule:
    kind = said.kind or (AlarmKind(name) if name in USUAL_RULES else None)
    if kind is None:
        raise ValueError(f"rules.{name}: say its kind")
    if name in USUAL_RULES and kind.value != name:
        raise ValueError(f"rules.{name}: this id is that of the usual rule of its name")
    given = said.model_dump(exclude_none=True, exclude={"kind", "enabled"})
    usual = USUAL_RULES[kind.value]
    values = {each: given.get(each, getattr(usual, each)) for each in Rule.__struct_fields__}
    rule = Rule(**{**values, "id": name, "kind": kind})
    better = (
        rule.clear_at >= rule.raise_at if kind in LOW_IS_BAD else rule.clear_at <= rule.raise_at
    )
    if not better:
        raise ValueError(f"rules.{name}: clear_at must be no worse than raise_at")
    if kind not in OF_TARGETS and min(rule.raise_at, rule.clear_at) < 0:
        raise ValueError(f"rules.{name}: raise_at and clear_at must not be below 0")
    if kind not in OF_TARGETS and said.against is not None:
        raise ValueError(f"rules.{name}: a rule of this kind has no target")
    if rule.queues and kind not in OF_QUEUES:
        raise ValueError(f"rules.{name}: a rule of this kind is not about queues")
    return rule
