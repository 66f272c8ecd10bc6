"""Flows as data: what is refused, where the fault is, and what is only advice."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from acd.core.ids import QueueId
from acd.core.inputs import FlowEnding
from acd.errors import ConfigError
from ivr.checks import Known, Report, check, clashes
from ivr.flow import End, Menu, ToQueue, parse, straight_to

KNOWN = Known(
    queues=[QueueId("tax"), QueueId("general")],
    calendars=["counter"],
    directory=["night-desk"],
    skills=["tax"],
)

GOOD: dict[str, Any] = {
    "start": "hello",
    "operator": "anyone",
    "prompts": {"ask": {"ja": "税は1を押してください。", "en": "For taxes, press one."}},
    "nodes": {
        "hello": {"kind": "say", "prompts": ["greeting"], "next": "hours"},
        "hours": {"kind": "hours", "calendar": "counter", "open": "ask", "closed": "bye"},
        "ask": {"kind": "menu", "prompts": ["ask"], "choices": {"1": "tax", "9": "english"}},
        "english": {"kind": "language", "language": "en", "next": "ask"},
        "tax": {"kind": "queue", "queue": "tax", "needs": {"tax": 3}},
        "anyone": {"kind": "queue", "queue": "general"},
        "bye": {"kind": "end", "ending": "closed", "prompts": ["closed-hours", "goodbye"]},
    },
}


def changed(**nodes: Any) -> dict[str, Any]:
    """The good flow with nodes replaced, added or (None) removed."""
    table = copy.deepcopy(GOOD)
    for name, node in nodes.items():
        if node is None:
            del table["nodes"][name]
        else:
            table["nodes"][name] = node
    return table


def found(table: dict[str, Any]) -> Report:
    return check(parse("city", table), KNOWN)


def test_a_good_flow_has_neither_faults_nor_warnings() -> None:
    assert found(GOOD) == Report()


def test_a_flow_cannot_say_that_a_trunk_is_full() -> None:
    bye = {"kind": "end", "ending": "trunk_full", "prompts": ["goodbye"]}
    assert [fault.path for fault in found(changed(bye=bye)).faults] == [
        "flows/city.toml:nodes.bye.ending"
    ]


def test_a_flow_says_what_it_means() -> None:
    flow = parse("city", GOOD)
    assert flow.nodes["tax"] == ToQueue(queue=QueueId("tax"), needs={"tax": 3})
    assert flow.nodes["bye"] == End(FlowEnding.CLOSED, ("closed-hours", "goodbye"))
    menu = flow.nodes["ask"]
    assert isinstance(menu, Menu)
    assert list(menu.choices) == ["1", "9"]


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ({"kind": "nonsense"}, "nodes.x.kind"),
        ({"kind": "say", "prompts": ["greeting"]}, "nodes.x"),
        ({"kind": "say", "prompts": ["greeting"], "next": "hours", "nxt": 1}, "nodes.x"),
        ({"kind": "say", "prompts": "greeting", "next": "hours"}, "nodes.x.prompts"),
        ({"kind": "queue", "queue": "tax", "needs": {"tax": 10}}, "nodes.x.needs"),
        ({"kind": "queue", "queue": "tax", "priority": 10}, "nodes.x.priority"),
        ({"kind": "menu", "prompts": [], "choices": {}}, "nodes.x.choices"),
        ({"kind": "menu", "prompts": [], "choices": {"12": "tax"}}, "nodes.x.choices.12"),
        (
            {"kind": "menu", "prompts": [], "choices": {"1": "tax"}, "timeout_s": 900},
            "nodes.x.timeout_s",
        ),
        ({"kind": "language", "language": "fr", "next": "hours"}, "nodes.x.language"),
        ({"kind": "end", "ending": "exploded"}, "nodes.x.ending"),
        (17, "nodes.x"),
    ],
)
def test_a_fault_of_form_is_refused_with_its_place(node: Any, path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse("city", changed(x=node))
    assert [fault.path for fault in caught.value.faults] == [f"flows/city.toml:{path}"]


def test_all_faults_of_form_are_reported_at_once() -> None:
    table = changed(x={"kind": "?"}, y=3)
    table["nodes"]["Bad Name"] = {"kind": "end", "ending": "closed"}
    table["prompts"]["bad/../name"] = {"ja": "x"}
    table["language"] = "fr"
    with pytest.raises(ConfigError) as caught:
        parse("city", table)
    assert len(caught.value.faults) == 5


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"start": 1, "operator": "x", "nodes": {}},
        {"start": "x", "operator": "x", "nodes": []},
        {**GOOD, "unknown": 1},
        {**GOOD, "nodes": {f"n{i}": {} for i in range(1000)}},
        {**GOOD, "prompts": {"ask": {"ja": "あ" * 10_000}}},
    ],
)
def test_what_is_no_flow_at_all_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        parse("city", table)


@pytest.mark.parametrize(
    ("table", "path", "words"),
    [
        ({**GOOD, "start": "nowhere"}, "start", "no node"),
        ({**GOOD, "operator": "hello"}, "operator", "kind queue"),
        (changed(tax={"kind": "queue", "queue": "gone"}), "nodes.tax.queue", "no queue"),
        (
            changed(tax={"kind": "queue", "queue": "tax", "prefers": {"magic": 1}}),
            "nodes.tax",
            "no skill",
        ),
        (
            changed(hours={"kind": "hours", "calendar": "moon", "open": "ask", "closed": "bye"}),
            "nodes.hours.calendar",
            "no calendar",
        ),
        (
            changed(tax={"kind": "dial", "entry": "0901234567"}),
            "nodes.tax.entry",
            "not in the directory",
        ),
        (
            changed(ask={"kind": "menu", "prompts": ["ask"], "choices": {"1": "gone"}}),
            "nodes.ask.choices.1",
            "no node",
        ),
        (
            changed(bye={"kind": "end", "ending": "closed", "prompts": ["never-written"]}),
            "nodes.bye.prompts",
            "no prompt",
        ),
        (changed(lonely={"kind": "queue", "queue": "tax"}), "nodes.lonely", "cannot be reached"),
    ],
)
def test_a_fault_of_meaning_is_found_with_its_place(
    table: dict[str, Any], path: str, words: str
) -> None:
    faults = found(table).faults
    assert [(fault.path, words in fault.message) for fault in faults] == [
        (f"flows/city.toml:{path}", True)
    ]


def test_nodes_without_a_way_out_and_loops_without_a_say_are_found() -> None:
    table = changed(
        bye={"kind": "say", "prompts": ["goodbye"], "next": "again"},
        again={"kind": "say", "prompts": ["goodbye"], "next": "bye"},
    )
    messages = {(f.path.rpartition(".")[2], f.message.split()[0]) for f in found(table).faults}
    assert messages == {("bye", "has"), ("again", "has"), ("bye", "is"), ("again", "is")}


def test_a_menu_that_repeats_itself_to_the_silent_for_ever_is_found() -> None:
    table = changed(
        ask={"kind": "menu", "prompts": ["ask"], "choices": {"1": "tax"}, "on_silence": "ask"},
        english=None,
    )
    assert ["loop" in fault.message for fault in found(table).faults] == [True]


def test_a_loop_that_the_caller_chooses_is_allowed() -> None:
    table = changed(
        ask={"kind": "menu", "prompts": ["ask"], "choices": {"1": "tax", "*": "ask"}}, english=None
    )
    assert found(table) == Report()


def test_a_sentence_that_hides_a_common_one_or_says_nothing_is_found() -> None:
    table = copy.deepcopy(GOOD)
    table["prompts"]["greeting"] = {"ja": "もしもし", "en": "Hello"}
    table["prompts"]["empty"] = {}
    assert [fault.path for fault in found(table).faults] == [
        "flows/city.toml:prompts.greeting",
        "flows/city.toml:prompts.empty",
    ]


def test_two_flows_may_share_a_sentence_but_not_a_name_for_two() -> None:
    same = parse("other", GOOD)
    assert clashes({"city": parse("city", GOOD), "other": same}) == []
    table = copy.deepcopy(GOOD)
    table["prompts"]["ask"]["en"] = "Press any key."
    faults = clashes({"city": parse("city", GOOD), "other": parse("other", table)})
    assert [fault.path for fault in faults] == ["flows/other.toml:prompts.ask"]


def test_many_choices_and_deep_menus_are_only_warned_of() -> None:
    def menu(**choices: str) -> dict[str, Any]:
        return {"kind": "menu", "prompts": ["ask"], "choices": choices}

    table = changed(
        ask=menu(**{"1": "tax", "2": "second", "3": "english", "4": "bye", "5": "hello"}),
        second=menu(**{"1": "third"}),
        third=menu(**{"1": "tax"}),
    )
    report = found(table)
    assert report.faults == ()
    assert [warning.path for warning in report.warnings] == [
        "flows/city.toml:nodes.ask.choices",
        "flows/city.toml:nodes.third",
    ]


def test_the_built_in_flow_for_unlisted_numbers_passes_its_own_checks() -> None:
    assert check(straight_to(QueueId("general")), KNOWN) == Report()
