"""The map of the seats: as the plan says, sensible where it says nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from acd.config import load_centre
from acd.core.ids import AgentId
from acd.core.plan import AgentPlan, SeatPlan
from acd.errors import ConfigError
from tests.hall import CITY
from web.seat_map import COLUMNS, seat_map

pytestmark = pytest.mark.requirement("M13")


def person(id_: str, *seat: int) -> AgentPlan:
    return AgentPlan(AgentId(id_), id_, id_, seat=SeatPlan(*seat) if seat else None)


def test_without_seats_in_the_plan_people_sit_in_its_order() -> None:
    seats = seat_map([person(f"op{number}") for number in range(COLUMNS + 1)])
    assert seats["op0"] == {"row": 1, "column": 1}
    assert seats["op5"] == {"row": 1, "column": COLUMNS}
    assert seats["op6"] == {"row": 2, "column": 1}


def test_who_has_no_seat_sits_below_those_who_have_one() -> None:
    seats = seat_map([person("new"), person("a", 1, 2), person("b", 3, 4), person("newer")])
    assert seats["a"] == {"row": 1, "column": 2}
    assert (seats["new"], seats["newer"]) == ({"row": 4, "column": 1}, {"row": 4, "column": 2})
    places = [(seat["row"], seat["column"]) for seat in seats.values()]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    ("seats", "fault"),
    [
        (("{ row = 1, column = 2 }", "{ row = 1, column = 2 }"), "agents.op02.seat"),
        (("{ row = 0, column = 2 }", "{ row = 1, column = 3 }"), "agents.op01.seat.row"),
        (("{ row = 1, column = 2 }", "{ row = 2, column = 31 }"), "agents.op02.seat.column"),
    ],
)
def test_a_seat_that_cannot_be_is_a_fault(
    tmp_path: Path, seats: tuple[str, str], fault: str
) -> None:
    city = tmp_path / "centre"
    shutil.copytree(CITY, city)
    plan = (city / "plan.toml").read_text("utf-8")
    for agent, seat in zip(("op01", "op02"), seats, strict=True):
        plan = plan.replace(f'device = "{agent}"', f'device = "{agent}"\nseat = {seat}')
    (city / "plan.toml").write_text(plan, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_centre(city)
    assert [each.path for each in refused.value.faults] == [f"plan.toml:{fault}"]
