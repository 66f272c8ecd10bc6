"""Recording as it happens: begins with the ring, pauses, and puts away what is over.

The switch records by itself once it knows the recording's id; a note beside the sound says whose it
is. Everything after the talk is done from what lies on the disk, so it does not matter who died in
between. Nothing here can stop a call: what goes wrong is an alarm, and a talk without recording.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from enum import StrEnum
from typing import Any

import structlog
from msgspec import Struct
from msgspec.structs import replace

from acd.app.recording_notes import (
    Followed,
    begun,
    closed,
    followed,
    leg_of,
    opened,
    shown,
    stranger,
    told_note,
)
from acd.app.recordings import purge
from acd.core.commands import Recorded
from acd.core.engine import Engine
from acd.core.events import Event
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.recording import (
    DAY_MS,
    SILENCED,
    GapKind,
    Recording,
    TapeState,
    TapeTrigger,
    gaps_in_sound,
    recording_rule,
    turn,
)
from acd.errors import MadoguchiError, Refused, StoreError, SwitchError
from acd.ports_recording import Incoming, Note, RecordingIndex, RecordingSwitch, Sealed, Vault

#: Sound to which nothing was added for so long belongs to a talk that is over.
QUIET_S = 3.0
#: The same for sound that nobody knows anything of.
STRANGE_QUIET_S = 60.0
#: The same where whoever could know of it cannot be asked, or says that the leg is still there.
UNASKED_QUIET_S = 3_600.0
#: How long after its end a recording without sound is waited for.
NO_SOUND_S = 10.0
#: How long the same trouble is not told again.
AGAIN_S = 3_600.0
LOOK_EVERY_S, RETRY_S, PURGE_EVERY_S = 1.0, 30.0, 3_600.0

_log = structlog.get_logger("madoguchi.recorder")


class RecordingAlarm(StrEnum):
    """What the people who run the centre should see at once."""

    DISK_FULL = "recording_disk_full"
    FAILED = "recording_failed"
    STRANGE_SOUND = "recording_strange_sound"


class RecorderPolicy(Struct, frozen=True):
    """The settings of recording; times in seconds, room in bytes."""

    enabled: bool = True
    keep_days: int = 90
    min_free_bytes: int = 0
    auto_pause_s: float = 8.0


class RecorderStatus(Struct, frozen=True):
    """For figures and alarms: talks not recorded for lack of room, recordings not put away yet."""

    disk_full: bool
    free_bytes: int
    under_way: int
    waiting: int
    failures: int
    left_out: int


class Recorder:
    """One per centre. It follows the engine's events; :meth:`run` until cancelled."""

    def __init__(
        self,
        vault: Vault,
        index: RecordingIndex,
        switch: RecordingSwitch,
        engine: Callable[[], Engine],
        now: Callable[[], float],
        policy: RecorderPolicy,
        alarm: Callable[[RecordingAlarm], None] = lambda _: None,
    ) -> None:
        self._vault, self._index, self._switch = vault, index, switch
        self._engine, self._now, self.policy = engine, now, policy
        self.alarm = alarm
        #: Told what the recording of an operator's talk does; None: there is none (any more).
        self.told: Callable[[AgentId, TapeState | None], None] = lambda *_: None
        self._notes: dict[OfferId, Note] = {note.offer: note for note in vault.notes()}
        #: When each alarm was raised last.
        self._alarmed: dict[RecordingAlarm, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._retry_at: dict[str, float] = {}
        self._purge_at_s = 0.0
        self._full = False
        self._failures = self._left_out = 0

    @property
    def records(self) -> bool:
        """Whether new talks are recorded: switched on, and there is room."""
        return self.policy.enabled and not self._full

    @property
    def status(self) -> RecorderStatus:
        """How it is going."""
        live = sum(1 for each in self._notes.values() if self._is_live(each))
        return RecorderStatus(
            self._full,
            self._vault.free_bytes(),
            live,
            len(self._notes) - live,
            self._failures,
            self._left_out,
        )

    # -- a talk is recorded --------------------------------------------------------------------

    def begin(self, command: Recorded) -> str:
        """The id under which the switch shall record the talk of this offer, of a colleague who
        gets the caller, or the operator's call outside; empty: not at all."""
        policy = self.policy
        note = begun(self._engine(), command, secrets.token_hex(16), self._now_ms())
        rule = recording_rule(
            self._engine().plan,
            note.dialled,
            QueueId(note.queue),
            enabled=policy.enabled,
            keep_days=policy.keep_days,
        )
        if not rule.record:
            return ""
        if self._full or not self._keep(replace(note, keep_days=rule.keep_days)):
            self._left_out += 1
            return ""
        return note.id

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Follow what is decided: when the talk begins, is held, ends."""
        for event in events:
            if isinstance(event, Followed):
                note = self._notes.get(leg_of(event))
                if note is not None:
                    self._keep(followed(note, event, round(at_s * 1000)))

    # -- pauses ----------------------------------------------------------------------------------

    def state_of(self, agent: AgentId) -> TapeState | None:
        """What the recording of the operator's present talk does; None: it is not recorded."""
        note = self._present(agent)
        return note.state if note is not None else None

    async def pause(self, agent: AgentId, *, on: bool) -> TapeState:
        """Pause the recording of the operator's present talk by hand, or let it go on.

        Raises Refused when there is none, and a SwitchError when the switch could not be told;
        what was said meanwhile is silenced when the recording is put away all the same.
        """
        note = self._present(agent)
        if note is None:
            raise Refused("this talk is not recorded", code="not_recorded")
        changed = self._turn(note, TapeTrigger.PAUSE if on else TapeTrigger.RESUME)
        await self._switch.hush(note.offer, changed.state is not TapeState.RUNNING)
        return changed.state

    def digit(self, call: CallId) -> None:
        """The caller or the operator pressed a key: what it was is nobody's business, nor what is
        said of it. An operator's call outside goes by the id of its leg."""
        if not self.policy.auto_pause_s:
            return
        for note in list(self._notes.values()):
            if note.call == call and note.started_ms and self._is_live(note):
                quiet_at_ms = self._now_ms() + round(self.policy.auto_pause_s * 1000)
                changed = self._turn(replace(note, quiet_at_ms=quiet_at_ms), TapeTrigger.DIGIT)
                if changed.state is not note.state:
                    self._soon(self._hush(changed))

    def _turn(self, note: Note, trigger: TapeTrigger) -> Note:
        state, at_ms = turn(note.state, trigger), self._now_ms()
        if state is not note.state:
            note = replace(closed(note, at_ms), state=state)
            if state is TapeState.PAUSED_BY_HAND:
                note = opened(note, GapKind.BY_HAND, at_ms)
            elif state is TapeState.PAUSED_FOR_DIGITS:
                note = opened(note, GapKind.DIGITS, at_ms)
        self._keep(note)
        return note

    async def _hush(self, note: Note) -> None:
        try:
            await self._switch.hush(note.offer, note.state is not TapeState.RUNNING)
        except SwitchError as error:
            # The stretch is in the note: it is silenced when the recording is put away.
            _log.warning("recording_not_hushed", recording=note.id, code=error.code)

    def _present(self, agent: AgentId) -> Note | None:
        person = self._engine().agents.get(agent)
        note = self._notes.get(OfferId(person.offer)) if person and person.offer else None
        return note if shown(note) is not None else None

    # -- putting away ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Watch, resume, put away, delete what is due: for ever."""
        for note in self._notes.values():
            if self._is_live(note) and note.state is not TapeState.RUNNING:
                self._soon(self._hush(note))
        while True:
            try:
                await self.look()
                await self.purge_when_due()
            except MadoguchiError as error:
                self._failed(error)
            except Exception as error:
                _log.error("recorder_failed", error=type(error).__name__)
                self._raise(RecordingAlarm.FAILED)
            await asyncio.sleep(LOOK_EVERY_S)

    async def purge_when_due(self) -> None:
        """Delete what is due, once in :data:`PURGE_EVERY_S`; where that failed, again after
        :data:`RETRY_S`. Raises StoreError."""
        if self._now() < self._purge_at_s:
            return
        self._purge_at_s = self._now() + RETRY_S
        await purge(self._vault, self._index, self._now_ms())
        self._purge_at_s = self._now() + PURGE_EVERY_S

    async def look(self) -> None:
        """One round: room on the disk, keys that fell silent, talks that are over."""
        self._look_at_disk()
        at_ms = self._now_ms()
        for note in list(self._notes.values()):
            if note.state is TapeState.PAUSED_FOR_DIGITS and note.quiet_at_ms <= at_ms:
                await self._hush(self._turn(note, TapeTrigger.QUIET))
        sound = {each.id: each for each in self._vault.incoming()}
        for note in list(self._notes.values()):
            raw = sound.pop(note.id, None)
            if not self._is_live(note) and self._may_try(note.id):
                await self._guarded(note, raw)
        for raw in sound.values():
            if raw.quiet_s >= QUIET_S and self._may_try(raw.id):
                await self._unnoted(raw)

    async def _unnoted(self, raw: Incoming) -> None:
        """Sound without a note of ours: the switch began it by itself, or nobody knows of it."""
        told, long_ago = None, raw.quiet_s >= UNASKED_QUIET_S
        try:
            told = await self._switch.told(raw.id)
        except SwitchError:
            if not long_ago:
                return
        if told is None:
            if raw.quiet_s >= STRANGE_QUIET_S:
                self._raise(RecordingAlarm.STRANGE_SOUND)
                await self._guarded(stranger(raw), raw)
        elif told.over or long_ago:
            note = told_note(self._engine(), told, raw.id, self.policy.keep_days)
            await self._guarded(note, raw)

    async def _guarded(self, note: Note, raw: Incoming | None) -> None:
        try:
            await self._put_away(note, raw)
            self._retry_at.pop(note.id, None)
        except StoreError as error:
            self._retry_at[note.id] = self._now() + RETRY_S
            self._failed(error)

    async def _put_away(self, note: Note, raw: Incoming | None) -> None:
        """Seal, write down, remove what is in clear, tell the index: each step can be repeated."""
        if note.finished is None:
            if raw is None:
                if self._now_ms() - (note.ended_ms or note.offered_ms) > NO_SOUND_S * 1000:
                    self._forget(note)
                return
            if raw.quiet_s < QUIET_S:
                return
            recording = None if note.unanswered else await self._sealed(note, raw)
            if recording is None:
                self._vault.discard(note.id)
                self._forget(note)
                return
            note = replace(note, finished=recording)
            self._vault.write_note(note)
            self._notes[note.offer] = note
        assert note.finished is not None
        self._vault.discard(note.id)
        await self._index.add(note.finished)
        self._forget(note)

    async def _sealed(self, note: Note, raw: Incoming) -> Recording | None:
        # How long the sound is, is known by its size: 8,000 samples of both sides a second.
        length_ms = raw.size_bytes // 32
        started_ms = note.started_ms or raw.ended_ms - length_ms
        ended_ms = note.ended_ms or raw.ended_ms
        gaps = gaps_in_sound(note.stretches, started_ms, ended_ms, length_ms)
        silences = [(each.from_ms, each.to_ms) for each in gaps if each.kind in SILENCED]
        done: Sealed = await self._vault.seal(note.id, silences)
        if not done.duration_ms:
            return None
        return Recording(
            id=note.id,
            call=CallId(note.call),
            offer=note.offer,
            agent=AgentId(note.agent),
            queue=QueueId(note.queue),
            dialled=note.dialled,
            started_ms=started_ms,
            duration_ms=done.duration_ms,
            stored_ms=self._now_ms(),
            expires_ms=ended_ms + (note.keep_days or self.policy.keep_days) * DAY_MS,
            size_bytes=done.size_bytes,
            sha256=done.sha256,
            gaps=gaps,
            waveform=done.waveform,
        )

    # -- small things ------------------------------------------------------------------------------

    def _look_at_disk(self) -> None:
        full = self._vault.free_bytes() < self.policy.min_free_bytes
        if full:
            if not self._full:
                _log.error("recording_disk_full")
            self._raise(RecordingAlarm.DISK_FULL)
        elif self._full and not full:
            _log.info("recording_again")
            self._alarmed.pop(RecordingAlarm.DISK_FULL, None)
        self._full = full

    def _keep(self, note: Note) -> bool:
        before = shown(self._notes.get(note.offer))
        self._notes[note.offer] = note
        if shown(note) is not before:
            self.told(AgentId(note.agent), shown(note))
        try:
            self._vault.write_note(note)
        except StoreError as error:
            if not note.started_ms:
                del self._notes[note.offer]
            self._failed(error)
            return False
        return True

    def _forget(self, note: Note) -> None:
        self._vault.remove_note(note.id)
        self._notes.pop(note.offer, None)

    def _is_live(self, note: Note) -> bool:
        state = self._engine().state
        rings = (state.offers, state.dials, state.parties, state.floor.takings)
        return any(note.offer in each for each in rings)

    def _may_try(self, recording: str) -> bool:
        return self._retry_at.get(recording, 0.0) <= self._now()

    def _now_ms(self) -> int:
        return round(self._now() * 1000)

    def _failed(self, error: MadoguchiError) -> None:
        self._failures += 1
        _log.error("recording_failed", code=error.code)
        self._raise(RecordingAlarm.FAILED)

    def _raise(self, alarm: RecordingAlarm) -> None:
        """Say it, and again when it lasts; a full disk at once when it was free in between."""
        last_s = self._alarmed.get(alarm)
        if last_s is None or self._now() - last_s >= AGAIN_S:
            self._alarmed[alarm] = self._now()
            self.alarm(alarm)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
