"""One centre: a directory with settings, plan, calendars and flows, read whole or refused whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from acd.config.calendars import make_calendars
from acd.config.disaster import FILE as DISASTER_FILE
from acd.config.disaster import read_disaster, with_disaster
from acd.config.faults import Faults
from acd.config.measures_file import FILE as MEASURES_FILE
from acd.config.measures_file import check_service_hours, read_contract
from acd.config.plan_checks import FILE as PLAN_FILE
from acd.config.plan_checks import Names, PlanTables, check_plan, check_timezone
from acd.config.plan_file import DEFAULT_TIMEZONE
from acd.config.plan_make import make_plan, read_tables
from acd.config.reading import Reader, Table
from acd.config.settings import Settings, make_settings
from acd.config.switch_checks import check_switches
from acd.core.ids import QueueId
from acd.core.plan import Plan
from acd.errors import ConfigError, Fault
from ivr import checks
from ivr.flow import Flow, Notice, parse
from ivr.prompts import CATALOGUE
from metrics.contract import Contract

SETTINGS_FILE = "settings.toml"
CALENDARS_FILE = "calendars.toml"
MAX_FLOWS = 200


@dataclass(frozen=True)
class Centre:
    """Everything read from one directory.

    ``notes`` is advice that refuses nothing; ``holidays_until`` the last year whose holidays were
    reviewed. ``shape`` is what this run makes of the files' plan, each time they are read.
    """

    path: Path
    settings: Settings
    plan: Plan
    flows: Mapping[str, Flow]
    notes: tuple[Fault, ...] = ()
    holidays_until: int | None = None
    contract: Contract = field(default_factory=Contract)
    shape: Callable[[Plan], Plan] | None = None

    def shaped(self, shape: Callable[[Plan], Plan] | None) -> Centre:
        """The same with another plan made of the one in the files."""
        return self if shape is None else replace(self, plan=shape(self.plan), shape=shape)


def load_centre(path: Path | str) -> Centre:
    """Read and check a centre's directory; raises :class:`ConfigError` with every fault in it."""
    root = Path(path).expanduser().resolve()
    if not (root / PLAN_FILE).is_file():
        raise ConfigError([Fault(str(path), f"is no centre: there is no {PLAN_FILE} in it")])
    faults = Faults()
    reader = Reader(faults)
    settings = make_settings(
        Reader(faults).read(root / SETTINGS_FILE, SETTINGS_FILE) or {}, root, SETTINGS_FILE, faults
    )
    # It changes no decision: the plan's version does not hang on it.
    contract = read_contract(
        _read_if_there(root / MEASURES_FILE, MEASURES_FILE, Reader(faults)), faults
    )
    plan_table = reader.read(root / PLAN_FILE, PLAN_FILE)
    calendar_table = reader.read(root / CALENDARS_FILE, CALENDARS_FILE) or {}
    disaster_table = _read_if_there(root / DISASTER_FILE, DISASTER_FILE, reader)
    flows, flow_names, prompts = _read_flows(root / "flows", reader)
    calendars, holidays_until = make_calendars(calendar_table, CALENDARS_FILE, faults)
    check_service_hours(contract, [each.id for each in calendars], faults)
    names = _names(plan_table or {}, calendar_table, flow_names, prompts, settings)
    tables = read_tables(plan_table, faults) if plan_table is not None else None
    disaster = None
    if tables is not None:
        check_plan(tables, names, faults)
        if disaster_table is not None:
            disaster = read_disaster(disaster_table, plan_table or {}, tables, names, faults)
    _check_settings(settings, names, faults)
    notes = _check_flows(flows, names, faults)
    if settings.recording.enabled and tables is not None:
        _check_notices(flows, tables, faults)
    faults.raise_if_any()
    assert tables is not None  # a missing head is a fault, raised above
    plan = make_plan(tables, calendars, reader.digest, settings.switch.id)
    if disaster is not None:
        plan = with_disaster(plan, disaster, settings.switch.id)
    notes += _plan_notes(tables)
    return Centre(root, settings, plan, flows, tuple(notes), holidays_until, contract)


def _read_if_there(path: Path, name: str, reader: Reader) -> Table | None:
    return reader.read(path, name) if path.exists() else None


