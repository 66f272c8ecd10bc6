"""The port ``Studies``: quick answers from one helper, each person's study in a helper of its own.

Bounds: one study a person, ``AT_ONCE`` together, ``STUDY_S`` each, ``KEPT_MAX`` results kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from acd.errors import LimitExceeded, MadoguchiError, NotFound
from acd.ports_paper import Paper
from acd.ports_studies import (
    Assumed,
    OwnRoster,
    OwnScenario,
    Progress,
    ScenarioText,
    StudyChoices,
    StudyState,
    Wanted,
)
from sim.page.helper import PROGRAM, Helper
from sim.page.load import CALLS_MAX, too_large

AT_ONCE = 2
WAITING_MAX = 8
STUDY_S = 120.0
ANSWER_S = 10.0
#: The helper for quick answers ends when nobody has asked for so long.
IDLE_S = 300.0
KEPT_MAX = 20

A = TypeVar("A")


class _Result(Struct, frozen=True):
    """What a study comes to: its report by language, as it is shown and as a file; a roster."""

    papers: dict[str, Paper] = {}
    files: dict[str, str] = {}
    csv: str = ""
    scenarios: dict[str, str] = {}


class _Study:
    def __init__(self, wanted: Wanted, helper: Helper) -> None:
        self.progress = Progress(StudyState.WAITING, 0, wanted.days, kind=wanted.kind)
        self.task: asyncio.Task[None] | None = None
        self.helper = helper
        self.result = _Result()


class PageStudies:
    """The page's studies in one process of the controller; ``program``: what each helper runs."""

    def __init__(self, program: Sequence[str] = PROGRAM) -> None:
        self._program = program
        self._quick = Helper(program)
        self._asking = asyncio.Lock()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._of: dict[str, _Study] = {}
        self._choices: StudyChoices | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def choices(self) -> StudyChoices:
        """The shipped examples and the bounds, read once."""
        if self._choices is None:
            self._choices = await self._ask({"ask": "choices"}, StudyChoices)
        return self._choices

    async def answer(self, assumed: Assumed, lang: str) -> Paper:
        """The exact answer, hour by hour."""
        asked = {"ask": "answer", "assumed": msgspec.to_builtins(assumed), "lang": lang}
        return await self._ask(asked, Paper)

    async def check(self, text: str, name: str) -> OwnScenario:
        """Whether a file is a scenario of this page's size, and what it sets."""
        return await self._ask({"ask": "check", "text": text, "name": name}, OwnScenario)

    async def check_roster(self, text: str, name: str) -> OwnRoster:
        """Whether a file is a roster, and what it plans."""
        return await self._ask({"ask": "check_roster", "text": text, "name": name}, OwnRoster)

    async def scenario(self, assumed: Assumed, lang: str) -> ScenarioText:
        """The scenario file of what is assumed."""
        asked = {"ask": "scenario", "assumed": msgspec.to_builtins(assumed), "lang": lang}
        return await self._ask(asked, ScenarioText)

    async def _ask(self, question: dict[str, Any], answer: type[A]) -> A:
        async with self._asking:
            whole = False
            try:
                async with asyncio.timeout(ANSWER_S):
                    said = [each async for each in self._quick.ask(question)]
                whole = True
            except MadoguchiError:
                whole = self._quick.alive
                raise
            except TimeoutError:
                raise LimitExceeded(
                    f"this takes longer than {ANSWER_S:.0f} s here: a day of fewer periods is "
                    "answered at once; a simulation takes any",
                    code="answer_too_slow",
                    ja=f"この計算は{ANSWER_S:.0f}秒では終わりません。時間帯の少ない一日なら、すぐに"
                    "答えが出ます。シミュレーションなら、そのままで計算できます。",
                ) from None
            finally:
                # Half an answer in the pipe would be taken for the next one's.
                if not whole:
                    await self._quick.end()
        self._end_when_idle()
        return msgspec.convert(said[-1], answer)

    def _end_when_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._end_quick)

    def _end_quick(self) -> None:
        if not self._asking.locked():
            task = asyncio.ensure_future(self._quick.end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def begin(self, person: str, assumed: Assumed, wanted: Wanted) -> Progress:
        """Begin a study; the one that this person has is given up."""
        if assumed.calls * assumed.surge * wanted.days > CALLS_MAX:
            raise too_large(assumed.calls * assumed.surge * wanted.days)
        await self.cancel(person)
        active = sum(each.task is not None and not each.task.done() for each in self._of.values())
        if active >= WAITING_MAX:
            raise LimitExceeded(
                "too many studies are waiting: try again in a minute",
                code="studies_busy",
                ja="計算の順番待ちが多すぎます。1分ほど待ってください。",
            )
        study = self._of[person] = _Study(wanted, Helper(self._program))
        self._forget_oldest()
        study.task = asyncio.create_task(self._run(study, assumed, wanted), name="study")
        return study.progress

    def _forget_oldest(self) -> None:
        done = [who for who, each in self._of.items() if each.task and each.task.done()]
        for who in done[: max(0, len(self._of) - KEPT_MAX)]:
            del self._of[who]

    async def _run(self, study: _Study, assumed: Assumed, wanted: Wanted) -> None:
        try:
            async with self._room:
                study.progress = replace(study.progress, state=StudyState.RUNNING)
                async with asyncio.timeout(STUDY_S):
                    await self._follow(study, assumed, wanted)
        except TimeoutError:
            self._failed(
                study,
                "study_too_slow",
                f"計算が{STUDY_S:.0f}秒で終わりませんでした。日数を減らしてください。",
                f"The study was not done within {STUDY_S:.0f} s: ask for fewer days.",
            )
        except MadoguchiError as error:
            self._failed(study, error.code, error.ja or error.message, error.message)
        finally:
            await study.helper.end()

    async def _follow(self, study: _Study, assumed: Assumed, wanted: Wanted) -> None:
        began, days = time.monotonic(), wanted.days
        asked = {
            "ask": "study",
            "assumed": msgspec.to_builtins(assumed),
            "wanted": msgspec.to_builtins(wanted),
        }
        async for said in study.helper.ask(asked):
            if "progress" in said:
                share = said["progress"]
                left_s = (time.monotonic() - began) / share * (1 - share) if share else None
                study.progress = replace(study.progress, done=int(days * share), left_s=left_s)
            else:
                study.result = msgspec.convert(said, _Result)
                study.progress = replace(
                    study.progress, state=StudyState.DONE, done=days, left_s=0.0
                )

    @staticmethod
    def _failed(study: _Study, code: str, ja: str, en: str) -> None:
        study.progress = replace(
            study.progress, state=StudyState.FAILED, left_s=None, code=code, ja=ja, en=en
        )

    def mine(self, person: str) -> Progress:
        """How far this person's study is."""
        study = self._of.get(person)
        return study.progress if study is not None else Progress(StudyState.NONE)

    async def cancel(self, person: str) -> Progress:
        """Give it up; what has come out already stays."""
        study = self._of.get(person)
        if study is None or study.task is None or study.task.done():
            return self.mine(person)
        study.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await study.task
        study.progress = replace(study.progress, state=StudyState.CANCELLED, left_s=None)
        return study.progress

    def result(self, person: str, lang: str) -> Paper:
        """What came out."""
        return self._done(person).result.papers[lang]

    def file(self, person: str, lang: str) -> bytes:
        """The report."""
        return self._done(person).result.files[lang].encode()

    def made(self, person: str, lang: str) -> ScenarioText:
        """The scenario."""
        text = self._done(person).result.scenarios.get(lang, "")
        if not text:
            raise NotFound(
                "the last study made no scenario: begin one that does",
                code="no_scenario",
                ja="最後の計算ではシナリオを作っていません。",
            )
        return ScenarioText("fitted.toml", text)

    def roster(self, person: str) -> bytes:
        """The roster."""
        text = self._done(person).result.csv
        if not text:
            raise NotFound(
                "the last study made no roster: begin one that does",
                code="no_roster",
                ja="最後の計算では勤務表を作っていません。勤務表の計算を始めてください。",
            )
        return text.encode()

    def _done(self, person: str) -> _Study:
        study = self._of.get(person)
        if study is None or study.progress.state is not StudyState.DONE:
            raise NotFound(
                "there is no finished study: begin one",
                code="no_study",
                ja="終わった計算はありません。計算を始めてください。",
            )
        return study

    async def close(self) -> None:
        """End all processes."""
        if self._idle is not None:
            self._idle.cancel()
        for person in list(self._of):
            await self.cancel(person)
        await self._quick.end()
