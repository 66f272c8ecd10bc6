"""Settings of several controllers that stand in for one another: ``[cluster]``.

Without ``node`` there is no cluster: this controller leads from its start to its end, asks nobody,
and nothing of this is loaded. Every controller of a cluster may have the same file; only ``node``
differs, and can come from ``MADOGUCHI_CLUSTER__NODE``.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from acd.config.kinds import ID_PATTERN

_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})")
_HIGHEST_PORT = 65_535


def _host(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        labels = text.rstrip(".").split(".")
        if not text or len(text) > 253 or not all(_LABEL.fullmatch(each) for each in labels):
            raise ValueError("must be a host name or an IP address") from None
    return text


def split_address(text: str) -> tuple[str, int]:
    """Host and port of ``10.0.0.1:4580``, ``name:4580`` or ``[::1]:4580``."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("an IPv6 address stands in brackets, like [::1]:4580")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= _HIGHEST_PORT:
        raise ValueError("must be host:port, like 10.0.0.1:4580")
    return _host(host), int(port)


def _address(text: str) -> str:
    split_address(text)
    return text


Address = Annotated[str, AfterValidator(_address)]
NodeId = Annotated[str, Field(pattern=ID_PATTERN)]
ShortSeconds = Annotated[float, Field(ge=0.02, le=60, allow_inf_nan=False)]


class ClusterSettings(BaseModel):
    """Who the controllers are, where the lease is kept, and its times.

    ``node``: this controller's id (empty: no cluster). ``peers``: where the controllers' streams
    of state are, by id; one's own entry is passed over. ``menus``: where Asterisk finds their menu
    servers, by id; who is not named has it on the machine of its stream, at this one's
    ``[agi] port``. ``bind``/``port``: where this controller offers its own stream.
    ``secrets_dir``: secrets that are the same on all controllers (empty: the state directory,
    which is then the same, or was copied).

    The lease is in ``redis`` (``host:port``), or in ``master`` as named by ``sentinels``. Where
    they ask for passwords, these are the secrets ``redis`` (of ``redis_user``) and ``sentinel``.
    ``redis_tls``: speak TLS with all of them, believing ``redis_ca`` (empty: the system's
    authorities).
    ``redis_replicas``: how many replicas must hold a renewal before it counts (-1: one with
    sentinels, none without). ``redis_prefix`` names the centre, where several share a Redis.

    A lease is good for ``lease_s`` and renewed every ``renew_every_s``; its holder stops acting
    ``margin_s`` before it ends. Those who stand by look every ``ask_every_s``. A question to Redis
    is given up after ``ask_timeout_s``. docs/operations.md says how to choose them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=500)

    node: Annotated[str, Field(pattern=rf"{ID_PATTERN}|^$")] = ""
    peers: dict[NodeId, Address] = {}
    menus: dict[NodeId, Address] = {}
    bind: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=_HIGHEST_PORT)] = 4580
    secrets_dir: str = ""

    redis: Annotated[str, AfterValidator(lambda text: text and _address(text))] = ""
    sentinels: Annotated[tuple[Address, ...], Field(max_length=15)] = ()
    master: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "madoguchi"
    redis_user: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,64}$")] = ""
    redis_tls: bool = False
    redis_ca: Annotated[str, Field(pattern=r"^(/.*)?$")] = ""
    redis_replicas: int = Field(default=-1, ge=-1, le=10)
    redis_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "madoguchi"

    lease_s: ShortSeconds = 1.5
    renew_every_s: ShortSeconds = 0.4
    margin_s: ShortSeconds = 0.4
    ask_every_s: ShortSeconds = 0.1
    ask_timeout_s: ShortSeconds = 0.5

    @property
    def on(self) -> bool:
        """Whether this controller is one of several."""
        return bool(self.node)

    @property
    def others(self) -> dict[str, tuple[str, int]]:
        """Host and port of every other controller's stream, by its id."""
        return {key: split_address(at) for key, at in self.peers.items() if key != self.node}

    def menu_hosts(self, own: str) -> dict[str, str]:
        """The host of every controller's menu server by its id; ``own`` is one's own."""
        others = self.others if self.on else {}
        hosts = {key: host for key, (host, _) in others.items()}
        hosts |= {key: split_address(self.menus[key])[0] for key in hosts if key in self.menus}
        return {**hosts, self.node: own}

    def other_menus(self, port: int) -> tuple[str, ...]:
        """``host:port`` of every other controller's menu server; ``port`` is one's own."""
        return tuple(
            self.menus.get(key, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
            for key, (host, _) in self.others.items()
        )

    @property
    def confirmations(self) -> int:
        """How many of Redis's replicas must hold a renewal before it counts."""
        return self.redis_replicas if self.redis_replicas >= 0 else int(bool(self.sentinels))

    @model_validator(mode="after")
    def _whole(self) -> ClusterSettings:
        if self.node and bool(self.redis) == bool(self.sentinels):
            raise ValueError("a cluster needs either redis or sentinels, for its lease")
        if self.renew_every_s * 2 + self.margin_s > self.lease_s:
            raise ValueError(
                "lease_s must leave room for two renewals and the margin: at least"
                f" {self.renew_every_s * 2 + self.margin_s:g} with these times"
            )
        if self.margin_s < self.renew_every_s:
            raise ValueError("margin_s must be at least renew_every_s")
        if self.ask_every_s > self.lease_s / 4:
            raise ValueError("ask_every_s must be at most a quarter of lease_s")
        return self