def load_settings(path: Path | str) -> Settings:
    """Only the settings of a centre; raises :class:`ConfigError` with every fault in them."""
    root = Path(path).expanduser().resolve()
    faults = Faults()
    table = Reader(faults).read(root / SETTINGS_FILE, SETTINGS_FILE)
    settings = make_settings(table or {}, root, SETTINGS_FILE, faults)
    faults.raise_if_any()
    return settings


def load_timezone(path: Path | str) -> str:
    """Only the time zone of a centre's plan, whatever else is wrong there; raises
    :class:`ConfigError` when even that cannot be read."""
    faults = Faults()
    root = Path(path).expanduser().resolve()
    table = Reader(faults).read(root / PLAN_FILE, PLAN_FILE) or {}
    zone = table.get("timezone", DEFAULT_TIMEZONE)
    check_timezone(zone, faults)
    faults.raise_if_any()
    return str(zone)


def _names(
    plan: Table, calendars: Table, flows: list[str], prompts: set[str], settings: Settings
) -> Names:
    def keys(table: Table, key: str) -> list[str]:
        value = table.get(key)
        return list(value) if isinstance(value, dict) else []

    return Names(
        queues=keys(plan, "queues"),
        agents=keys(plan, "agents"),
        directory=keys(plan, "directory"),
        skills=keys(plan, "skills"),
        calendars=keys(calendars, "calendars"),
        flows=flows,
        prompts=prompts,
        trunks=[*settings.trunks, *settings.trunk_groups],
        switches=list(settings.nodes),
    )


def _read_flows(folder: Path, reader: Reader) -> tuple[dict[str, Flow], list[str], set[str]]:
    """Flows of the right form, the names of all files, and every prompt that is written."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        reader.faults.add("flows", "there is no flow: callers would hear nothing")
    if len(files) > MAX_FLOWS:
        reader.faults.add("flows", f"has more than {MAX_FLOWS} files")
        files = []
    flows: dict[str, Flow] = {}
    prompts = set(CATALOGUE)
    for file in files:
        name = f"flows/{file.name}"
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", file.stem):
            reader.faults.add(name, "a flow's name is 1 to 32 of a-z 0-9 _ -")
        table = reader.read(file, name)
        if table is None:
            continue
        if isinstance(table.get("prompts"), dict):
            prompts.update(table["prompts"])
        try:
            flows[file.stem] = parse(file.stem, table)
        except ConfigError as error:
            reader.faults.add_all(error.faults)
    return flows, [file.stem for file in files], prompts


def _check_flows(flows: Mapping[str, Flow], names: Names, faults: Faults) -> list[Fault]:
    known = checks.Known(
        queues=[QueueId(each) for each in names.queues],
        calendars=names.calendars,
        directory=names.directory,
        skills=names.skills,
    )
    advice: list[Fault] = []
    faults.add_all(checks.clashes(flows))
    for flow in flows.values():
        report = checks.check(flow, known)
        faults.add_all(report.faults)
        advice += report.warnings
    return advice


def _check_settings(settings: Settings, names: Names, faults: Faults) -> None:
    for index, member in enumerate(settings.fallback.members):
        if member not in names.agents:
            faults.add(
                f"{SETTINGS_FILE}:fallback.members[{index}]", f"there is no operator {member!r}"
            )
    check_switches(settings, faults)


def _check_notices(flows: Mapping[str, Flow], tables: PlanTables, faults: Faults) -> None:
    """Nobody is recorded without being told."""
    recorded = {each.number for each in tables.numbers.values() if each.recorded}
    for key, flow in flows.items():
        for name, node in flow.nodes.items():
            for number in node.exempt_numbers if isinstance(node, Notice) else ():
                if number in recorded:
                    faults.add(
                        f"flows/{key}.toml:nodes.{name}.exempt_numbers",
                        f"{number} is recorded: its callers must be told, or plan.toml must say"
                        " recorded = false for it",
                    )


def _plan_notes(tables: PlanTables) -> list[Fault]:
    """Queues that nobody can serve: allowed, since operators may be added later."""
    notes = []
    for key, queue in tables.queues.items():
        able = any(
            all(agent.skills.get(skill, 0) >= level for skill, level in queue.needs.items())
            for agent in tables.agents.values()
        )
        if not able:
            notes.append(Fault(f"{PLAN_FILE}:queues.{key}.needs", "no operator has these skills"))
    return notes
