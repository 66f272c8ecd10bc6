"""What the configuration says about operators' browsers, and that nothing can be injected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from acd.adapters.asterisk.conf_web import BrowserPhones
from acd.adapters.asterisk.conffiles import ConfSpec, PhoneSpec, render
from acd.errors import ConfigError

BROWSERS = BrowserPhones(
    names=("web-op01", "web-10"),
    ws_port=8088,
    ami_user="madoguchi-phones",
    ami_secret="phones-secret-0123456789",
)
SPEC = ConfSpec(
    etc_dir="/madoguchi/etc",
    run_dir="/madoguchi/run",
    sounds_dir="/madoguchi/sounds",
    ami_events_secret="events-secret-0123456789",
    ami_actions_secret="actions-secret-012345678",
    agi_key="agi-key-0123456789abcdef",
    phones=(PhoneSpec("op01", "phone-secret-0123456789"),),
    browsers=BROWSERS,
)


def with_browsers(**fields: Any) -> ConfSpec:
    return msgspec.structs.replace(SPEC, browsers=msgspec.structs.replace(BROWSERS, **fields))


def rendered(spec: ConfSpec, folder: Path) -> dict[str, str]:
    render(spec, folder)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def settings(text: str) -> list[str]:
    """The lines that Asterisk acts on."""
    return [line for line in text.splitlines() if line and not line.startswith(";")]


@pytest.mark.requirement("M23")
def test_a_browser_has_no_secret_in_any_file(tmp_path: Path) -> None:
    phones = rendered(SPEC, tmp_path)["pjsip_phones.conf"]
    for name in BROWSERS.names:
        assert f"[{name}](browser)" in phones
        assert f"[{name}](browser-aor)" in phones
    assert phones.count("type = auth") == 1, "the desk phone's"
    assert phones.count("password") == 1


def test_the_web_server_of_the_switch_is_for_this_machine_alone(tmp_path: Path) -> None:
    lines = settings(rendered(SPEC, tmp_path)["http.conf"])
    assert "enabled = yes" in lines
    assert "bindaddr = 127.0.0.1" in lines
    assert "bindport = 8088" in lines
    assert "enable_static = no" in lines


def test_without_browsers_nothing_listens(tmp_path: Path) -> None:
    files = rendered(msgspec.structs.replace(SPEC, browsers=None), tmp_path)
    assert "enabled = no" in settings(files["http.conf"])
    assert "icesupport = no" in settings(files["rtp.conf"])
    assert files["manager_extra.conf"] == ""
    assert "browser" not in files["pjsip_phones.conf"]


def test_the_account_sets_secrets_and_hears_nothing(tmp_path: Path) -> None:
    text = rendered(SPEC, tmp_path)["manager_extra.conf"]
    assert "[madoguchi-phones]" in text
    assert "read =\n" in text
    assert "write = system\n" in text
    assert "permit = 127.0.0.1/32\n" in text
    assert "deny = 0.0.0.0/0.0.0.0\n" in text


def test_addresses_for_sound_are_those_that_a_browser_can_reach(tmp_path: Path) -> None:
    rtp = settings(rendered(SPEC, tmp_path / "a")["rtp.conf"])
    assert "icesupport = yes" in rtp
    assert {line for line in rtp if line.startswith("ice_")} == {
        "ice_deny = 169.254.0.0/16",
        "ice_deny = 172.17.0.0/16",
        "ice_deny = ::/0",
    }
    rtp = settings(rendered(with_browsers(networks=("192.0.2.0/24",)), tmp_path / "b")["rtp.conf"])
    assert [line for line in rtp if line.startswith("ice_")] == [
        "ice_deny = 0.0.0.0/0",
        "ice_deny = ::/0",
        "ice_permit = 192.0.2.0/24",
    ]


def test_the_modules_that_browsers_need_are_loaded(tmp_path: Path) -> None:
    loaded = re.findall(r"^(?:pre)?load = (\S+)$", rendered(SPEC, tmp_path)["modules.conf"], re.M)
    assert {
        "res_http_websocket.so",
        "res_pjsip_transport_websocket.so",
        "res_srtp.so",
        "codec_opus_open_source.so",
        "res_format_attr_opus.so",
        "res_sorcery_astdb.so",
    } <= set(loaded)
    assert "chan_websocket.so" not in loaded


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": ("web-op01\n[evil]",)},
        {"names": ("op01",)},
        {"names": ("web-a", "web-a")},
        {"names": ("browser",)},
        {"ws_port": 80},
        {"ami_user": "x\nwrite = all"},
        {"ami_secret": "short"},
        {"networks": ("192.0.2.0/24\nrtpstart = 1",)},
        {"codecs": ("ulaw\nallow = all",)},
        {"codecs": ()},
        {"rtp_timeout_s": 0},
    ],
)
def test_what_could_be_more_than_a_value_is_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        render(with_browsers(**wrong), tmp_path / "etc")
    assert not (tmp_path / "etc").exists()
