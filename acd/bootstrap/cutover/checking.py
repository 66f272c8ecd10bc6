"""The check before a rehearsal: is the installation ready for this cut-over, point by point?"""

from __future__ import annotations

import asyncio
import ipaddress
import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from acd.bootstrap.cutover.work import PLAN, Cutover
from acd.bootstrap.doctor import Examined, Said, Verdict, examine
from acd.bootstrap.doctor.finding import told
from acd.config import Centre, load_centre
from acd.config.cutover_file import CallBy, CallKind
from acd.errors import ConfigError
from sim.load.telephone import own_address


class Point(Struct, frozen=True):
    """One point of the check: what was asked, whether it is so, and what was found."""

    key: str
    good: bool
    asked: Said
    found: Said


async def check(work: Cutover, tell: Callable[[Point], None] = lambda _: None) -> list[Point]:
    """Every point: the doctor's, the plans', the matrix's. Nothing is changed."""
    points: list[Point] = []

    def add(point: Point) -> None:
        points.append(point)
        tell(point)

    await examine(work.centre, lambda each: add(_of_doctor(each)))
    before, wrong_before = await asyncio.to_thread(_loaded, work.centre)
    after, wrong_after = await asyncio.to_thread(_with_after, work)
    add(_usable("before", Said("いまの計画 plan.toml", "the plan of now"), wrong_before))
    add(_usable("after", Said(f"切替後の計画 {work.plan.after}", "the plan after"), wrong_after))
    if before is not None:
        wanted = [each.temporary for each in work.plan.numbers]
        asked = Said("仮番号がいまの計画にある", "temporary numbers are in the plan of now")
        add(_listed("temporary", asked, wanted, before))
    if after is not None:
        wanted = [each.number for each in work.plan.numbers]
        asked = Said("本番の番号が切替後の計画にある", "the numbers are in the plan after")
        add(_listed("numbers", asked, wanted, after))
    add(_unlisted(work, [each for each in (before, after) if each is not None]))
    add(_kinds(work))
    add(await asyncio.to_thread(_way_in, work))
    add(_times(work))
    return points


def passed(points: list[Point]) -> bool:
    """Whether every point is as it should be."""
    return all(each.good for each in points)


def _of_doctor(each: Examined) -> Point:
    words = each.finding.found
    if each.finding.todo is not None:
        todo = each.finding.todo
        words = Said(f"{words.ja} → {todo.ja}", f"{words.en} → {todo.en}")
    good = each.finding.verdict is not Verdict.FAULT
    return Point(f"doctor.{each.key}", good, each.name, words)


def _loaded(folder: Path) -> tuple[Centre | None, Said | None]:
    try:
        return load_centre(folder), None
    except ConfigError as error:
        return None, told(error)


def _with_after(work: Cutover) -> tuple[Centre | None, Said | None]:
    """The centre as it will be: the same files, with the other plan in the place of the plan."""
    target = work.centre / work.plan.after
    if not target.is_file():
        return None, Said(f"{target} がありません", f"there is no {target}")
    with tempfile.TemporaryDirectory(prefix="madoguchi-cutover-") as name:
        folder = Path(name)
        for path in work.centre.iterdir():
            if path.name != PLAN:
                (folder / path.name).symlink_to(path)
        (folder / PLAN).symlink_to(target)
        return _loaded(folder)


def _usable(key: str, asked: Said, wrong: Said | None) -> Point:
    return Point(f"plan.{key}", wrong is None, asked, wrong or Said("誤りなし", "right"))


def _listed(key: str, asked: Said, wanted: list[str], centre: Centre) -> Point:
    there = {each.number for each in centre.plan.numbers}
    missing = [each for each in wanted if each not in there]
    found = Said(f"{len(wanted)}個すべて", f"all {len(wanted)}")
    if missing:
        found = Said(f"ないもの: {'、'.join(missing)}", f"missing: {', '.join(missing)}")
    return Point(f"numbers.{key}", not missing, asked, found)


def _unlisted(work: Cutover, centres: list[Centre]) -> Point:
    there = {each.number for centre in centres for each in centre.plan.numbers}
    calls = [each for each in work.plan.calls if each.kind is CallKind.UNLISTED]
    known = [each.id for each in calls if each.number in there]
    found = Said("どの計画にもない番号です", "in neither plan")
    if known:
        found = Said(f"載っています: {'、'.join(known)}", f"listed after all: {', '.join(known)}")
    asked = Said("案内していない番号への試験", "test of a number that is not listed")
    return Point("numbers.unlisted", not known, asked, found)


def _kinds(work: Cutover) -> Point:
    missing = [each.value for each in work.plan.missing_kinds()]
    found = Said(f"{len(work.plan.calls)}件", f"{len(work.plan.calls)} calls")
    if missing:
        found = Said(f"ない種類: {'、'.join(missing)}", f"kinds missing: {', '.join(missing)}")
    asked = Said("試験通話の種類がそろっている", "the matrix has every kind of call")
    return Point("matrix", not missing, asked, found)


def _way_in(work: Cutover) -> Point:
    """Whether a trunk takes calls from this machine: else no test call of its own gets through."""
    asked = Said("このマシンからの試験通話を受ける回線がある", "a trunk takes this machine's calls")
    if all(each.by is CallBy.PERSON for each in work.plan.calls):
        return Point("way_in", True, asked, Said("すべて人がかけます", "people make them all"))
    switch = work.settings.switch
    try:
        own = ipaddress.ip_address(own_address((switch.sip_bind, switch.sip_port)))
    except OSError as error:
        reason = error.strerror or "?"
        return Point("way_in", False, asked, Said(f"届きません ({reason})", f"no way ({reason})"))
    names = [
        name
        for name, trunk in sorted(work.settings.trunks.items())
        if any(own in ipaddress.ip_network(each) for each in trunk.match)
    ]
    found = Said(f"{own} から {'、'.join(names)}", f"from {own} over {', '.join(names)}")
    if not names:
        found = Said(
            f"{own} をどの回線も受けません。settings.toml に試験用の [trunks.ID] を加えてください",
            f"no trunk admits {own}: add one for tests to settings.toml",
        )
    return Point("way_in", bool(names), asked, found)


def _times(work: Cutover) -> Point:
    times = work.plan.times
    good = work.now() < times.switch_until.timestamp()
    shown = f"{times.switch_from:%Y-%m-%d %H:%M} – {times.switch_until:%H:%M %z}"
    found = Said(shown, shown)
    if not good:
        found = Said(f"{shown} は過ぎています", f"{shown} is over")
    asked = Said("切替の時間帯がこれからである", "the window of the switch is to come")
    return Point("times", good, asked, found)
