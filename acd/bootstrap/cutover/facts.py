"""What the gate of a cut-over must know, asked of the running centre and of the record."""

from __future__ import annotations

import contextlib
from typing import Any

from acd.app.cutover_gate import Criterion, Known, gate
from acd.bootstrap.cutover.moving import Centre, way_back
from acd.bootstrap.cutover.work import Cutover
from acd.errors import MadoguchiError


def criteria(work: Cutover, centre: Centre, by: str) -> list[Criterion]:
    """Every criterion as it stands now, if ``by`` decided."""
    state = _asked(centre, "/api/state")
    alarms = _asked(centre, "/api/alarms")
    return gate(
        work.plan,
        Known(
            now_s=work.now(),
            stage=work.stage,
            by=by,
            checked_s=work.checked_s(),
            tried=work.tried(),
            controller_ready=state is not None and not state["switches_down"],
            operators_ready=None if state is None else int(state["agents_by_state"]["ready"]),
            critical_alarms=None if alarms is None else _critical(alarms["alarms"]),
            way_back=way_back(work),
        ),
    )


def _asked(centre: Centre, path: str) -> Any:
    with contextlib.suppress(MadoguchiError):
        return centre.get(path)
    return None


def _critical(alarms: list[dict[str, Any]]) -> int:
    return sum(each["severity"] == "critical" and each["until_s"] is None for each in alarms)
