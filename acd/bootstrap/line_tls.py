"""Certificates of the lines between controllers and switches (``[switch] tls``).

Everything is derived from secrets that are drawn like all others, so that nobody has to make, bring
or keep a file: the authority's key from one, each switch's from one of its own.
"""

from __future__ import annotations

from acd.adapters.asterisk.conf_tls import LineTls
from acd.adapters.secrets import Secrets
from acd.bootstrap.menus import tunnel_ways
from acd.config.settings import Settings

#: What the authority's key is derived from; and of each switch: what its own is.
AUTHORITY, KEY = "line.authority", "line.key"


def line_tls(settings: Settings, secrets: Secrets) -> LineTls | None:
    """What the switch that ``settings`` are about shows, and whom it believes."""
    switch = settings.switch
    if not switch.tls or not (switch.link_tls or settings.switches):
        return None
    # A library of some megabytes, which a controller without TLS need not have.
    from acd.adapters.authority import LineAuthority

    names = list(dict.fromkeys((switch.host, switch.sip_bind)))
    own = f"{KEY}-{switch.id}"
    authority = LineAuthority(secrets.get(AUTHORITY))
    made = authority.certify(names, secrets.get(own))
    return LineTls(
        made.certificate,
        made.key,
        made.ca,
        ami_port=switch.ami_tls_port if switch.link_tls else 0,
        ws_port=switch.ws_tls_port if switch.link_tls and settings.softphone.ws_port else 0,
        sip_port=switch.sip_tls_port if settings.switches else 0,
        menus=tunnel_ways(settings),
    )


def believed(secrets: Secrets) -> str:
    """The certificate of the one authority that is believed."""
    from acd.adapters.authority import LineAuthority

    return LineAuthority(secrets.get(AUTHORITY)).ca
