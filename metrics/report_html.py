"""A report as one printable page: all in it, nothing loaded from elsewhere, no script.

Cells that a figure can be opened from say which (``data-key``, ``data-dim`` ...); the reports'
screen makes them buttons, on paper they are numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from metrics.measure import Family
from metrics.measures import Figure, parsed
from metrics.report_model import Chapter, Column, Form, Judged, Line, Report, Table
from metrics.report_style import sheet
from metrics.report_svg import bar, busy_lines, curve
from metrics.report_text import (
    DASH,
    WHYS,
    WORDS,
    mark,
    moment,
    number,
    period,
    target,
    title,
    word,
)

_FAMILIES = {
    "calls": ("電話と率", "Calls and rates"),
    "level": ("つながりやすさ", "Service level"),
    "wait": ("待ち時間", "Waits"),
    "handling": ("対応", "Handling"),
    "work": ("稼働", "Work"),
    "survey": ("満足度", "Satisfaction"),
    "service": ("システム", "The system"),
}
#: Tables that are set two in a row: few and narrow columns.
_NARROW = (Chapter.CALLS, Chapter.VISITS, Chapter.TRANSFERS, Chapter.ABANDONED)


def page(report: Report, lang: str) -> str:
    """The whole document, in ``ja`` or ``en``."""
    return _Page(report, lang).document()


class _Page:
    def __init__(self, report: Report, lang: str) -> None:
        self.report, self.lang = report, lang
        self.tz = ZoneInfo(report.timezone)

    def word(self, key: str) -> str:
        return escape(word(key, self.lang))

    def document(self) -> str:
        head = title(self.report, self.lang)
        body = "\n".join(part for part in self._parts() if part)
        product = word("product", self.lang)
        return (
            f'<!doctype html>\n<html lang="{self.lang}">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{escape(head)}</title>\n<style>{sheet(head, product)}</style>\n</head>\n"
            f'<body>\n<article class="report"{self._about()}>\n{body}\n'
            "</article>\n</body>\n</html>\n"
        )

    def _about(self) -> str:
        """What a screen needs to open figures."""
        report = self.report
        given = {
            "from": report.from_ms,
            "to": report.to_ms,
            "revision": report.revision,
            "complete": str(report.complete).lower(),
        }
        return "".join(f' data-{name}="{value}"' for name, value in given.items())

    def _parts(self) -> Iterable[str]:
        report = self.report
        yield self._head()
        if not report.complete:
            yield self._notice("provisional")
        if not report.balances:
            yield self._notice("unbalanced")
        if not report.basis.calls and not report.basis.in_progress:
            yield self._notice("no_calls")
        yield self._cards()
        yield self._targets()
        yield from self._tables()
        yield self._figures()
        yield self._corrections()
        yield self._definitions()
        yield (f"<footer>{self.word('contents_rule')}<br>{self.word('no_persons')}</footer>")

    def _notice(self, key: str) -> str:
        return f'<p class="notice" role="note">{self.word(key)}</p>'

    def _head(self) -> str:
        report, lines = self.report, [escape(self.report.timezone)]
        if report.revisions:
            made = moment(report.revisions[-1].made_ms, self.lang, self.tz)
            lines = [
                f"{self.word('revision')} {report.revision}",
                f"{self.word('made')} {made}",
                *lines,
            ]
        meta = "<br>".join(lines)
        return (
            f'<header><div><p class="kicker">{self.word("product")}</p>'
            f"<h1>{escape(title(report, self.lang))}</h1></div>"
            f'<p class="meta">{meta}</p></header>'
        )

    # -- figures -----------------------------------------------------------------------------

    def _number(self, cell: Figure, form: Form) -> str:
        return escape(number(cell.value, form, self.lang, self.tz))

    def _cards(self) -> str:
        cards = []
        for each in self.report.judged[:4]:
            value = self._number(each.figure, each.form).replace(" %", "<small> %</small>")
            goals = "".join(self._goal(each, column) for column in ("contract", "promise"))
            cards.append(
                f'<div class="card"><span class="name">{escape(each.name.of(self.lang))}</span>'
                f"<b{_opens(each.figure, each)}>{value}</b>"
                f'<span class="parts">{_parts(each.figure, self.lang)}</span>'
                f"{f'<span class=goals>{goals}</span>' if goals else ''}</div>"
            )
        return f'<div class="cards">{"".join(cards)}</div>'

    def _parts_of(self, each: Judged) -> str:
        return _parts(each.figure, self.lang) if each.form is Form.SHARE else ""

    def _goal(self, each: Judged, column: str, *, named: bool = True) -> str:
        value = each.contract if column == "contract" else each.promise
        if value is None:
            return ""
        ok = each.met if column == "contract" else each.kept
        limit = f"{escape(target(each, value, self.lang, self.tz))} {self._mark(ok)}"
        return f"<span>{self.word(column)} {limit}</span>" if named else limit

    def _mark(self, ok: bool | None) -> str:
        text = mark(ok, self.lang)
        return f'<span class="{"ok" if ok else "bad"}">{escape(text)}</span>' if text else ""

    def _targets(self) -> str:
        rows = []
        for each in self.report.judged:
            hour = f'<span class="at">{escape(each.hour.of(self.lang))}</span>' if each.hour else ""
            key = f'<span class="at">{escape(each.figure.key)}</span>'
            goals = "".join(
                f'<td class="text">{self._goal(each, column, named=False) or DASH}</td>'
                for column in ("contract", "promise")
            )
            rows.append(
                f"<tr><th>{escape(each.name.of(self.lang))}{key}</th>"
                f"<td{_opens(each.figure, each)}>{self._number(each.figure, each.form)}{hour}</td>"
                f"<td>{_parts(each.figure, self.lang)}</td>{goals}</tr>"
            )
        heads = "".join(
            f'<th scope="col"{css}>{self.word(key)}</th>'
            for key, css in (
                ("figure", ' class="text"'),
                ("value", ""),
                ("parts", ""),
                ("contract", ' class="text"'),
                ("promise", ' class="text"'),
            )
        )
        return (
            f'<section class="keep"><h2>{self.word("targets")}</h2><div class="scroll"><table>'
            f"<thead><tr>{heads}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></div></section>"
        )

    def _figures(self) -> str:
        blocks = []
        for family, group in groupby(self.report.figures, key=lambda each: each.family):
            ja, en = _FAMILIES[family]
            rows = "".join(
                f"<tr><th>{escape(each.name.of(self.lang))}"
                f'<span class="at">{escape(each.figure.key)}</span></th>'
                f"<td{_opens(each.figure, each)}>{self._number(each.figure, each.form)}"
                f'<span class="at">{self._parts_of(each)}</span>'
                "</td></tr>"
                for each in group
            )
            head = escape(ja if self.lang == "ja" else en)
            blocks.append(
                f'<table><thead><tr><th class="text">{head}</th><th></th></tr></thead>'
                f"<tbody>{rows}</tbody></table>"
            )
        half = -(-len(blocks) // 2)
        sides = (blocks[:1], blocks[1:]) if len(blocks) > 3 else (blocks[:half], blocks[half:])
        columns = "".join(f"<div>{'<br>'.join(side)}</div>" for side in sides)
        head = f"<h2>{self.word('all_figures')}</h2>"
        return f'<section>{head}<div class="two">{columns}</div></section>'

    # -- tables ------------------------------------------------------------------------------

    def _tables(self) -> Iterable[str]:
        pair: list[str] = []
        for table in self.report.tables:
            made = self._heat(table) if table.id == Chapter.HEAT else self._table(table)
            if table.id in _NARROW:
                pair.append(made)
                if len(pair) == 2:
                    yield f'<div class="two keep">{pair[0]}{pair[1]}</div>'
                    pair = []
                continue
            yield made
        yield from pair

    def _table(self, table: Table) -> str:
        timed = table.id in (Chapter.CURVE, Chapter.WORST)
        head = f"<h2>{escape(table.name.of(self.lang))}</h2>"
        if table.id == Chapter.CURVE:
            head = f'<div class="keep">{head}{curve(self.report, self.lang)}</div>'
        if not table.lines:
            told = table.note if table.id == Chapter.OUTAGES and table.note else WORDS["empty"]
            return f'<section class="keep">{head}<p>{escape(told.of(self.lang))}</p></section>'
        note = f'<p class="note">{escape(table.note.of(self.lang))}</p>' if table.note else ""
        heads = "".join(self._column(table, at) for at in range(len(table.columns)))
        shown = busy_lines(table) if table.id == Chapter.CURVE else table.lines
        rows = "".join(f"<tr>{self._line(table, line)}</tr>" for line in shown)
        foot = f"<tfoot><tr>{self._line(table, table.total)}</tr></tfoot>" if table.total else ""
        keep = ' class="keep"' if len(shown) <= 24 and table.id != Chapter.CURVE else ""
        first = f'<th scope="col" class="text">{escape(table.head.of(self.lang))}</th>'
        return (
            f'<section{keep} data-table="{escape(table.id)}">{head}<div class="scroll">'
            f"<table{' class=hours' if timed else ''}><thead><tr>{first}{heads}</tr></thead>"
            f"<tbody>{rows}</tbody>{foot}</table></div>{note}</section>"
        )

    def _column(self, table: Table, at: int) -> str:
        """A heading; with the threshold where it is the same in all lines."""
        column = table.columns[at]
        same = "" if _mixed(table, at) else _threshold(table.lines[0].cells[at].key)
        small = f'<span class="at">{escape(same)}</span>' if same else ""
        return f'<th scope="col">{escape(column.name.of(self.lang))}{small}</th>'

    def _line(self, table: Table, line: Line) -> str:
        cells = [f'<th scope="row">{escape(line.name.of(self.lang))}</th>']
        for at, (column, cell) in enumerate(zip(table.columns, line.cells, strict=True)):
            text = self._number(cell, column.form)
            if column.key == "share":
                small_bar = "" if line is table.total else bar(cell.value)
                text = f'{small_bar}<span class="pct">{text}</span>'
            if _mixed(table, at):
                text += f'<span class="at">{escape(_threshold(cell.key))}</span>'
            cells.append(f"<td{_opens(cell, line, table, column)}>{text}</td>")
        return "".join(cells)

    def _heat(self, table: Table) -> str:
        assert table.total is not None
        sums = [cell.value or 0 for cell in table.total.cells[:-1]]
        used = [at for at, value in enumerate(sums) if value] or [8, 17]
        shown = range(min(used), max(used) + 1)
        most = max((line.cells[at].value or 0 for line in table.lines for at in shown), default=0)
        heads = "".join(f"<th>{at}</th>" for at in shown)
        total = escape(table.columns[-1].name.of(self.lang))
        rows = []
        for line in table.lines:
            cells = "".join(
                f'<td class="h{_depth(line.cells[at].value or 0, most)}">'
                f"{line.cells[at].value or 0:,.0f}</td>"
                for at in shown
            )
            whole = f'<td class="sum">{line.cells[-1].value or 0:,.0f}</td>'
            rows.append(f"<tr><th>{escape(line.name.of(self.lang))}</th>{cells}{whole}</tr>")
        foot = "".join(f'<td class="sum">{sums[at]:,.0f}</td>' for at in shown)
        whole = f'<td class="sum">{table.total.cells[-1].value or 0:,.0f}</td>'
        return (
            f'<section class="keep"><h2>{escape(table.name.of(self.lang))}</h2>'
            f'<div class="scroll"><table class="heat"><thead><tr><th></th>{heads}<th>{total}</th>'
            f"</tr></thead><tbody>{''.join(rows)}</tbody><tfoot><tr><th>{total}</th>{foot}{whole}"
            "</tr></tfoot></table></div></section>"
        )

    # -- what stands at the end --------------------------------------------------------------

    def _corrections(self) -> str:
        if len(self.report.revisions) < 2:
            return ""
        rows = []
        for each in reversed(self.report.revisions):
            why = "、" if self.lang == "ja" else "; "
            reasons = why.join(WHYS[reason].of(self.lang) for reason in each.why)
            changes = "".join(
                f"<br>{escape(change.where.of(self.lang))}: "
                f"{escape(number(change.before, change.form, self.lang, self.tz))} → "
                f"{escape(number(change.after, change.form, self.lang, self.tz))}"
                for change in each.changes
            )
            more = each.changed - len(each.changes)
            if more > 0:
                changes += "<br>" + escape(word("more_changes", self.lang).format(n=more))
            said = f"{escape(reasons) or self.word('first_making')}{changes}"
            made = moment(each.made_ms, self.lang, self.tz)
            cells = "".join(f'<td class="text">{text}</td>' for text in (made, said))
            rows.append(f"<tr><td>{each.number}</td>{cells}</tr>")
        return (
            f"<section><h2>{self.word('corrections')}</h2><table><thead><tr>"
            f'<th>{self.word("revision")}</th><th class="text">{self.word("made")}</th>'
            f'<th class="text">{self.word("why")}</th></tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></section>"
        )

    def _definitions(self) -> str:
        rows = "".join(
            f'<tr><td class="text">{escape(each.name.of(self.lang))}<br>'
            f"<code>{escape(each.key)}</code></td>"
            f'<td class="text">{escape(each.formula.of(self.lang))}</td>'
            f'<td class="text">'
            f"{escape(each.threshold.of(self.lang)) if each.threshold else ''}</td></tr>"
            for each in self.report.definitions
        )
        heads = "".join(
            f'<th class="text">{self.word(key)}</th>' for key in ("figure", "formula", "threshold")
        )
        return (
            f'<section class="definitions"><h2>{self.word("definitions")}</h2><table>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>"
        )


def _parts(cell: Figure, lang: str) -> str:
    """Both numbers of a rate; shares of time as times."""
    if cell.whole is None:
        return ""
    of_time = parsed(cell.key)[0].family in (Family.WORK, Family.SERVICE)
    form = Form.MS if of_time else Form.COUNT
    part, whole = (number(each, form, lang, UTC) for each in (cell.part or 0, cell.whole))
    return f"{part} ÷ {whole}"


def _threshold(key: str) -> str:
    found = key.removesuffix("_from_answer").rpartition("_")[2]
    return f"T={found}" if found.endswith("s") and found[:-1].replace(".", "").isdigit() else ""


def _mixed(table: Table, at: int) -> bool:
    """Whether the lines of a column have different thresholds."""
    return len({_threshold(line.cells[at].key) for line in table.lines}) > 1


def _depth(value: float, most: float) -> int:
    """How dark a cell of the heat map is, 0 to 6."""
    return min(6, 1 + int(5.999 * value / most)) if value and most else 0


def _opens(
    cell: Figure, about: Judged | Line, table: Table | None = None, column: Column | None = None
) -> str:
    """What the screen needs to open the cell; nothing where it cannot be opened."""
    if cell.value is None or (column is not None and not column.opens):
        return ""
    given = {"key": cell.key}
    if isinstance(about, Judged):
        if about.worst_hour:
            return ""
        if about.dim is not None:
            given |= {"dim": about.dim.value, "value": about.value}
    elif about.id == "*":
        return ""
    elif about.from_ms is not None:
        given |= {"from": str(about.from_ms), "to": str(about.to_ms)}
    elif table is not None and table.dim is not None:
        total = about is table.total
        given |= {"dim": table.dim.value} | ({} if total else {"value": about.id})
    return "".join(f' data-{name}="{escape(value)}"' for name, value in given.items())


__all__ = ["page", "period"]
