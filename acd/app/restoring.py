"""The engine and the record book as a journal left them."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from acd.app.journal import Journal, Restored
from acd.core.cdr import Book
from acd.core.engine import Engine
from acd.core.events import PlanAdopted
from acd.core.plan import Plan
from acd.ports import Step


def restored_engine(journal: Journal, plan: Plan) -> tuple[Engine, Restored]:
    """The engine as it was when the last step was written, or a fresh one for ``plan``; the book
    is the journal's own.

    Without a snapshot the journal alone is enough, since it begins with the adoption of a plan.
    Where it does not (its beginning is lost), engine and book begin anew together: the sweep over
    the switch finds the calls.
    """
    restored = journal.restore()
    zone = ZoneInfo(plan.timezone)
    if restored.engine is None and not _begins_with_a_plan(restored.steps):
        journal.book = Book()
        return Engine(plan, zone), restored
    engine = Engine(plan, zone)
    if restored.engine is not None:
        engine = Engine.restore(restored.engine, zone)
    for step in restored.steps:
        for event in step.events:
            engine.apply(event, step.at_s)
    return engine, restored


def _begins_with_a_plan(steps: Sequence[Step]) -> bool:
    events = steps[0].events if steps else ()
    return bool(events) and isinstance(events[0], PlanAdopted)
