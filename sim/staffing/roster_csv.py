"""A roster as the file that ``madoguchi`` imports to see how far it was kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from metrics.roster import HEADER
from sim.staffing.people import Assigned
from sim.staffing.roster import RosterPlan


def roster_csv(plan: RosterPlan, assigned: Sequence[Assigned]) -> str:
    """One stretch a line, two over midnight: ``date,operator,from,to,kind``. Duties that
    nobody does are left out."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for each in sorted(assigned, key=lambda one: (one.day, one.person)):
        if not each.person:
            continue
        for stretch in each.duty.stretches:
            for day, since, to in plan.by_date(each.day, stretch.begin, stretch.end):
                writer.writerow([day.isoformat(), each.person, since, to, stretch.kind])
    return text.getvalue()
