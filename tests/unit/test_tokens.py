"""Tokens at rest: hashed, private, found by id, compared whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.errors import LimitExceeded, NotFound, Refused, StoreCorrupt
from web.auth import FILE, LOCAL_FILE, TokenStore
from web.roles import Role


def test_the_file_holds_no_token_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    store = TokenStore(tmp_path / "var")
    token = store.add(Role.OPERATOR, "op01", "reception desk")
    text = (tmp_path / "var" / FILE).read_text()
    assert token not in text
    assert token.split("_", 2)[2] not in text
    assert (tmp_path / "var" / FILE).stat().st_mode & 0o777 == 0o600
    who = store.identify(token)
    assert who is not None
    assert who.roles == {Role.OPERATOR}
    assert (who.agent, who.label, who.name) == (
        "op01",
        "reception desk",
        "op01",
    )


def test_tokens_do_not_stand_in_for_one_another(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    first, second = store.add(Role.ADMINISTRATOR), store.add(Role.OPERATOR, "op01")
    mixed = "_".join([*first.split("_")[:2], second.split("_", 2)[2]])
    assert store.identify(mixed) is None
    assert store.identify(first + "A") is None
    assert store.identify(first[:-1]) is None
    assert store.identify("") is None


@pytest.mark.parametrize(("role", "agent"), [(Role.OPERATOR, ""), (Role.ADMINISTRATOR, "op01")])
def test_an_operators_token_names_one_and_no_other_does(
    tmp_path: Path, role: Role, agent: str
) -> None:
    with pytest.raises(Refused):
        TokenStore(tmp_path).add(role, agent)


@pytest.mark.parametrize("label", ["x" * 81, "a\nb", "\x1b[31m"])
def test_a_label_is_one_short_line(tmp_path: Path, label: str) -> None:
    with pytest.raises(LimitExceeded):
        TokenStore(tmp_path).add(Role.ADMINISTRATOR, label=label)


def test_revoking_is_seen_by_other_processes(tmp_path: Path) -> None:
    here, there = TokenStore(tmp_path), TokenStore(tmp_path)
    token = here.add(Role.SUPERVISOR)
    who = there.identify(token)
    assert who is not None
    assert there.is_valid(who)
    here.revoke(who.token_id)
    assert there.identify(token) is None
    assert not there.is_valid(who)
    with pytest.raises(NotFound):
        here.revoke(who.token_id)


@pytest.mark.parametrize("data", [b"", b"{}", b"[{]", b'[{"id": 5}]', b"\xff" * 10])
def test_a_damaged_file_lets_nobody_in_and_is_kept(tmp_path: Path, data: bytes) -> None:
    store = TokenStore(tmp_path)
    token = store.add(Role.ADMINISTRATOR)
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(StoreCorrupt):
        store.identify(token)
    with pytest.raises(StoreCorrupt):
        TokenStore(tmp_path).add(Role.ADMINISTRATOR)
    assert (tmp_path / FILE).read_bytes() == data


def test_the_command_line_of_the_machine_has_one_token_of_its_own(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    token = store.local()
    assert TokenStore(tmp_path).local() == token
    assert (tmp_path / LOCAL_FILE).stat().st_mode & 0o777 == 0o600
    who = store.identify(token)
    assert who is not None
    assert who.roles == {Role.ADMINISTRATOR}
    store.revoke(who.token_id)
    assert store.local() != token


def test_a_token_of_the_first_version_is_still_read(tmp_path: Path) -> None:
    token = TokenStore(tmp_path).add(Role.ADMINISTRATOR)
    path = tmp_path / FILE
    path.write_text(path.read_text().replace('"administrator"', '"admin"'))
    who = TokenStore(tmp_path).identify(token)
    assert who is not None
    assert who.roles == {Role.ADMINISTRATOR}
