"""The style of a printed report: A4 portrait, Japanese type, one sheet of style within the page."""

from __future__ import annotations

from html import escape

_SHEET = """
@page { size: A4 portrait; margin: 16mm 13mm 17mm;
  @top-left { content: "%(head)s"; font: 7.5pt %(font)s; color: #5a6676; }
  @bottom-left { content: "%(foot)s"; font: 7.5pt %(font)s; color: #5a6676; }
  @bottom-right { content: counter(page) " / " counter(pages); font: 7.5pt %(font)s;
    color: #5a6676; } }
@page :first { @top-left { content: ""; } }
:root, :host { color-scheme: light; }
.report { box-sizing: border-box; max-width: 184mm; margin: 0 auto; color: #15202e;
  background: #fff; font: 9pt/1.5 %(font)s; font-feature-settings: "palt";
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.report *, .report *::before { box-sizing: border-box; }
.report header { display: flex; align-items: end; justify-content: space-between; gap: 8mm;
  padding-bottom: 3mm; border-bottom: 2.2pt solid #15202e; }
.report h1 { margin: 0; font-size: 19pt; line-height: 1.25; letter-spacing: .01em; }
.report .kicker { margin: 0; font-size: 8.5pt; color: #5a6676; }
.report .meta { margin: 0; font-size: 8pt; line-height: 1.55; color: #5a6676; text-align: right;
  white-space: nowrap; }
.report h2 { margin: 8mm 0 2.5mm; font-size: 11.5pt; line-height: 1.3; break-after: avoid; }
.report h2::before { content: ""; display: inline-block; width: 2.6mm; height: .82em;
  margin-right: 2mm; vertical-align: -.06em; background: #2a6fb8; }
.report p { margin: 1.5mm 0; }
.report .note { font-size: 7.8pt; color: #5a6676; }
.report .notice { margin: 3mm 0 0; padding: 2mm 3mm; border-left: 1.2mm solid #b4560e;
  background: #fdf3e7; }
.report .cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 3mm; margin: 5mm 0 0; }
.report .card { padding: 3mm 3.2mm 2.6mm; border: .6pt solid #d5dce5; border-radius: 1.6mm;
  break-inside: avoid; }
.report .card b { display: block; font-size: 18pt; line-height: 1.2; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums; }
.report .card b small { font-size: 10pt; font-weight: 500; }
.report .card .name { display: block; min-height: 2.7em; font-size: 8pt; line-height: 1.35;
  color: #3d4959; }
.report .card .parts { display: block; font-size: 7.8pt; color: #5a6676; }
.report .card .goals { display: block; margin-top: 1.2mm; padding-top: 1.2mm; font-size: 7.8pt;
  line-height: 1.5; border-top: .5pt solid #e3e7ed; }
.report .goals span { display: block; } .report .goals span span { display: inline; }
.report .scroll { overflow-x: auto; }
.report table { width: 100%%; border-collapse: collapse; font-size: 8.2pt; line-height: 1.35;
  font-variant-numeric: tabular-nums; }
.report thead { display: table-header-group; }
.report tfoot { display: table-row-group; }
.report tr { break-inside: avoid; }
.report th { padding: 1.1mm 1.4mm; font-weight: 600; text-align: right; vertical-align: bottom;
  color: #3d4959; border-bottom: .9pt solid #8a94a3; }
.report thead th { font-size: 7.4pt; }
.report th.text, .report td.text { text-align: left; }
.report td { padding: .95mm 1.4mm; text-align: right; border-bottom: .5pt solid #e3e7ed;
  white-space: nowrap; }
.report td.text { white-space: normal; }
.report tbody th { font-weight: 500; text-align: left; vertical-align: middle; color: #15202e;
  border-bottom: .5pt solid #e3e7ed; }
.report tfoot td, .report tfoot th { font-weight: 700; border-top: .9pt solid #8a94a3;
  border-bottom: 0; }
.report tfoot th { text-align: left; color: #15202e; }
.report .at { display: block; font-size: 6.8pt; color: #5a6676; }
.report .ok { color: #00654e; white-space: nowrap; }
.report .bad { font-weight: 700; color: #a8320a; white-space: nowrap; }
.report .chart { display: block; width: 100%%; height: auto; margin: 1mm 0 3mm; }
.report .chart text { font: 10.5px %(font)s; fill: #5a6676; }
.report .bar { display: inline-block; width: 24mm; height: 2.2mm; vertical-align: middle;
  margin-right: 2mm; }
.report tbody th { min-width: 15mm; } .report .hours tbody th { white-space: nowrap; }
.report .pct { display: inline-block; min-width: 11.5mm; }
.report .two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 7mm; }
.report .keep { break-inside: avoid; }
.report .heat td { padding: 1mm .4mm; text-align: center; font-size: 7.4pt;
  border: .8pt solid #fff; }
.report .heat th { padding: 1mm .6mm; text-align: center; border: 0; }
.report .heat tbody th { text-align: left; }
.report .heat .sum { font-weight: 600; text-align: right; background: none; }
.report .h0 { color: #aab3bf; background: #f6f8fa; } .report .h1 { background: #e3eefa; }
.report .h2 { background: #c3dbf3; } .report .h3 { background: #9cc3e9; }
.report .h4 { background: #6aa3d8; } .report .h5 { color: #fff; background: #2f74b9; }
.report .h6 { color: #fff; background: #164b85; }
.report .definitions td { white-space: normal; vertical-align: top; }
.report .definitions code { font: 7.4pt "Noto Sans Mono CJK JP", monospace; color: #3d4959; }
.report footer { margin-top: 8mm; padding-top: 2.5mm; font-size: 7.8pt; color: #5a6676;
  border-top: .6pt solid #8a94a3; }
@media screen { body { margin: 0; background: #eef1f5; }
  body > .report { max-width: 210mm; margin: 8mm auto; padding: 14mm 13mm;
    box-shadow: 0 1px 8px rgb(16 24 40 / 15%%); } }
"""
_FONT = '"Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic UI", sans-serif'


def sheet(head: str, foot: str) -> str:
    """The whole style; ``head`` and ``foot`` stand on every printed page."""
    return _SHEET % {"font": _FONT, "head": _quoted(head), "foot": _quoted(foot)}


def _quoted(text: str) -> str:
    """Text within a string of the sheet: whatever could end it is left out."""
    return escape(text, quote=False).replace("\\", "").replace('"', "").replace("\n", " ")
