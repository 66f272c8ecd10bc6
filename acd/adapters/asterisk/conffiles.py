"""Renders ``asterisk-conf/`` into the configuration folder of one run of Asterisk.

The files in ``asterisk-conf/`` are what a person reads; only ``@NAME@`` marks are filled in, and
only what differs from centre to centre (trunks, phones, members of the fallback queue) is
generated. A value that could end a line, start a comment or open a section is refused: every
fault is reported at once (:class:`acd.errors.ConfigError`) and nothing is written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from acd.adapters.asterisk.conf_web import (
    BrowserPhones,
    browser_account,
    browser_endpoints,
    browser_marks,
    check_browsers,
)
from acd.adapters.asterisk.confchecks import Checks
from acd.errors import ConfigError

#: The readable originals, beside the packages.
TEMPLATES = Path(__file__).resolve().parents[3] / "asterisk-conf"
#: Asterisk's own record of events, below the run folder.
CEL_FILE = "log/cel.csv"
#: What a trunk may speak; the modules for it are loaded.
CODECS = ("ulaw", "alaw", "slin")

#: Frequent events that the controller does not hear.
UNHEARD_EVENTS = (
    "AGIExecStart",
    "AGIExecEnd",
    "BridgeCreate",
    "BridgeDestroy",
    "BridgeLeave",
    "ContactStatus",
    "DTMFBegin",
    "DeviceStateChange",
    "DialBegin",
    "DialEnd",
    "DialState",
    "ExtensionStatus",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "NewAccountCode",
    "NewCallerid",
    "NewConnectedLine",
    "Newchannel",
    "Newexten",
    "Newstate",
    "PeerStatus",
    "RTCPReceived",
    "RTCPSent",
    "SoftHangupRequest",
    "VarSet",
)

_MARK = re.compile(r"@([A-Z][A-Z0-9_]*)@")


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
    Seconds without RTP after which a call is ended; 0 = never. ``max_channels`` callers at once may
    come over it; 0 = all.
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


class PhoneSpec(Struct, frozen=True):
    """An operator's SIP phone: it registers with ``secret``, unless ``contact`` is given."""

    name: str
    secret: str
    contact: str = ""
    rtp_timeout_s: int = 60
    rtp_timeout_hold_s: int = 1800


class ConfSpec(Struct, frozen=True, kw_only=True):
    """Everything that differs between two runs. Folders are as Asterisk itself sees them
    (:class:`acd.adapters.asterisk.places.AsteriskPaths` tells); ``sounds_dir`` is ivr/sounds.

    ``witness_secret`` adds an AMI account that hears everything and may do nothing (tests and
    benches). ``extra_dialplan`` and ``extra_modules`` are for benches that compare with other
    ways of connecting; they are taken as they are and never come from settings.
    """

    etc_dir: str
    run_dir: str
    sounds_dir: str
    operator_language: str = "ja"
    moh_dir: str = "/usr/share/asterisk/moh"
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    ami_events_user: str = "madoguchi-events"
    ami_events_secret: str
    ami_actions_user: str = "madoguchi-actions"
    ami_actions_secret: str
    ami_permit: str = "127.0.0.1/32"
    witness_secret: str = ""
    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    agi_key: str
    rtp_first: int = 10000
    rtp_last: int = 19999
    trunks: tuple[TrunkSpec, ...] = ()
    phones: tuple[PhoneSpec, ...] = ()
    browsers: BrowserPhones | None = None
    fallback_members: tuple[str, ...] = ()
    fallback_ring_s: int = 15
    fallback_wait_s: int = 1800
    beat_max_s: int = 10
    hold_tick_s: int = 10
    offer_max_s: int = 60
    dial_timeout_s: int = 40
    qualify_s: int = 0
    max_calls: int = 10_000
    system_name: str = ""
    cel: bool = True
    extra_dialplan: str = ""
    extra_modules: tuple[str, ...] = ()


