"""What a study's page adds to the style of all reports: its plots and its lists, on A4."""

from __future__ import annotations

OWN = """
.study .lead { margin: 2mm 0; font-size: 12.5pt; line-height: 1.55; font-weight: 600; }
.study ul { margin: 1.5mm 0; padding-left: 5mm; } .study li { margin: .8mm 0; }
.study .card b { font-size: 15pt; }
.study .figure { display: inline-block; width: 100%; }
.study .pairs { margin: 0; } .study .pairs div { display: grid; grid-template-columns: 44mm 1fr;
  gap: 4mm; padding: .9mm 0; border-bottom: .5pt solid #e3e7ed; break-inside: avoid; }
.study .pairs dt { color: #3d4959; font-weight: 600; } .study .pairs dd { margin: 0; }
.study footer h2 { margin-top: 0; } .study footer dd { overflow-wrap: anywhere; }
.study thead th { word-break: keep-all; }
.study tr.strong th, .study tr.strong td { font-weight: 700; background: #eaf2fb; }
.study .plot { display: block; width: 100%; max-width: 152mm; height: auto; margin: 1mm auto; }
.study .plot + .plot { display: none; }
.study .plot text { font-family: inherit; font-size: 9.5px; fill: #3d4959; }
.study .plot text.strong, .study .plot text.name { font-weight: 700; fill: #15202e; }
.study .plot text.inside { fill: #15202e; text-anchor: middle; }
.plot .grid { stroke: #e3e7ed; } .plot .line { fill: none; stroke-width: 1.8; }
.plot .a { stroke: #1d5fb8; fill: none; } .plot .mark.a { fill: #1d5fb8; }
.plot .b { stroke: #7339b0; fill: none; stroke-dasharray: 6 3; } .plot .mark.b { fill: #7339b0;
  stroke-dasharray: none; }
.plot .c { stroke: #15202e; fill: none; } .plot .mark.c { fill: #15202e; }
.plot .spread { stroke-width: 1.2; stroke-dasharray: none; }
.plot .goal { stroke: #8a5300; stroke-width: 1.2; stroke-dasharray: 2 3; fill: none; }
.plot .chosen { fill: #eaf2fb; } .plot .worst { fill: #fde6dc; }
.plot .answered { fill: #9cc3e9; } .plot .band { fill: #15202e; fill-opacity: .16; }
.plot .before, .plot .meal { fill: #5b6675; }
.plot .rest { fill: #e0a63c; } .plot .worse { fill: #d9825a; } .plot .better { fill: #6aa3d8; }
.plot .p99, .plot .p999 { stroke: #15202e; stroke-width: 1.4; }
.plot .p999 { stroke-dasharray: 5 3; }
@media print { .study .figure { width: 100%; } }
@media (max-width: 48rem) { .study .pairs div { grid-template-columns: 1fr; gap: 0; }
  .report.study { padding: 4mm; } .study header { display: block; }
  .study .meta { text-align: left; white-space: normal; }
  .study .cards { grid-template-columns: 1fr 1fr; } }
@media screen and (max-width: 30rem) { .study .figure .plot:has(+ .plot) { display: none; }
  .study .plot + .plot { display: block; } }
"""
