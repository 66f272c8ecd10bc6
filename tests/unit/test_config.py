"""A centre's directory is read whole or refused whole, with every fault and its path at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from acd.config import Centre, SwitchKind, TrunkKind, load_centre
from acd.core.plan import CallType, OverflowKind, SkillNeed, Strategy, Target, TargetKind
from acd.errors import ConfigError, Fault
from tests.fakes.centre import CENTRE


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the example city to spoil."""
    return Path(shutil.copytree(CENTRE, tmp_path / "centre"))


def change(files: Path, name: str, old: str, new: str) -> None:
    path = files / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def add(files: Path, name: str, text: str) -> None:
    path = files / name
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


def faults(files: Path) -> dict[str, str]:
    with pytest.raises(ConfigError) as refused:
        load_centre(files)
    return {fault.path: fault.message for fault in refused.value.faults}


@pytest.fixture(scope="module")
def city() -> Centre:
    return load_centre(CENTRE)


def test_the_example_city_is_without_fault_or_note(city: Centre) -> None:
    assert city.notes == ()
    assert len(city.plan.agents) == 12
    assert [queue.id for queue in city.plan.queues] == [
        "tax",
        "residents",
        "general",
        "switchboard",
    ]
    assert city.plan.default_queue == "general"
    assert {number.number for number in city.plan.numbers} >= {"0466001111"}


def test_what_is_written_is_what_the_engine_gets(city: Centre) -> None:
    tax, switchboard = city.plan.queues[0], city.plan.queues[3]
    assert tax.needs == (SkillNeed("tax", 3),)
    assert tax.ladder[0].lower == (SkillNeed("tax", 1),)
    assert tax.ladder[0].drop_preferences
    assert tax.ladder[1].add_queue == "general"
    assert tax.overflow[0].kind is OverflowKind.NO_AGENTS
    assert tax.overflow[0].target == Target(TargetKind.QUEUE, "general")
    assert tax.overflow[1].threshold == 600
    assert switchboard.call_type is CallType.SWITCHBOARD
    assert switchboard.strategy is Strategy.FEWEST_CALLS
    assert switchboard.sl_threshold_s == 10
    assert city.plan.directory[0].dial == "PJSIP/dept-tax"
    assert city.settings.trunks["carrier"].kind is TrunkKind.ADDRESS
    assert city.settings.switch.kind is SwitchKind.PROVIDED
    assert city.settings.state_dir == CENTRE.parent / "var"


def test_the_version_changes_with_any_byte_that_decides(files: Path) -> None:
    before = load_centre(files).plan.version
    assert load_centre(files).plan.version == before
    change(files, "plan.toml", "wrap_up_s = 10", "wrap_up_s = 11")
    after = load_centre(files).plan.version
    assert after != before
    change(files, "settings.toml", "ami_port = 5038", "ami_port = 5039")
    assert load_centre(files).plan.version == after


def test_every_fault_of_every_file_is_reported_at_once(files: Path) -> None:
    change(files, "settings.toml", "sip_port = 5060", "sip_prt = 5060")
    change(files, "plan.toml", "needs = { tax = 3 }", "needs = { taxx = 3 }")
    change(files, "plan.toml", 'strategy = "most_skilled"', 'strategy = "most_skiled"')
    change(files, "plan.toml", 'device = "op02"', 'device = "op01"')
    change(files, "calendars.toml", '12-29 = "年末年始"', '12-32 = "年末年始"')
    add(files, "plan.toml", '[queue.extra]\nname = "x"\n')
    (files / "flows" / "broken.toml").write_text("start = ", encoding="utf-8")
    found = faults(files)
    assert set(found) == {
        "settings.toml:switch.sip_prt",
        "plan.toml:queue",
        "plan.toml:queues.tax.needs.taxx",
        "plan.toml:queues.tax.ladder[0].lower.tax",
        "plan.toml:queues.residents.strategy",
        "plan.toml:agents.op02.device",
        "calendars.toml:calendars.counter.closed_yearly.12-32",
        "flows/broken.toml",
    }
    assert 'did you mean "sip_port"?' in found["settings.toml:switch.sip_prt"]
    assert 'did you mean "queues"?' in found["plan.toml:queue"]
    assert 'did you mean "tax"?' in found["plan.toml:queues.tax.needs.taxx"]
    assert 'did you mean "most_skilled"?' in found["plan.toml:queues.residents.strategy"]


