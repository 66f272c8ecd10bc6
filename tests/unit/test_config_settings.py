"""Settings: the environment wins, every value is bounded, trunks are as a carrier needs them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from acd.config import load_centre, load_settings
from acd.errors import ConfigError
from tests.fakes.centre import CENTRE


def settings_file(tmp_path: Path, text: str) -> Path:
    tmp_path.joinpath("settings.toml").write_text(text, encoding="utf-8")
    return tmp_path


def faults(folder: Path) -> dict[str, str]:
    with pytest.raises(ConfigError) as refused:
        load_settings(folder)
    return {fault.path: fault.message for fault in refused.value.faults}


def test_everything_has_a_default_on_loopback(tmp_path: Path) -> None:
    settings = load_settings(settings_file(tmp_path, ""))
    assert settings.api.bind == "127.0.0.1"
    assert settings.agi.bind == "127.0.0.1"
    assert settings.switch.sip_bind == "127.0.0.1"
    assert settings.switch.host == "127.0.0.1"
    assert settings.state_dir == tmp_path.parent / "var"
    assert settings.database_url == f"sqlite+aiosqlite:///{settings.state_dir}/madoguchi.sqlite"


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_API__PORT", "8099")
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("MADOGUCHI_TRUNKS__CARRIER__RTP_TIMEOUT_S", "7")
    monkeypatch.setenv("MADOGUCHI_STORE__DATABASE_URL", "sqlite+aiosqlite:///x")
    settings = load_settings(CENTRE)
    assert settings.api.port == 8099
    assert settings.state_dir == tmp_path / "elsewhere"
    assert settings.trunks["carrier"].rtp_timeout_s == 7
    assert settings.trunks["carrier"].match == ("127.0.0.1/32",)
    assert settings.database_url == "sqlite+aiosqlite:///x"


def test_a_wrong_variable_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_API__PORT", "eighty")
    monkeypatch.setenv("MADOGUCHI_SWITCH__KIND", "remot")
    found = faults(settings_file(tmp_path, "[agi]\nport = 0\n"))
    assert set(found) == {
        "environment:MADOGUCHI_API__PORT",
        "environment:MADOGUCHI_SWITCH__KIND",
        "settings.toml:agi.port",
    }
    assert 'did you mean "remote"?' in found["environment:MADOGUCHI_SWITCH__KIND"]


def test_a_variable_that_should_be_a_table_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_API", "{broken")
    assert set(faults(settings_file(tmp_path, ""))) == {"environment"}


def test_variables_of_the_command_line_are_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_TOKEN", "x")
    monkeypatch.setenv("MADOGUCHI_CENTRE", "x")
    assert load_settings(settings_file(tmp_path, "")).api.port == 8080


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ("[switch]\nsip_port = 70000", "switch.sip_port", "65535"),
        ("[switch]\nbeat_max_s = 1", "switch.beat_max_s", "2"),
        ("[switch]\nrtp_from_port = 20000", "switch", "above rtp_from_port"),
        ("[switch]\nami_user = 'a b'", "switch.ami_user", "match"),
        ('[switch]\nami_user = "a\\nb"', "switch.ami_user", "match"),
        ("[switch]\nhost = 'a;b'", "switch.host", "host name"),
        ("[switch]\nhost = ''", "switch.host", "host name"),
        ("[switch]\nlag_alarm_s = inf", "switch.lag_alarm_s", "finite"),
        ("[api]\nmax_body_bytes = 10", "api.max_body_bytes", "1024"),
        ("[store]\nreserve_mib = 200", "store", "half"),
        ("[log]\nlevel = 'loud'", "log.level", "debug"),
        ("[trunks.x]\nkind = 'address'", "trunks.x", "network in match"),
        ("[trunks.x]\nkind = 'registration'", "trunks.x", "host and username"),
        ("[trunks.x]\nkind = 'address'\nmatch = ['0.0.0.0/0']", "trunks.x", "everybody"),
        ("[trunks.x]\nkind = 'address'\nmatch = ['1.2.3']", "trunks.x.match[0]", "IP address"),
        ("[trunks.'X Y']\nkind = 'address'\nmatch = ['192.0.2.1']", "trunks.X Y", "an id has"),
        ("[trunks.x]\nkin = 'address'", "trunks.x.kin", '"kind"'),
        ("[swich]\n", "swich", '"switch"'),
    ],
)
def test_a_wrong_setting_has_its_path(tmp_path: Path, text: str, path: str, says: str) -> None:
    found = faults(settings_file(tmp_path, text))
    assert says in found[f"settings.toml:{path}"]


def test_two_services_cannot_have_one_port(tmp_path: Path) -> None:
    files = Path(shutil.copytree(CENTRE, tmp_path / "centre"))
    path = files / "settings.toml"
    path.write_text(path.read_text().replace("port = 8080", "port = 5038"))
    with pytest.raises(ConfigError, match=r"api\.port: is switch\.ami_port already"):
        load_centre(files)


def test_fallback_members_are_operators(tmp_path: Path) -> None:
    files = Path(shutil.copytree(CENTRE, tmp_path / "centre"))
    path = files / "settings.toml"
    path.write_text(path.read_text().replace("members = []", 'members = ["op01", "op99"]'))
    with pytest.raises(ConfigError, match=r"fallback\.members\[1\]: there is no operator 'op99'"):
        load_centre(files)
