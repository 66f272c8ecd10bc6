"""The configuration for an Asterisk on another machine: what is in it, and when it is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography import x509

from acd.adapters.secrets import Secrets
from acd.bootstrap.softphones import sip_url
from acd.bootstrap.switch import ami_address, paths_of
from acd.cli.asterisk_conf import asterisk_conf
from acd.config import load_centre
from acd.errors import ConfigError, StoreUnavailable

CENTRE = Path(__file__).parents[2] / "centre"


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADOGUCHI_SWITCH__KIND", "remote")
    monkeypatch.setenv("MADOGUCHI_SWITCH__HOST", "192.0.2.10")
    monkeypatch.setenv("MADOGUCHI_SWITCH__PRIVATE_LINK", "true")
    monkeypatch.setenv("MADOGUCHI_SWITCH__SIP_BIND", "198.51.100.10")
    monkeypatch.setenv("MADOGUCHI_AGI__ADVERTISE", "192.0.2.20")
    monkeypatch.setenv("MADOGUCHI_AGI__BIND", "192.0.2.20")
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("MADOGUCHI_RECORDING__INCOMING_DIR", str(tmp_path / "recordings"))
    shutil.copytree(CENTRE, tmp_path / "centre")
    return tmp_path / "centre"


def test_it_listens_for_the_controller_and_for_nobody_else(centre: Path, tmp_path: Path) -> None:
    asterisk_conf(tmp_path / "out", centre)
    etc = tmp_path / "out" / "etc"
    manager = (etc / "manager.conf").read_text()
    assert "bindaddr = 192.0.2.10\n" in manager
    assert manager.count("permit = 192.0.2.20/32\n") == 2
    assert (etc / "manager_extra.conf").read_text().count("permit = 192.0.2.20/32\n") == 1
    assert "agi://192.0.2.20:" in (etc / "extensions.conf").read_text()
    assert "bindaddr = 192.0.2.10\n" in (etc / "http.conf").read_text()
    sip = (etc / "pjsip.conf").read_text()
    assert sip.count("bind = 198.51.100.10:5060\n") == 2
    assert "media_address = 198.51.100.10\n" in sip
    here = str(tmp_path)
    written = [path.read_text() for path in etc.iterdir()]
    assert not any(here in text for text in written), "a path of this machine is in it"


def test_with_tls_it_is_spoken_to_over_tls_alone(
    centre: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_SWITCH__TLS", "true")
    asterisk_conf(tmp_path / "out", centre)
    etc = tmp_path / "out" / "etc"
    manager = (etc / "manager.conf").read_text().splitlines()
    assert "bindaddr = 127.0.0.1" in manager
    assert "tlsbindaddr = 192.0.2.10:5039" in manager
    there = "/var/lib/madoguchi/etc"
    assert {f"tlscertfile = {there}/tls-certificate.pem", "tlsenable = yes"} <= {*manager}
    assert {path.stat().st_mode & 0o777 for path in etc.glob("tls-*.pem")} == {0o600}
    web = (etc / "http.conf").read_text().splitlines()
    assert {"bindaddr = 127.0.0.1", "tlsbindaddr = 192.0.2.10:8089"} <= {*web}
    assert {f"tlscertfile = {there}/tls-certificate.pem", "tlsenable = yes"} <= {*web}
    settings = load_centre(centre).settings
    assert sip_url(settings) == "wss://192.0.2.10:8089/ws"
    address = ami_address(settings, Secrets(settings.secrets_dir))
    assert (address.host, address.port) == ("192.0.2.10", 5039)
    shown, believed = (
        x509.load_pem_x509_certificate(text.encode())
        for text in ((etc / "tls-certificate.pem").read_text(), address.ca)
    )
    shown.verify_directly_issued_by(believed)
    named = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each.value) for each in named] == ["192.0.2.10", "198.51.100.10"]
    # Its tunnel takes what Asterisk says of its menus, on that machine alone.
    assert "MDG_AGI = agi://127.0.0.1:4575/" in (etc / "extensions.conf").read_text()
    tunnel = (etc / "tunnel.conf").read_text().splitlines()
    assert {"accept = 127.0.0.1:4575", "connect = 192.0.2.20:4574", "checkIP = 192.0.2.20"} < {
        *tunnel
    }
    shown_there = {f"cert = {there}/tls-certificate.pem", f"key = {there}/tls-key.pem"}
    assert {*shown_there, "verifyChain = yes", f"CAfile = {there}/tls-ca.pem"} < {*tunnel}
    # One switch alone calls no other.
    assert "transport-tls" not in (etc / "pjsip_nodes.conf").read_text()


def test_certificates_alone_are_made_anew(
    centre: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ConfigError, match="has no certificates"):
        asterisk_conf(tmp_path / "new", centre, certificates=True)
    monkeypatch.setenv("MADOGUCHI_SWITCH__TLS", "true")
    asterisk_conf(tmp_path / "whole", centre)
    capsys.readouterr()
    asterisk_conf(tmp_path / "new", centre, certificates=True)
    names = ["tls-ca.pem", "tls-certificate.pem", "tls-key.pem"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    whole, new = (
        [(folder / name).read_text() for name in names[1:]]
        for folder in (tmp_path / "whole/etc", tmp_path / "new")
    )
    assert whole[0] != new[0]
    assert whole[1] == new[1], "the key stays: whoever is asked believes both"
    said = capsys.readouterr().out
    assert f"rsync -a {tmp_path}/new/ root@192.0.2.10:/var/lib/madoguchi/etc/\n" in said
    assert "core restart" not in said


def test_a_link_that_nobody_called_private_is_refused(
    centre: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MADOGUCHI_SWITCH__PRIVATE_LINK")
    with pytest.raises(ConfigError) as refused:
        load_centre(centre)
    (fault,) = refused.value.faults
    assert fault.path == "settings.toml:switch.private_link"
    assert "set switch.tls = true" in fault.message
    monkeypatch.setenv("MADOGUCHI_SWITCH__TLS", "true")
    assert load_centre(centre).settings.switch.link_tls


def test_of_several_switches_each_has_its_own_and_knows_the_others(
    centre: Path, tmp_path: Path
) -> None:
    further = (
        '\n[switches.b]\nkind = "remote"\nhost = "192.0.2.11"\nprivate_link = true\n'
        'sip_bind = "198.51.100.11"\n'
        f'incoming_dir = "{tmp_path}/recordings-b"\n'
    )
    settings = centre / "settings.toml"
    settings.write_text(settings.read_text() + further)
    for switch, other in (("a", "b"), ("b", "a")):
        asterisk_conf(tmp_path / switch, centre, switch)
        etc = tmp_path / switch / "etc"
        nodes = (etc / "pjsip_nodes.conf").read_text()
        host = {"a": "198.51.100.10", "b": "198.51.100.11"}[other]
        assert f"[node-{other}](node)\n" in nodes
        assert f"match = {host}:5060/32\n" in nodes
        modules = (etc / "modules.conf").read_text()
        assert "load = func_pjsip_endpoint.so\n" in modules
        assert "bridge_native_rtp" not in modules, "the count of packets would jump on the trunk"
        assert "name(ContactStatus)" in (etc / "manager.conf").read_text()
    one, two = ((tmp_path / each / "etc/pjsip_nodes.conf").read_text() for each in "ab")
    said = [line for line in one.splitlines() if line.startswith("password")]
    assert said == list(reversed([x for x in two.splitlines() if x.startswith("password")]))
    assert len(set(said)) == 2
    with pytest.raises(ConfigError, match="there is no switch 'c'"):
        asterisk_conf(tmp_path / "c", centre, "c")


def test_one_folder_holds_all_and_the_words_say_where_it_goes(
    centre: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asterisk_conf(out, centre)
    assert out.stat().st_mode & 0o777 == 0o700
    assert (out / "sounds/ja/connecting.ulaw").is_file()
    assert (out / "run/spool/monitor").is_dir()
    assert (out / "run/spool/monitor").stat().st_mode & 0o007 == 0, "talks in clear lie there"
    said = capsys.readouterr().out
    assert f"rsync -a {out}/ root@192.0.2.10:/var/lib/madoguchi/\n" in said
    assert "chown -R asterisk: /var/lib/madoguchi\n" in said
    assert "asterisk -U asterisk -C /var/lib/madoguchi/etc/asterisk.conf\n" in said


@pytest.mark.parametrize(
    ("variable", "value", "place"),
    [
        ("SWITCH__SIP_BIND", "127.0.0.1", "switch.sip_bind"),
        ("AGI__BIND", "127.0.0.1", "agi.bind"),
        ("AGI__ADVERTISE", "127.0.0.1", "agi.advertise"),
        ("AGI__ADVERTISE", "controller.example", "agi.advertise"),
        ("SWITCH__HOST", "switch.example", "switch.host"),
    ],
)
def test_addresses_at_which_the_two_would_not_meet_are_named(
    centre: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, place: str
) -> None:
    monkeypatch.setenv(f"MADOGUCHI_{variable}", value)
    with pytest.raises(ConfigError) as refused:
        load_centre(centre)
    assert [fault.path for fault in refused.value.faults] == [f"settings.toml:{place}"]


def test_both_ends_of_a_tunnel_may_be_on_loopback(
    centre: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("SWITCH__HOST", "SWITCH__SIP_BIND", "AGI__BIND", "AGI__ADVERTISE"):
        monkeypatch.setenv(f"MADOGUCHI_{variable}", "127.0.0.1")
    assert load_centre(centre).settings.switch.host == "127.0.0.1"


def test_the_controller_looks_for_browsers_sip_where_the_switch_serves_it(centre: Path) -> None:
    assert sip_url(load_centre(centre).settings) == "ws://192.0.2.10:8088/ws"


def test_prompts_are_played_from_where_they_lie_there(centre: Path) -> None:
    assert paths_of(load_centre(centre).settings).inside_sounds == "/var/lib/madoguchi/sounds"


def test_a_folder_with_something_in_it_is_left_alone(centre: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.conf").write_text("keep")
    with pytest.raises(StoreUnavailable, match="is not empty"):
        asterisk_conf(tmp_path / "out", centre)
    assert (tmp_path / "out" / "mine.conf").read_text() == "keep"


def test_an_asterisk_of_this_machine_needs_none(
    centre: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_SWITCH__KIND", "provided")
    with pytest.raises(ConfigError, match="must be"):
        asterisk_conf(tmp_path / "out", centre)
