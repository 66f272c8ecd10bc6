"""The repository speaks of the project alone: no machine's paths, no secrets, no private hosts."""

from __future__ import annotations

import ast
import re

import pytest

from tests.tidy.files import PROJECT, all_files, parsed, product_files, text_of

TOP_FOLDERS = frozenset(
    ".ci acd agents asterisk-conf centre contacts docker docs ivr knowledge metrics sim tests "
    "tools web".split()
)
FILE_BYTES_MAX = 2_000_000
# Written in two halves, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.~$}-])/(?:" + "work|root|home/[a-z]" + r")\w*/[\w.]")
MIRROR = re.compile(r"\b(?:deb|ftp|security|archive|snapshot)[\w.]*\.(?:debian|ubuntu)" + r"\.\w+")
LOCK_HOST = re.compile(r"https?://([^/\"\s]+)")
CONF_SECRET = re.compile(r"^\s*(?:secret|password|md5_cred)\s*=>?\s*(\S+)", re.MULTILINE)
TOML_SECRET = re.compile(r"^\s*\w*(?:secret|password|token)\s*=\s*[\"'](.+)[\"']", re.MULTILINE)
SECRET_NAME = re.compile(r"(?:^|_)(?:password|secret|token)$")


def found(pattern: re.Pattern[str], *, skip: tuple[str, ...] = ()) -> list[str]:
    """``file:line text`` of every match in text files."""
    return [
        f"{name}:{number} {line.strip()[:120]}"
        for name in all_files()
        if not name.startswith(skip) and name != "uv.lock"
        for number, line in enumerate((text_of(name) or "").splitlines(), 1)
        if pattern.search(line)
    ]


def test_every_top_folder_is_known() -> None:
    tops = {name.partition("/")[0] for name in all_files() if "/" in name}
    assert tops - TOP_FOLDERS == set()


def test_no_path_of_one_machine() -> None:
    assert found(MACHINE_PATH) == []


def test_no_mirror_is_named() -> None:
    assert found(MIRROR, skip=("docs/", "tests/tidy/")) == []


def test_the_lock_file_names_the_public_registry_alone() -> None:
    hosts = set(LOCK_HOST.findall(text_of("uv.lock") or ""))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_no_secret_has_a_default_in_a_configuration() -> None:
    given = [
        f"{name}: {match[0].strip()}"
        for name in all_files()
        for pattern, end in ((CONF_SECRET, ".conf"), (TOML_SECRET, ".toml"))
        if name.endswith(end) and not name.startswith("tests/")
        for match in pattern.finditer(text_of(name) or "")
        if not match[1].startswith(("@", "$"))
    ]
    assert given == []


def test_no_secret_has_a_default_in_code() -> None:
    given = [
        f"{name}:{node.lineno} {node.target.id}"
        for name in product_files()
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and SECRET_NAME.search(node.target.id)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and node.value.value
    ]
    assert given == []


def test_manager_events_carry_no_channel_variables() -> None:
    # The independent witness of the tests (pyst2) loses its event thread on an event that has any.
    setting = re.compile(r"^\s*channelvars\s*=", re.MULTILINE | re.IGNORECASE)
    managers = [name for name in all_files() if "manager" in name and name.endswith(".conf")]
    assert [name for name in managers if setting.search(text_of(name) or "")] == []


def test_no_file_is_huge_by_accident() -> None:
    sizes = {name: (PROJECT / name).stat().st_size for name in all_files()}
    assert {name: size for name, size in sizes.items() if size > FILE_BYTES_MAX} == {}


def test_nothing_is_left_for_later_in_silence() -> None:
    marks = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|X" + r"XX)\b")
    assert found(marks, skip=("docs/",)) == []


@pytest.mark.parametrize("line", ["cd /wo" + "rk/main", 'x = "/ro' + 'ot/x"', "/ho" + "me/a/b"])
def test_the_path_check_finds_what_it_looks_for(line: str) -> None:
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize(
    "line", ["http://x/work/now", "$ROOT/root/usr", ".cache/root/x", "a/work/b"]
)
def test_the_path_check_lets_the_rest_pass(line: str) -> None:
    assert not MACHINE_PATH.search(line)