@pytest.mark.parametrize(
    ("old", "new", "path", "says"),
    [
        ("max_calls = 2000", "max_calls = 0", "max_calls", "greater than or equal to 1"),
        ("max_calls = 2000", 'max_calls = "2000"', "max_calls", "integer"),
        ("max_calls = 2000", "max_calls = true", "max_calls", "integer"),
        ("priority_step_s = 60", "priority_step_s = inf", "priority_step_s", "finite"),
        ("priority_step_s = 60", "priority_step_s = nan", "priority_step_s", "finite"),
        ('"Asia/Tokyo"', '"Asia/Tokio"', "timezone", "no time zone"),
        ('"Asia/Tokyo"', '"../../etc/passwd"', "timezone", "no time zone"),
        ('default_queue = "general"', 'default_queue = "genral"', "default_queue", '"general"'),
        ("ring_timeout_s = 15", "ring_timeout_s = 1", "queues.tax.ring_timeout_s", "3"),
        ("tax = 9", "tax = 10", "agents.op01.skills.tax", "9"),
        ("tax = 9", "tax = 0", "agents.op01.skills.tax", "1"),
        ("[agents.op03]", "[agents.OP03]", "agents.OP03", "an id has"),
        ('name = "青木"', 'name = "青木\\n"', "agents.op01.name", "one line"),
        ('device = "op01"', 'device = "op01@evil"', "agents.op01.device", "match"),
        ('device = "op01"', 'device = "out-op01"', "agents.op01.device", "public network"),
        (
            'device = "op01"',
            'device = "op01"\noutside = { trunk = "carrier", number = "110" }',
            "agents.op01.outside.number",
            "never dialled",
        ),
        (
            'device = "op01"',
            'device = "op01"\noutside = { trunk = "nowhere", number = "0466251111" }',
            "agents.op01.outside.trunk",
            "nowhere",
        ),
        ('entry = "interpreter-english"', 'entry = "nobody"', "talk.interpreters[0].entry", "no"),
        ('trunk = "carrier"\nallow', 'trunk = "carier"\nallow', "talk.outbound.trunk", "carrier"),
        ('allow = ["0466"', 'allow = ["110"', "talk.outbound.allow[0]", "match"),
        ('device = "op01"', 'device = "carrier"', "agents.op01.device", "the trunk carrier"),
        (
            "{ after_s = 60, add_queue",
            "{ after_s = 5, add_queue",
            "queues.tax.ladder",
            "in the order",
        ),
        (
            '{ after_s = 60, add_queue = "general" }',
            "{ after_s = 60 }",
            "queues.tax.ladder[1]",
            "does nothing",
        ),
        (
            '{ when = "wait", at = 600, to = "queue:general" }',
            '{ when = "wait", to = "queue:general" }',
            "queues.tax.overflow[1]",
            "number of seconds",
        ),
        (
            '{ when = "no_agents", to',
            '{ when = "no_agents", at = 3, to',
            "queues.tax.overflow[0]",
            "no threshold",
        ),
        (
            'to = "queue:general"',
            'to = "general"',
            "queues.tax.overflow[0].to",
            "queue:ID, number:ID",
        ),
        (
            'to = "queue:general"',
            'to = "number:0466001234"',
            "queues.tax.overflow[0].to",
            "no directory entry",
        ),
        ('to = "queue:general"', 'to = "queue:tax"', "queues.tax.overflow[0].to", "itself"),
        ('number = "0466-00-1112"', 'number = "0466-00-1111"', "numbers[1].number", "already"),
        ('flow = "main"', 'flow = "mian"', "numbers[0].flow", '"main"'),
        (
            'dial = { phone = "dept-tax" }',
            'dial = { phone = "dept-tax", number = "0466001234" }',
            "directory.tax-office.dial",
            "either phone, or trunk and number",
        ),
        (
            'dial = { phone = "dept-tax" }',
            'dial = { trunk = "carier", number = "0466001234" }',
            "directory.tax-office.dial.trunk",
            '"carrier"',
        ),
        ('hours = "counter"', 'hours = "countre"', "queues.tax.hours", '"counter"'),
    ],
)
def test_one_fault_has_its_path_and_says_what_is_wrong(
    files: Path, old: str, new: str, path: str, says: str
) -> None:
    change(files, "plan.toml", old, new)
    found = faults(files)
    assert f"plan.toml:{path}" in found
    assert says in found[f"plan.toml:{path}"]


