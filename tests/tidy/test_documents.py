"""What the documents name is there: files they link to, commands and variables they tell of."""

from __future__ import annotations

import re

import pytest

from acd.cli import VERBS
from acd.config.settings import ENV_PREFIX, Settings
from tests.tidy.files import PROJECT, all_files, text_of

PAGES = [name for name in all_files() if name.endswith(".md")]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
COMMAND = re.compile(r"(?:`|/bin/|^)madoguchi ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)", re.MULTILINE)
TARGET = re.compile(r"`make ([a-z-]+)`")
VARIABLE = re.compile(rf"\b{ENV_PREFIX}([A-Z0-9_]*[A-Z0-9])\b")
#: Variables of the command itself, which are no settings.
OWN = {"AUDIT", "CENTRE", "OSV", "STUDIES", "TOKEN", "URL"}
#: Verbs that have verbs of their own.
GROUPS = ("agent", "floor", "ivr", "ledger", "operations", "recordings", "tls", "tokens", "users")


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings have on GitHub."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    folder = (PROJECT / name).parent
    lost = []
    for target, anchor in LINK.findall(text_of(name) or ""):
        path = folder / target if target else PROJECT / name
        if not path.exists():
            lost.append(target)
        elif anchor and anchor not in anchors(path.read_text(encoding="utf-8")):
            lost.append(f"{target}#{anchor}")
    assert lost == []


@pytest.mark.parametrize("name", PAGES)
def test_commands_exist(name: str) -> None:
    verbs = {verb.name: verb for verb in VERBS}
    lost = []
    for words in COMMAND.findall(text_of(name) or ""):
        verb, _, second = words.partition(" ")
        if verb not in verbs:
            lost.append(verb)
        elif second and verb in GROUPS and second not in verbs[verb].load().commands:
            lost.append(words)
    assert lost == []


@pytest.mark.parametrize("name", PAGES)
def test_make_targets_exist(name: str) -> None:
    there = set(re.findall(r"^([a-z-]+):", text_of("Makefile") or "", re.MULTILINE))
    assert set(TARGET.findall(text_of(name) or "")) <= there


@pytest.mark.parametrize("name", PAGES)
def test_environment_variables_are_settings(name: str) -> None:
    sections = Settings.model_fields
    lost = []
    for variable in set(VARIABLE.findall(text_of(name) or "")) - _composed():
        section, _, key = variable.lower().partition("__")
        known = variable in OWN or section in sections
        if known and key and section != "trunks":
            known = key in getattr(sections[section].annotation, "model_fields", {})
        if not known:
            lost.append(ENV_PREFIX + variable)
    assert lost == []


def _composed() -> set[str]:
    """What the files of docker/ take from the environment, as ``${MADOGUCHI_NAME:-default}``."""
    taken = re.compile(r"\$\{" + ENV_PREFIX + r"([A-Z_]+)[:}]")
    files = (PROJECT / "docker").glob("*.yaml")
    return {name for file in files for name in taken.findall(file.read_text(encoding="utf-8"))}
