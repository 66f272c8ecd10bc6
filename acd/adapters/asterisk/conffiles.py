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

from acd.adapters.asterisk.conf_nodes import (
    EVENTS,
    MODULES,
    NodeSpec,
    check_nodes,
    fallback_members,
    fallback_ways,
    node_marks,
    node_sections,
)
from acd.adapters.asterisk.conf_tls import (
    LineTls,
    ami_marks,
    certificate_files,
    check_tls,
    sip_transport,
    tls_files,
    ws_marks,
)
from acd.adapters.asterisk.conf_trunks import (
    TURNED_AWAY_CAUSES,
    TrunkSpec,
    check_trunk,
    trunk_section,
)
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

#: Where another controller's menu server is.
_MENUS_AT = re.compile(r"[A-Za-z0-9_.-]{1,253}:[0-9]{1,5}|\[[0-9A-Fa-f:.]{2,45}\]:[0-9]{1,5}")
_MARK = re.compile(r"@([A-Z][A-Z0-9_]*)@")


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
    ami_fence_user: str = "madoguchi-fence"
    ami_fence_secret: str = ""
    witness_secret: str = ""
    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    agi_key: str
    agi_others: tuple[str, ...] = ()
    rtp_first: int = 10000
    rtp_last: int = 19999
    trunks: tuple[TrunkSpec, ...] = ()
    phones: tuple[PhoneSpec, ...] = ()
    browsers: BrowserPhones | None = None
    nodes: tuple[NodeSpec, ...] = ()
    tls: LineTls | None = None
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
    texts["pjsip_trunks.conf"] = "".join(trunk_section(trunk) for trunk in spec.trunks)
    texts["pjsip_nodes.conf"] = sip_transport(spec.tls, spec.sip_host, spec.etc_dir)
    texts["pjsip_nodes.conf"] += node_sections(spec.nodes)
    texts |= phone_files(spec) | tls_files(spec.tls, spec.etc_dir, spec.run_dir)
    texts["manager_extra.conf"] = _witness(spec) + _fence(spec)
    texts["manager_extra.conf"] += browser_account(spec.browsers, spec.ami_permit)
    modules = (*(MODULES if spec.nodes else ()), *spec.extra_modules)
    texts["modules.conf"] += "".join(
        f"load = {name}\n" for name in modules if f"load = {name}\n" not in texts["modules.conf"]
    )
    texts["extensions.conf"] += spec.extra_dialplan
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in texts.items():
        _write(into / name, text)
    return into / "asterisk.conf"


def render_certificates(spec: ConfSpec, into: Path) -> None:
    """Write into ``into`` what a running switch may be given instead of what it shows."""
    for name, text in certificate_files(spec.tls).items():
        _write(into / name, text)


