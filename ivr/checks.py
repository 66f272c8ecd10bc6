"""Is a flow fit for use: everything wrong with its graph and its references, all at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct, field

from acd.core.ids import QueueId
from acd.core.inputs import FlowEnding
from acd.errors import Fault
from ivr.flow import FINAL, Dial, End, Flow, Hours, Menu, NodeId, ToQueue, exits, prompts_of
from ivr.prompts import CATALOGUE, LANGUAGES, Prompt

#: What callers can keep in mind (municipal practice): beyond it a warning, not a fault.
MAX_LEVELS = 2
MAX_CHOICES = 4


class Known(Struct, frozen=True):
    """What a flow may refer to: ids from the plan, and the sentences common to all flows."""

    queues: Collection[QueueId]
    calendars: Collection[str]
    directory: Collection[str] = ()
    skills: Collection[str] | None = None
    prompts: Mapping[str, Prompt] = field(default_factory=lambda: CATALOGUE)


class Report(Struct, frozen=True):
    """What was found: with faults the flow may not be used, warnings are advice."""

    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


def check(flow: Flow, known: Known) -> Report:
    """Every fault and warning of a flow, in the order of the file."""
    where = f"flows/{flow.name}.toml"
    faults = _references(flow, known, where)
    if not faults:  # the graph can only be walked when every arrow ends somewhere
        faults += _graph(flow, where)
    faults += _prompts(flow, known, where)
    return Report(tuple(faults), tuple(_advice(flow, where)) if not faults else ())


def clashes(flows: Mapping[str, Flow]) -> list[Fault]:
    """Sentences of two flows under one name: there is one audio file for each name."""
    faults: list[Fault] = []
    first: dict[str, tuple[str, Prompt]] = {}
    for name, flow in flows.items():
        for prompt, text in flow.prompts.items():
            owner, known = first.setdefault(prompt, (name, text))
            if known != text:
                path = f"flows/{name}.toml:prompts.{prompt}"
                faults.append(Fault(path, f"flows/{owner}.toml has another text of this name"))
    return faults


def _references(flow: Flow, known: Known, where: str) -> list[Fault]:
    """Names of nodes, queues, calendars, directory entries and skills that do not exist."""
    faults: list[Fault] = []
    if flow.start not in flow.nodes:
        faults.append(Fault(f"{where}:start", f"there is no node {flow.start!r}"))
    if not isinstance(flow.nodes.get(flow.operator), ToQueue):
        faults.append(Fault(f"{where}:operator", "must name a node of kind queue"))
    for node_id, node in flow.nodes.items():
        path = f"{where}:nodes.{node_id}"
        for name, target, _ in exits(flow, node):
            if target not in flow.nodes and target != flow.operator:
                faults.append(Fault(f"{path}.{name}", f"there is no node {target!r}"))
        if isinstance(node, ToQueue) and node.queue not in known.queues:
            faults.append(Fault(f"{path}.queue", f"there is no queue {node.queue!r}"))
        for skill in [*getattr(node, "needs", ()), *getattr(node, "prefers", ())]:
            if known.skills is not None and skill not in known.skills:
                faults.append(Fault(path, f"there is no skill {skill!r}"))
        if isinstance(node, Hours) and node.calendar not in known.calendars:
            faults.append(Fault(f"{path}.calendar", f"there is no calendar {node.calendar!r}"))
        if isinstance(node, Dial) and node.entry not in known.directory:
            faults.append(Fault(f"{path}.entry", f"{node.entry!r} is not in the directory"))
        if isinstance(node, End) and node.ending is FlowEnding.TRUNK_FULL:
            faults.append(Fault(f"{path}.ending", "is the switch's own to say"))
    return faults


def _prompts(flow: Flow, known: Known, where: str) -> list[Fault]:
    """Sentences that are nowhere written."""
    faults: list[Fault] = []
    for node_id, node in flow.nodes.items():
        for name, prompt in prompts_of(node):
            if prompt not in flow.prompts and prompt not in known.prompts:
                faults.append(
                    Fault(f"{where}:nodes.{node_id}.{name}", f"there is no prompt {prompt!r}")
                )
    if flow.survey is not None:
        for prompt in (*flow.survey.prompts, *flow.survey.thanks):
            if prompt not in flow.prompts and prompt not in known.prompts:
                faults.append(Fault(f"{where}:survey", f"there is no prompt {prompt!r}"))
        if not flow.goodbye:
            faults.append(Fault(f"{where}:survey", "is never asked where goodbye = false"))
    for prompt, text in flow.prompts.items():
        if prompt in known.prompts and known.prompts[prompt] != text:
            faults.append(
                Fault(f"{where}:prompts.{prompt}", "has the name of a sentence common to all flows")
            )
        if not any(text.text(language) for language in LANGUAGES):
            faults.append(Fault(f"{where}:prompts.{prompt}", "says nothing in any language"))
    return faults


def _graph(flow: Flow, where: str) -> list[Fault]:
    """Nodes nobody reaches, nodes nobody leaves, loops in which the caller has no say."""
    arrows = {
        node_id: [(to, chosen) for _, to, chosen in exits(flow, node)]
        for node_id, node in flow.nodes.items()
    }
    faults: list[Fault] = []
    # The operator node is where the limits of a session lead, so it is always reached.
    reached = _closure({n: [to for to, _ in out] for n, out in arrows.items()}, flow.start)
    reached.add(flow.operator)
    faults += [
        Fault(f"{where}:nodes.{node_id}", "cannot be reached from the start")
        for node_id in flow.nodes
        if node_id not in reached
    ]
    backwards: dict[NodeId, list[NodeId]] = {node_id: [] for node_id in flow.nodes}
    for node_id, out in arrows.items():
        for to, _ in out:
            backwards[to].append(node_id)
    leads_out: set[NodeId] = set()
    for node_id, node in flow.nodes.items():
        if isinstance(node, FINAL):
            leads_out |= _closure(backwards, node_id)
    faults += [
        Fault(f"{where}:nodes.{node_id}", "has no way out: no queue, number or ending follows")
        for node_id in flow.nodes
        if node_id not in leads_out
    ]
    unasked = {n: [to for to, chosen in out if not chosen] for n, out in arrows.items()}
    for node_id in flow.nodes:
        after = {to for first in unasked[node_id] for to in _closure(unasked, first)}
        if node_id in after:
            faults.append(
                Fault(f"{where}:nodes.{node_id}", "is in a loop that no key of the caller's ends")
            )
    return faults


def _closure(arrows: Mapping[NodeId, list[NodeId]], start: NodeId) -> set[NodeId]:
    """``start`` and everything that its arrows lead to."""
    seen = {start}
    todo = [start]
    while todo:
        for to in arrows[todo.pop()]:
            if to not in seen:
                seen.add(to)
                todo.append(to)
    return seen


def _advice(flow: Flow, where: str) -> list[Fault]:
    """Menus that ask too much of a caller."""
    warnings: list[Fault] = []
    for node_id, node in flow.nodes.items():
        if not isinstance(node, Menu):
            continue
        waiting_leads_to = node.on_silence or flow.operator
        choices = {to for to in node.choices.values() if to != waiting_leads_to}
        if len(choices) > MAX_CHOICES:
            warnings.append(
                Fault(
                    f"{where}:nodes.{node_id}.choices",
                    f"{len(choices)} choices: more than {MAX_CHOICES} are hard to keep in mind",
                )
            )
        level = _level(flow, node_id)
        if level > MAX_LEVELS:
            warnings.append(
                Fault(
                    f"{where}:nodes.{node_id}",
                    f"is a menu on level {level}: callers manage {MAX_LEVELS}",
                )
            )
    return warnings


def _level(flow: Flow, menu: NodeId) -> int:
    """How many menus the shortest way to this one passes, itself included."""
    frontier, seen, level = [flow.start], {flow.start}, 0
    while frontier:
        # Everything reachable without a further menu is on the same level.
        menus: list[NodeId] = []
        todo = frontier
        while todo:
            node_id = todo.pop()
            node = flow.nodes[node_id]
            if isinstance(node, Menu):
                menus.append(node_id)
                continue
            for _, to, _ in exits(flow, node):
                if to not in seen:
                    seen.add(to)
                    todo.append(to)
        level += 1
        if menu in menus:
            return level
        frontier = []
        for node_id in menus:
            for _, to, _ in exits(flow, flow.nodes[node_id]):
                if to not in seen:
                    seen.add(to)
                    frontier.append(to)
    return 0
