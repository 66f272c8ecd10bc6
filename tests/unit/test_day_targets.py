"""The day so far against what was agreed: who is told what, when it is missed and met again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from acd.app.day_targets import DayTargets, standings
from acd.app.figures import LiveFigures
from acd.config import load_centre
from acd.config.alarm_settings import USUAL_RULES, AlarmKind, Column, Rule
from metrics.availability import ServiceState, Stretch
from metrics.contract import Contract
from tests.fakes.centre import CENTRE, Centre
from tests.ledger_rows import ms
from tests.unit.test_live_figures import counting, until
from tests.web.wallboard_kit import KnownPast, figures_of, finished
from tests.web.watching_kit import Watched

pytestmark = pytest.mark.requirement("M12")

#: A Friday on which the centre opens at half past eight.
NINE_S = ms("2026-11-20T09:00") / 1000
TARGETS = tuple(rule for rule in USUAL_RULES.values() if rule.kind.name.startswith("TARGET_"))


class Day:
    """A day whose calls come as a test says: each waited eight seconds."""

    def __init__(self, rules: Sequence[Rule] = TARGETS, now_s: float = NINE_S) -> None:
        self.centre = Centre(load_centre(CENTRE).plan, now=now_s)
        self.figures: LiveFigures = figures_of(self.centre, KnownPast())
        self.targets = DayTargets(self.figures)
        self.watched = Watched(self.centre, targets=self.targets, rules=tuple(rules))
        self._count = 0

    async def begin(self) -> Day:
        async with counting(self.figures):
            await until(lambda: self.figures.today)
        return self

    def calls(self, answered: int = 0, abandoned: int = 0, queue: str = "tax") -> None:
        for number in range(answered + abandoned):
            self._count += 1
            at_ms = round(self.centre.now * 1000) - 60_000
            taken = number < answered
            self.figures.take(finished(self._count, at_ms, 8_000, answered=taken, queue=queue))
        self.figures.count()

    async def told(self, count: int) -> list[tuple[str, str, str]]:
        """What reached somebody elsewhere: event, kind, and the Japanese sentence."""
        running = asyncio.create_task(self.watched.watching.alarms.run())
        await until(lambda: len(self.watched.told.heard) >= count)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [(e["event"], e["kind"], e["text"]["ja"]) for e in self.watched.told.heard]


async def test_a_missed_target_is_told_with_figure_target_and_since_when_and_so_is_its_end() -> (
    None
):
    # 8:31, three calls, one of them given up: 67 %, and nobody is told of three calls.
    day = await Day(now_s=NINE_S - 29 * 60).begin()
    day.calls(answered=2, abandoned=1)
    assert day.watched.looks(10 * 60) == set()
    # 49 calls, 43 of them answered (87.8 %): still one too few.
    day.calls(answered=41, abandoned=5)
    assert day.watched.looks(10 * 60) == set()
    # The fiftieth, answered: 44 ÷ 50 = 88 % are fewer than 90 %, 6 ÷ 50 = 12 % given up are more
    # than 10 %. Within 20 s 44 ÷ 50 = 88 % were answered, and 80 % were agreed: that is well.
    day.calls(answered=1)
    assert day.watched.looks(30) == set()
    missed = {"target_answer_rate", "target_abandonment"}
    assert day.watched.looks(5) == missed
    # 54 ÷ 60 = 90 % meets the target; it is over at half a point more. So would 6 ÷ 60 = 10 % be
    # at 9.5 %: 57 ÷ 63 = 90.48 % and 6 ÷ 63 = 9.52 % are not enough.
    day.calls(answered=10)
    assert day.watched.looks(10 * 60) == missed
    day.calls(answered=3)
    assert day.watched.looks(10 * 60) == missed
    # 58 ÷ 64 = 90.63 % and 6 ÷ 64 = 9.38 % are, five minutes later.
    day.calls(answered=1)
    assert day.watched.looks(5 * 60) == missed
    assert day.watched.looks(5) == set()
    assert await day.told(4) == [
        (
            "raised", "target_answer_rate",
            "センター全体の今日の応答率Aは88.0%で、仕様書の目標(90%以上)に届いていません"
            "(50件中44件、8:51から)。",
        ),
        (
            "raised", "target_abandonment",
            "センター全体の今日の放棄率(受付時間内着信比)は12.0%で、仕様書の目標(10%以下)を"
            "超えています(50件中6件、8:51から)。",
        ),
        (
            "cleared", "target_answer_rate",
            "【解消】センター全体の今日の応答率Aは90.6%になり、仕様書の目標(90%以上)を"
            "満たしています(64件中58件)。",
        ),
        (
            "cleared", "target_abandonment",
            "【解消】センター全体の今日の放棄率(受付時間内着信比)は9.4%になり、仕様書の目標"
            "(10%以下)を満たしています(64件中6件)。",
        ),
    ]  # fmt: skip
    first = day.watched.told.heard[0]
    assert first["text"]["en"] == (
        "Today in the whole centre: answer rate A is 88.0%, below the contract's target of 90%"
        " (44 of 50, since 8:51)."
    )
    assert {key: first[key] for key in ("measure", "value", "limit", "part", "whole")} == {
        "measure": "answer_rate_a", "value": 0.88, "limit": 0.9, "part": 44, "whole": 50,
    }  # fmt: skip
    assert first["bad_since"] == "2026-11-19T23:51:05+00:00"


async def test_the_variant_and_the_column_are_the_contracts() -> None:
    own = replace(USUAL_RULES["target_answer_rate"], id="own", against=Column.PROMISE)
    day = await Day((*TARGETS, own)).begin()
    # 94 of 100: what was agreed (90 %) is met, what we promised ourselves (95 %) is not.
    day.calls(answered=94, abandoned=6)
    assert day.watched.looks(60) == {"own"}
    (alarm,) = day.watched.watching.alarms.listed()
    assert "提案の目標(95%以上)" in alarm.text_ja
    assert "below the centre's promise of 95%" in alarm.text_en
    # Another variant that has no target of its own: nothing to miss.
    day.figures.contract = Contract(answer_rate="answer_rate_c")
    day.figures.count()
    assert day.targets(own) == {}
    assert day.watched.looks(10 * 60) == set()


async def test_a_queue_with_its_own_waiting_time_is_held_against_its_own_target() -> None:
    day = await Day().begin()
    # Answered after 8 s, given up otherwise. Switchboard: 35 ÷ 50 = 70 % within its 10 s, 80 % were
    # agreed. The whole centre: 185 ÷ 200 = 92.5 % within 20 s. Of taxes alone nothing was agreed.
    day.calls(answered=35, abandoned=15, queue="switchboard")
    day.calls(answered=150)
    assert day.watched.looks(60) == {"target_service_level"}
    (alarm,) = day.watched.watching.alarms.listed()
    assert alarm.subject == "switchboard"
    assert "つながりやすさ(着信比、10秒以内)は70.0%" in alarm.text_ja
    assert "service level (of all queued, within 10 s) is 70.0%" in alarm.text_en
    # A rule that names queues is about them: 120 ÷ 150 = 80 % of the tax calls by now.
    day.calls(abandoned=30)
    rule = replace(USUAL_RULES["target_answer_rate"], queues=("tax", "gone"))
    found = day.targets(rule)
    assert {queue: each and (each.part, each.whole) for queue, each in found.items()} == {
        "tax": (150, 180)
    }


async def test_availability_is_judged_when_an_hour_of_it_is_over() -> None:
    day = await Day().begin()
    up, cut = ServiceState.IN_SERVICE, ServiceState.NO_CARRIER
    half_past, nine = ms("2026-11-20T08:30"), ms("2026-11-20T09:00")
    day.figures.service_seen(Stretch(half_past, nine, "a", up))
    day.figures.service_seen(Stretch(nine, nine + 30_000, "a", cut))

    def served_until(text: str) -> None:
        until_ms = ms(text)
        day.figures.service_seen(Stretch(nine + 30_000, until_ms, "a", up))
        day.centre.now = until_ms / 1000

    served_until("2026-11-20T09:29")
    assert day.targets(USUAL_RULES["target_availability"]) == {"": None}
    served_until("2026-11-20T09:30")
    # Half a minute of an hour: 1 - 30 ÷ 3,600 = 99.1667 %, and 99.9 % were agreed.
    assert day.watched.looks(15) == set()
    served_until("2026-11-20T09:31")
    assert day.watched.looks(15) == {"target_availability"}
    (alarm,) = day.watched.watching.alarms.listed()
    # 30 ÷ 3,660 of the hour and a minute are out of service: 99.1803 %, cut off.
    assert "は99.18%で、仕様書の目標(99.9%以上)" in alarm.text_ja
    assert "受けられなかった時間 0分30秒" in alarm.text_ja
    assert "out of service 0 min 30 s" in alarm.text_en


async def test_before_the_ledger_is_read_nothing_is_said_and_then_each_figure_has_its_name() -> (
    None
):
    day = Day()
    assert [day.targets(rule) for rule in TARGETS] == [{}, {}, {}, {}]
    assert standings(day.figures) == {}
    await day.begin()
    day.calls(answered=45, abandoned=5)
    found = standings(day.figures)
    # Of the whole centre ("") all of them, and of a queue what has a target of its own.
    assert [name for name, queue in found if not queue] == [
        kind.value.removeprefix("target_") for kind in AlarmKind
    ][-4:]
    assert [each for each in found if each[1]] == [("service_level", "switchboard")]
    assert found["answer_rate", ""][0].value == 0.9
    # Exactly as agreed is as agreed.
    assert day.watched.looks(120) == set()
    day.calls(answered=3, abandoned=1, queue="switchboard")
    now, target = standings(day.figures)["service_level", "switchboard"]
    assert (now.key, now.value, target and target.contract) == ("sl_offered_10s", 0.75, 0.8)
