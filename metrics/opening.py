"""A figure opened: the calls that its two numbers are made of.

Nothing is said of any formula here: each row is put through the measure alone, and is part of what
comes out. What a reader counts by hand is therefore what was divided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from acd.core.cdr_types import AgentSpan, Record
from acd.core.ids import CallId
from metrics.cells import selected, sums_of
from metrics.dimensions import Dim, Shape
from metrics.intervals import Span
from metrics.measure import Params
from metrics.measures import Figure, contributes, figure, parsed
from metrics.tally import Sums


class Opened(Struct, frozen=True):
    """``part`` and ``whole`` are the calls above and below the line, in the order of the rows, each
    as often as it counts (a call with two visits to a queue may stand twice). For a plain number
    both are the same; of a percentile or a longest wait ``part`` are those that waited exactly so.
    A figure of operators' time has no calls."""

    figure: Figure
    part: tuple[CallId, ...]
    whole: tuple[CallId, ...]


def open_figure(
    key: str,
    rows: Iterable[Record],
    span: Span,
    shape: Shape,
    wanted: Mapping[Dim, str] | None = None,
    params: Params | None = None,
) -> Opened:
    """Open any figure of any span and any combination of values; raises NotFound for a key that is
    none.

    ``rows`` are those of the ledger around the span (more do no harm). Sums of times count calls
    with any such time in ``part`` and every call that is divided by in ``whole``.
    """
    known, params = parsed(key, params)
    chosen = list(selected(rows, span, shape, wanted))
    whole_sums = sums_of(chosen, span, shape)
    total = known.of(whole_sums, params)
    part: list[CallId] = []
    whole: list[CallId] = []
    for row in chosen:
        if isinstance(row, AgentSpan):
            continue
        alone = Sums()
        alone.add(row)
        above, below = contributes(known, params, alone, total)
        if above:
            part.append(row.call)
        if below:
            whole.append(row.call)
    return Opened(figure(key, whole_sums, params), tuple(part), tuple(whole))