def phone_files(spec: ConfSpec) -> dict[str, str]:
    """The files that name telephones, by name: a running Asterisk can read them again."""
    phones = "".join(_phone(phone) for phone in spec.phones)
    members = "".join(f"member => PJSIP/{name}\n" for name in spec.fallback_members)
    return {
        "pjsip_phones.conf": phones + browser_endpoints(spec.browsers),
        "queue_members.conf": members + fallback_members(spec.nodes),
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
    for network in spec.ami_permit.split(","):
        checks.network("ami_permit", network)
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
    for at in spec.agi_others:
        checks.that(
            "agi_others",
            _MENUS_AT.fullmatch(at) is not None,
            "must be host:port, like 10.0.0.1:4580",
        )
    if spec.witness_secret:
        checks.secret("witness_secret", spec.witness_secret)
    if spec.ami_fence_secret:
        checks.name("ami_fence_user", spec.ami_fence_user)
        checks.secret("ami_fence_secret", spec.ami_fence_secret)
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
    check_nodes(spec.nodes, checks)
    if spec.tls is not None:
        check_tls(spec.tls, checks)
    _check_endpoints(spec, checks)
    if checks.faults:
        raise ConfigError(checks.faults)


def _check_endpoints(spec: ConfSpec, checks: Checks) -> None:
    """Names are shared by trunks and phones, since both are endpoints."""
    seen: set[str] = {"endpoint-base", "trunk", "phone", "phone-aor", "global", "system"}
    seen |= {
        "browser",
        "browser-aor",
        "transport-udp",
        "transport-tcp",
        "transport-tls",
        "transport-ws",
        "node",
        "node-aor",
    }
    for place, endpoint in _endpoints(spec):
        checks.name(f"{place}.name", endpoint.name)
        checks.that(f"{place}.name", endpoint.name not in seen, "is used twice or is reserved")
        seen.add(endpoint.name)
        checks.between(f"{place}.rtp_timeout_s", endpoint.rtp_timeout_s, 0, 86_400)
        checks.between(f"{place}.rtp_timeout_hold_s", endpoint.rtp_timeout_hold_s, 0, 86_400)
        if endpoint.contact:
            checks.sip_uri(f"{place}.contact", endpoint.contact)
    for node in spec.nodes:
        checks.that("nodes.name", node.name not in seen, "is used twice or is reserved")
        seen.add(node.name)
    for name in spec.browsers.names if spec.browsers else ():
        checks.that("browsers.names", name not in seen, "is used twice or is reserved")
        seen.add(name)
    for index, phone in enumerate(spec.phones):
        checks.secret(f"phones[{index}].secret", phone.secret)
    for index, trunk in enumerate(spec.trunks):
        check_trunk(f"trunks[{index}]", trunk, checks)
    phones = {phone.name for phone in spec.phones}
    for name in spec.fallback_members:
        checks.that("fallback_members", name in phones, "names a phone that does not exist")


def _endpoints(spec: ConfSpec) -> Iterator[tuple[str, TrunkSpec | PhoneSpec]]:
    yield from ((f"trunks[{index}]", trunk) for index, trunk in enumerate(spec.trunks))
    yield from ((f"phones[{index}]", phone) for index, phone in enumerate(spec.phones))


def _marks(spec: ConfSpec) -> dict[str, str]:
    marks = {name.upper(): _text(getattr(spec, name)) for name in spec.__struct_fields__}
    heard = EVENTS if spec.nodes else ()
    unheard = [name for name in UNHEARD_EVENTS if name not in heard]
    marks["DISABLED_EVENTS"] = "" if spec.witness_secret else ",".join(unheard)
    marks |= node_marks(spec.nodes)
    marks |= ami_marks(spec.tls, spec.ami_host, spec.etc_dir)
    marks["NODE_WAYS"] = fallback_ways(spec.nodes)
    marks |= browser_marks(spec.browsers)
    ws_host = spec.browsers.ws_host if spec.browsers is not None else "127.0.0.1"
    marks |= ws_marks(spec.tls, ws_host, spec.etc_dir)
    marks["TURNED_AWAY"] = TURNED_AWAY_CAUSES
    menus = (f"{spec.agi_host}:{spec.agi_port}", *spec.agi_others) if spec.agi_others else ()
    marks["AGI_ALL"] = "&".join(f"agi://{at}/{spec.agi_key}" for at in menus)
    marks["CEL_FILE"] = f"{spec.run_dir}/{CEL_FILE}"
    return marks


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _fill(path: Path, marks: dict[str, str]) -> str:
    """The text of one original with its marks filled in; an unknown mark is a KeyError."""
    return _MARK.sub(lambda found: marks[found[1]], path.read_text(encoding="utf-8"))


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


def _fence(spec: ConfSpec) -> str:
    """The account with which a controller that comes to lead ends the sessions of the one before.
    ``manager kick session`` is a command of the console; an account has all of those or none."""
    if not spec.ami_fence_secret:
        return ""
    return (
        f"[{spec.ami_fence_user}]\nsecret = {spec.ami_fence_secret}\n"
        f"deny = 0.0.0.0/0.0.0.0\ndeny = ::/0\npermit = {spec.ami_permit}\n"
        "allowmultiplelogin = yes\nwritetimeout = 5000\nread =\nwrite = command\n"
    )


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    scratch = path.with_name(path.name + ".new")
    scratch.unlink(missing_ok=True)
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    scratch.replace(path)
