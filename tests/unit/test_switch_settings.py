"""Settings of several switches: each at a place of its own, and an operator's must exist."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from acd.config import Centre, load_centre
from acd.errors import ConfigError

CENTRE = Path(__file__).parents[2] / "centre"
WHOLE = '[switches.b]\nsip_bind = "127.0.0.2"\nami_port = 5039\nws_port = 8089\n'


def written(tmp_path: Path, further: str, plan: tuple[str, str] = ("", "")) -> Path:
    folder = tmp_path / "centre"
    shutil.copytree(CENTRE, folder)
    settings = folder / "settings.toml"
    settings.write_text(settings.read_text() + "\n" + further)
    text = (folder / "plan.toml").read_text()
    assert plan[0] in text
    (folder / "plan.toml").write_text(text.replace(*plan, 1) if plan[0] else text)
    return folder


def faults(tmp_path: Path, further: str, plan: tuple[str, str] = ("", "")) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load_centre(written(tmp_path, further, plan))
    return [f"{each.path} {each.message}" for each in refused.value.faults]


def loaded(tmp_path: Path, further: str, plan: tuple[str, str] = ("", "")) -> Centre:
    return load_centre(written(tmp_path, further, plan))


def test_each_is_seen_from_its_own_place(tmp_path: Path) -> None:
    settings = loaded(tmp_path, WHOLE).settings
    assert list(settings.nodes) == ["a", "b"]
    assert [each.further for each in settings.nodes.values()] == [False, True]
    there = settings.at("b")
    assert (there.switch.id, list(there.switches)) == ("b", ["a"])
    assert there.softphone.ws_port == 8089
    assert settings.at("a").softphone.ws_port == settings.softphone.ws_port


def test_an_operator_is_at_home_where_the_plan_says(tmp_path: Path) -> None:
    plan = ('device = "op01"', 'device = "op01"\nswitch = "b"')
    agents = {each.device: each.switch for each in loaded(tmp_path, WHOLE, plan).plan.agents}
    assert (agents["op01"], agents["op02"]) == ("b", "a")


def test_a_switch_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    plan = ('device = "op01"', 'device = "op01"\nswitch = "bb"')
    found = faults(tmp_path, WHOLE, plan)
    assert any("agents.op01.switch there is no switch 'bb'" in each for each in found), found


@pytest.mark.parametrize(
    ("further", "said"),
    [
        ("[switches.a]\nami_port = 5039\n", "switches.a is the id of [switch] already"),
        (WHOLE + 'id = "c"\n', "switches.b.id is 'b' already"),
        (WHOLE.replace("5039", "5038"), "switches.b.ami_port is switch.ami_port already"),
        (WHOLE.replace("8089", "8088"), "switches.b.ws_port is softphone.ws_port already"),
        (WHOLE.replace("127.0.0.2", "127.0.0.1"), "switches.b.sip_port is where switch is"),
        (
            WHOLE.replace("127.0.0.2", "127.0.0.1") + "sip_port = 5070\n",
            "switches.b.rtp_from_port overlaps the ports for sound of switch",
        ),
        (WHOLE.replace("127.0.0.2", "192.0.2.1"), "switches.b.sip_bind cannot reach"),
        (WHOLE + "beat_maks_s = 3\n", "beat_max_s"),
        (
            WHOLE + '[trunks.node-b]\nkind = "address"\nmatch = ["192.0.2.1"]\n',
            "trunks.node-b is how a switch is called",
        ),
        (WHOLE + "tls = true\n", "switches.b.tls all switches of a centre speak TLS"),
    ],
)
def test_what_two_would_share_is_named(tmp_path: Path, further: str, said: str) -> None:
    found = faults(tmp_path, further)
    assert any(said in each for each in found), found


@pytest.mark.parametrize(
    ("at", "further", "said"),
    [
        ("127.0.0.1", "", "switches.b.sip_bind is that of switch: over TLS"),
        ("127.0.0.2", "sip_tls_port = 5060\n", "switches.b.sip_tls_port is switches.b.sip_port"),
        (
            "127.0.0.2",
            '[trunks.wide]\nkind = "address"\nmatch = ["127.0.0.0/24"]\n',
            "trunks.wide.match includes the address of switches.b",
        ),
    ],
)
def test_over_tls_each_is_known_by_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, further: str, said: str
) -> None:
    monkeypatch.setenv("MADOGUCHI_SWITCH__TLS", "true")
    found = faults(tmp_path, WHOLE.replace("127.0.0.2", at) + "tls = true\n" + further)
    assert any(said in each for each in found), found


def test_a_remote_one_needs_a_way_for_its_recordings(tmp_path: Path) -> None:
    remote = WHOLE + 'kind = "remote"\nhost = "127.0.0.1"\n'
    found = faults(tmp_path, remote)
    assert any("switches.b.incoming_dir must name the folder" in each for each in found), found
