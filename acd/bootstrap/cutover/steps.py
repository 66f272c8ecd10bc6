"""The steps of a cut-over, each recorded with what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence

import msgspec
from msgspec import Struct

from acd.app.cutover_calls import Tried
from acd.app.cutover_gate import Criterion, go
from acd.app.cutover_state import Deed
from acd.bootstrap.cutover.checking import Point, check, passed
from acd.bootstrap.cutover.facts import criteria
from acd.bootstrap.cutover.moving import Centre, adopt_after, adopt_former
from acd.bootstrap.cutover.placing import AskPerson, try_call
from acd.bootstrap.cutover.work import Cutover
from acd.config.cutover_file import CallBy, CallKind, CallRow
from acd.errors import MadoguchiError

#: Told before and after each test call.
Tell = Callable[[CallRow, str, Tried | None], None]


class Moved(Struct, frozen=True):
    """A switch or a way back: whether it was done and proven, under which version, how long from
    the word to the last proof, and the calls that prove it."""

    done: bool
    proven: bool
    version: str
    took_s: float
    calls: tuple[Tried, ...]


async def checked(work: Cutover, by: str, tell: Callable[[Point], None]) -> list[Point]:
    """Check, and record it."""
    work.must_allow(Deed.CHECK_PASSED)
    points = await check(work, tell)
    deed = Deed.CHECK_PASSED if passed(points) else Deed.CHECK_FAILED
    work.record(deed, by, {"points": msgspec.to_builtins(points)})
    return points


async def rehearsed(
    work: Cutover, by: str, ask: AskPerson, tell: Tell, only: Collection[str] = ()
) -> list[Tried]:
    """Make the calls of the matrix (or those named) to the temporary numbers, and record them.

    A rehearsal is passed when every call of the matrix passed at its last try.
    """
    work.must_allow(Deed.REHEARSAL_PASSED)
    rows = [each for each in work.plan.calls if not only or each.id in only]
    wanted = [(row, work.plan.temporary_of(row.number)) for row in rows]
    calls = await _made(work, wanted, ask, tell)
    last = {each.id: each for each in [*work.tried(), *calls]}
    good = all(row.id in last and last[row.id].passed for row in work.plan.calls)
    deed = Deed.REHEARSAL_PASSED if good else Deed.REHEARSAL_FAILED
    work.record(deed, by, {"calls": msgspec.to_builtins(calls)})
    return calls


def decided(work: Cutover, centre: Centre, by: str) -> list[Criterion]:
    """The gate; a no-go is recorded, since a city will ask why."""
    found = criteria(work, centre, by)
    if not go(found):
        work.record(Deed.NO_GO, by, {"gate": msgspec.to_builtins(found)})
    return found


async def switched(
    work: Cutover, centre: Centre, by: str, gate: Sequence[Criterion], tell: Tell
) -> Moved:
    """Adopt the plan after and prove it by a call to each number. Raises what stood in the way;
    then nothing changed."""
    began_s = time.monotonic()
    facts = {"gate": msgspec.to_builtins(list(gate))}
    try:
        version = await asyncio.to_thread(adopt_after, work, centre)
    except MadoguchiError as error:
        work.record(Deed.SWITCH_FAILED, by, {**facts, "reason": error.message})
        raise
    adopted_s = round(time.monotonic() - began_s, 3)
    work.record(Deed.SWITCHED, by, {**facts, "version": version, "adopted_s": adopted_s})
    return await proven(work, by, version, tell, began_s)


async def proven(
    work: Cutover, by: str, version: str, tell: Tell, began_s: float | None = None
) -> Moved:
    """Prove the switch by a call to each number; can be repeated."""
    work.must_allow(Deed.PROOF_PASSED)
    began_s = time.monotonic() if began_s is None else began_s
    wanted = [(row, row.number) for row in proofs(work)]
    calls = await _made(work, wanted, _nobody, tell)
    good = all(each.passed for each in calls)
    took_s = round(time.monotonic() - began_s, 3)
    deed = Deed.PROOF_PASSED if good else Deed.PROOF_FAILED
    work.record(deed, by, {"calls": msgspec.to_builtins(calls), "took_s": took_s})
    return Moved(True, good, version, took_s, tuple(calls))


async def rolled_back(work: Cutover, centre: Centre, by: str, reason: str, tell: Tell) -> Moved:
    """Put the former plan back and prove it by a call to each temporary number, timed."""
    work.must_allow(Deed.ROLLED_BACK)
    began_s = time.monotonic()
    try:
        version = await asyncio.to_thread(adopt_former, work, centre)
    except MadoguchiError as error:
        work.record(Deed.ROLLBACK_FAILED, by, {"why": reason, "reason": error.message})
        raise
    adopted_s = round(time.monotonic() - began_s, 3)
    wanted = [(row, work.plan.temporary_of(row.number)) for row in proofs(work)]
    calls = await _made(work, wanted, _nobody, tell)
    took_s = round(time.monotonic() - began_s, 3)
    good = all(each.passed for each in calls)
    work.record(
        Deed.ROLLED_BACK,
        by,
        {
            "why": reason,
            "version": version,
            "adopted_s": adopted_s,
            "took_s": took_s,
            "in_time": took_s <= work.plan.times.back_min * 60,
            "calls": msgspec.to_builtins(calls),
        },
    )
    return Moved(True, good, version, took_s, tuple(calls))


def proofs(work: Cutover) -> list[CallRow]:
    """One ordinary call for each number: the matrix's own where it has one."""
    ordinary = [
        each
        for each in work.plan.calls
        if each.kind is CallKind.ORDINARY and each.by is CallBy.MACHINE
    ]
    own = {each.number: each for each in ordinary}
    model = ordinary[0] if ordinary else None
    found = []
    for number in (each.number for each in work.plan.numbers):
        row = own.get(number)
        if row is None:
            like = {"queue": None, "keys": ""} if model else {}
            base = model or CallRow(id="x", kind=CallKind.ORDINARY, number=number)
            row = base.model_copy(update={**like, "number": number})
        found.append(row.model_copy(update={"id": f"proof-{number.lstrip('+')}"}))
    return found


async def _made(
    work: Cutover, wanted: Sequence[tuple[CallRow, str]], ask: AskPerson, tell: Tell
) -> list[Tried]:
    """The calls one after another, so that each is surely told from the next."""
    calls: list[Tried] = []
    for row, dialled in wanted:
        tell(row, dialled, None)
        before = {each.call for each in calls}
        calls.append(await try_call(work, row, dialled, ask, before))
        tell(row, dialled, calls[-1])
    return calls


async def _nobody(row: CallRow, dialled: str, until_s: float) -> None:
    """Proofs are made by this machine alone."""
