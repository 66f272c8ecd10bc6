"""What the configuration says about operators' browsers: their endpoints, and the way to them.

A browser speaks SIP over a WebSocket. Asterisk opens it where the controller alone comes from: on
the loopback address, or on the link to another machine (docs/adr/0016). The controller's own web
server passes it on to whom it knows (``web.sip``). An endpoint has no secret here: it is made at
each login and lies in Asterisk's database (``softphones.py``, sorcery.conf).
"""

from __future__ import annotations

from msgspec import Struct

from acd.adapters.asterisk.confchecks import Checks

#: What a browser and Asterisk both speak.
BROWSER_CODECS = ("ulaw", "alaw", "opus")
#: Addresses that no operator's browser can reach: of the machine itself, of links, of containers.
UNREACHABLE = ("169.254.0.0/16", "172.17.0.0/16", "::/0")


class BrowserPhones(Struct, frozen=True, kw_only=True):
    """Operators' browsers: the names of their endpoints, and the account that sets their secrets.

    ``ws_host`` and ``ws_port`` are where Asterisk serves SIP over WebSocket. ``networks``: only its
    machine's addresses within them are offered to browsers as places for sound; empty: all that a
    browser could reach. ``codecs``: the first that both sides know is used. Silence for
    ``rtp_timeout_s`` means that the page is gone: a browser never stops sending.
    """

    names: tuple[str, ...]
    ws_port: int
    ami_user: str
    ami_secret: str
    ws_host: str = "127.0.0.1"
    networks: tuple[str, ...] = ()
    codecs: tuple[str, ...] = ("ulaw", "opus")
    rtp_timeout_s: int = 20
    rtp_timeout_hold_s: int = 1800


def check_browsers(browsers: BrowserPhones, checks: Checks) -> None:
    """Every value that may not stand in a configuration file, as faults below ``browsers``."""
    checks.address("browsers.ws_host", browsers.ws_host)
    checks.between("browsers.ws_port", browsers.ws_port, 1024, 65535)
    checks.name("browsers.ami_user", browsers.ami_user)
    checks.secret("browsers.ami_secret", browsers.ami_secret)
    for name in browsers.names:
        checks.name("browsers.names", name)
    for network in browsers.networks:
        checks.network("browsers.networks", network)
    for codec in browsers.codecs:
        checks.one_of("browsers.codecs", codec, BROWSER_CODECS)
    checks.that("browsers.codecs", bool(browsers.codecs), "names no codec")
    checks.between("browsers.rtp_timeout_s", browsers.rtp_timeout_s, 5, 3600)
    checks.between("browsers.rtp_timeout_hold_s", browsers.rtp_timeout_hold_s, 5, 86_400)


def browser_marks(browsers: BrowserPhones | None) -> dict[str, str]:
    """Marks of http.conf and rtp.conf; without browsers there is no web server and no ICE."""
    if browsers is None:
        return {"WS_ENABLED": "no", "WS_PORT": "8088", "ICE": "no", "ICE_RULES": ""}
    denied = ("0.0.0.0/0", "::/0") if browsers.networks else UNREACHABLE
    rules = [f"ice_deny = {network}" for network in denied]
    rules += [f"ice_permit = {network}" for network in browsers.networks]
    return {
        "WS_ENABLED": "yes",
        "WS_PORT": str(browsers.ws_port),
        "ICE": "yes",
        "ICE_RULES": "\n".join(rules),
    }


def browser_endpoints(browsers: BrowserPhones | None) -> str:
    """The sections of pjsip_phones.conf, one endpoint for each operator's browser."""
    if browsers is None:
        return ""
    return "".join(_endpoint(name, browsers) for name in browsers.names)


def _endpoint(name: str, browsers: BrowserPhones) -> str:
    lines = [f"[{name}](browser)", "identify_by = username", f"auth = {name}", f"aors = {name}"]
    lines += [f"allow = {','.join(browsers.codecs)}"]
    lines += [f"rtp_timeout = {browsers.rtp_timeout_s}"]
    lines += [f"rtp_timeout_hold = {browsers.rtp_timeout_hold_s}"]
    lines += ["", f"[{name}](browser-aor)"]
    return "\n".join(lines) + "\n\n"


def browser_account(browsers: BrowserPhones | None, permit: str) -> str:
    """The manager account that sets and removes the browsers' secrets (manager_extra.conf).

    Asterisk asks for the class "system" for DBPut and DBDel, and for Reload, by which new
    telephones are brought (``reloading.py``). Without "originate" and "command" it runs no program
    and no console line; it hears nothing, and only the controller's machine may use it.
    """
    if browsers is None:
        return ""
    return (
        f"[{browsers.ami_user}]\n"
        f"secret = {browsers.ami_secret}\n"
        f"deny = 0.0.0.0/0.0.0.0\ndeny = ::/0\npermit = {permit}\n"
        "writetimeout = 5000\nread =\nwrite = system\n\n"
    )
