"""The ledger's balance over several logs: what a new leader does not know of is in progress no
more."""

from __future__ import annotations

from acd.app.ledger_check import Refold, SwitchCall, check_calls, compare_with_switch
from acd.core.cdr import Book
from acd.core.inputs import CallerHungUp
from acd.ports import Step
from tests.call_stories import T0_S, call_id, opened


def opening(number: int, at_s: float) -> Step:
    return Step(T0_S + at_s, CallerHungUp(call_id(number)), [opened(number)])


def two_logs(known: Book) -> Refold:
    """Calls 1 and 2 come while the first leads; ``known`` is what the second one takes over."""
    refold = Refold()
    for number in (1, 2):
        refold.take(opening(number, number))
    refold.end_of_log()
    refold.begin(known)
    refold.take(opening(3, 3.0))
    refold.end_of_log()
    return refold


def test_a_call_that_the_new_leader_knows_is_in_progress_and_one_it_does_not_know_is_missed() -> (
    None
):
    known = Book()
    known.fold(T0_S + 1, opened(1))
    refold = two_logs(known)
    assert refold.open_calls == {call_id(1), call_id(3)}
    balance = check_calls(refold, [])
    assert (balance.in_progress, balance.lost) == (2, [call_id(2)])
    assert not balance.balances


def test_the_switchs_record_tells_of_a_call_that_nobody_wrote_down() -> None:
    seen = {
        call_id(number): SwitchCall(call_id(number), "carrier", ms, ms + 9_000)
        for number, ms in ((1, 1_000), (2, 2_000))
    }
    known = Book()
    known.fold(T0_S + 1, opened(1))
    found = compare_with_switch(seen, [], [], two_logs(known).open_calls)
    assert found.only_switch == [call_id(2)]
