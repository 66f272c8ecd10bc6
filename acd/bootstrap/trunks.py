"""Carriers' lines: what the settings say of them, as the switch and the decisions know it."""

from __future__ import annotations

from acd.adapters.asterisk.conf_trunks import RegistrationSpec, TrunkSpec
from acd.adapters.secrets import Secrets
from acd.config.settings import Settings, TrunkKind, TrunkSettings
from acd.core.trunks import Member, TrunkGroup, alone


def trunk_specs(settings: Settings, secrets: Secrets) -> tuple[TrunkSpec, ...]:
    """All trunks for the configuration files."""
    trunks = sorted(settings.trunks.items())
    return tuple(_spec(name, trunk, settings, secrets) for name, trunk in trunks)


def line_groups(settings: Settings) -> dict[str, TrunkGroup]:
    """By every name that a plan may use for a way outside: groups, and trunks one by one."""
    groups = {name: alone(_member(settings, name)) for name in settings.trunks}
    for name, group in settings.trunk_groups.items():
        members = tuple(
            _member(settings, each.trunk, each.order, each.weight) for each in group.members
        )
        groups[name] = TrunkGroup(
            name, members, group.overflow_after_s, group.rest_s, group.max_channels
        )
    return groups


def asked_trunks(settings: Settings) -> tuple[str, ...]:
    """The trunks that are asked by OPTIONS whether they are there."""
    return tuple(sorted(name for name, each in settings.trunks.items() if _is_asked(each)))


def _member(settings: Settings, name: str, order: int = 1, weight: int = 1) -> Member:
    trunk = settings.trunks[name]
    asked = _is_asked(trunk)
    return Member(name, order, weight, trunk.max_channels, trunk.max_outgoing, asked)


def _is_asked(trunk: TrunkSettings) -> bool:
    return bool(trunk.host and trunk.qualify_s)


def _spec(name: str, trunk: TrunkSettings, settings: Settings, secrets: Secrets) -> TrunkSpec:
    uri = f"sip:{trunk.host}:{trunk.port}"
    registration = None
    if trunk.kind is TrunkKind.REGISTRATION:
        registration = RegistrationSpec(
            uri,
            f"sip:{trunk.username}@{trunk.host}:{trunk.port}",
            trunk.username,
            secrets.given(f"trunk.{name}"),
        )
    groups = settings.trunk_groups.items()
    group = next((key for key, each in groups if name in [m.trunk for m in each.members]), "")
    return TrunkSpec(
        name,
        addresses=trunk.match,
        contact=uri if trunk.host else "",
        registration=registration,
        trust_id=trunk.trust_id_inbound,
        codecs=trunk.codecs,
        dtmf=trunk.dtmf_mode.value,
        timers=trunk.session_timers.value,
        session_expires_s=trunk.session_expires_s,
        transport=trunk.transport.value,
        rtp_timeout_s=trunk.rtp_timeout_s,
        rtp_timeout_hold_s=trunk.rtp_timeout_hold_s,
        max_channels=trunk.max_channels,
        qualify_s=trunk.qualify_s if trunk.host else 0,
        group=group,
        group_channels=settings.trunk_groups[group].max_channels if group else 0,
    )
