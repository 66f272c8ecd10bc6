"""Rows of the models ``skills`` and ``day``: a centre with groups, as a scenario to be simulated
or as a chain to be solved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from acd.errors import Refused
from sim.erlang.checks import load, whole
from sim.inputs.distributions import Distribution, exponential
from sim.inputs.scenario import CallClass, Group, Rule, Scenario
from sim.oracles.rows import Params

SKILLS_MAX, GROUPS_MAX = 50, 50


@dataclass(frozen=True, slots=True)
class Skill:
    """One kind of call; ``prefers``: the groups that are asked, in order."""

    name: str
    arrival_per_s: float
    aht_s: float
    patience: Distribution | None
    prefers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything a row of the model ``skills`` says."""

    skills: tuple[Skill, ...]
    groups: tuple[Group, ...]
    rule: Rule
    order: tuple[str, ...]
    threshold_s: float

    def scenario(self, day_s: float, warm_up_s: float) -> Scenario:
        """A long stretch of its steady state."""
        classes = tuple(
            CallClass(
                each.name,
                (each.arrival_per_s,),
                exponential(each.aht_s),
                (each.patience,),
                prefers=tuple((name,) for name in each.prefers),
                threshold_s=self.threshold_s,
            )
            for each in self.skills
        )
        return Scenario(
            "reference", day_s, classes, self.groups, self.rule, self.order, warm_up_s=warm_up_s
        )


def centre(of: Params) -> Centre:
    """The centre of a row.

    Raises:
        Refused: something is missing, wrong or unknown.
    """
    prefers, takes = of.table("call_prefers"), Params(of.table("agent_takes"))
    rule_name = takes.any("rule")
    if rule_name not in set(Rule):
        raise Refused(
            f"agent_takes.rule must be one of {', '.join(Rule)}",
            ja=f"agent_takes.rule は次のどれかにしてください: {', '.join(Rule)}",
        )
    rule = Rule(rule_name)
    order: tuple[str, ...] = ()
    if rule is not Rule.LONGEST_WAIT:
        order = _names(takes.any("order" if rule is Rule.SKILL_ORDER else "tie"))
    takes.done()
    groups = tuple(
        _group(name, Params(_table(each))) for name, each in _few(of.table("groups")).items()
    )
    skills = tuple(
        _skill(name, Params(_table(each)), prefers.get(name))
        for name, each in _few(of.table("skills")).items()
    )
    known, serving = {each.name for each in skills}, {each.name for each in groups}
    asked = {name for each in skills for name in each.prefers}
    served = {name for each in groups for name in each.skills}
    if not (asked <= serving and served <= known and set(order) <= known and set(prefers) <= known):
        raise Refused(
            "a skill or group is named that is not there",
            ja="存在しない業務かグループの名前があります。",
        )
    threshold_s = of.number("T_s") if of.has("T_s") else 20.0
    return Centre(skills, groups, rule, order, threshold_s)


def day(of: Params) -> Scenario:
    """One group and one kind of call over a day that starts empty."""
    if of.any("start") != "empty":
        raise Refused('start must be "empty"', ja="start は empty にしてください。")
    talk = exponential(of.number("aht_s"))
    one = CallClass(
        "all",
        (of.number("arrival_per_s"),),
        talk,
        (of.patience(),),
        threshold_s=of.number("T_s"),
    )
    return Scenario(
        "reference",
        of.number("day_s"),
        (one,),
        (Group("all", (of.whole("agents"),), ("all",)),),
        waiting_places=of.whole("waiting_places") if of.has("waiting_places") else None,
    )


def _group(name: str, own: Params) -> Group:
    found = Group(name, (own.whole("agents"),), _names(own.any("skills")))
    own.done()
    whole("agents", found.agents[0], 1, 10_000)
    return found


def _skill(name: str, own: Params, prefers: Any) -> Skill:
    found = Skill(
        name, own.number("arrival_per_s"), own.number("aht_s"), own.patience(), _names(prefers)
    )
    own.done()
    load(found.arrival_per_s, found.aht_s)
    return found


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refused("must be a list of names", ja="名前のリストにしてください。")
    return tuple(value)


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused("must be a table", ja="{} の形にしてください。")
    return value


def _few(table: dict[str, Any]) -> dict[str, Any]:
    if not 0 < len(table) <= max(SKILLS_MAX, GROUPS_MAX):
        raise Refused(
            f"1 to {SKILLS_MAX} skills and groups", ja=f"業務とグループは1から{SKILLS_MAX}です。"
        )
    return table
