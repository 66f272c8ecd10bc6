"""A roster as the file that ``madoguchi`` imports to see how far it was kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from metrics.roster import HEADER
from sim.staffing.people import Assigned
from sim.staffing.roster import RosterPlan


def roster_csv(plan: RosterPlan, assigned: Sequence[Assigned]) -> str:
    """One stretch a line: ``date,operator,from,to,kind``. Duties that nobody does are left out."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for each in sorted(assigned, key=lambda one: (one.day, one.person)):
        if not each.person:
            continue
        for stretch in each.duty.stretches:
            times = plan.clock(stretch.begin), plan.clock(stretch.end)
            writer.writerow([each.day.isoformat(), each.person, *times, stretch.kind])
    return text.getvalue()
