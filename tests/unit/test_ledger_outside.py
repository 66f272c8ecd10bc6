"""The calls that operators made, counted for the command line."""

from __future__ import annotations

from acd.cli.ledger_outside import _OUTCOMES, lines
from acd.core.cdr_types import OutsideRecord
from acd.core.dial import DialOutcome
from acd.core.ids import AgentId, CallId
from metrics.outside import outside_figures


def row(agent: str, outcome: DialOutcome, talk_ms: int = 0) -> OutsideRecord:
    call = CallId(f"out-{agent}-{outcome}")
    return OutsideRecord(call, AgentId(agent), "0466251111", 0, 1, None, 2, talk_ms, outcome)


def test_every_outcome_is_counted_and_no_number_is_shown() -> None:
    busy = DialOutcome.BUSY
    rows = [row("b", DialOutcome.ANSWERED, 30_000), row("a", busy), row("b", busy)]
    figures = outside_figures(rows)
    assert (figures.calls, figures.talk_s) == (3, 30.0)
    assert (figures.outcomes["answered"], figures.outcomes["busy"]) == (1, 2)
    assert list(figures.by_agent.items()) == [("a", 1), ("b", 2)]
    text = "\n".join(lines(figures))
    assert "0466" not in text
    assert "unreachable" not in text, "what never was is left out"


def test_every_outcome_has_words() -> None:
    assert set(_OUTCOMES) == {outcome.value for outcome in DialOutcome}
