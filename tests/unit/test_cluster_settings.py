"""[cluster]: nothing without a node, one lease in one place, and times that fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.config import Settings, load_settings
from acd.errors import ConfigError


def read(folder: Path, text: str) -> Settings:
    folder.joinpath("settings.toml").write_text(text, encoding="utf-8")
    return load_settings(folder)


def fault(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        read(folder, text)
    return "\n".join(f"{each.path}: {each.message}" for each in refused.value.faults)


def test_without_a_node_there_is_no_cluster(tmp_path: Path) -> None:
    assert not read(tmp_path, "").cluster.on


def test_all_controllers_may_have_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """[cluster]
    redis = "10.0.0.3:6379"
    peers = {a = "10.0.0.1:4580", b = "[fd00::2]:4580"}
    """
    monkeypatch.setenv("MADOGUCHI_CLUSTER__NODE", "a")
    cluster = read(tmp_path, text).cluster
    assert cluster.on
    assert cluster.others == {"b": ("fd00::2", 4580)}
    monkeypatch.setenv("MADOGUCHI_CLUSTER__NODE", "b")
    assert read(tmp_path, text).cluster.others == {"a": ("10.0.0.1", 4580)}


def test_other_menu_servers_are_beside_the_streams_unless_named(tmp_path: Path) -> None:
    text = """[cluster]
    node = "a"
    redis = "10.0.0.3:6379"
    peers = {a = "10.0.0.1:4580", b = "[fd00::2]:4580", c = "ctl-c:4580", d = "10.0.0.4:4580"}
    menus = {d = "10.0.1.4:9000"}
    """
    others = read(tmp_path, text).cluster.other_menus(4573)
    assert others == ("[fd00::2]:4573", "ctl-c:4573", "10.0.1.4:9000")


@pytest.mark.parametrize(
    ("lines", "replicas"),
    [
        ('redis = "r:6379"', 0),
        ('sentinels = ["s:26379"]', 1),
        ('sentinels = ["s:26379"]\nredis_replicas = 0', 0),
        ('redis = "r:6379"\nredis_replicas = 2', 2),
    ],
)
def test_a_renewal_waits_for_a_replica_where_there_are_any(
    tmp_path: Path, lines: str, replicas: int
) -> None:
    cluster = read(tmp_path, f'[cluster]\nnode = "a"\n{lines}\n').cluster
    assert cluster.confirmations == replicas


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "settings.toml:cluster: a cluster needs either redis or sentinels"),
        ('redis = "r:1"\nsentinels = ["s:2"]', "either redis or sentinels"),
        ('redis = "r"', "settings.toml:cluster.redis: must be host:port"),
        ('redis = "r:70000"', "must be host:port"),
        ('redis = "fd00::1:6379"', "in brackets"),
        ('redis = "redis://:secret@r:6379"', "in brackets"),
        ('redis = "r:1"\npeers = {b = "no port"}', "settings.toml:cluster.peers.b: must be"),
        ('redis = "r:1"\nlease_s = 1.0', "at least 1.2 with these times"),
        ('redis = "r:1"\nmargin_s = 0.1', "margin_s must be at least renew_every_s"),
        ('redis = "r:1"\nask_every_s = 0.5', "at most a quarter of lease_s"),
        ('redis = "r:1"\nsentinel = []', 'there is no such key; did you mean "sentinels"?'),
    ],
)
def test_what_could_not_work_is_refused_with_its_place(
    tmp_path: Path, lines: str, said: str
) -> None:
    assert said in fault(tmp_path, f'[cluster]\nnode = "a"\n{lines}\n')
