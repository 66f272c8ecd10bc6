"""What the configuration says about carriers' lines: who they are, and how many calls they take."""

from __future__ import annotations

from msgspec import Struct

from acd.adapters.asterisk.confchecks import Checks
from acd.core.trunks import TURNED_AWAY

#: What a trunk may speak; the modules for it are loaded.
CODECS = ("ulaw", "alaw", "slin")
#: Causes upon which the dialplan tries the next line, as a regular expression has them.
TURNED_AWAY_CAUSES = "|".join(str(cause) for cause in sorted(TURNED_AWAY))


class RegistrationSpec(Struct, frozen=True):
    """A trunk that we register at: SIP URIs of the registrar and of ourselves, and the account."""

    server_uri: str
    client_uri: str
    user: str
    secret: str


class TrunkSpec(Struct, frozen=True):
    """A carrier. ``addresses`` (IP or network) say who may send calls as this trunk.

    ``contact`` is where calls out go (``sip:host:port``; empty: none go out). ``trust_id`` believes
    P-Asserted-Identity. ``dtmf`` and ``timers`` are Asterisk's words for dtmf_mode and timers.
    Seconds without RTP after which a call is ended; 0 = never. ``max_channels`` calls at once may
    be over it in both directions; 0 = all. The contact is asked every ``qualify_s`` whether it is
    there; 0 = never. ``group`` names the lines it stands with, which together may have
    ``group_channels`` calls.
    """

    name: str
    addresses: tuple[str, ...] = ()
    contact: str = ""
    registration: RegistrationSpec | None = None
    trust_id: bool = False
    codecs: tuple[str, ...] = ("ulaw",)
    dtmf: str = "auto"
    timers: str = "yes"
    session_expires_s: int = 1800
    transport: str = "udp"
    rtp_timeout_s: int = 60
    rtp_timeout_hold_s: int = 1800
    max_channels: int = 0
    qualify_s: int = 0
    group: str = ""
    group_channels: int = 0


def check_trunk(place: str, trunk: TrunkSpec, checks: Checks) -> None:
    """Note every value of a trunk that may not stand in a configuration file."""
    for address in trunk.addresses:
        checks.network(f"{place}.addresses", address)
    for codec in trunk.codecs:
        checks.one_of(f"{place}.codecs", codec, CODECS)
    checks.one_of(f"{place}.dtmf", trunk.dtmf, ("auto", "rfc4733", "inband", "info"))
    checks.one_of(f"{place}.timers", trunk.timers, ("no", "yes", "required", "always"))
    checks.one_of(f"{place}.transport", trunk.transport, ("udp", "tcp"))
    checks.between(f"{place}.max_channels", trunk.max_channels, 0, 10_000)
    checks.between(f"{place}.session_expires_s", trunk.session_expires_s, 90, 86_400)
    known = bool(trunk.addresses) or trunk.registration is not None
    checks.that(place, known, "needs addresses or a registration, else nobody could use it")
    if trunk.registration is not None:
        checks.sip_uri(f"{place}.registration.server_uri", trunk.registration.server_uri)
        checks.sip_uri(f"{place}.registration.client_uri", trunk.registration.client_uri)
        checks.text(f"{place}.registration.user", trunk.registration.user)
        checks.text(f"{place}.registration.secret", trunk.registration.secret)
    checks.between(f"{place}.qualify_s", trunk.qualify_s, 0, 3600)
    checks.between(f"{place}.group_channels", trunk.group_channels, 0, 10_000)
    if trunk.group:
        checks.name(f"{place}.group", trunk.group)


def trunk_section(trunk: TrunkSpec) -> str:
    """Everything about one trunk in ``pjsip_trunks.conf``."""
    name = trunk.name
    lines = [
        f"[{name}](trunk)",
        "identify_by = ip",
        f"rtp_timeout = {trunk.rtp_timeout_s}",
        f"rtp_timeout_hold = {trunk.rtp_timeout_hold_s}",
        f"trust_id_inbound = {'yes' if trunk.trust_id else 'no'}",
        f"allow = {','.join(trunk.codecs)}",
        f"dtmf_mode = {trunk.dtmf}",
        f"timers = {trunk.timers}",
        f"timers_sess_expires = {trunk.session_expires_s}",
    ]
    lines += _counted(trunk)
    if trunk.contact:
        lines.append(f"aors = {name}")
    registration = trunk.registration
    if registration is not None:
        lines.append(f"outbound_auth = {name}")
    if trunk.addresses:
        lines += ["", f"[{name}]", "type = identify", f"endpoint = {name}"]
        lines += [f"match = {address}" for address in trunk.addresses]
    if trunk.contact:
        lines += ["", f"[{name}]", "type = aor", f"contact = {trunk.contact}"]
        lines += [f"qualify_frequency = {trunk.qualify_s}", "qualify_timeout = 2"]
    if registration is not None:
        lines += ["", f"[{name}]", "type = auth", "auth_type = userpass"]
        lines += [f"username = {_escaped(registration.user)}"]
        lines += [f"password = {_escaped(registration.secret)}"]
        lines += [
            "",
            f"[{name}]",
            "type = registration",
            f"transport = transport-{trunk.transport}",
        ]
        lines += [f"outbound_auth = {name}", f"server_uri = {registration.server_uri}"]
        lines += [f"client_uri = {registration.client_uri}", "retry_interval = 30"]
        lines += ["forbidden_retry_interval = 300", "max_retries = 1000000"]
        # Up to ten seconds by itself: no caller can come before.
        lines += ["max_random_initial_delay = 1"]
        # Calls that answer our registration carry its mark and are known by it.
        lines += ["line = yes", f"endpoint = {name}"]
    return "\n".join(lines) + "\n\n"


def _counted(trunk: TrunkSpec) -> list[str]:
    """Every channel of the trunk counts itself, whoever made it: the dialplan, which is told the
    limits as well, only compares."""
    lines = [f"set_var = GROUP(trunk)={trunk.name}"]
    if trunk.max_channels:
        lines += [f"set_var = MDG_TRUNK={trunk.name}", f"set_var = MDG_LIMIT={trunk.max_channels}"]
    if trunk.group:
        lines.append(f"set_var = GROUP(lines)={trunk.group}")
    if trunk.group and trunk.group_channels:
        lines.append(f"set_var = MDG_LINES={trunk.group}")
        lines.append(f"set_var = MDG_LINES_LIMIT={trunk.group_channels}")
    return lines


def _escaped(text: str) -> str:
    """A semicolon starts a comment unless it is escaped."""
    return text.replace(";", "\\;")
