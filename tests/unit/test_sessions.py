"""Sessions: limits that never end a call, and what is kept of them."""

from __future__ import annotations

import pytest

from acd.config.people_settings import PeopleSettings
from web.sessions import MAX_PER_PERSON, Sessions, csrf_of, id_of

MIN, HOUR = 60_000, 3_600_000
START = 1_000 * HOUR


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(PeopleSettings(idle_min=60, absolute_h=14))


def resting(_user: str) -> tuple[bool, bool]:
    return False, False


def test_the_secret_is_in_the_cookie_and_nowhere_else(sessions: Sessions) -> None:
    began = sessions.begin("ada", START)
    assert sessions.find(began.secret) == began.session
    assert began.secret not in repr(sessions.take_changes())
    assert began.session.id == id_of(began.secret)
    assert csrf_of(began.secret) not in (began.secret, began.session.id)
    for wrong in ("", began.secret[:-1], began.secret + "x", began.session.id, "é" * 43):
        assert sessions.find(wrong) is None


@pytest.mark.requirement("S9")
@pytest.mark.parametrize(
    ("idle_min", "hours", "ready", "in_call", "over"),
    [
        (59, 1, False, False, False),
        (61, 2, False, False, True),
        (61, 2, True, False, False),
        (61, 2, False, True, False),
        (1, 13, False, False, False),
        (1, 15, False, False, True),
        (1, 15, True, False, True),
        (1, 15, False, True, False),
        (500, 200, False, True, False),
    ],
)
def test_limits(
    sessions: Sessions, idle_min: int, hours: int, ready: bool, in_call: bool, over: bool
) -> None:
    began = sessions.begin("ada", START)
    now = START + hours * HOUR
    sessions.seen(began.session.id, now - idle_min * MIN)
    seen = sessions.get(began.session.id)
    assert seen is not None
    assert sessions.is_over(seen, now, ready=ready, in_call=in_call) is over


def test_a_call_counts_as_doing_something_until_it_ends(sessions: Sessions) -> None:
    began = sessions.begin("ada", START)
    talked_until = START + 3 * HOUR
    assert sessions.sweep(talked_until, lambda user: (False, True)) == []
    assert sessions.sweep(talked_until + 59 * MIN, resting) == []
    over = sessions.sweep(talked_until + 61 * MIN, resting)
    assert [each.id for each in over] == [began.session.id]
    assert sessions.find(began.secret) is None


def test_the_absolute_limit_waits_for_the_end_of_the_call(sessions: Sessions) -> None:
    sessions.begin("ada", START)
    assert sessions.sweep(START + 20 * HOUR, lambda user: (False, True)) == []
    assert len(sessions.sweep(START + 20 * HOUR + 1, resting)) == 1


def test_a_person_has_so_many_sessions_and_the_oldest_gives_way(sessions: Sessions) -> None:
    first = sessions.begin("ada", START)
    other = sessions.begin("bob", START)
    for number in range(MAX_PER_PERSON):
        sessions.begin("ada", START + number + 1)
    assert sessions.find(first.secret) is None
    assert sessions.find(other.secret) is not None
    assert len(sessions.of("ada")) == MAX_PER_PERSON


def test_a_request_does_not_write_each_time(sessions: Sessions) -> None:
    began = sessions.begin("ada", START)
    sessions.take_changes()
    sessions.seen(began.session.id, START + 59_999)
    assert sessions.take_changes() == ((), ())
    sessions.seen(began.session.id, START + 60_000)
    changed, _ = sessions.take_changes()
    assert [each.seen_ms for each in changed] == [START + 60_000]
    sessions.put_back(changed, ("x",))
    assert sessions.take_changes() == (changed, ("x",))


def test_sessions_outlive_a_restart(sessions: Sessions) -> None:
    began, gone = sessions.begin("ada", START), sessions.begin("ada", START + 1)
    sessions.end(gone.session.id)
    changed, ended = sessions.take_changes()
    again = Sessions(PeopleSettings())
    again.restore(changed)
    assert again.find(began.secret) == began.session
    assert ended == (gone.session.id,)
