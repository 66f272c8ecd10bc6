"""Draws the state machines' diagrams from their tables: ``python -m tools.diagrams``.

``docs/state-agent.md``, ``state-call.md``, ``state-leader.md`` and ``state-offer.md`` are what
this writes; a test fails when a table changed and its diagram did not.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from acd.app import cutover_state, leader
from acd.core import call, offer
from agents import state as agent

DOCS = Path(__file__).parents[1] / "docs"

Table = Mapping[Any, StrEnum]

_ABOUT = {
    "agent": (
        "operator",
        "オペレーター",
        "An operator at work. `not_ready` carries a reason. While in a call the next state can be "
        "reserved; it is taken after wrap-up. An operator who left the plan is logged out.",
    ),
    "call": (
        "call",
        "通話",
        "A caller from the first ring to the hang-up, which may come in every state and ends the "
        "call. `leaving` means: the outcome is settled, the channel is still there.",
    ),
    "offer": (
        "offer",
        "呼び出し",
        "One operator's device and one caller. A ring that comes to nothing, the end of the talk "
        "and the caller's hang-up end it in every state.",
    ),
    "leader": (
        "controller",
        "コントローラー",
        "One of several controllers and the lease. While `leading` it may act; `suspended` it may "
        "not, since its lease has run out and nobody has another yet. `stepping_down` ends when "
        "everything that acts has stopped.",
    ),
    "cutover": (
        "cut-over",
        "切り替え",
        "A centre's numbers on their way to it ([how](operations/cutover.md)). A no-go changes "
        "nothing. After a roll-back the next try begins with the check.",
    ),
}
_SOURCE = {
    "agent": "agents/state.py",
    "call": "acd/core/call.py",
    "offer": "acd/core/offer.py",
    "leader": "acd/app/leader.py",
    "cutover": "acd/app/cutover_state.py",
}


def mermaid(table: Table, first: StrEnum, ends: bool) -> str:
    """A mermaid state diagram of a table; ``ends``: every state may be the last."""
    lines = ["stateDiagram-v2", f"    [*] --> {first.value}"]
    lines += [
        f"    {state.value} --> {then.value}: {trigger.value}"
        for (state, trigger), then in table.items()
    ]
    if ends:
        states = dict.fromkeys([first, *(state for state, _ in table), *table.values()])
        lines += [f"    {state.value} --> [*]" for state in states]
    return "\n".join(lines)


def grid(table: Table) -> str:
    """The same as a table: a state per row, a trigger per column, the next state in the cell."""
    states = dict.fromkeys([*(state for state, _ in table), *table.values()])
    triggers = list(dict.fromkeys(trigger for _, trigger in table))
    rows = [
        "| | " + " | ".join(t.value for t in triggers) + " |",
        "|---" * (len(triggers) + 1) + "|",
    ]
    for state in states:
        cells = [table.get((state, trigger)) for trigger in triggers]
        rows.append(
            f"| **{state.value}** | " + " | ".join(c.value if c else "" for c in cells) + " |"
        )
    return "\n".join(rows)


def page(name: str, table: Table, first: StrEnum, *, ends: bool) -> str:
    """One machine's page."""
    english, japanese, about = _ABOUT[name]
    article = "an" if english[0] in "aeiou" else "a"
    return (
        f"# The states of {article} {english} ({japanese})\n\n"
        + f"Generated from `{_SOURCE[name]}` by `python -m tools.diagrams`; do not edit.\n\n"
        f"{about}\n\n"
        f"```mermaid\n{mermaid(table, first, ends)}\n```\n\n"
        f"An empty cell raises `TransitionError`.\n\n{grid(table)}\n"
    )


def pages() -> dict[str, str]:
    """Every page by file name."""
    return {
        "state-agent.md": page("agent", agent.TABLE, agent.AgentState.LOGGED_OUT, ends=False),
        "state-call.md": page("call", call.TABLE, call.CallState.MENU, ends=True),
        "state-cutover.md": page(
            "cutover", cutover_state.TABLE, cutover_state.Stage.PREPARED, ends=False
        ),
        "state-leader.md": page("leader", leader.TABLE, leader.LeaderState.STANDING_BY, ends=False),
        "state-offer.md": page("offer", offer.TABLE, offer.OfferState.RINGING, ends=True),
    }


def main() -> None:
    """Write all pages."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
