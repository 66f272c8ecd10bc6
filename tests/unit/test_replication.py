"""The stream of state: order, catching up, snapshots, strangers, and standbys that are too slow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from acd.adapters.replication import messages as m
from acd.adapters.replication.channel import call
from acd.adapters.replication.leader_side import LeaderSide
from acd.adapters.replication.standby_side import StandbySide
from acd.adapters.replication.tail import Tail
from acd.core.events import SCHEMA
from acd.errors import LimitExceeded, Refused, StoreCorrupt, StoreUnavailable
from acd.ports import Frame, Snapshot
from acd.ports_replica import Reached

HOST, SECRET = "127.0.0.1", "s" * 32


def frames(first: int, last: int, size: int = 10) -> list[Frame]:
    return [Frame(seq, SCHEMA, b"", bytes(size)) for seq in range(first, last + 1)]


class Log:
    """A log in memory."""

    stream = "f" * 32

    def __init__(self) -> None:
        self._frames: list[Frame] = []

    @property
    def last_seq(self) -> int:
        return self._frames[-1].seq if self._frames else 0

    def append(self, frames: Sequence[Frame]) -> None:
        self._frames += frames

    def read(self, after_seq: int, max_frames: int = 256) -> list[Frame]:
        return [frame for frame in self._frames if frame.seq > after_seq][:max_frames]

    def mark_stored(self, seq: int) -> None: ...

    def mark_restorable(self, seq: int) -> None: ...


class Kept:
    """A replica in memory that writes down what it was told."""

    def __init__(self, reached: Reached | None = None) -> None:
        self.reached = reached or Reached()
        self.seqs: list[int] = []
        self.begun: list[int] = []
        self.resumed = 0
        self.stored_seq = 0
        self.before: list[int] = []

    @property
    def resumable(self) -> Reached:
        return self.reached

    def past(self, frames: Sequence[Frame], *, done: bool) -> None:
        self.before += [frame.seq for frame in frames]

    def begin(self, token: int, snapshot: Snapshot) -> None:
        self.begun.append(snapshot.seq)
        self.reached = Reached(snapshot.stream, snapshot.seq)

    def resume(self, token: int) -> None:
        self.resumed += 1

    def take(self, frames: Sequence[Frame], stored_seq: int) -> None:
        self.seqs += [frame.seq for frame in frames]
        self.stored_seq = stored_seq
        if frames:
            self.reached = Reached(self.reached.stream, frames[-1].seq)


class Leading:
    """What the leader streams, its state being nothing but a number."""

    token, stored_seq = 7, 3

    def __init__(self, tail: Tail) -> None:
        self._tail = tail

    def snapshot(self) -> Snapshot:
        seq = self._tail.last_seq
        return Snapshot(self._tail.stream, seq, 0.0, SCHEMA, b"engine", b"book")


class Pair:
    """A leader, and standbys that follow it."""

    def __init__(self, most_bytes: int = 1_000_000) -> None:
        self.tail = Tail(Log(), most_bytes)
        self.leader = LeaderSide("a", SECRET, self.tail, Leading(self.tail))
        self.port = 0
        self.told: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []

    def follow(self, kept: Kept, node: str = "b", secret: str = SECRET) -> asyncio.Task[None]:
        side = StandbySide(
            node,
            secret,
            {"a": (HOST, self.port)},
            kept,
            on_lost=lambda: self.told.append("lost"),
            on_heir=lambda: self.told.append("heir"),
        )
        task: asyncio.Task[None] = asyncio.create_task(side.run())
        self._tasks.append(task)
        return task

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.leader.close()


@contextlib.asynccontextmanager
async def leading(most_bytes: int = 1_000_000) -> AsyncIterator[Pair]:
    pair = Pair(most_bytes)
    pair.port = await pair.leader.listen(HOST, 0)
    try:
        yield pair
    finally:
        await pair.stop()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20.0):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_standby_begins_with_the_state_and_gets_every_frame_after_it_in_order() -> None:
    async with leading() as pair:
        pair.tail.append(frames(1, 50))
        kept = Kept()
        pair.follow(kept)
        await until(lambda: kept.begun)
        pair.tail.append(frames(51, 60))
        pair.tail.append(frames(61, 1500))
        await until(lambda: kept.reached.seq == 1500)
        assert kept.begun == [50]
        assert kept.before == list(range(Leading.stored_seq + 1, 51)), "what no database has yet"
        assert kept.seqs == list(range(51, 1501))
        assert kept.stored_seq == Leading.stored_seq
        assert await pair.leader.caught_up(1.0) == "b"


async def test_who_comes_back_goes_on_where_it_was() -> None:
    async with leading() as pair:
        pair.tail.append(frames(1, 50))
        kept = Kept(Reached(pair.tail.stream, 20))
        pair.follow(kept)
        await until(lambda: kept.reached.seq == 50)
        assert (kept.begun, kept.resumed) == ([], 1)
        assert kept.seqs == list(range(21, 51))


async def test_who_was_away_for_too_long_begins_anew() -> None:
    async with leading(most_bytes=100) as pair:
        pair.tail.append(frames(1, 50))
        kept = Kept(Reached(pair.tail.stream, 20))
        pair.follow(kept)
        await until(lambda: kept.begun)
        assert kept.begun == [50]


async def test_who_has_more_than_the_leader_begins_anew() -> None:
    async with leading() as pair:
        pair.tail.append(frames(1, 5))
        kept = Kept(Reached(pair.tail.stream, 9))
        pair.follow(kept)
        await until(lambda: kept.begun == [5])


async def test_a_standby_that_does_not_read_is_dropped_and_keeps_nobody_waiting() -> None:
    async with leading(most_bytes=50_000) as pair:
        channel = await call(HOST, pair.port, "slow", SECRET)
        await channel.send(m.Have("", 0))
        await channel.receive(m.Begin, m.MAX_LARGE, 2.0)
        await until(lambda: "slow" in pair.leader.peers)
        good = Kept()
        pair.follow(good)
        await until(lambda: good.begun)
        seq = 0
        while "slow" in pair.leader.peers:
            pair.tail.append(frames(seq + 1, seq + 20, size=20_000))
            seq += 20
            await asyncio.sleep(0)
            assert seq < 20_000, "it is never dropped"
        await until(lambda: good.reached.seq == seq)
        channel.close()


async def test_the_planned_change_is_told_when_all_was_sent() -> None:
    async with leading() as pair:
        kept = Kept()
        pair.follow(kept)
        await until(lambda: kept.begun)
        pair.tail.append(frames(1, 300))
        heir = await pair.leader.caught_up(2.0)
        await pair.leader.hand_over(heir)
        await until(lambda: pair.told == ["heir"])
        assert kept.reached.seq == 300
        with pytest.raises(StoreUnavailable):
            await pair.leader.hand_over("nobody")


async def test_in_full_work_nobody_has_all_of_it_and_somebody_nearly() -> None:
    """A newer step is always on its way: a planned change need not wait for a quiet moment."""
    async with leading() as pair:
        pair.tail.append(frames(1, 10))
        pair.follow(Kept())
        assert await pair.leader.caught_up(5.0) == "b"
        pair.tail.append(frames(11, 20))
        peer = pair.leader.peers["b"]
        assert peer.acked_seq == 10, "its word for these cannot have come yet"
        assert await pair.leader.caught_up(0.0) == ""
        assert await pair.leader.caught_up(0.0, 9) == ""
        assert await pair.leader.caught_up(0.0, 10) == "b"


async def test_nobody_has_all_of_it_where_nobody_follows() -> None:
    async with leading() as pair:
        assert await pair.leader.caught_up(0.05) == ""


async def test_the_loss_of_the_leader_is_told_at_once() -> None:
    async with leading() as pair:
        kept = Kept()
        pair.follow(kept)
        await until(lambda: kept.begun)
        await pair.leader.close()
        await until(lambda: pair.told == ["lost"])


async def test_without_the_secret_nobody_is_told_anything() -> None:
    async with leading() as pair:
        with pytest.raises(Refused) as caught:
            await call(HOST, pair.port, "b", "x" * 32)
        assert caught.value.code == "stream_secret_wrong"
        reader, writer = await asyncio.open_connection(HOST, pair.port)
        hello = m.encode(m.Hello(m.VERSION, "b", bytes(32)))
        writer.write(m.HEAD.pack(len(hello), bytes(16)) + hello)
        length, _ = m.HEAD.unpack(await reader.readexactly(m.HEAD.size))
        await reader.readexactly(length)
        wrong = m.encode(m.Proof(bytes(32)))
        writer.write(m.HEAD.pack(len(wrong), bytes(16)) + wrong)
        assert await asyncio.wait_for(reader.read(), 20.0) == b""
        assert pair.leader.peers == {}
        writer.close()


async def test_a_stranger_with_a_long_message_is_hung_up_on() -> None:
    async with leading() as pair:
        reader, writer = await asyncio.open_connection(HOST, pair.port)
        writer.write(m.HEAD.pack(1 << 30, bytes(16)))
        assert await asyncio.wait_for(reader.read(), 20.0) == b""
        writer.close()


def test_a_message_that_was_changed_repeated_or_left_out_is_refused() -> None:
    body = m.encode(m.Got(5))
    sender, honest = m.Seal(b"k"), m.Seal(b"k")
    first, second = sender.make(body), sender.make(body)
    length, seal = m.read_head(first[: m.HEAD.size], m.MAX_SMALL)
    assert length == len(body)
    honest.check(body, seal)
    with pytest.raises(StoreCorrupt):
        m.Seal(b"k").check(body[:-1] + b"\x06", seal)
    with pytest.raises(StoreCorrupt):  # the first once more, in place of the second
        honest.check(body, seal)
    left_out = m.Seal(b"k")
    with pytest.raises(StoreCorrupt):
        left_out.check(body, m.read_head(second[: m.HEAD.size], m.MAX_SMALL)[1])
    with pytest.raises(LimitExceeded):
        m.read_head(m.HEAD.pack(m.MAX_SMALL + 1, bytes(16)), m.MAX_SMALL)


def test_what_is_no_message_is_refused() -> None:
    for body in (b"", b"\xc1", m.encode(m.Heir(1)), b"\x93\xa3Got\x01\x02"):
        with pytest.raises(StoreCorrupt):
            m.decode(body, m.Got)
