"""The plots of what is held against something else, and the chart that all of them share."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from sim.oracles.rows import Expected, Row
from sim.oracles.verify import Deviation, Engine, Verdict
from sim.records import Outcome
from sim.rehearsal.comparison import Both, Comparison, Side
from sim.report.chart import Band, Bars, Chart, Line, draw
from sim.report.of_held import rehearse_plots, verify_plots
from sim.report.paper import Drawn
from sim.report.values import Value

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def shapes(svg: str, tag: str, kind: str) -> list[ET.Element]:
    """The elements of a drawing with this tag and class."""
    return [each for each in ET.fromstring(svg).iter(tag) if each.get("class") == kind]


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter("text")]


def told_in(drawn: Drawn, lang: str) -> None:
    """Title, note and drawing are of the language alone."""
    for each in (drawn.title, drawn.note, " ".join(texts(drawn.svg))):
        assert bool(JAPANESE.search(each)) is (lang == "ja"), each


DAY = Chart(
    "said", [f"{hour}:00" for hour in range(8, 18)], "hour",
    bars=(Bars("so far", "answered", [10.0, 20.0, 40.0]),),
    bands=(Band("band", [5.0, 6.0], [15.0, 12.0], 3), Band("band", [4.0], [9.0], 7)),
    lines=(Line("usual", "b", [Value(None), *[Value(20.0)] * 9], "dot"),),
    unit="calls", now=(3, "now"),
)  # fmt: skip


def test_bars_stand_as_high_as_their_values_and_bands_begin_at_their_place() -> None:
    drawn = draw(DAY, "en", 480)
    heights = [float(each.get("height") or 0) for each in shapes(drawn, "rect", "answered")][:3]
    # The legend's own box comes last.
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[2] == pytest.approx(4 * heights[0], abs=0.2)
    marks = [float(each.get("cx") or 0) for each in shapes(drawn, "circle", "mark b")]
    [band] = shapes(drawn, "polygon", "band")
    first = float((band.get("points") or "").split(",")[0])
    assert first == pytest.approx(marks[2], abs=0.2), "place 3 is the third with a mark"
    alone = shapes(drawn, "rect", "band")[0]
    middle = float(alone.get("x") or 0) + float(alone.get("width") or 0) / 2
    assert middle == pytest.approx(marks[6], abs=0.2)
    assert texts(drawn).count("band") == 1


def test_names_that_have_no_room_are_left_out() -> None:
    hours = [[each for each in texts(draw(DAY, "en", width)) if each.endswith(":00")]
             for width in (480, 290)]  # fmt: skip
    assert hours[0] == list(DAY.names)
    assert hours[1] == list(DAY.names[::2])


def test_lines_of_large_shares_have_the_axis_to_themselves() -> None:
    level = Line("level", "c", [Value(0.82, 0.01), Value(0.78, 0.01)])
    shares = Chart("said", ["9", "10"], "hour", lines=(level,), share=True, whole=True, goal=0.8)
    shown = texts(draw(shares, "en", 480))
    assert "60 %" in shown
    assert "0 %" not in shown
    assert "target 80" in shown


def verdict(model: str, *deviations: Deviation) -> Verdict:
    row = Row(model, model, {}, {"key": Expected(1.0, 1e-9, None)}, "by hand")
    return Verdict(row, Engine.ERLANG, deviations)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_value_that_is_off_lies_beyond_the_tolerance(lang: str) -> None:
    found = [
        verdict("erlang_b", Deviation("a", 1.0, 1.0, 0.5, False)),
        verdict("day", Deviation("b", 1.0, 1.0, 2.0, True), Deviation("c", 1.0, 9.0, 6.0, True)),
        Verdict(Row("x", "unheard_of", {}, {}, "nobody"), None),
    ]
    [drawn] = verify_plots(found, lang)
    told_in(drawn, lang)
    assert "1" in re.findall(r"\d+", drawn.note)
    limit = float(shapes(drawn.svg, "line", "goal")[0].get("x1") or 0)
    [half] = [float(each.get("cx") or 0) for each in shapes(drawn.svg, "circle", "mark a")][:1]
    squares = [float(each.get("x") or 0) + 3 for each in shapes(drawn.svg, "rect", "mark b")][:2]
    # 2 of 4 standard errors are as far as half of a relative tolerance.
    assert squares[0] == pytest.approx(half, abs=0.2)
    assert half < limit < squares[1]
    assert "unheard_of" not in texts(drawn.svg)
    assert verify_plots([], lang) == ()


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_rehearsals_calls_are_dots_and_those_that_went_another_way_triangles(lang: str) -> None:
    answered, gone = Outcome.ANSWERED, Outcome.ABANDONED
    calls = (
        Both(0, 0, 10.0, answered, 0.0, answered, 1.0, 0.2),
        Both(1, 0, 400.0, answered, 30.0, gone, 12.0, 0.0),
        Both(2, 0, 3500.0, gone, 20.0, gone, 21.0, 0.0),
        Both(3, 0, 3550.0, answered, 8.0, None, 0.0, 0.0),
    )
    side = Side(4, 3, 1, 0, 12.0)
    plots = rehearse_plots(Comparison(12.0, calls, side, side, side, 0.2), 36_000, 3600, 3.0, lang)
    for each in plots:
        told_in(each, lang)
    by_call, along = plots
    assert "(1" in by_call.note
    # One of each more stands in the legend; a call that was never seen is neither.
    assert len(shapes(by_call.svg, "circle", "mark a")) == 2 + 1
    assert len(shapes(by_call.svg, "path", "mark b")) == 1 + 1
    label = ET.fromstring(along.svg).get("aria-label") or ""
    assert "10:00: 0.0 / 1.0; 10:05: 30.0 / 12.0" in label
    assert "10:55: 20.0 / 21.0" in label
