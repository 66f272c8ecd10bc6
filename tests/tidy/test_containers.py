"""docker/ keeps its promises: nobody is root, no secret has a default, health is proven."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tidy.files import PROJECT

DOCKER = PROJECT / "docker"
DOCKERFILES = sorted(DOCKER.glob("*/Dockerfile"))
OVERLAYS = sorted(DOCKER.glob("*.yaml"))
USER = "10001:10001"
#: What an engine of Debian 12 (20.10) does not know.
TOO_NEW = re.compile(
    r"<<-?['\"]?EOF|^# *syntax=|COPY --link|start_interval|pull_policy: always", re.M
)


class _Loader(yaml.SafeLoader):
    """Compose's own tags, `!reset` and `!override`, stand for what follows them."""


def _plain(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return None


_Loader.add_multi_constructor("!", _plain)


def _composed(file: Path) -> dict[str, Any]:
    found = yaml.load(file.read_text(encoding="utf-8"), _Loader)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.parent.name)
def test_an_image_runs_as_nobody_and_says_how_it_is(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    last = text.rpartition("\nFROM ")[2]
    assert f"\nUSER {USER}\n" in last
    assert "\nHEALTHCHECK " in last
    assert re.search(r"^ARG BASE=debian:[a-z]+-slim$", text, re.M), "a digest can be pinned"
    assert not re.search(r"^(ENV|ARG) \w*(PASSWORD|SECRET|TOKEN|KEY)\w*=", text, re.M)


@pytest.mark.parametrize("file", [*DOCKERFILES, *OVERLAYS], ids=str)
def test_an_engine_of_debian_12_understands_it(file: Path) -> None:
    assert TOO_NEW.findall(file.read_text(encoding="utf-8")) == []


def test_every_service_is_hardened() -> None:
    services = _composed(DOCKER / "compose.yaml")["services"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name


def test_nothing_is_open_to_other_machines_by_itself() -> None:
    for file in OVERLAYS:
        for service in _composed(file).get("services", {}).values():
            for port in service.get("ports", []):
                assert ":-127.0.0.1" in port, f"{file.name}: {port}"


def test_no_service_is_given_a_secret_in_its_environment() -> None:
    for file in OVERLAYS:
        for name, service in _composed(file).get("services", {}).items():
            given = service.get("environment") or {}
            secret = [key for key in given if re.search(r"PASSWORD|SECRET|TOKEN", key)]
            assert all(str(given[key]).startswith("/") for key in secret), f"{file.name}: {name}"


def test_the_images_bear_the_version_of_the_project() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = re.compile(r"image: madoguchi/\w+:\$\{MADOGUCHI_VERSION:-([\d.]+)\}")
    found = {version for file in OVERLAYS for version in ours.findall(file.read_text())}
    assert found == {project["version"]}
