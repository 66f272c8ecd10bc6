"""disaster.toml: checked as whole as everything else, and what it makes of a plan."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from acd.config import load_centre
from acd.core.floor_memory import ModeNow, in_force
from acd.core.plan import Mode, Plan
from acd.errors import ConfigError
from tests.fakes.centre import CENTRE

pytestmark = pytest.mark.requirement("M27")

DISASTER = ModeNow(Mode.DISASTER)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    shutil.copytree(CENTRE, tmp_path / "centre")
    return tmp_path / "centre"


def write(files: Path, text: str) -> None:
    banner = 'banner = { ja = "災害", en = "Disaster" }\n'
    (files / "disaster.toml").write_text(banner + text, encoding="utf-8")


def faults(files: Path) -> dict[str, str]:
    with pytest.raises(ConfigError) as refused:
        load_centre(files)
    return {fault.path: fault.message for fault in refused.value.faults}


def then(files: Path) -> Plan:
    return in_force(load_centre(files).plan, DISASTER)


def test_the_example_city_is_prepared() -> None:
    plan = load_centre(CENTRE).plan
    worse = in_force(plan, DISASTER)
    assert {number.flow for number in worse.numbers} == {"disaster"}
    assert worse.default_flow == "disaster"
    assert worse.max_calls == 400 < plan.max_calls
    weeks = {calendar.week for calendar in worse.calendars}
    assert len(weeks) == 1 < len({calendar.week for calendar in plan.calendars})
    assert [calendar.id for calendar in worse.calendars] == [c.id for c in plan.calendars]
    general = next(queue for queue in worse.queues if queue.id == "general")
    assert (general.needs, general.priority) == ((), 5)
    assert worse.version == f"{plan.version}+disaster"
    assert in_force(plan, ModeNow()) is plan


def test_a_centre_without_the_file_is_not_prepared(files: Path) -> None:
    (files / "disaster.toml").unlink()
    plan = load_centre(files).plan
    assert plan.disaster is None
    assert in_force(plan, DISASTER).queues == plan.queues


def test_what_is_left_out_stays_as_it_is(files: Path) -> None:
    write(files, "")
    plan, worse = load_centre(files).plan, then(files)
    assert (worse.queues, worse.numbers, worse.calendars) == (
        plan.queues,
        plan.numbers,
        plan.calendars,
    )
    assert (worse.default_flow, worse.max_calls) == (plan.default_flow, plan.max_calls)


def test_a_changed_file_is_another_plan(files: Path) -> None:
    before = load_centre(files).plan.version
    write(files, "max_calls = 10\n")
    assert load_centre(files).plan.version != before


def test_every_fault_is_named_where_it_is(files: Path) -> None:
    write(
        files,
        'flow = "disastre"\nhours = "allways"\nmax_calls = 0\n'
        "[queues.taxes]\npriority = 1\n"
        "[queues.tax]\npriority = 12\n"
        '[queues.general]\noverflow = [{ when = "wait", at = 5, to = "queue:tax" }]\n'
        "[queues.residents]\nneeds = { resident = 3 }\nladder = []\n",
    )
    found = faults(files)
    assert set(found) == {
        "disaster.toml:max_calls",
        "disaster.toml:flow",
        "disaster.toml:hours",
        "disaster.toml:queues.taxes",
        "disaster.toml:queues.tax.priority",
        "disaster.toml:queues.general.overflow[0].to",
        "disaster.toml:queues.residents.needs.resident",
    } | {path for path in found if path.endswith(".to") and path.startswith("disaster.toml")}
    assert found["disaster.toml:flow"] == "there is no flow 'disastre'; did you mean \"disaster\"?"
    assert "circle" in found["disaster.toml:queues.general.overflow[0].to"]


def test_what_is_wrong_in_the_plan_is_told_once_and_there(files: Path) -> None:
    plan = files / "plan.toml"
    plan.write_text(plan.read_text("utf-8").replace("needs = { tax = 3 }", "needs = { taxx = 3 }"))
    assert [path for path in faults(files) if path.startswith("disaster")] == []


def test_a_file_without_a_banner_is_refused(files: Path) -> None:
    (files / "disaster.toml").write_text("max_calls = 5\n")
    assert faults(files) == {"disaster.toml:banner": "is missing"}


@pytest.mark.parametrize("text", ["queues = 3\n", "queues = { tax = 3 }\n"])
def test_queues_that_are_no_tables_are_refused(files: Path, text: str) -> None:
    write(files, text)
    assert all(path.startswith("disaster.toml:queues") for path in faults(files))
