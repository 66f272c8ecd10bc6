"""A standby lives along: the same state to the byte, on its disk too, and a new stream from it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.fence import Connected, Fence, connected, legs_anew
from acd.adapters.asterisk.session import AmiAccount
from acd.adapters.replication.leader_side import LeaderSide
from acd.adapters.replication.standby_side import StandbySide
from acd.adapters.secrets import Secrets
from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.late import LateRecords
from acd.adapters.sql.records import SqlRecords
from acd.app.standby import UNHEARD_IDS, Warm
from acd.app.tenure import Tenure
from acd.bootstrap.centre import RunningCentre
from acd.bootstrap.cluster.folders import Folders
from acd.bootstrap.cluster.leading import CentreSource
from acd.bootstrap.records import Records
from acd.config import Centre, load_centre
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId
from acd.core.inputs import AgentLoggedIn, CallArrived, Caller, CallerKind, QueueRequested
from acd.errors import StoreError, SwitchUnavailable
from acd.ports import ChannelSeen, Snapshot
from tests.call_stories import answered_call
from tests.contract.test_record_store import STREAM, frames_of
from tests.fakes.centre import CENTRE

SECRET, TOKEN = "s" * 32, 7


class Led:
    """Leadership that a test gives and takes."""

    token = TOKEN

    def __init__(self) -> None:
        self.held = True

    def holds(self) -> bool:
        return self.held

    def refused(self, token: int) -> None:
        self.held = False


def centre(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    for name, value in {
        "STATE_DIR": str(folder),
        "SWITCH__KIND": "local",
        "CLUSTER__NODE": folder.name,
        "CLUSTER__REDIS": "127.0.0.1:6379",
        "STORE__SPOOL_MIB": "8",
        "STORE__RESERVE_MIB": "1",
    }.items():
        monkeypatch.setenv(f"MADOGUCHI_{name}", value)
    return load_centre(CENTRE)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20.0):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


class Pair:
    """A leader that decides, and a standby that follows it."""

    def __init__(self, running: RunningCentre, own: Centre) -> None:
        self.running, self.own = running, own
        self.folders = Folders(own.settings)
        self.warm = Warm(self.folders.make_copy, ZoneInfo(own.plan.timezone))

    async def decide(self, number: int) -> None:
        """Somebody calls and waits."""
        call = CallId(f"1700000000.{number}")
        who = Caller(CallerKind.WITHHELD, "")
        submit = self.running.controller.submit
        await submit(CallArrived(call, SwitchId("a"), f"PJSIP/c-{number}", "carrier", "1", who))
        await submit(QueueRequested(call, QueueId("general")))

    async def level(self) -> None:
        """Return when the standby has everything."""
        await asyncio.sleep(0.1)  # what the absent switch refuses comes after what was asked
        journal = self.running.records.journal
        await until(lambda: self.warm.reached.seq == journal.last_seq)

    def from_disk(self) -> Warm:
        """What the standby would begin with after a restart."""
        self.folders.close_copy()
        folders = Folders(self.own.settings)
        again = Warm(folders.make_copy, ZoneInfo(self.own.plan.timezone))
        folders.newest(again, self.own.plan)
        folders.close_copy()
        return again


@contextlib.asynccontextmanager
async def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    running = RunningCentre(centre(tmp_path / "a", monkeypatch), Secrets(tmp_path), Led())
    deciding = asyncio.create_task(running.controller.run())
    await running.start_under_plan()
    tail = running.records.tail
    assert tail is not None
    side = LeaderSide("a", SECRET, tail, CentreSource(running, TOKEN))
    port = await side.listen("127.0.0.1", 0)
    made = Pair(running, centre(tmp_path / "b", monkeypatch))
    standby = StandbySide("b", SECRET, {"a": ("127.0.0.1", port)}, made.warm)
    following = asyncio.create_task(standby.run())
    try:
        yield made
    finally:
        for task in (following, deciding):
            task.cancel()
        await asyncio.gather(following, deciding, return_exceptions=True)
        await side.close()
        made.folders.close_copy()
        await running.records.close(deposed=True)


@pytest.mark.requirement("M18")
async def test_a_standby_is_the_leader_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pair(tmp_path, monkeypatch) as both:
        await both.decide(1)
        await until(lambda: both.warm.ready)
        for number in range(2, 8):
            await both.decide(number)
        await both.running.controller.submit(AgentLoggedIn(AgentId("op01")))
        await both.level()
        warm, running = both.warm, both.running
        assert warm.engine is not None
        assert warm.engine.snapshot() == running.engine.snapshot()
        assert warm.book.snapshot() == running.records.journal.book.snapshot()
        assert warm.token == TOKEN


async def test_its_copy_survives_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with pair(tmp_path, monkeypatch) as both:
        await both.decide(1)
        await until(lambda: both.warm.ready)
        await both.decide(2)
        await both.level()
        again = both.from_disk()
        assert again.engine is not None
        assert both.warm.engine is not None
        assert again.engine.snapshot() == both.warm.engine.snapshot()
        assert (again.reached, again.token) == (both.warm.reached, TOKEN)
        assert again.resumable == again.reached


async def test_a_new_leader_begins_a_stream_of_its_own_and_gives_no_id_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pair(tmp_path, monkeypatch) as both:
        await both.decide(1)
        await until(lambda: both.warm.ready)
        await both.decide(2)
        await both.level()
        old = both.warm.reached.stream
        both.folders.begin_own(both.warm, TOKEN + 1)
        records = Records(both.own.settings)
        engine, restored = records.engine(both.own.plan)
        assert restored.engine is not None
        assert restored.seq == 0
        assert list(engine.calls) == list(both.running.engine.calls)
        assert engine.state.counters.offers == UNHEARD_IDS
        assert records.spool.stream != old
        (left,) = both.folders.left()
        assert left.continued, "the copy is what its state goes on from"
        copy = both.folders.open_left(left)
        assert copy.stream == old
        assert copy.last_seq == both.warm.reached.seq
        copy.close()
        await records.close(deposed=True)


async def test_frames_of_another_version_make_the_stream_begin_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = centre(tmp_path / "b", monkeypatch)
    warm = Warm(Folders(own.settings).make_copy, ZoneInfo(own.plan.timezone))
    with pytest.raises(StoreError):
        warm.begin(1, Snapshot("f" * 32, 1, 0.0, 99, b"", b""))
    with pytest.raises(StoreError):
        warm.resume(1)
    assert not warm.ready
    assert warm.resumable.stream == ""


async def test_who_is_deposed_decides_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    led = Led()
    tenure = Tenure(led)
    running = RunningCentre(centre(tmp_path / "a", monkeypatch), Secrets(tmp_path), tenure)
    deciding = asyncio.create_task(running.controller.run())
    await running.start_under_plan()
    before = running.records.journal.last_seq
    led.held = False
    answer = running.controller.submit(AgentLoggedIn(AgentId("op01")))
    await asyncio.sleep(0.1)
    assert not answer.done()
    assert running.records.journal.last_seq == before
    led.held = True  # nobody was in between: it goes on where it was
    await asyncio.wait_for(answer, 20.0)
    decided = running.records.journal.last_seq
    tenure.close()
    running.controller.deliver(AgentLoggedIn(AgentId("op02")))
    deciding.cancel()
    await asyncio.gather(deciding, return_exceptions=True)
    assert running.records.journal.last_seq == decided, "not even at its end"
    await running.records.close(deposed=True)


def test_no_action_leaves_without_the_lease_and_legs_carry_their_term() -> None:
    led = Led()
    fence = Fence(led, "agi://10.0.0.1:4573/key", AmiAccount("madoguchi-fence", "x"))
    ring = fence.admit(Action("Originate", (("Channel", "PJSIP/op01"),)))
    assert ring.headers[-1] == ("Variable", "MDG_OF_TERM=7")
    assert fence.admit(Action("Ping")) == Action("Ping")
    assert ("Value", "agi://10.0.0.1:4573/key") in fence.names()[1].headers
    led.held = False
    with pytest.raises(SwitchUnavailable) as refused:
        fence.admit(Action("Hangup"))
    assert refused.value.code == "deposed"


def leg(offer: str, bridge: str = "") -> ChannelSeen:
    channel = f"PJSIP/{offer}"
    return ChannelSeen(channel, "", None, OfferId(offer), False, False, bridge, 0.0, "operator")


def test_known_rings_go_on_under_the_new_term_and_unknown_ones_end() -> None:
    seen = [leg("o1"), leg("o2"), leg("o3", bridge="talk")]
    known, unknown = legs_anew(seen, {"o1", "o3"}, "8")
    assert known.name == "Setvar"
    assert ("Value", "8") in known.headers
    assert unknown.name == "Hangup"
    assert ("Channel", "PJSIP/o2") in unknown.headers


def test_sessions_are_read_from_the_console_as_it_lists_them() -> None:
    listing = (
        "  Username         IP Address    Start  Elapsed  FileDes  HttpCnt  ReadPerms  WritePerms\n"
        "  madoguchi-actio  127.0.0.1     1795408634  0   15  0  0000000000  0000004610\n"
        "  witness          127.0.0.1     1795408634  0   17  0  0000000867  0000000514\n"
        "2 users connected."
    )
    assert connected(listing) == [Connected("madoguchi-actio", "15"), Connected("witness", "17")]


async def test_of_a_deposed_controller_only_calls_that_nobody_has_are_taken(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "ledger.sqlite")
    records, late = SqlRecords(url), LateRecords(url)
    known, unknown = frames_of(answered_call(1)), frames_of([*answered_call(1), *answered_call(2)])
    await records.store(STREAM, known)
    mine = "e" * 32
    await late.store(mine, unknown)
    await late.store(mine, unknown)
    assert await late.position(mine) == unknown[-1].seq
    await records.close()
    await late.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        assert database.execute("select count(*) from calls").fetchone() == (2,)
        by_call = database.execute("select count(*) from visits group by call").fetchall()
        assert len(set(by_call)) == 1, "the known one has no rows more"
