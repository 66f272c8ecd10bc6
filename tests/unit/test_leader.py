"""One controller's part in the lease: each rule of it, step by step, with the time told."""

from __future__ import annotations

import itertools

import pytest
from msgspec.structs import replace

from acd.app.leader import (
    TABLE,
    Acquire,
    Leader,
    LeaderState,
    LeaderTrigger,
    Look,
    Question,
    Release,
    Renew,
    Times,
    next_state,
)
from acd.errors import TransitionError
from acd.ports_cluster import Lease

TIMES = Times(lease_s=1.5, renew_every_s=0.4, margin_s=0.4, ask_every_s=0.1)
OTHERS = Lease(node="b", term="x", token=7, beat=3)


def leader() -> Leader:
    names = (f"t{number}" for number in itertools.count())
    return Leader("a", TIMES, lambda: next(names))


def state(who: Leader) -> LeaderState:
    return who.state


def asks(who: Leader, at_s: float) -> Question:
    question = who.ask(at_s)
    assert question is not None
    return question


def watching(who: Leader, record: Lease | None, at_s: float = 0.0) -> None:
    """It has seen the record once."""
    look = asks(who, at_s)
    assert isinstance(look, Look)
    who.answered(look, record, at_s)


def leading(at_s: float = 10.0) -> tuple[Leader, Lease]:
    """It took a free record at a time."""
    who = leader()
    watching(who, replace(OTHERS, node=""), at_s)
    question = asks(who, at_s)
    assert isinstance(question, Acquire)
    who.answered(question, question.wanted, at_s)
    assert who.state is LeaderState.LEADING
    return who, question.wanted


def test_the_table_is_all_there_is() -> None:
    for pair in itertools.product(LeaderState, LeaderTrigger):
        if pair in TABLE:
            assert next_state(*pair) is TABLE[pair]
        else:
            with pytest.raises(TransitionError):
                next_state(*pair)


def test_a_lease_is_taken_when_it_was_seen_unchanged_for_its_whole_time() -> None:
    who = leader()
    watching(who, OTHERS, 5.0)
    for step in range(1, 15):
        question = asks(who, 5.0 + step / 10)
        assert isinstance(question, Look)
        who.answered(question, OTHERS, 5.0 + step / 10)
    assert who.wake_s == 6.5  # not at the next look, which would be later
    question = asks(who, 6.5)
    assert isinstance(question, Acquire)
    assert (question.seen, question.wanted.token) == (OTHERS, 8)
    who.answered(question, question.wanted, 6.51)
    assert who.token == 8
    assert who.holds(6.5 + TIMES.hold_s - 0.01)
    assert not who.holds(6.5 + TIMES.hold_s)  # counted from when it was asked


def test_one_beat_more_and_the_watch_begins_anew() -> None:
    who = leader()
    watching(who, OTHERS, 5.0)
    question = asks(who, 6.4)
    who.answered(question, replace(OTHERS, beat=4), 6.4)
    assert isinstance(asks(who, 6.5), Look)


def test_over_another_connection_the_watch_begins_anew() -> None:
    who = leader()
    watching(who, OTHERS, 5.0)
    who.answered(asks(who, 6.4), OTHERS, 6.4, connection=1)
    assert isinstance(asks(who, 6.5), Look)


def test_after_a_look_without_an_answer_the_watch_begins_anew() -> None:
    who = leader()
    watching(who, OTHERS, 5.0)
    who.failed(asks(who, 6.4), 6.9)
    question = asks(who, 6.9)
    assert isinstance(question, Look)
    who.answered(question, OTHERS, 6.9)
    assert who.wake_s < 8.4
    assert isinstance(asks(who, 8.3), Look)


def test_taken_over_an_unwatched_connection_the_earlier_holder_is_given_its_time() -> None:
    who = leader()
    watching(who, OTHERS, 5.0)
    question = asks(who, 6.5)
    assert isinstance(question, Acquire)
    who.answered(question, question.wanted, 6.5, connection=1)
    beat, at_s = 0, 6.6
    while who.state is LeaderState.STANDING_BY:
        renewal, beat = asks(who, at_s), beat + 1
        assert isinstance(renewal, Renew)
        who.answered(renewal, replace(question.wanted, beat=beat), at_s, connection=1)
        at_s += 0.1
    assert at_s >= 8.0


