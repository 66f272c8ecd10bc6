"""Writes ``docs/access-table.md`` from the table of routes: ``python -m tools.access_table``.

A test compares, so that every change of who may do what is seen in review.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from web.pages import PAGES
from web.roles import Role
from web.route import Route
from web.routes import DOORS, ROUTES, SPECIAL

PAGE = Path(__file__).parents[1] / "docs" / "access-table.md"

_HEAD = """# Who may do what

Generated from `web/routes.py` and `web/pages.py` by `python -m tools.access_table`; do not edit.

What is not in this table is refused. *own*: an operator, for the own operator only. *logged*: the
operation log says who did it, to what and why, refused attempts too; *of people*: where single
operators are shown; *outside*: where an outside number is called. That a caller's number was shown
is logged when the telephone rings (`caller_shown`). Rows are tried with every role by
`tests/web/test_access.py`.
"""
_NAME = re.compile(r"\{(\w+):((?:[^{}]|\{[^{}]*\})*)\}")
_SHORT = {Role.CITY_STAFF: "city staff"}


def plain(path: str) -> str:
    """A path with its names and without their patterns."""
    return _NAME.sub(r"{\1}", path)


def _row(what: str, roles: frozenset[Role] | None, logged: str = "", own: bool = False) -> str:
    cells = []
    for role in Role:
        mark = "✓" if roles is None or role in roles else ""
        cells.append("own" if mark and own and role is Role.OPERATOR else mark)
    stranger = "✓" if roles is None else ""
    return f"| {what} | " + " | ".join([*cells, stranger, logged]) + " |"


def _table(rows: Iterable[str]) -> str:
    names = [_SHORT.get(role, role.value) for role in Role]
    head = "| | " + " | ".join([*names, "anybody", "logged"]) + " |"
    return "\n".join([head, "|---" * (len(names) + 3) + "|", *rows])


def _logged(route: Route) -> str:
    if route.logged is None:
        return ""
    told = route.logged.value
    if route.logged_of_people:
        told += " (of people)"
    if route.logged_for_others:
        told += " (of others)"
    if route.logged_own is route.logged:
        told = route.logged.value
    elif route.logged_own:
        told += f", {route.logged_own.value} (own)"
    if route.logged_reading:
        told = ", ".join(
            each for each in (told, f"{route.logged_reading.value} (of calls)") if each
        )
    return told + (f", {route.logged_outside.value} (outside)" if route.logged_outside else "")


def page() -> str:
    """The page as it should be."""
    doors = [_row(f"`{door.method} {plain(door.path)}`", None) for door in DOORS]
    routes = [
        _row(
            f"`{route.method} {plain(route.path)}`",
            route.roles,
            _logged(route),
            own="{agent:" in route.path,
        )
        for route in sorted(ROUTES, key=lambda route: (plain(route.path), route.method))
    ]
    special = [_row(f"`{each.method} {each.path}`", each.roles) for each in SPECIAL]
    pages = [_row(f"`{each.path}`", None if each.linked else each.roles) for each in PAGES]
    parts = [_HEAD, "## Requests", _table([*doors, *routes, *special]), "## Pages", _table(pages)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
