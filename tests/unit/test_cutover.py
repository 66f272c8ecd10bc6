"""A cut-over's table, gate, record and plan, without a switch."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.cutover_log import FILE, CutoverLog, Entry
from acd.app.cutover_calls import Heard, Tried, found, identity, judge
from acd.app.cutover_gate import Known, gate, go
from acd.app.cutover_state import TABLE, Deed, Stage, after, stage_of
from acd.bootstrap.cutover.moving import adopt_after, adopt_former
from acd.bootstrap.cutover.words import DEEDS, KINDS, STAGES
from acd.bootstrap.cutover.work import Cutover
from acd.config.cutover_file import CallKind, CallRow, CutoverPlan, read_cutover
from acd.core.cdr_types import CallRecord, Source
from acd.core.events import CallOutcome
from acd.core.ids import CallId, QueueId, SwitchId
from acd.core.inputs import CallerKind
from acd.errors import ConfigError, Refused, StoreCorrupt, SwitchUnavailable, TransitionError
from tests.e2e.centre_kit import write_centre
from tests.e2e.test_cutover import KINDS as ROWS
from tests.e2e.test_cutover import REAL, WHO, write_cutover

pytestmark = pytest.mark.requirement("M19")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_centre(tmp_path / "centre", {"op1": "tax = 5"})
    write_cutover(tmp_path / "centre")
    return tmp_path / "centre"


@pytest.fixture
def plan(folder: Path) -> CutoverPlan:
    return read_cutover(folder)


# -- the table ------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(Deed), max_size=12))
def test_nothing_is_switched_without_check_and_rehearsal(deeds: list[Deed]) -> None:
    stage = Stage.PREPARED
    done: list[Deed] = []
    for deed in deeds:
        if (stage, deed) not in TABLE:
            with pytest.raises(TransitionError):
                after(stage, deed)
            continue
        stage = after(stage, deed)
        done.append(deed)
    assert stage_of(done) is stage
    if stage in (Stage.SWITCHED, Stage.PROVEN, Stage.ROLLED_BACK):
        at = max(n for n, deed in enumerate(done) if deed is Deed.SWITCHED)
        assert Deed.CHECK_PASSED in done[:at]
        assert Deed.REHEARSAL_PASSED in done[:at]


def test_every_stage_deed_and_kind_has_words() -> None:
    assert set(STAGES) == {each.value for each in Stage}
    assert set(DEEDS) == {each.value for each in Deed}
    assert set(KINDS) == {each.value for each in CallKind}


# -- the gate -------------------------------------------------------------------------------------


def known(plan: CutoverPlan) -> Known:
    """All as it must be, in the middle of the window."""
    now_s = (plan.times.switch_from + dt.timedelta(minutes=10)).timestamp()
    tried = [
        Tried(row.id, row.kind.value, "machine", row.number, round(now_s * 1000) - 60_000, True)
        for row in plan.calls
    ]
    return Known(
        now_s=now_s,
        stage=Stage.REHEARSED,
        by=WHO,
        checked_s=now_s - 600,
        tried=tried,
        controller_ready=True,
        operators_ready=3,
        critical_alarms=0,
        way_back=True,
    )


def test_the_gate_opens_when_all_is_well(plan: CutoverPlan) -> None:
    assert go(gate(plan, known(plan)))


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("decider", {"by": "somebody"}),
        ("window", {"now_s": 1.0}),
        ("checked", {"checked_s": None}),
        ("rehearsed", {"stage": Stage.CHECKED}),
        ("checked", {"checked_s": 1.0}),
        ("rehearsed", {"tried": []}),
        ("ready", {"controller_ready": False}),
        ("alarms", {"critical_alarms": 1}),
        ("alarms", {"critical_alarms": None}),
        ("way_back", {"way_back": False}),
    ],
)
def test_one_criterion_alone_closes_the_gate(
    plan: CutoverPlan, key: str, change: dict[str, object]
) -> None:
    criteria = gate(plan, msgspec.structs.replace(known(plan), **change))
    assert key in [each.key for each in criteria if not each.met]
    assert not go(criteria)


def test_the_last_try_of_each_call_counts(plan: CutoverPlan) -> None:
    good = known(plan)
    failed = msgspec.structs.replace(good.tried[0], passed=False)
    worse = msgspec.structs.replace(good, tried=[*good.tried, failed])
    assert [each.key for each in gate(plan, worse) if not each.met] == ["rehearsed"]
    again = msgspec.structs.replace(good, tried=[*good.tried, failed, good.tried[0]])
    assert go(gate(plan, again))


# -- the calls ------------------------------------------------------------------------------------


def record(**more: object) -> CallRecord:
    base = CallRecord(
        CallId("1"), SwitchId("a"), "carrier", REAL, CallerKind.WITHHELD, "", True, False,
        Source.CONTROLLER, 1_000_000, 1_005_000, CallOutcome.ABANDONED, 16, queue=QueueId("tax"),
    )  # fmt: skip
    return msgspec.structs.replace(base, **more)


WITHHELD = CallRow(id="w", kind=CallKind.WITHHELD, number=REAL, queue="tax")
HEARD = Heard(REAL, 1_000_100, 1_005_100, 200, sound_ms=400)


def test_a_call_that_is_as_it_must_be_passes() -> None:
    assert judge(WITHHELD, HEARD, record()).passed


@pytest.mark.parametrize(
    ("heard", "ledger", "wrong"),
    [
        (HEARD, None, ["ledger"]),
        (HEARD, {"caller_kind": CallerKind.NUMBER}, ["caller"]),
        (HEARD, {"caller_number": "0466000000"}, ["number"]),
        (HEARD, {"listed": False}, ["listed"]),
        (HEARD, {"outcome": CallOutcome.FAILED}, ["outcome"]),
        (HEARD, {"queue": QueueId("waste")}, ["queue"]),
        (Heard(REAL, 1_000_100, 1_005_100, 200), {}, ["sound"]),
        (Heard(REAL, 1_000_100, 1_005_100, 503), None, ["status", "ledger"]),
    ],
)
def test_what_is_not_as_it_must_be_is_named(
    heard: Heard, ledger: dict[str, object] | None, wrong: list[str]
) -> None:
    tried = judge(WITHHELD, heard, None if ledger is None else record(**ledger))
    assert not tried.passed
    assert [each.what for each in tried.wrong] == wrong
    assert "0466000000" not in repr(tried), "evidence names no caller"


def test_a_call_is_found_among_others_to_the_same_number() -> None:
    others = [
        record(call=CallId("before")),
        record(call=CallId("resident"), caller_kind=CallerKind.NUMBER, caller_number="0466123456"),
        record(call=CallId("later"), offered_ms=1_060_000, closed_ms=1_065_000),
        record(call=CallId("elsewhere"), dialled="0466001111"),
    ]
    rows = [*others, record(call=CallId("ours"), closed_ms=1_005_600)]
    ours = found(WITHHELD, HEARD, rows, before={"before"})
    assert ours is not None
    assert ours.call == "ours"
    assert found(WITHHELD, HEARD, others[2:]) is None
    assert found(WITHHELD, HEARD, others[1:2]) is None
    taken = found(WITHHELD, HEARD, others[1:2], surely=False)
    assert taken is not None, "what came of it when the carrier sends the number after all"


def test_a_withheld_number_is_sent_as_carriers_send_it() -> None:
    told = identity(CallKind.WITHHELD)
    assert told.caller.startswith('"Anonymous"')
    assert "Privacy: id" in told.headers
    assert any(each.startswith("P-Asserted-Identity") for each in told.headers)


# -- the record and the plan ----------------------------------------------------------------------


def test_a_record_that_was_changed_is_refused(tmp_path: Path) -> None:
    log = CutoverLog(tmp_path)
    for n in range(3):
        log.add(Entry(Deed.CHECK_PASSED.value, float(n), "a", "b", "1", {}, {"n": n}))
    assert [each.facts["n"] for each in log.entries()] == [0, 1, 2]
    head = log.head()
    file = tmp_path / FILE
    whole = file.read_bytes()
    for changed in (
        whole.replace(b'"n":1', b'"n":7'),
        b"".join(whole.splitlines(keepends=True)[1:]),
        whole + b"{}\n",
    ):
        file.write_bytes(changed)
        with pytest.raises(StoreCorrupt):
            log.entries()
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    assert log.head() != head, "what was cut off at the end shows in the hash on file"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('carrier = "east"', 'carrier = "west"', "carrier"),
        (f'number = "{REAL}"\ntemporary', 'number = "0466552222"\ntemporary', "calls"),
        ('id = "fax"', 'id = "relay"', "calls.relay"),
        ('kind = "fax"', 'kind = "telex"', "kind"),
        ("min_ready = 0", "min_readi = 0", "min_readi"),
        ('after = "plan.after.toml"', 'after = "../../etc/passwd"', "after"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_place(
    folder: Path, old: str, new: str, path: str
) -> None:
    file = folder / "cutover.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(ConfigError) as refused:
        read_cutover(folder)
    assert any(path in each.path for each in refused.value.faults), refused.value


def test_a_matrix_says_which_kinds_it_lacks(folder: Path, plan: CutoverPlan) -> None:
    assert len(plan.calls) == len(ROWS)
    assert plan.missing_kinds() == []
    fewer = plan.model_copy(update={"calls": plan.calls[:2]})
    assert CallKind.PAYPHONE in fewer.missing_kinds()


# -- one file in the place of another -------------------------------------------------------------


class Interface:
    """A running centre's interface, or one that does not answer."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def get(self, path: str) -> dict[str, object]:
        return {}

    def post(self, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
        if self.error is not None:
            raise self.error
        return {"version": "v"}


def test_a_centre_that_refuses_keeps_its_plan(folder: Path) -> None:
    work = Cutover(folder)
    before = (folder / "plan.toml").read_bytes()
    with pytest.raises(SwitchUnavailable):
        adopt_after(work, Interface(SwitchUnavailable("away")))
    assert (folder / "plan.toml").read_bytes() == before


def test_the_way_back_leads_to_the_very_same_file(folder: Path) -> None:
    work = Cutover(folder)
    before = (folder / "plan.toml").read_bytes()
    adopt_after(work, Interface())
    assert (folder / "plan.toml").read_bytes() == (folder / "plan.after.toml").read_bytes()
    adopt_after(work, Interface())
    with pytest.raises(SwitchUnavailable):
        adopt_former(work, Interface(SwitchUnavailable("away")))
    assert (folder / "plan.toml").read_bytes() == before, "it is back though nobody runs"
    adopt_former(work, Interface())
    assert (folder / "plan.toml").read_bytes() == before


def test_a_changed_file_makes_check_and_rehearsal_stale(folder: Path) -> None:
    work = Cutover(folder)
    work.record(Deed.CHECK_PASSED, WHO, {})
    assert work.checked_s() is not None
    flow = folder / "flows" / "tax.toml"
    flow.write_text(flow.read_text() + "\n# another word\n")
    assert work.checked_s() is None
    with pytest.raises(Refused):
        work.must_allow(Deed.ROLLED_BACK)
