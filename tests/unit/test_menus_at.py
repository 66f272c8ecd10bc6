"""Where switches find the menu servers of a centre, and what those servers show."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from acd.adapters.asterisk.conf_tunnel import TunnelWay
from acd.adapters.asterisk.fastagi import FastAgiServer
from acd.adapters.secrets import Secrets
from acd.bootstrap.doctor import Verdict
from acd.bootstrap.doctor.menus import judge
from acd.bootstrap.line_tls import line_tls
from acd.bootstrap.menu_server import listen, menu_context
from acd.bootstrap.menus import Menus, menus_of
from acd.config import Settings, load_settings
from acd.config.faults import Faults
from acd.config.switch_checks import check_switches
from acd.core.ids import SwitchId

_CENTRE = """
state_dir = "{state}"
[switch]
kind = "remote"
host = "10.0.0.9"
sip_bind = "192.0.2.9"
tls = true
[agi]
bind = "{own}"
advertise = "{own}"
[recording]
incoming_dir = "/srv/recordings"
[cluster]
node = "{node}"
redis = "10.0.0.3:6379"
peers = {{ b = "10.0.0.2:4580", a = "10.0.0.1:4580", c = "ctl-c:4580" }}
menus = {{ b = "10.0.1.2:9000" }}
"""
WAYS = (
    TunnelWay(4575, "10.0.0.1", 4574),
    TunnelWay(4576, "10.0.1.2", 4574),
    TunnelWay(4577, "ctl-c", 4574),
)


def centre(folder: Path, node: str, own: str, more: str = "") -> Settings:
    text = _CENTRE.format(state=folder / "var", node=node, own=own)
    folder.joinpath("settings.toml").write_text(text + more)
    return load_settings(folder)


def test_whoever_writes_a_switchs_configuration_writes_the_same_tunnel(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    a, b = centre(tmp_path, "a", "10.0.0.1"), centre(tmp_path, "b", "10.0.1.2")
    for settings in (a, b):
        made = line_tls(settings, secrets)
        assert made is not None
        assert made.menus == WAYS
    assert menus_of(a) == Menus("127.0.0.1", 4575, ("127.0.0.1:4576", "127.0.0.1:4577"))
    assert menus_of(b) == Menus("127.0.0.1", 4576, ("127.0.0.1:4575", "127.0.0.1:4577"))


def test_without_tls_they_are_found_where_they_are(tmp_path: Path) -> None:
    text = _CENTRE.replace("tls = true", "private_link = true")
    settings_text = text.format(state=tmp_path, node="a", own="10.0.0.1")
    tmp_path.joinpath("settings.toml").write_text(settings_text)
    found = menus_of(load_settings(tmp_path))
    assert found == Menus("10.0.0.1", 4573, ("10.0.1.2:9000", "ctl-c:4573"))


def test_a_menu_server_shows_every_name_that_a_tunnel_looks_for(tmp_path: Path) -> None:
    settings = centre(tmp_path, "b", "10.0.5.2")
    for name in ("10.0.5.2", "10.0.1.2", "10.0.0.2"):
        shakes_hands(settings, tmp_path, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        shakes_hands(settings, tmp_path, "10.0.0.1")


def shakes_hands(settings: Settings, folder: Path, name: str) -> None:
    """A handshake in memory with what a switch shows and believes."""
    from acd.adapters.asterisk.session import believing
    from acd.adapters.authority import shown_by

    secrets = Secrets(folder)
    switch = line_tls(settings, secrets)
    assert switch is not None
    asks = believing(switch.ca)
    shown_by(asks, switch.certificate, switch.key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asks.wrap_bio(to_client, to_server, server_hostname=name)
    server = menu_context(settings, secrets).wrap_bio(to_server, to_client, server_side=True)
    done = 0
    while done < 2:
        done = 0
        for each in (client, server):
            try:
                each.do_handshake()
                done += 1
            except ssl.SSLWantReadError:
                pass
    assert server.getpeercert()


@pytest.mark.parametrize(
    ("tls", "listens"), [(("true", "true"), {4574}), (("true", "false"), {4573, 4574})]
)
async def test_in_the_clear_it_listens_only_for_a_switch_that_speaks_so(
    tmp_path: Path, tls: tuple[str, str], listens: set[int]
) -> None:
    tmp_path.joinpath("settings.toml").write_text(
        f"""state_dir = "{tmp_path}"
[switch]
kind = "remote"
host = "127.0.0.1"
tls = {tls[0]}
[switches.b]
kind = "remote"
host = "127.0.0.1"
sip_bind = "127.0.0.2"
ami_port = 5048
ami_tls_port = 5049
ws_tls_port = 8099
ws_port = 8098
tunnel_port = 4585
tls = {tls[0]}
"""
    )
    settings = load_settings(tmp_path)
    if tls[1] == "false":
        here = settings.switches["b"].model_copy(update={"tls": False})
        settings = settings.model_copy(update={"switches": {"b": here}})
    bound: set[int] = set()

    class Noting(FastAgiServer):
        async def listen(self, host: str, port: int, context: ssl.SSLContext | None = None) -> int:
            bound.add(port)
            assert (context is not None) == (port == 4574)
            return port

    await listen(Noting({}, SwitchId("a"), "k"), settings, Secrets(tmp_path))
    assert bound == listens


def test_a_port_that_another_part_has_is_named(tmp_path: Path) -> None:
    faults = Faults()
    check_switches(centre(tmp_path, "a", "10.0.0.1", "[api]\nport = 4574\n"), faults)
    assert [fault.path for fault in faults.found] == ["settings.toml:agi.tls_port"]


@pytest.mark.parametrize(
    ("status", "took_s", "tunnel", "verdict", "todo"),
    [
        (200, 0.01, True, Verdict.WELL, ""),
        (200, 1.5, False, Verdict.NOTE, "load of Asterisk and controller"),
        (503, 0.1, True, Verdict.FAULT, "madoguchi-tunnel"),
        (503, 2.0, False, Verdict.FAULT, "advertise and port of [agi]"),
        (404, 0.1, True, Verdict.FAULT, "madoguchi asterisk-conf"),
        (0, 6.0, True, Verdict.UNKNOWN, ""),
    ],
)
def test_the_doctor_says_what_to_do_about_menus(
    status: int, took_s: float, tunnel: bool, verdict: Verdict, todo: str
) -> None:
    found = judge(status, took_s, tunnel=tunnel)
    assert found.verdict is verdict
    assert (found.todo is None) == (not todo)
    assert found.todo is None or todo in found.todo.en
