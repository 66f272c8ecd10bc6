"""Writes the planner's common options into both pages: ``python -m tools.planner_options``.

A test compares, so that every change of what a verb takes is seen in review.
"""

from __future__ import annotations

from pathlib import Path

from acd.cli.plan.takes import REASONS, TAKES, Common, Takes, Why

_DOCS = Path(__file__).parents[1] / "docs"
PAGES = {"en": _DOCS / "planning.md", "ja": _DOCS / "planning.ja.md"}
_BEGIN, _END = "<!-- options: python -m tools.planner_options -->\n", "<!-- end of options -->\n"


def with_table(text: str, lang: str) -> str:
    """A page as it should be: what stands between its marks is the table."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{_table(lang)}{_END}{after}"


def _table(lang: str) -> str:
    verbs = "コマンド" if lang == "ja" else "verb"
    head = f"| {verbs} | " + " | ".join(f"`{each}`" for each in Common) + " |"
    found = list(dict.fromkeys(why for row in TAKES.values() for why in row.without.values()))
    rows = [_row(name, row, found) for name, row in TAKES.items()]
    which = 0 if lang == "ja" else 1
    notes = [f"{n}. {REASONS[why][which]}" for n, why in enumerate(found, 1)]
    lines = ["", head, "|---" + "|:-:" * len(Common) + "|", *rows, "", *notes, ""]
    return "\n".join(lines) + "\n"


def _row(name: str, row: Takes, found: list[Why]) -> str:
    cells = ["✓" if row.takes(each) else f"({found.index(row.without[each]) + 1})"
             for each in Common]  # fmt: skip
    return f"| `{name}` | " + " | ".join(cells) + " |"


def main() -> None:
    """Write both pages."""
    for lang, path in PAGES.items():
        path.write_text(with_table(path.read_text("utf-8"), lang), "utf-8")


if __name__ == "__main__":
    main()