def render(spec: ConfSpec, into: Path, templates: Path = TEMPLATES) -> Path:
    """Write the whole configuration into ``into`` and return the path of ``asterisk.conf``.

    ``into`` is ``spec.etc_dir`` as this process sees it. Files are readable by their owner alone,
    since some hold secrets; who runs Asterisk as another user hands them over.
    """
    check(spec)
    marks = _marks(spec)
    texts = {path.name: _fill(path, marks) for path in sorted(templates.glob("*.conf"))}
    texts["pjsip_trunks.conf"] = "".join(_trunk(trunk) for trunk in spec.trunks)
    texts |= phone_files(spec)
    texts["manager_extra.conf"] = _witness(spec)
    texts["manager_extra.conf"] += browser_account(spec.browsers, spec.ami_permit)
    texts["modules.conf"] += "".join(f"load = {name}\n" for name in spec.extra_modules)
    texts["extensions.conf"] += spec.extra_dialplan
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in texts.items():
        _write(into / name, text)
    return into / "asterisk.conf"


def phone_files(spec: ConfSpec) -> dict[str, str]:
    """The files that name telephones, by name: a running Asterisk can read them again."""
    phones = "".join(_phone(phone) for phone in spec.phones)
    members = "".join(f"member => PJSIP/{name}\n" for name in spec.fallback_members)
    return {
        "pjsip_phones.conf": phones + browser_endpoints(spec.browsers),
        "queue_members.conf": members,
    }


def check(spec: ConfSpec) -> None:
    """Raise :class:`ConfigError` with every value that may not stand in a configuration file."""
    checks = Checks("asterisk")
    for name in ("etc_dir", "run_dir", "sounds_dir", "moh_dir"):
        checks.path(name, getattr(spec, name))
    for name in ("sip_host", "ami_host", "agi_host"):
        checks.address(name, getattr(spec, name))
    told = "must be one address of the machine: others are told it as the place for sound"
    checks.that("sip_host", spec.sip_host != "0.0.0.0", told)
    checks.network("ami_permit", spec.ami_permit)
    for name in ("sip_port", "ami_port", "agi_port", "rtp_first", "rtp_last"):
        checks.between(name, getattr(spec, name), 1024, 65535)
    checks.that("rtp_last", spec.rtp_last > spec.rtp_first, "must be above rtp_first")
    for name in ("ami_events_user", "ami_actions_user"):
        checks.name(name, getattr(spec, name))
    checks.that(
        "ami_actions_user",
        spec.ami_actions_user != spec.ami_events_user,
        "must differ from ami_events_user",
    )
    for name in ("ami_events_secret", "ami_actions_secret", "agi_key"):
        checks.secret(name, getattr(spec, name))
    if spec.witness_secret:
        checks.secret("witness_secret", spec.witness_secret)
    if spec.system_name:
        checks.name("system_name", spec.system_name)
    checks.one_of("operator_language", spec.operator_language, ("ja", "en"))
    checks.between("fallback_ring_s", spec.fallback_ring_s, 5, 120)
    checks.between("beat_max_s", spec.beat_max_s, 2, 60)
    checks.between("hold_tick_s", spec.hold_tick_s, 1, 300)
    checks.between("offer_max_s", spec.offer_max_s, 10, 300)
    checks.between("dial_timeout_s", spec.dial_timeout_s, 5, 300)
    checks.between("fallback_wait_s", spec.fallback_wait_s, 10, 86_400)
    checks.between("qualify_s", spec.qualify_s, 0, 3600)
    checks.between("max_calls", spec.max_calls, 1, 100_000)
    for name in spec.extra_modules:
        checks.that("extra_modules", re.fullmatch(r"[a-z0-9_]+\.so", name) is not None, "bad name")
    if spec.browsers is not None:
        check_browsers(spec.browsers, checks)
    _check_endpoints(spec, checks)
    if checks.faults:
        raise ConfigError(checks.faults)


