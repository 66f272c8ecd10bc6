"""The live view in a terminal: the floor at a glance, or plain lines where there is no terminal."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from acd.cli.live_state import Happening, Line, LiveState, Seat
from acd.cli.words import japanese, say
from acd.core.ids import QueueId
from agents.state import AgentState, NotReadyReason

_WIDE = 130
_RECENT = 8
#: The frame around the recent lines, and the cursor's line.
_FRAME_LINES = 3
_FRAME_S = 0.25
_PLAIN_S = 5.0

_STATES: dict[AgentState, tuple[str, str, str]] = {
    AgentState.LOGGED_OUT: ("ログオフ", "logged out", "bright_black"),
    AgentState.READY: ("受付可", "ready", "green"),
    AgentState.RINGING: ("着信中", "ringing", "yellow"),
    AgentState.TALKING: ("通話中", "talking", "bold cyan"),
    AgentState.HOLD: ("保留中", "hold", "blue"),
    AgentState.WRAP_UP: ("後処理", "wrap-up", "magenta"),
    AgentState.NOT_READY: ("離席", "not ready", "red"),
}
_REASONS: dict[NotReadyReason, tuple[str, str]] = {
    NotReadyReason.BREAK: ("休憩", "break"),
    NotReadyReason.LUNCH: ("昼休み", "lunch"),
    NotReadyReason.TRAINING: ("研修", "training"),
    NotReadyReason.MEETING: ("会議", "meeting"),
    NotReadyReason.OTHER_WORK: ("他業務", "other work"),
    NotReadyReason.LOGGED_IN: ("離席", "just logged in"),
    NotReadyReason.NO_ANSWER: ("応答なし", "no answer"),
    NotReadyReason.REJECTED: ("拒否", "declined"),
    NotReadyReason.BUSY: ("話中", "phone busy"),
    NotReadyReason.UNREACHABLE: ("電話機なし", "no phone"),
}
_ALERTS: dict[str, tuple[str, str]] = {
    "unlisted_number": ("登録のない番号への着信", "a number that is not listed was dialled"),
    "unknown_queue": ("存在しない窓口", "there is no such queue:"),
    "call_limit": ("通話数の上限", "too many calls at once"),
    "trunk_full": ("回線が満杯", "a trunk is full"),
    "lease_expired": ("つながらなかった呼び出し", "an offer came to nothing:"),
    "command_failed": ("交換機が受け付けなかった操作", "the switch refused:"),
    "mode_changed": ("センターのモードの変更:", "the centre's mode is changed:"),
    "switch_down": ("交換機との接続断", "the link to the switch is down:"),
    "harassment": (
        "暴言・脅しを受けて助けを求めています:",
        "an abusive caller, help is asked for:",
    ),
}
_MISSED: dict[str, tuple[str, str]] = {
    "no_answer": ("応答がありません", "does not answer"),
    "busy": ("話し中です", "is busy"),
    "rejected": ("取りませんでした", "declines"),
    "unreachable": ("電話機につながりません", "cannot be reached"),
    "expired": ("時間切れです", "ran out of time"),
    "error": ("鳴らせませんでした", "could not be rung"),
    "agent_left": ("席を離れました", "left"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """What frames the view: a title, how much of it is played (None: it goes on until stopped),
    and the hour that the played part stands for (start in minutes after midnight)."""

    title: str
    length_s: float | None = None
    opens_min: int = 600


class LiveView:
    """Shows a :class:`LiveState` until :meth:`run` is cancelled."""

    def __init__(
        self, state: LiveState, stage: Stage, console: Console, now: Callable[[], float]
    ) -> None:
        self._state = state
        self._stage = stage
        self._console = console
        self._now = now
        self._began = time.monotonic()

    async def run(self) -> None:
        """Draw again and again: in place on a terminal, else a line every few seconds."""
        self._began = time.monotonic()
        if not self._console.is_terminal:
            await self._lines()
            return
        with Live(
            self.frame(), console=self._console, auto_refresh=False, transient=True
        ) as screen:
            while True:
                await asyncio.sleep(_FRAME_S)
                screen.update(self.frame(), refresh=True)

    async def _lines(self) -> None:
        while True:
            await asyncio.sleep(_PLAIN_S)
            self._console.print(self.plain_line(), highlight=False, soft_wrap=True)

    def frame(self) -> RenderableType:
        """The whole picture as of now."""
        head, queues, seats = self._head(), self._queues(), self._seats()
        recent = self._recent(self._room_below(Group(head, queues, seats)))
        if self._console.width >= _WIDE:
            body = Table.grid(padding=(0, 1), expand=True)
            body.add_column(ratio=5)
            body.add_column(ratio=3)
            body.add_row(Group(queues, recent), seats)
            return Group(head, body)
        return Group(head, queues, seats, recent)

    def _room_below(self, above: RenderableType) -> int:
        """How many recent lines fit: a low terminal shows fewer, never a cut picture."""
        if self._console.width >= _WIDE:
            return _RECENT
        used = len(self._console.render_lines(above))
        return max(1, min(_RECENT, self._console.height - used - _FRAME_LINES))

    def plain_line(self) -> str:
        """The picture in one line."""
        state = self._state
        by_state = [
            f"{_word(_STATES[kind])} {count}"
            for kind in AgentState
            if (count := sum(1 for seat in state.seats.values() if seat.state is kind))
        ]
        waiting = say(f"お待ち {len(state.waiting)}", f"waiting {len(state.waiting)}")
        talking = say(f"通話 {len(state.talking)}", f"talking {len(state.talking)}")
        answered = sum(tally.answered for tally in state.tallies.values())
        done = say(
            f"着信 {state.arrived}  応答 {answered}",
            f"offered {state.arrived}  answered {answered}",
        )
        return f"{self._clock()}  {done}  {waiting}  {talking}  | {', '.join(by_state)}"

    def _elapsed_s(self) -> float:
        return time.monotonic() - self._began

    def _clock(self) -> str:
        if self._stage.length_s is None:
            return f"{dt.datetime.now(ZoneInfo(self._state.plan.timezone)):%H:%M:%S}"
        played = min(1.0, self._elapsed_s() / self._stage.length_s)
        minutes = self._stage.opens_min + played * 60
        return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"

    def _head(self) -> RenderableType:
        line = Table.grid(padding=(0, 2), expand=True)
        line.add_column(no_wrap=True)
        line.add_column(no_wrap=True)
        cells: list[RenderableType] = [Text(self._stage.title, "bold"), Text(self._clock(), "bold")]
        if self._stage.length_s is not None:
            line.add_column(ratio=1)
            line.add_column(no_wrap=True, justify="right")
            left = self._stage.length_s - self._elapsed_s()
            cells.append(ProgressBar(total=self._stage.length_s, completed=self._elapsed_s()))
            cells.append(
                Text(
                    say(f"あと {left:.0f} 秒", f"{left:.0f} s left")
                    if left > 0
                    else say("最後の通話が終わるまで", "until the last call has ended")
                )
            )
        line.add_row(*cells)
        return Panel(line, box=ROUNDED, padding=(0, 1))

    def _queues(self) -> RenderableType:
        table = Table(box=SIMPLE_HEAD, expand=True, pad_edge=False)
        table.add_column(say("窓口", "Queue"), no_wrap=True, ratio=1)
        for name in (
            say("お待ち", "waiting"),
            say("最長", "longest"),
            say("通話", "talks"),
            say("着信", "calls"),
            say("応答", "taken"),
            say("放棄", "lost"),
            say("基準内", "in time"),
        ):
            table.add_column(name, justify="right", no_wrap=True)
        for queue in self._state.plan.queues:
            table.add_row(*self._queue_row(queue.id))
        menu = len(self._state.in_menu)
        table.add_row(Text(say("案内中", "in the menu"), "dim"), str(menu) if menu else "·")
        return table

    def _queue_row(self, queue: QueueId) -> list[RenderableType]:
        state = self._state
        waiting = sum(1 for where, _ in state.waiting.values() if where == queue)
        longest = state.longest_wait_s(queue, self._now())
        talking = sum(1 for where in state.talking.values() if where == queue)
        tally = state.tallies[queue]
        share = f"{100 * tally.in_time / tally.offered:.0f} %" if tally.offered else "-"
        return [
            self._queue_name(queue),
            Text(str(waiting) if waiting else "·", "bold yellow" if waiting else "dim"),
            Text(_seconds(longest) if waiting else "·", "yellow" if waiting else "dim"),
            Text(str(talking) if talking else "·", "cyan" if talking else "dim"),
            str(tally.offered),
            str(tally.answered),
            Text(str(tally.abandoned), "red" if tally.abandoned else ""),
            share,
        ]

    def _seats(self) -> RenderableType:
        cells = [
            self._seat(say(agent.name, f"{agent.id} {agent.name}"), self._state.seats[agent.id])
            for agent in self._state.plan.agents
        ]
        return Panel(
            Columns(cells, expand=True, equal=True, padding=(0, 1)),
            title=say("オペレーター", "Operators"),
            title_align="left",
            box=ROUNDED,
        )

    def _seat(self, name: str, seat: Seat) -> RenderableType:
        ja, en, style = _STATES[seat.state]
        word = ja if japanese() else en
        if seat.state is AgentState.NOT_READY and seat.reason is not None:
            word = _word(_REASONS[seat.reason])
        since = _seconds(self._now() - seat.since_s) if seat.since_s else ""
        return Text.assemble((f"{name} ", "bold"), (f"{word} ", style), (since, "dim"))

    def _recent(self, room: int) -> RenderableType:
        lines = [self._line(line) for line in list(self._state.recent)[-room:]]
        while len(lines) < room:
            lines.append(Text(""))
        return Panel(
            Group(*lines), title=say("できごと", "Just now"), title_align="left", box=ROUNDED
        )

    def _line(self, line: Line) -> Text:
        ago = _seconds(max(0.0, self._now() - line.at_s))
        queue = self._queue_name(line.queue).plain if line.queue else ""
        who = next((a.name for a in self._state.plan.agents if a.id == line.agent), line.agent)
        wait = _seconds(line.seconds)
        text = {
            Happening.ANSWERED: say(
                f"{who} が応答: {queue} (お待ち {wait})", f"{who} answers: {queue}, after {wait}"
            ),
            Happening.ABANDONED: say(
                f"つながる前に切れました: {queue} ({wait})", f"hung up waiting: {queue}, {wait}"
            ),
            Happening.OVERFLOWED: say(
                f"あふれました: {queue} ({line.detail})", f"overflows: {queue} ({line.detail})"
            ),
            Happening.MISSED: f"{who} {_word(_MISSED.get(line.detail, (line.detail,) * 2))}",
            Happening.ALERT: self._alert(line.detail),
        }[line.what]
        style = {
            Happening.ANSWERED: "",
            Happening.ABANDONED: "red",
            Happening.OVERFLOWED: "yellow",
            Happening.MISSED: "yellow",
            Happening.ALERT: "magenta",
        }[line.what]
        return Text.assemble((f"{ago:>6} ", "dim"), (text, style))

    def _alert(self, detail: str) -> str:
        kind, _, subject = detail.partition(" ")
        words = _ALERTS.get(kind, (kind, kind))
        return say("お知らせ: ", "alert: ") + f"{_word(words)} {subject}".rstrip()

    def _queue_name(self, queue: QueueId) -> Text:
        for each in self._state.plan.queues:
            if each.id == queue:
                return Text(each.name_ja if japanese() else each.name_en)
        return Text(queue)


def _word(pair: tuple[str, ...]) -> str:
    return pair[0] if japanese() else pair[1]


def _seconds(value: float) -> str:
    """``4 s`` below a minute, ``1:05`` from there."""
    whole = int(value)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d}"
