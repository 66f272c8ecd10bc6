"""A recorded day played again: the same decisions, and what a change would have done to it."""

from __future__ import annotations

import heapq
import json
import random
from datetime import timedelta, timezone

import pytest

from acd.core import inputs as i
from acd.core.cdr import Book
from acd.core.commands import OfferCall, StartTimer
from acd.core.engine import Engine
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId
from acd.core.plan import AgentPlan, Plan, QueuePlan, SkillNeed
from acd.errors import MadoguchiError
from agents.state import NotReadyReason
from sim.replay.asked import Asked, change_of, most_at_once
from sim.replay.chance import Chance, kaplan_meier
from sim.replay.change import Change
from sim.replay.compare import compare
from sim.replay.day import Day
from sim.replay.recorder import Recorder
from sim.replay.report import claimable, report_of, told
from sim.replay.world import play
from sim.report.of_held import replay_plots

JST = timezone(timedelta(hours=9))
NINE_S = 1_800_057_600.0
TAX = SkillNeed("tax")


def the_plan(**rules: float) -> Plan:
    """Three operators for one queue."""
    people = tuple(AgentPlan(AgentId(f"op{n}"), "", f"d{n}", (TAX,)) for n in range(3))
    queue = QueuePlan(QueueId("tax"), "", "", needs=(TAX,), ring_timeout_s=15.0, wrap_up_s=10.0)
    return Plan("day", (queue,), people, default_queue=QueueId("tax"), **rules)  # type: ignore[arg-type]


class Telephones:
    """A day as it would be recorded: people who answer, do not, take breaks and give up. Every
    timer rings a little late, as a real clock's do."""

    def __init__(self, seed: int, calls: int = 60) -> None:
        self.chance = random.Random(seed)
        self.engine = Engine(the_plan(), JST)
        self.recorder = Recorder(self.engine.snapshot(), Book().snapshot(), JST, NINE_S)
        self.heap: list[tuple[float, int, i.Input]] = []
        self.number = self.seq = 0
        for agent in self.engine.agents:
            self.later(NINE_S, i.AgentLoggedIn(agent))
            self.later(NINE_S, i.AgentReadied(agent))
        self.later(NINE_S + 600, i.AgentPaused(AgentId("op1"), NotReadyReason.BREAK))
        self.later(NINE_S + 1200, i.AgentReadied(AgentId("op1")))
        at_s = NINE_S
        for number in range(calls):
            at_s += self.chance.expovariate(1 / 30)
            self.call(CallId(f"c{number}"), at_s)
        while self.heap:
            when_s, _, happened = heapq.heappop(self.heap)
            self.tell(happened, when_s)

    def later(self, at_s: float, happened: i.Input) -> None:
        self.number += 1
        heapq.heappush(self.heap, (at_s, self.number, happened))

    def call(self, call: CallId, at_s: float) -> None:
        withheld = i.Caller(i.CallerKind.WITHHELD)
        arrived = i.CallArrived(call, SwitchId("a"), "PJSIP/t", "t", "1", withheld)
        self.later(at_s, arrived)
        self.later(at_s + 4.0, i.QueueRequested(call, QueueId("tax")))
        self.later(at_s + 4.0 + self.chance.expovariate(1 / 90), i.CallerHungUp(call))

    def tell(self, happened: i.Input, now: float) -> None:
        if isinstance(happened, i.CallerHungUp):
            call = self.engine.calls.get(happened.call)
            if call is None or (call.state == "talking" and happened.cause == 16):
                return
        if isinstance(happened, i.TimerFired) and not self.engine.wants_timer(happened.token):
            return
        decided = self.engine.handle(happened, now)
        self.seq += 1
        self.recorder.take(self.seq, now, happened, decided.events)
        for command in decided.commands:
            if isinstance(command, StartTimer):
                self.later(command.at_s + self.chance.random() / 50, i.TimerFired(command.token))
            elif isinstance(command, OfferCall):
                self.ring(command.offer, command.call, command.agent, now)

    def ring(self, offer: OfferId, call: CallId, agent: AgentId, now: float) -> None:
        answers_s = now + self.chance.uniform(1, 6)
        kind = self.chance.random()
        if kind < 0.08:
            # Nobody answers: the engine's own clock ends the ring, and the operator comes back.
            self.later(now + 40.0, i.AgentReadied(agent))
            return
        if kind < 0.12:
            self.later(answers_s, i.OfferFailed(offer, i.OfferFailure.BUSY))
            return
        self.later(answers_s, i.OfferAnswered(offer))
        self.later(answers_s + 0.2, i.CallConnected(offer))
        ends_s = answers_s + self.chance.expovariate(1 / 60)
        self.later(ends_s, i.LegEnded(offer))
        self.later(ends_s + 0.1, i.CallerHungUp(call, 17))
        if self.chance.random() < 0.3:
            self.later(ends_s + 3.0, i.AgentReadied(agent))


@pytest.fixture(scope="module")
def day() -> Day:
    """A busy half hour."""
    return Telephones(4).recorder.day


@pytest.mark.requirement("M15")
@pytest.mark.parametrize("seed", range(8))
def test_a_day_is_decided_again_as_it_was(seed: int) -> None:
    day = Telephones(seed).recorder.day
    played = play(day)
    compared = compare(day, played)
    assert compared.decisions > 40
    assert compared.differences == ()
    assert played.rows == day.rows


def test_one_more_operator_helps_and_one_less_hurts(day: Day) -> None:
    more = report_of(day, Change(plus=(AgentId("op0"),)), 1)
    less = report_of(day, Change(absent=(AgentId("op0"),)), 1)
    assert more.changed is not None
    assert less.changed is not None
    rates = [each["answer_rate_a"].value for each in (less.changed, more.replayed, more.changed)]
    assert rates == sorted(rates, key=lambda rate: rate or 0.0)
    assert rates[0] != rates[2]
    calls = play(day, less.change).rings.values()
    rung = {ring.agent for rings in calls for ring in rings}
    assert rung == {"op1", "op2"}