def _check_endpoints(spec: ConfSpec, checks: Checks) -> None:
    """Names are shared by trunks and phones, since both are endpoints."""
    seen: set[str] = {"endpoint-base", "trunk", "phone", "phone-aor", "global", "system"}
    seen |= {"browser", "browser-aor", "transport-udp", "transport-tcp", "transport-ws"}
    for place, endpoint in _endpoints(spec):
        checks.name(f"{place}.name", endpoint.name)
        checks.that(f"{place}.name", endpoint.name not in seen, "is used twice or is reserved")
        seen.add(endpoint.name)
        checks.between(f"{place}.rtp_timeout_s", endpoint.rtp_timeout_s, 0, 86_400)
        checks.between(f"{place}.rtp_timeout_hold_s", endpoint.rtp_timeout_hold_s, 0, 86_400)
        if endpoint.contact:
            checks.sip_uri(f"{place}.contact", endpoint.contact)
    for name in spec.browsers.names if spec.browsers else ():
        checks.that("browsers.names", name not in seen, "is used twice or is reserved")
        seen.add(name)
    for index, phone in enumerate(spec.phones):
        checks.secret(f"phones[{index}].secret", phone.secret)
    for index, trunk in enumerate(spec.trunks):
        place = f"trunks[{index}]"
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
    phones = {phone.name for phone in spec.phones}
    for name in spec.fallback_members:
        checks.that("fallback_members", name in phones, "names a phone that does not exist")


def _endpoints(spec: ConfSpec) -> Iterator[tuple[str, TrunkSpec | PhoneSpec]]:
    yield from ((f"trunks[{index}]", trunk) for index, trunk in enumerate(spec.trunks))
    yield from ((f"phones[{index}]", phone) for index, phone in enumerate(spec.phones))


def _marks(spec: ConfSpec) -> dict[str, str]:
    marks = {name.upper(): _text(getattr(spec, name)) for name in spec.__struct_fields__}
    marks["DISABLED_EVENTS"] = "" if spec.witness_secret else ",".join(UNHEARD_EVENTS)
    marks |= browser_marks(spec.browsers)
    marks["CEL_FILE"] = f"{spec.run_dir}/{CEL_FILE}"
    return marks


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _fill(path: Path, marks: dict[str, str]) -> str:
    """The text of one original with its marks filled in; an unknown mark is a KeyError."""
    return _MARK.sub(lambda found: marks[found[1]], path.read_text(encoding="utf-8"))


def _trunk(trunk: TrunkSpec) -> str:
    name = trunk.name
    lines = [
        f"[{name}](trunk)",
        "identify_by = ip",
        f"rtp_timeout = {trunk.rtp_timeout_s}",
        f"rtp_timeout_hold = {trunk.rtp_timeout_hold_s}",
        f"trust_id_inbound = {_text(trunk.trust_id)}",
        f"allow = {','.join(trunk.codecs)}",
        f"dtmf_mode = {trunk.dtmf}",
        f"timers = {trunk.timers}",
        f"timers_sess_expires = {trunk.session_expires_s}",
    ]
    if trunk.max_channels:
        lines += [f"set_var = MDG_TRUNK={name}", f"set_var = MDG_LIMIT={trunk.max_channels}"]
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
        # Calls that answer our registration carry its mark and are known by it.
        lines += ["line = yes", f"endpoint = {name}"]
    return "\n".join(lines) + "\n\n"


def _phone(phone: PhoneSpec) -> str:
    name = phone.name
    lines = [f"[{name}](phone)", "identify_by = username", f"auth = {name}", f"aors = {name}"]
    lines += [f"rtp_timeout = {phone.rtp_timeout_s}"]
    lines += [f"rtp_timeout_hold = {phone.rtp_timeout_hold_s}"]
    lines += ["", f"[{name}]", "type = auth", "auth_type = userpass"]
    lines += [f"username = {name}", f"password = {phone.secret}"]
    lines += ["", f"[{name}](phone-aor)"]
    if phone.contact:
        lines.append(f"contact = {phone.contact}")
    return "\n".join(lines) + "\n\n"


def _witness(spec: ConfSpec) -> str:
    if not spec.witness_secret:
        return ""
    return (
        "[witness]\n"
        f"secret = {spec.witness_secret}\n"
        f"deny = 0.0.0.0/0.0.0.0\ndeny = ::/0\npermit = {spec.ami_permit}\n"
        "writetimeout = 5000\nread = system,call,user,dtmf,agent,reporting\n"
        "write = call,reporting\n"
    )


def _escaped(text: str) -> str:
    """A semicolon starts a comment unless it is escaped."""
    return text.replace(";", "\\;")


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    scratch = path.with_name(path.name + ".new")
    scratch.unlink(missing_ok=True)
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    scratch.replace(path)
