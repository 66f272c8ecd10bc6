"""Writes ``docs/requirements.md``: which tests prove which requirement.

A test says it by ``@pytest.mark.requirement("M7")``, on itself, its class, one of its parameters
or its whole file. The files are parsed, not run: whether the tests pass is what `make test` says.

Run ``python -m tools.requirements`` after marking tests; a tidiness test compares.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "requirements.md"

#: What a city must have (M) and should have (S), in a few words.
REQUIREMENTS = {
    "M1": "A call on a real Asterisk: number, hours, menu, queue, operator; µ-law, sound both ways",
    "M2": "Enquiry and switchboard on one number; the call type is on the record",
    "M3": "Skills with levels, priority, longest idle, overflow; nobody gets a call beyond a skill",
    "M4": "Operator states with reasons, wrap-up, reserved next state; they survive a restart",
    "M5": "Opening hours by number, national holidays, ad-hoc closing, any day beforehand",
    "M6": "Announcements, recording notice with exemptions; at most 15 s from answer to queue",
    "M7": "Withheld numbers: never refused; with Privacy neither shown, stored nor logged",
    "M8": "A number that is not listed reaches the default queue and raises an alert",
    "M9": "Blind and attended transfer, return on no answer, three-way, directory of departments",
    "M10": "Ledger: every attempt, one outcome, once; it can be replayed",
    "M11": "The measures with all their variants, by interval, with the worst hour",
    "M12": "Targets in two columns, an alert within a minute",
    "M13": "Wallboard",
    "M14": "Planner: seats, lines and shifts with confidence intervals",
    "M15": "Simulator and reality agree",
    "M16": "Recording with exemptions, pause, retention, access log",
    "M17": "Listen, whisper, barge",
    "M18": "Spare trunks and nodes; service without a controller",
    "M19": "Cut-over kit",
    "M20": "Contact records, screen pop, search, tickets, operation log",
    "M21": "Public FAQ with approval, the operator's search on the same data",
    "M22": "Conformity list and security check sheet, generated",
    "M23": "Web security",
    "M24": "Roles: denied unless allowed, table of access",
    "M25": "Hostile names and numbers do no harm anywhere",
    "M26": "Daily and monthly reports",
    "M27": "Disaster mode",
    "M28": "Backup and restore",
    "M29": "List of components, audit, upgrade without dropping a call",
    "M30": "Plain Japanese, screens usable by keyboard",
    "S1": "Survey after the call",
    "S2": "Call-back that keeps its place",
    "S3": "Interpreter in a three-way call",
    "S4": "Telephone relay service",
    "S5": "Evaluation sheets",
    "S6": "Forecast from records",
    "S7": "Shifts within the rules for screen work",
    "S8": "Chat and mail in the same record and queue",
    "S9": "Single sign-on and second factor",
    "S10": "Several sites",
    "S11": "Fax into the record",
    "S12": "Blocked callers, alarm for harassment, legal hold",
    "S13": "Public notice of congestion",
    "S14": "JIS X 8341-3 AA",
    "S15": "Webhooks, full export in open formats",
    "S16": "Line quality by trunk",
}
_MARK = "pytest.mark.requirement"


def marked(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Every mark of a file as (id, test): the function or class it stands on or in, else ''."""
    yield from _walk(tree, "")


def _walk(node: ast.AST, inside: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        inside = f"{inside}::{node.name}" if inside else node.name
    if isinstance(node, ast.Call) and ast.unparse(node.func) == _MARK:
        for given in node.args:
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                yield given.value, inside
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, inside)


def proofs(tests: Path) -> dict[str, dict[str, set[str]]]:
    """Requirement id → file (relative to the project) → tests in it ('' is the whole file)."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted(tests.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.requirement" not in text:
            continue
        name = path.relative_to(tests.parent).as_posix()
        for requirement, test in marked(ast.parse(text, filename=name)):
            found[requirement][name].add(test)
    return found


def unknown(found: dict[str, dict[str, set[str]]]) -> list[str]:
    """Ids that tests name and the list does not have."""
    return sorted(set(found) - set(REQUIREMENTS), key=_order)


def page(tests: Path = PROJECT / "tests") -> str:
    """The page as it should be."""
    found = proofs(tests)
    rows = [_row(name, found.get(name, {})) for name in REQUIREMENTS]
    rows += [_row(name, found[name]) for name in unknown(found)]
    return "\n".join(
        [
            "# Requirements and the tests that prove them",
            "",
            "Generated from the marks on the tests by `python -m tools.requirements`; do not edit.",
            "M is what a city must have, S what it should have. A test proves its part of a row,",
            "not always the whole of it; a row without tests is not there yet.",
            "",
            "| id | requirement | tests |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(name: str, files: dict[str, set[str]]) -> str:
    cells = [
        f"[{Path(file).name}](../{file}){_count(tests)}" for file, tests in sorted(files.items())
    ]
    return f"| {name} | {REQUIREMENTS.get(name, '')} | {' · '.join(cells) or '–'} |"


def _count(tests: set[str]) -> str:
    """How many tests of a file are marked; nothing for the whole file."""
    return "" if "" in tests else f" ({len(tests)})"


def _order(name: str) -> tuple[str, int]:
    letters, digits = re.match(r"(\D*)(\d*)", name).groups()  # type: ignore[union-attr]
    return letters, int(digits or 0)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
