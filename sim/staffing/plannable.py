"""What a search for people or shifts cannot play, said before it begins."""

from __future__ import annotations

from acd.errors import Refused
from sim.inputs.scenario import Scenario


def check_plannable(scenario: Scenario) -> None:
    """The search plays many thousands of days, for which the product's own engine is too slow.

    Raises:
        Refused: the scenario has what that engine alone plays.
    """
    if scenario.habits is None:
        return
    raise Refused(
        f'"{scenario.name}" has menus or ringing, with which no staff and no shifts can be '
        "searched for: leave [menu] and [ringing] out of the file (count the ringing as talk), "
        "then try what is found with the whole file by `madoguchi plan run --engine twin`",
        code="habits_not_planned",
        ja=f"「{scenario.name}」には案内か呼び出しの時間があり、このままでは必要人数や勤務表を探せま"
        "せん。ファイルから [menu] と [ringing] を外し(呼び出しの時間は通話に足し)、出た答えを元の"
        "ファイルと `madoguchi plan run --engine twin` で確かめてください。",
    )
