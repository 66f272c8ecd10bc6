"""What a supervisor's screens are told to choose from, and nobody else's."""

from __future__ import annotations

from acd.core.inputs_floor import ModeRequested
from acd.core.plan import Mode
from tests.fakes.centre import Centre
from tests.web.client import Api


async def test_supervisors_know_skills_by_name_and_everybodys_planned_levels(api: Api) -> None:
    _, me = await api.get("/api/me", "supervisor")
    assert me["skills"]["tax"] == {"ja": "税", "en": "Taxes"}
    assert me["levels"]["op01"] == {"general": 3, "tax": 9}
    assert me["may_hear"] is True


async def test_operators_are_told_nothing_of_one_anothers_skills(api: Api) -> None:
    _, me = await api.get("/api/me", "op09")
    assert not {"skills", "levels", "may_hear"} & set(me)


async def test_everybodys_screen_knows_of_the_disaster(api: Api, centre: Centre) -> None:
    assert (await api.get("/api/me", "auditor"))[1]["banner"] is None
    centre.do(ModeRequested(Mode.DISASTER, False, "地震", "mori"))
    assert (await api.get("/api/me", "auditor"))[1]["banner"]["kind"] == "disaster"