@pytest.mark.parametrize(
    "number", ["110", "119", "118", "00144712345678", "0101234567", "+15551234567", "0990123456"]
)
def test_nobody_is_sent_to_emergency_international_or_premium_numbers(
    files: Path, number: str
) -> None:
    dial = f'dial = {{ trunk = "carrier", number = "{number}" }}'
    change(files, "plan.toml", 'dial = { phone = "dept-tax" }', dial)
    assert "never sent" in faults(files)["plan.toml:directory.tax-office.dial"]


def test_an_outside_number_in_the_directory_is_dialled_through_its_trunk(files: Path) -> None:
    dial = 'dial = { trunk = "carrier", number = "0466-00-1234" }'
    change(files, "plan.toml", 'dial = { phone = "dept-tax" }', dial)
    assert load_centre(files).plan.directory[0].dial == "PJSIP/0466001234@carrier"


def test_overflow_never_leads_in_a_circle(files: Path) -> None:
    change(files, "plan.toml", 'to = "call_back"', 'to = "queue:switchboard"')
    found = faults(files)
    circles = {path for path, message in found.items() if "in a circle" in message}
    assert "plan.toml:queues.general.overflow[2].to" in circles
    assert "plan.toml:queues.switchboard.overflow[0].to" in circles
    assert "plan.toml:queues.tax.overflow[0].to" not in circles


def test_a_queue_that_nobody_can_serve_is_a_note_not_a_fault(files: Path) -> None:
    change(
        files, "plan.toml", "needs = { residents = 3 }", "needs = { residents = 3, english = 9 }"
    )
    assert load_centre(files).notes == (
        Fault("plan.toml:queues.residents.needs", "no operator has these skills"),
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a = ", "not TOML"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 10_000, "cannot be read"),
        (b"# " + b"x" * 1_000_001, "larger than"),
        (b"[queues]\n[queues]\n", "not TOML"),
    ],
)
def test_a_file_that_is_none_is_one_fault(files: Path, data: bytes, says: str) -> None:
    (files / "plan.toml").write_bytes(data)
    assert says in faults(files)["plan.toml"]


def test_tables_of_the_wrong_kind_are_faults(files: Path) -> None:
    (files / "plan.toml").write_text(
        'queues = 5\nagents = ["x"]\nnumbers = { a = 1 }\ndirectory.x = 3\n', encoding="utf-8"
    )
    found = faults(files)
    assert {
        "plan.toml:queues",
        "plan.toml:agents",
        "plan.toml:numbers",
        "plan.toml:directory.x",
        "plan.toml:default_queue",
        "plan.toml:default_flow",
    } <= set(found)


def test_too_many_of_anything_is_refused(files: Path) -> None:
    rows = "\n".join(f'[agents.x{n}]\nname = "x"\ndevice = "x{n}"' for n in range(5_001))
    add(files, "plan.toml", rows)
    assert "more than 5000" in faults(files)["plan.toml:agents"]


def test_missing_files_are_named(files: Path, tmp_path: Path) -> None:
    (files / "calendars.toml").unlink()
    shutil.rmtree(files / "flows")
    found = faults(files)
    assert "cannot be read" in found["calendars.toml"]
    assert "callers would hear nothing" in found["flows"]
    with pytest.raises(ConfigError, match="is no centre"):
        load_centre(tmp_path / "nowhere")


@pytest.mark.parametrize("written", ["しみんぜいか", "シミンゼイカ", "ｼﾐﾝｾﾞｲｶ"])
def test_a_reading_is_kana_of_any_kind_and_kept_as_hiragana(files: Path, written: str) -> None:
    change(files, "plan.toml", 'reading = "しみんぜいか"', f'reading = "{written}"')
    plan = load_centre(files).plan
    assert {each.id: each.reading for each in plan.directory}["tax-office"] == "しみんぜいか"
    assert plan.queues[0].reading == "ぜい"
    assert plan.agents[0].reading == "あおき"


@pytest.mark.parametrize("written", ["市民税課", "shiminzei", "", "ー", "あ\\nい", "あ" * 81])
def test_a_reading_that_is_no_kana_is_refused_by_its_path(files: Path, written: str) -> None:
    change(files, "plan.toml", 'reading = "あおき"', f'reading = "{written}"')
    assert list(faults(files)) == ["plan.toml:agents.op01.reading"]
