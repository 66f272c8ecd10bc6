"""Locks after failures: exact, alike for every name, bounded, and over when they should be."""

from __future__ import annotations

import pytest

from acd.config.people_settings import PeopleSettings
from web.lockout import MAX_NAMES, Lockout, name_key

MIN = 60_000


@pytest.fixture
def lockout() -> Lockout:
    return Lockout(PeopleSettings(address_failures=10))


def fail(lockout: Lockout, times: int, now_ms: int = MIN, user: str = "ada") -> list[bool]:
    return [lockout.attempt(user, now_ms) for _ in range(times)]


def test_ten_failures_lock_for_thirty_minutes(lockout: Lockout) -> None:
    assert fail(lockout, 9) == [False] * 9
    assert not lockout.is_locked("ada", MIN)
    assert fail(lockout, 1) == [True]
    assert lockout.is_locked("ada", MIN)
    assert lockout.is_locked("ada", 31 * MIN - 1)
    assert not lockout.is_locked("ada", 31 * MIN)
    assert not lockout.is_locked("bob", MIN)


def test_failures_long_ago_do_not_count(lockout: Lockout) -> None:
    fail(lockout, 9, MIN)
    assert fail(lockout, 9, 32 * MIN) == [False] * 9
    assert not lockout.is_locked("ada", 32 * MIN)


def test_a_success_forgets_the_failures_and_keeps_the_code(lockout: Lockout) -> None:
    fail(lockout, 9)
    lockout.succeeded("ada", 77)
    assert fail(lockout, 9) == [False] * 9
    assert lockout.last_step("ada") == 77
    lockout.succeeded("ada")
    assert lockout.last_step("ada") == 77


def test_a_right_password_without_its_code_is_no_failure(lockout: Lockout) -> None:
    for _ in range(30):
        lockout.attempt("ada", MIN)
        lockout.forgive("ada")
    assert not lockout.is_locked("ada", MIN)
    fail(lockout, 9)
    assert lockout.attempt("ada", MIN)
    lockout.forgive("ada")
    assert not lockout.is_locked("ada", MIN)
    assert lockout.attempt("ada", MIN), "the failures before still count"


def test_a_lock_outlives_a_restart(lockout: Lockout) -> None:
    fail(lockout, 10)
    kept = lockout.take_changes()
    assert lockout.take_changes() == ()
    again = Lockout(PeopleSettings())
    again.restore(kept, 2 * MIN)
    assert again.is_locked("ada", MIN)
    assert [each.key for each in kept] == [name_key("ada")]
    lockout.put_back(kept)
    assert lockout.take_changes() == kept
    later = Lockout(PeopleSettings())
    later.restore(kept, 40 * MIN)
    assert not later.is_locked("ada", MIN)
    assert [(each.key, each.failures) for each in later.take_changes()] == [(name_key("ada"), 0)]


def test_what_is_typed_is_not_kept() -> None:
    assert "hunter2" not in name_key("hunter2")


def test_names_are_bounded(lockout: Lockout) -> None:
    for number in range(MAX_NAMES + 5):
        lockout.attempt(f"user{number}", MIN)
    assert len(lockout._names) == MAX_NAMES
    forgotten = [each for each in lockout.take_changes() if not each.failures]
    assert len(forgotten) == 5, "and the database forgets them too"


def test_an_address_with_many_failures_waits(lockout: Lockout) -> None:
    for _ in range(10):
        assert not lockout.address_is_full("192.0.2.1", MIN)
        lockout.address_failed("192.0.2.1", MIN)
    assert lockout.address_is_full("192.0.2.1", MIN)
    assert not lockout.address_is_full("192.0.2.2", MIN)
    assert not lockout.address_is_full("192.0.2.1", MIN + 600_001)


def test_one_customer_of_ipv6_is_one_address(lockout: Lockout) -> None:
    for number in range(10):
        lockout.address_failed(f"2001:db8:0:1::{number}", MIN)
    assert lockout.address_is_full("2001:db8:0:1:ffff::1", MIN)
    assert not lockout.address_is_full("2001:db8:0:2::1", MIN)
    assert not lockout.address_is_full("nonsense", MIN)
