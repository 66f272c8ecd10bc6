"""Operators' browsers as telephones, wired to the switch that they telephone at."""

from __future__ import annotations

from acd.adapters.asterisk.session import AmiAccount
from acd.adapters.asterisk.softphones import AsteriskPhoneSecrets
from acd.adapters.lease_book import LeaseFile
from acd.adapters.secrets import Secrets
from acd.app.softphones import Softphones
from acd.bootstrap.switch import (
    PHONES,
    ami_address,
    controller_side,
    floor_seats,
    phones_account,
)
from acd.config.settings import Settings


def softphones_of(settings: Settings, secrets: Secrets) -> Softphones | None:
    """Who holds which browser telephone; None where there are none."""
    if not settings.softphone.ws_port:
        return None
    account = AmiAccount(phones_account(settings), secrets.get(PHONES))
    return Softphones(
        AsteriskPhoneSecrets(ami_address(settings, secrets), account),
        LeaseFile(settings.state_dir),
        floor_seats(settings),
    )


def sip_url(settings: Settings) -> str:
    """Where the switch serves SIP over WebSocket."""
    return f"ws://{controller_side(settings)}:{settings.softphone.ws_port}/ws"
