"""Flows: what a caller hears and may choose before an operator, as data.

A flow is a graph of named nodes. ``parse`` makes one from a mapping (a TOML file read by
``acd.config``); ``ivr.checks`` says whether it may be used; ``ivr.session`` walks one caller
through it. Shape of the file::

    name_ja = "代表電話"
    name_en = "Main number"
    start = "greeting"          # the first node
    operator = "switchboard"    # the queue node for whoever waits, errs or runs into a limit
    language = "ja"             # the language at the start
    goodbye = true              # after the talk, to a caller who is still there
    survey = { share = 0.2 }    # before it, of a fifth of them: how it was (optional)

    [prompts.city-greeting]     # sentences of this flow; all others are in ivr.prompts
    ja = "..."
    en = "..."                  # "" = nothing is said in this language

    [nodes.greeting]
    kind = "say"                # say, notice, language, hours, menu, queue, dial, end
    prompts = ["city-greeting"]
    next = "notice"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from acd.core.ids import QueueId
from acd.core.inputs import FlowEnding
from acd.core.plan import CallType, SkillNeed
from acd.errors import ConfigError, Fault
from ivr.prompts import LANGUAGES, Prompt
from ivr.survey import Survey

#: The keys of a telephone.
KEYS = "0123456789*#"
#: Bounds of a flow file; a larger one is refused.
MAX_NODES = 200
MAX_PROMPTS = 200
MAX_TEXT = 300

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

NodeId = str
SkillLevel = Annotated[int, Meta(ge=1, le=9)]
PromptIds = Annotated[tuple[str, ...], Meta(max_length=10)]


class Say(Struct, frozen=True, tag_field="kind", tag="say", forbid_unknown_fields=True):
    """Speak, then go on. With ``barge_in`` a key pressed meanwhile cuts the prompts short and
    counts as the answer to the next menu, so that a caller who knows the way is quick."""

    prompts: PromptIds
    next: NodeId
    barge_in: bool = True


class Notice(Struct, frozen=True, tag_field="kind", tag="notice", forbid_unknown_fields=True):
    """The recording notice: heard in full, only where the number dialled is recorded.

    ``exempt_numbers`` are numbers dialled for which it is left out in any case.
    """

    prompts: PromptIds
    next: NodeId
    exempt_numbers: tuple[str, ...] = ()


class Language(Struct, frozen=True, tag_field="kind", tag="language", forbid_unknown_fields=True):
    """From here on the caller hears ``language``, and operators with ``prefers`` (skill levels by
    skill, beside those of the queue node) are asked first."""

    language: str
    next: NodeId
    prefers: dict[str, SkillLevel] = {}


class Hours(Struct, frozen=True, tag_field="kind", tag="hours", forbid_unknown_fields=True):
    """Go one way when the calendar is open, another when it is closed.

    ``reasons`` picks a node by why it is closed: the calendar's words for the day, or
    ``outside_hours`` and ``day_off``; a reason that is not listed goes to ``closed``.
    """

    calendar: str
    open: NodeId
    closed: NodeId
    reasons: dict[str, NodeId] = {}


class Menu(Struct, frozen=True, tag_field="kind", tag="menu", forbid_unknown_fields=True):
    """Let the caller choose. Who waits, or errs too often, reaches a person.

    After ``max_silences`` silences of ``timeout_s`` the caller goes to ``on_silence``, after more
    than ``max_wrong_keys`` wrong keys to ``on_wrong_key`` (both: the flow's operator when empty);
    before each repetition ``again`` is said.
    """

    prompts: PromptIds
    choices: dict[str, NodeId]
    timeout_s: Annotated[float, Meta(ge=1.0, le=30.0)] = 4.0
    max_silences: Annotated[int, Meta(ge=1, le=5)] = 1
    max_wrong_keys: Annotated[int, Meta(ge=0, le=5)] = 2
    again: PromptIds = ("menu-again",)
    on_silence: NodeId = ""
    on_wrong_key: NodeId = ""


class ToQueue(Struct, frozen=True, tag_field="kind", tag="queue", forbid_unknown_fields=True):
    """Hand the caller to a queue; ``None`` and empty needs mean: as the queue's plan says.

    ``needs`` and ``prefers`` give skill levels (1-9) by skill. ``congested`` is said instead of
    ``prompts`` when at least ``congested_from`` calls wait there (0 = never).
    """

    queue: QueueId
    prompts: PromptIds = ()
    call_type: CallType | None = None
    priority: Annotated[int, Meta(ge=0, le=9)] | None = None
    needs: dict[str, SkillLevel] = {}
    prefers: dict[str, SkillLevel] = {}
    congested_from: Annotated[int, Meta(ge=0)] = 0
    congested: PromptIds = ("please-hold",)


class Dial(Struct, frozen=True, tag_field="kind", tag="dial", forbid_unknown_fields=True):
    """Send the caller on to an entry of the directory."""

    entry: str
    prompts: PromptIds = ()


class End(Struct, frozen=True, tag_field="kind", tag="end", forbid_unknown_fields=True):
    """Speak and hang up. ``ending`` is the call's outcome, ``detail`` a word for the record."""

    ending: FlowEnding
    prompts: PromptIds = ("goodbye",)
    detail: str = ""


Node = Say | Notice | Language | Hours | Menu | ToQueue | Dial | End
#: Nodes after which the flow is over.
FINAL = (ToQueue, Dial, End)


class Flow(Struct, frozen=True):
    """One flow, ready to be walked; ``nodes`` keeps the order of the file.

    ``goodbye`` says goodbye to a caller who is still there when the operator has hung up; with
    ``survey`` some are asked before that how it was.
    """

    name: str
    start: NodeId
    operator: NodeId
    nodes: dict[NodeId, Node]
    name_ja: str = ""
    name_en: str = ""
    language: str = "ja"
    goodbye: bool = True
    prompts: dict[str, Prompt] = {}
    survey: Survey | None = None


class _Head(Struct, forbid_unknown_fields=True):
    """The file's top level, before the nodes and prompts are looked at one by one."""

    start: str
    operator: str
    nodes: dict[str, Any]
    name_ja: str = ""
    name_en: str = ""
    language: str = "ja"
    goodbye: bool = True
    prompts: dict[str, Any] = {}
    survey: Survey | None = None


def skill_needs(levels: Mapping[str, int]) -> tuple[SkillNeed, ...]:
    """Levels by skill as the engine's tuple, sorted by skill."""
    return tuple(SkillNeed(skill, level) for skill, level in sorted(levels.items()))


def straight_to(queue: QueueId, prompts: tuple[str, ...] = ("greeting",)) -> Flow:
    """The flow for a number that no plan lists: a greeting, then at once this queue."""
    return Flow(
        name="unlisted",
        start="greeting",
        operator="queue",
        nodes={"greeting": Say(prompts=prompts, next="queue"), "queue": ToQueue(queue=queue)},
    )


def is_straight(flow: Flow) -> bool:
    """Whether the flow is a queue and nothing else: no word before it, none after the talk."""
    start = flow.nodes.get(flow.start)
    if not isinstance(start, ToQueue) or flow.goodbye:
        return False
    return not start.prompts and not start.congested_from


def exits(flow: Flow, node: Node) -> list[tuple[str, NodeId, bool]]:
    """Where one may go from a node: (field, node id, chosen by the caller's key)."""
    if isinstance(node, Say | Notice | Language):
        return [("next", node.next, False)]
    if isinstance(node, Hours):
        by_reason = [(f"reasons.{why}", to, False) for why, to in node.reasons.items()]
        return [("open", node.open, False), ("closed", node.closed, False), *by_reason]
    if isinstance(node, Menu):
        chosen = [(f"choices.{key}", to, True) for key, to in node.choices.items()]
        return [
            *chosen,
            ("on_silence", node.on_silence or flow.operator, False),
            ("on_wrong_key", node.on_wrong_key or flow.operator, False),
        ]
    return []


def prompts_of(node: Node) -> list[tuple[str, str]]:
    """The prompts a node may speak: (field, prompt id)."""
    spoken: list[tuple[str, str]] = []
    for field in ("prompts", "again", "congested"):
        if field == "congested" and not getattr(node, "congested_from", 0):
            continue
        spoken += [(field, prompt) for prompt in getattr(node, field, ())]
    return spoken


def parse(name: str, mapping: Mapping[str, Any]) -> Flow:
    """A flow from a parsed file; raises :class:`ConfigError` with every fault of form found.

    Paths of faults are ``flows/NAME.toml`` and the dotted place in it. Whether the graph makes
    sense is the business of :func:`ivr.checks.check`.
    """
    where = f"flows/{name}.toml"
    try:
        head = msgspec.convert(dict(mapping), _Head)
    except msgspec.ValidationError as error:
        raise ConfigError([_fault(where, error)]) from None
    faults: list[Fault] = []
    if head.language not in LANGUAGES:
        faults.append(Fault(f"{where}:language", f"must be one of {', '.join(LANGUAGES)}"))
    if len(head.nodes) > MAX_NODES or len(head.prompts) > MAX_PROMPTS:
        faults.append(Fault(where, f"more than {MAX_NODES} nodes or {MAX_PROMPTS} prompts"))
        raise ConfigError(faults)
    nodes: dict[str, Node] = {}
    for node_id, raw in head.nodes.items():
        node = _node(f"{where}:nodes.{node_id}", node_id, raw, faults)
        if node is not None:
            nodes[node_id] = node
    prompts: dict[str, Prompt] = {}
    for prompt_id, raw in head.prompts.items():
        prompt = _prompt(f"{where}:prompts.{prompt_id}", prompt_id, raw, faults)
        if prompt is not None:
            prompts[prompt_id] = prompt
    if faults:
        raise ConfigError(faults)
    return Flow(
        name=name,
        start=head.start,
        operator=head.operator,
        nodes=nodes,
        name_ja=head.name_ja,
        name_en=head.name_en,
        language=head.language,
        goodbye=head.goodbye,
        prompts=prompts,
        survey=head.survey,
    )


def _node(path: str, node_id: str, raw: Any, faults: list[Fault]) -> Node | None:
    """One node, its faults of form added to the list."""
    if not _NAME.fullmatch(node_id):
        faults.append(Fault(path, "a node's name is 1-40 of a-z, 0-9, - and _"))
        return None
    try:
        node: Node = msgspec.convert(raw, Node)
    except msgspec.ValidationError as error:
        faults.append(_fault(path, error))
        return None
    if isinstance(node, Language) and node.language not in LANGUAGES:
        faults.append(Fault(f"{path}.language", f"must be one of {', '.join(LANGUAGES)}"))
    if isinstance(node, Menu):
        if not node.choices:
            faults.append(Fault(f"{path}.choices", "a menu needs at least one choice"))
        for key in node.choices:
            if len(key) != 1 or key not in KEYS:
                faults.append(Fault(f"{path}.choices.{key}", "a key is one of 0-9, * and #"))
    return node


def _prompt(path: str, prompt_id: str, raw: Any, faults: list[Fault]) -> Prompt | None:
    """One sentence of the flow's own, its faults of form added to the list."""
    if not _NAME.fullmatch(prompt_id):
        faults.append(Fault(path, "a prompt's name is 1-40 of a-z, 0-9, - and _"))
        return None
    try:
        prompt = msgspec.convert(raw, Prompt)
    except msgspec.ValidationError as error:
        faults.append(_fault(path, error))
        return None
    if max(len(prompt.ja), len(prompt.en)) > MAX_TEXT:
        faults.append(Fault(path, f"a sentence is at most {MAX_TEXT} characters"))
        return None
    return prompt


def _fault(path: str, error: msgspec.ValidationError) -> Fault:
    """msgspec's message ``text - at `$.a.b` `` as a fault with the dotted path."""
    text, _, inner = str(error).partition(" - at `")
    inner = inner.rstrip("`").removeprefix("$").replace("[...]", "")
    if ":" in path:
        return Fault(path + inner, text)
    return Fault(path + (":" + inner.removeprefix(".") if inner else ""), text)