def test_taken_without_an_answer_it_is_found_out_and_the_earlier_holder_is_given_its_time() -> None:
    who = leader()
    watching(who, OTHERS, 5.0)
    question = asks(who, 6.5)
    assert isinstance(question, Acquire)
    who.failed(question, 7.0)
    who.answered(asks(who, 7.0), question.wanted, 7.0)
    renewal = asks(who, 7.1)
    assert isinstance(renewal, Renew)
    who.answered(renewal, replace(question.wanted, beat=1), 7.1)
    assert not who.token
    renewal = asks(who, 8.6)
    who.answered(renewal, replace(question.wanted, beat=2), 8.6)
    assert who.state is LeaderState.LEADING


def test_an_answer_that_comes_too_late_makes_no_leader() -> None:
    who = leader()
    watching(who, replace(OTHERS, node=""), 5.0)
    question = asks(who, 5.0)
    assert isinstance(question, Acquire)
    who.answered(question, question.wanted, 5.0 + TIMES.hold_s)
    assert who.state is LeaderState.STANDING_BY
    assert not who.holds(5.0 + TIMES.hold_s)


def test_without_answers_it_suspends_and_goes_on_if_nobody_was_in_between() -> None:
    who, mine = leading(10.0)
    who.failed(asks(who, 10.4), 10.9)
    who.tick(11.1)
    assert state(who) is LeaderState.SUSPENDED
    assert not who.holds(11.1)
    renewal = asks(who, 30.0)
    assert isinstance(renewal, Renew)
    assert not renewal.restore  # somebody may have had it, and the store may have lost that
    who.answered(renewal, replace(mine, beat=1), 30.1)
    assert state(who) is LeaderState.LEADING
    assert who.holds(30.1)
    assert who.token == mine.token


def test_a_store_that_lost_the_record_gets_it_back_from_who_still_holds() -> None:
    who, mine = leading(10.0)
    renewal = asks(who, 10.4)
    assert renewal == Renew(10.4, mine, restore=True)


@pytest.mark.parametrize("record", [None, replace(OTHERS, token=9), replace(OTHERS, node="a")])
def test_somebody_elses_record_deposes(record: Lease | None) -> None:
    who, _ = leading(10.0)
    who.answered(asks(who, 10.4), record, 10.4)
    assert who.state is LeaderState.STEPPING_DOWN
    assert not who.holds(10.4)
    assert who.ask(20.0) is None  # nothing is asked until everything has stopped
    who.stopped()
    assert isinstance(asks(who, 20.0), Look)


def test_who_is_refused_by_a_fence_stops_at_once_and_goes_on_above_it() -> None:
    who, mine = leading(10.0)
    who.refused(mine.token - 1)  # meant for an earlier tenure
    assert who.holds(10.1)
    who.refused(40)
    assert not who.holds(10.1)
    who.stopped()
    watching(who, mine, 11.0)
    question = asks(who, 12.5)
    assert isinstance(question, Acquire)
    assert question.wanted.token == 41
    assert question.wanted.term != mine.term


def test_asked_to_step_down_it_keeps_the_lease_until_all_has_stopped() -> None:
    who, mine = leading(10.0)
    who.step_down("b")
    assert who.state is LeaderState.STEPPING_DOWN
    renewal = asks(who, 10.4)
    assert isinstance(renewal, Renew)
    who.answered(renewal, replace(mine, beat=1), 10.4)
    assert who.holds(11.0)
    who.stopped()
    assert not who.holds(11.0)
    question = asks(who, 11.0)
    assert question == Release(11.0, replace(mine, beat=1), "b")
    who.answered(question, None, 11.0)
    assert not who.releasing


@pytest.mark.parametrize(("heir", "first"), [("", Acquire), ("a", Acquire), ("c", Look)])
def test_what_was_given_back_is_the_heirs_at_once(heir: str, first: type[Question]) -> None:
    who = leader()
    watching(who, replace(OTHERS, node="", heir=heir), 5.0)
    assert isinstance(asks(who, 5.1), first)
    # An heir who never comes keeps nobody away for longer than a lease.
    assert heir != "c" or isinstance(_after_look(who, heir), Acquire)


def _after_look(who: Leader, heir: str) -> Question:
    who.answered(Look(5.1), replace(OTHERS, node="", heir=heir), 5.1)
    return asks(who, 6.5)


def test_who_is_not_willing_only_looks_and_gives_back_what_it_got() -> None:
    who = leader()
    who.willing = False
    watching(who, None, 5.0)
    assert isinstance(asks(who, 9.0), Look)
    other = leader()
    watching(other, None, 5.0)
    question = asks(other, 6.5)
    assert isinstance(question, Acquire)
    other.willing = False
    other.failed(question, 7.0)
    other.answered(asks(other, 7.0), question.wanted, 7.0)
    assert isinstance(asks(other, 7.1), Release)
