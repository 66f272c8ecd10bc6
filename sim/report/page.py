"""A study's report as one printable page: all in it, nothing loaded from elsewhere, no script.

It holds no date of its making: the same study gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from metrics.report_model import Name
from metrics.report_style import sheet
from sim.report.paper import Card, Drawn, Paper, Sheet
from sim.report.style import OWN

_HEADS = {
    "answer": Name("答え", "The answer"),
    "plots": Name("図", "Plots"),
    "assumptions": Name("前提", "What is assumed"),
    "method": Name("計算のしかた", "How it was computed"),
    "definitions": Name("数字の意味", "What the figures mean"),
    "origin": Name("計算の記録", "What it was computed with"),
    "product": Name("席と回線の計画", "Seats and lines: a study"),
}


def page(paper: Paper) -> str:
    """The whole document."""
    lang = paper.lang
    style = sheet(paper.title, _HEADS["product"].of(lang)) + OWN
    body = "\n".join(part for part in _parts(paper) if part)
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(paper.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<article class="report study">\n{body}\n</article>\n</body>\n</html>\n'
    )


def _parts(paper: Paper) -> Iterable[str]:
    def head(key: str) -> str:
        return f"<h2>{escape(_HEADS[key].of(paper.lang))}</h2>"

    yield (
        f'<header><div><p class="kicker">{escape(_HEADS["product"].of(paper.lang))}</p>'
        f"<h1>{escape(paper.title)}</h1></div>"
        f'<p class="meta">{escape(paper.subject)}</p></header>'
    )
    first, rest = paper.answer[:1], paper.answer[1:]
    yield (
        head("answer")
        + "".join(f'<p class="lead">{escape(said)}</p>' for said in first)
        + _list(rest)
    )
    yield "".join(f'<p class="notice">{escape(said)}</p>' for said in paper.warnings)
    yield f'<div class="cards">{"".join(map(_card, paper.cards))}</div>' if paper.cards else ""
    yield from (f"<h2>{escape(title)}</h2>{_list(said)}" for title, said in paper.chapters)
    yield from (_plot(drawn) for drawn in paper.plots)
    yield from (_table(each) for each in paper.sheets)
    for key, told in (
        ("assumptions", _pairs(paper.assumptions)),
        ("method", _list(paper.method)),
        ("definitions", _pairs(paper.definitions)),
    ):
        yield head(key) + told if told else ""
    if paper.origin:
        yield "<footer>" + head("origin") + _pairs(paper.origin) + "</footer>"


def _list(sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    return "<ul>" + "".join(f"<li>{escape(said)}</li>" for said in sentences) + "</ul>"


def _card(card: Card) -> str:
    note = f'<span class="parts">{escape(card.note)}</span>' if card.note else ""
    return (
        f'<div class="card"><span class="name">{escape(card.name)}</span>'
        f"<b>{escape(card.value)}</b>{note}</div>"
    )


def _plot(drawn: Drawn) -> str:
    return (
        f'<section class="keep figure"><h2>{escape(drawn.title)}</h2>{drawn.svg}{drawn.narrow}'
        f'<p class="note">{escape(drawn.note)}</p></section>'
    )


def _table(each: Sheet) -> str:
    head = "".join(
        f'<th scope="col"{"" if at else " class=text"}>{escape(said)}</th>'
        for at, said in enumerate(each.head)
    )
    rows = "".join(
        f'<tr{" class=strong" if at == each.strong else ""}><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(said)}</td>" for said in row[1:])
        + "</tr>"
        for at, row in enumerate(each.rows)
    )
    note = f'<p class="note">{escape(each.note)}</p>' if each.note else ""
    return (
        f'<section><h2>{escape(each.title)}</h2><div class="scroll"><table><thead><tr>{head}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>{note}</section>"
    )


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(said)}</dd></div>" for name, said in pairs
    )
    return f'<dl class="pairs">{lines}</dl>' if pairs else ""
