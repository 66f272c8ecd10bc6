"""Operators' browsers as telephones, wired to the switch that they telephone at."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from acd.adapters.asterisk.session import AmiAccount, believing
from acd.adapters.asterisk.softphones import AsteriskPhoneSecrets
from acd.adapters.every_phone_secrets import EveryPhoneSecrets
from acd.adapters.lease_book import LeaseFile
from acd.adapters.secrets import Secrets
from acd.app.softphones import Softphones
from acd.bootstrap.line_tls import believed
from acd.bootstrap.nodes import own_secret
from acd.bootstrap.switch import (
    PHONES,
    ami_address,
    controller_side,
    floor_seats,
    phones_account,
)
from acd.config.settings import Settings
from acd.core.ids import AgentId, browser_device
from acd.ports_phones import PhoneSecrets

if TYPE_CHECKING:
    from acd.bootstrap.centre import RunningCentre


def softphones_of(settings: Settings, known: PhoneSecrets) -> Softphones | None:
    """Who holds which browser telephone; None where there are none."""
    if not settings.softphone.ws_port:
        return None
    return Softphones(
        known,
        LeaseFile(settings.state_dir),
        floor_seats(settings),
    )


def phone_secrets(settings: Settings, secrets: Secrets) -> EveryPhoneSecrets:
    """The switches' registers of who may be which telephone."""
    return EveryPhoneSecrets([_secrets_at(settings.at(node), secrets) for node in settings.nodes])


def _secrets_at(settings: Settings, secrets: Secrets) -> AsteriskPhoneSecrets:
    switch = settings.switch
    account = AmiAccount(phones_account(settings), secrets.get(own_secret(PHONES, switch)))
    return AsteriskPhoneSecrets(ami_address(settings, secrets), account)


def sip_urls(running: RunningCentre, agent: AgentId) -> list[str]:
    """Where this operator's browser may telephone: at home, then where a switch is, then others."""
    switches = running.switches.by_id
    telephones = running.telephones
    home = telephones.home(browser_device(agent)) if telephones is not None else None
    order = sorted(switches, key=lambda each: (not switches[each].up, each != home))
    return [sip_url(running.centre.settings.at(each)) for each in order]


def sip_trust(settings: Settings, secrets: Secrets) -> ssl.SSLContext | None:
    """Whom the switches' WebSockets have to prove that they are; None where none speaks TLS."""
    encrypted = any(switch.link_tls for switch in settings.nodes.values())
    return believing(believed(secrets)) if encrypted else None


def sip_url(settings: Settings) -> str:
    """Where the switch serves SIP over WebSocket."""
    switch = settings.switch
    if switch.link_tls:
        return f"wss://{switch.host}:{switch.ws_tls_port}/ws"
    return f"ws://{controller_side(settings)}:{settings.softphone.ws_port}/ws"
