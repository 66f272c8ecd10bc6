"""What refers to what in a plan: every name must exist, and no rule may lead in a circle.

Names are looked up in the files as written, so that a queue with a wrong number in it is not
reported as missing as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from acd.config.faults import Faults, nearest
from acd.config.plan_file import (
    AgentTable,
    DirectoryTable,
    NumberTable,
    PlanHead,
    QueueTable,
    parse_target,
)
from acd.core.ids import AgentId, SwitchId, browser_device, node_endpoint, outside_device
from acd.core.plan import TargetKind

FILE = "plan.toml"
#: How telephones are called that are operators' browsers (``acd.core.ids.browser_device``).
BROWSER_PREFIX = browser_device(AgentId(""))
#: How operators' telephones in the public network are called.
OUTSIDE_PREFIX = outside_device(AgentId(""))
#: How several switches are called at one another.
NODE_PREFIX = node_endpoint(SwitchId(""))


@dataclass(frozen=True)
class Names:
    """Every name that a plan may refer to, as written in the files."""

    queues: Collection[str]
    agents: Collection[str]
    directory: Collection[str]
    calendars: Collection[str]
    flows: Collection[str]
    prompts: Collection[str]
    trunks: Collection[str]
    skills: Collection[str]
    switches: Collection[str] = ("a",)


@dataclass(frozen=True)
class PlanTables:
    """The tables of the file that have the right shape, by id, in the order of the file."""

    head: PlanHead
    queues: Mapping[str, QueueTable]
    agents: Mapping[str, AgentTable]
    numbers: Mapping[int, NumberTable]
    directory: Mapping[str, DirectoryTable]


class _Checker:
    def __init__(self, names: Names, faults: Faults) -> None:
        self.names = names
        self.faults = faults

    def known(self, path: str, kind: str, name: str | None, known: Collection[str]) -> None:
        if name is not None and name not in known:
            self.faults.add(path, f"there is no {kind} {name!r}" + nearest(name, known))

    def skills(self, path: str, skills: Iterable[str]) -> None:
        for skill in skills:
            self.known(f"{path}.{skill}", "skill", skill, self.names.skills)

    def queue(self, key: str, queue: QueueTable) -> None:
        path = f"{FILE}:queues.{key}"
        self.skills(f"{path}.needs", queue.needs)
        self.skills(f"{path}.prefers", queue.prefers)
        self.known(f"{path}.hours", "calendar", queue.hours, self.names.calendars)
        self.known(f"{path}.name_prompt", "prompt", queue.name_prompt, self.names.prompts)
        levels = dict(queue.needs)
        for index, step in enumerate(queue.ladder):
            at = f"{path}.ladder[{index}]"
            for skill, level in step.lower.items():
                if skill not in queue.needs:
                    self.faults.add(f"{at}.lower.{skill}", "is not among the queue's needs")
                elif level >= levels[skill]:
                    self.faults.add(
                        f"{at}.lower.{skill}", f"must be below {levels[skill]}, not {level}"
                    )
                else:
                    levels[skill] = level
            self.known(f"{at}.add_queue", "queue", step.add_queue, self.names.queues)
            if step.add_queue == key:
                self.faults.add(f"{at}.add_queue", "is the queue itself")
        for index, rule in enumerate(queue.overflow):
            self.target(f"{path}.overflow[{index}].to", rule.to, key)

    def target(self, path: str, text: str, own: str) -> None:
        target = parse_target(text)
        match target.kind:
            case TargetKind.QUEUE:
                self.known(path, "queue", target.value, self.names.queues)
                if target.value == own:
                    self.faults.add(path, "is the queue itself")
            case TargetKind.NUMBER:
                self.known(path, "directory entry", target.value, self.names.directory)
            case TargetKind.ANNOUNCEMENT:
                self.known(path, "prompt", target.value, self.names.prompts)
            case TargetKind.CALL_BACK:
                pass


def check_timezone(name: object, faults: Faults) -> None:
    """Note a time zone that does not exist."""
    try:
        ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):
        faults.add(f"{FILE}:timezone", f"there is no time zone {str(name)[:60]!r}")


def check_plan(tables: PlanTables, names: Names, faults: Faults) -> None:
    """Note every reference to something that is not there, doubled numbers, circles."""
    checker = _Checker(names, faults)
    head = tables.head
    checker.known(f"{FILE}:default_queue", "queue", head.default_queue, names.queues)
    checker.known(f"{FILE}:default_flow", "flow", head.default_flow, names.flows)
    check_timezone(head.timezone, faults)
    for key, queue in tables.queues.items():
        checker.queue(key, queue)
    for key, agent in tables.agents.items():
        checker.skills(f"{FILE}:agents.{key}.skills", agent.skills)
        trunk = agent.outside.trunk if agent.outside else None
        checker.known(f"{FILE}:agents.{key}.outside.trunk", "trunk", trunk, names.trunks)
        checker.known(f"{FILE}:agents.{key}.switch", "switch", agent.switch, names.switches)
    for index, number in tables.numbers.items():
        checker.known(f"{FILE}:numbers[{index}].flow", "flow", number.flow, names.flows)
    for key, entry in tables.directory.items():
        path = f"{FILE}:directory.{key}"
        checker.known(f"{path}.hours", "calendar", entry.hours, names.calendars)
        checker.known(f"{path}.dial.trunk", "trunk", entry.dial.trunk, names.trunks)
    head.talk.check(f"{FILE}:talk", names.directory, names.trunks, faults)
    _doubles(tables, names, faults)
    _circles(tables.queues, faults)


def _doubles(tables: PlanTables, names: Names, faults: Faults) -> None:
    numbers: dict[str, int] = {}
    for index, number in tables.numbers.items():
        first = numbers.setdefault(number.number, index)
        if first != index:
            faults.add(f"{FILE}:numbers[{index}].number", f"is numbers[{first}] already")
    seats: dict[tuple[int, int], str] = {}
    for key, agent in tables.agents.items():
        if agent.seat is not None:
            first_there = seats.setdefault((agent.seat.row, agent.seat.column), key)
            if first_there != key:
                faults.add(f"{FILE}:agents.{key}.seat", f"is the seat of {first_there!r} already")
    # Phones and trunks are endpoints of one switch, where a name means one thing.
    endpoints = {trunk: f"the trunk {trunk}" for trunk in names.trunks}
    for key, agent in tables.agents.items():
        if agent.device.startswith(BROWSER_PREFIX):
            faults.add(f"{FILE}:agents.{key}.device", f"{BROWSER_PREFIX}... are browsers' names")
        if agent.device.startswith(OUTSIDE_PREFIX):
            fault = f"{OUTSIDE_PREFIX}... are the names of telephones in the public network"
            faults.add(f"{FILE}:agents.{key}.device", fault)
        if agent.device.startswith(NODE_PREFIX):
            faults.add(f"{FILE}:agents.{key}.device", f"{NODE_PREFIX}... are switches' names")
        first_user = endpoints.setdefault(agent.device, f"the phone of {key}")
        if first_user != f"the phone of {key}":
            faults.add(f"{FILE}:agents.{key}.device", f"is {first_user} already")
    for key, entry in tables.directory.items():
        phone = entry.dial.phone
        if phone in endpoints:
            faults.add(f"{FILE}:directory.{key}.dial.phone", f"is {endpoints[phone]} already")


def _circles(queues: Mapping[str, QueueTable], faults: Faults) -> None:
    """Overflow from queue to queue must come to an end, or a call could move for ever."""
    arrows: dict[str, list[tuple[str, str]]] = {}
    for key, queue in queues.items():
        for index, rule in enumerate(queue.overflow):
            target = parse_target(rule.to)
            if target.kind is TargetKind.QUEUE and target.value in queues and target.value != key:
                path = f"{FILE}:queues.{key}.overflow[{index}].to"
                arrows.setdefault(key, []).append((target.value, path))
    for key, out in arrows.items():
        for to, path in out:
            if _reaches(arrows, to, key):
                faults.add(path, f"leads in a circle: from {to!r} calls can overflow back here")


def _reaches(arrows: Mapping[str, list[tuple[str, str]]], start: str, goal: str) -> bool:
    seen, todo = {start}, [start]
    while todo:
        for to, _ in arrows.get(todo.pop(), []):
            if to == goal:
                return True
            if to not in seen:
                seen.add(to)
                todo.append(to)
    return False
