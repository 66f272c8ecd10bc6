"""What is different in a what-if on a recorded day, and how it changes the plan."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import structs

from acd.core.ids import AgentId
from acd.core.plan import AgentPlan, Plan
from acd.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Change:
    """``plus``: operators there are besides, each working as this one does; ``absent``: operators
    who stay at home; ``lines``: calls at once at most; ``plan``: other rules."""

    plus: tuple[AgentId, ...] = ()
    absent: tuple[AgentId, ...] = ()
    lines: int | None = None
    plan: Plan | None = None

    @property
    def none(self) -> bool:
        """Whether the day is played as it was."""
        return not self.plus and not self.absent and self.lines is None and self.plan is None

    def twins(self) -> dict[AgentId, list[AgentId]]:
        """The additional operators by whom they work like."""
        found: dict[AgentId, list[AgentId]] = {}
        for number, like in enumerate(self.plus, start=1):
            found.setdefault(like, []).append(AgentId(f"plus-{number}"))
        return found

    def laid_over(self, plan: Plan) -> Plan:
        """A plan of the day, changed.

        Raises:
            NotFound: an operator who is not in it is to be doubled.
            Refused: no line would be left.
        """
        plan = self.plan or plan
        known = {agent.id: agent for agent in plan.agents}
        added: list[AgentPlan] = []
        for like, twins in self.twins().items():
            if like not in known:
                raise NotFound(
                    f'there is no operator "{like}" in the plan',
                    code="unknown_agent",
                    ja=f"計画にオペレーター「{like}」がいません。",
                )
            added += [
                structs.replace(known[like], id=twin, device=twin, outside="") for twin in twins
            ]
        if self.lines is not None and self.lines < 1:
            raise Refused(
                "no line would be left: at least 1 is needed",
                ja="回線がなくなります。1本以上にしてください。",
            )
        return structs.replace(
            plan,
            agents=(*plan.agents, *added),
            max_calls=plan.max_calls if self.lines is None else self.lines,
            version=plan.version if self.none else f"{plan.version}+what-if",
        )