def test_who_finds_no_line_is_blocked(day: Day) -> None:
    change = change_of(day, Asked(lines="-1"))
    assert change.lines == most_at_once(day) - 1
    report = report_of(day, Change(lines=2), 1)
    assert report.changed is not None
    assert (report.changed["blocked"].value or 0) > 0


def test_another_plan_is_tried_on_the_same_day(day: Day) -> None:
    slow = the_plan()
    queue = slow.queues[0]
    plan = Plan("slow", (type(queue)(**{f: getattr(queue, f) for f in queue.__struct_fields__}
                                     | {"wrap_up_s": 120.0}),), slow.agents,
                default_queue=QueueId("tax"))  # fmt: skip
    report = report_of(day, Change(plan=plan), 1)
    assert report.changed is not None
    assert (report.changed["answer_rate_a"].value or 0) < (
        report.replayed["answer_rate_a"].value or 0
    )


def test_a_difference_is_told_in_words(day: Day) -> None:
    changed = compare(day, play(day, Change(absent=(AgentId("op0"),))))
    assert changed.differences
    first = next(each for each in changed.differences if each.recorded == "op0")
    assert "in the replay op0 was not logged in" in first.en
    assert "op0はログインしていなかった" in first.ja


def test_the_same_seed_gives_the_same_day(day: Day) -> None:
    change = Change(plus=(AgentId("op1"), AgentId("op1")))
    assert play(day, change, 3).rows == play(day, change, 3).rows


def test_the_replay_comes_first_in_both_languages(day: Day) -> None:
    report = report_of(day, change_of(day, Asked(plus=1)), 1)
    english, japanese = (list(told(report, japanese=each)) for each in (False, True))
    assert "(100.0%) are those that were made" in english[0]
    assert "(100.0%)が当日と同じでした" in japanese[0]
    assert english[1].startswith("With 1 more who work as op")
    assert json.loads(report.as_json())["identical"] == 1.0


def test_the_figures_are_a_file_of_lines_as_well(day: Day) -> None:
    change = change_of(day, Asked(plus=1))
    rows = report_of(day, change, 1).as_csv().splitlines()
    assert rows[0] == "figure,recorded,replayed,changed,half_width_95"
    key, recorded, replayed, changed, half = rows[1].split(",")
    assert key == "answer_rate_a"
    assert float(recorded) == pytest.approx(float(replayed), abs=0.02)
    assert float(changed) >= float(replayed)
    assert float(half) >= 0
    plain = report_of(day, Change(), 1).as_csv().splitlines()
    assert plain[1].endswith(",,")


def test_a_changed_day_is_played_until_it_is_as_sure_as_is_asked(day: Day) -> None:
    change = Change(plus=(AgentId("op0"),))
    usual = claimable(report_of(day, change, 1))
    half = usual["answer_rate_a"].half
    assert half
    surer = report_of(day, change, 1, precision=0.7 * half)
    assert surer.runs > 10
    assert (claimable(surer)["answer_rate_a"].half or 1) <= 0.7 * half
    # Without a change there is nothing to draw: the replay itself is what is claimed.
    same = claimable(report_of(day, Change(), 1, precision=0.001))
    assert same["answer_rate_a"] == same["replayed.answer_rate_a"]
    assert same["asa_s"].mean == pytest.approx(same["recorded.asa_s"].mean, abs=0.5)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_hours_of_a_replay_are_the_days_and_are_drawn(day: Day, lang: str) -> None:
    report = report_of(day, Change(plus=(AgentId("op0"),)), 1)
    lost = sum(report.recorded[key].value or 0 for key in ("abandoned", "blocked"))
    hours = report.hours["recorded"]
    assert sum(each.lost for each in hours) == lost
    assert sum(each.offered for each in hours) == report.recorded["answer_rate_a"].whole
    assert report.changed is not None
    assert sum(each.lost for each in report.hours["changed"]) == pytest.approx(
        sum(report.changed[key].value or 0 for key in ("abandoned", "blocked"))
    )
    plots = replay_plots(report, lang)
    sides = ("当日", "再現", "変更後") if lang == "ja" else ("recorded", "replayed", "changed")
    for each in plots:
        assert all(f">{side}</text>" in each.svg for side in sides)
        assert "10" in each.note
    # Without a change there are two sides.
    assert sides[2] not in replay_plots(report_of(day, Change(), 1), lang)[0].svg


def test_patience_beyond_the_wait_is_drawn_from_who_waited_longer(day: Day) -> None:
    chance = Chance(day, 1)
    for call, waited in day.waits.items():
        patience_s = chance.patience_s(call)
        assert patience_s == waited.wait_s if waited.gave_up else patience_s > waited.wait_s


def test_kaplan_meier_counts_who_was_answered_as_long_as_they_waited() -> None:
    # Four callers; of the two who reach 30 s one gives up: 3/4 x 1/2.
    assert kaplan_meier([(40, False), (10, True), (30, True), (20, False)]) == (
        [10, 30],
        [0.75, 0.375],
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(plus=1, like="nobody"), "no operator"),
        (Asked(absent="op0,op9"), "no operator"),
        (Asked(absent="7"), "cannot be absent"),
        (Asked(lines="many"), "no number of lines"),
        (Asked(lines="-99"), "no line would be left"),
    ],
)
def test_what_cannot_be_is_refused(day: Day, asked: Asked, said: str) -> None:
    with pytest.raises(MadoguchiError, match=said):
        play(day, change_of(day, asked))
