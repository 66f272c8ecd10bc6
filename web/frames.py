"""What the live channels send, as types: the body of each kind of frame.

A frame is one of these with ``type`` and ``n`` before it (:meth:`web.subscriber.Subscriber.push`);
the OpenAPI document is made from the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from msgspec import Struct

from acd.core.party import PartyResult
from acd.core.recording import TapeState
from web.floor_alarms import FloorAlarm
from web.floor_views import Banner
from web.views import CallSeen, Moment, OperatorSeen, State
from web.wallboard_screens import Layout
from web.wallboard_views import Brought, Centre, Now, Service


class OwnState(State):
    """What an operator sees; ``seat`` is the page at work, ``recording`` what the recording of the
    present talk does."""

    seat: str | None
    recording: TapeState | None


class OwnSnapshot(TypedDict):
    """An operator's first frame, and again when the plan is another one."""

    state: OwnState


class FloorState(State):
    """What who leads sees; ``alerts``: the oldest first."""

    alerts: list[FloorAlarm]


class FloorSnapshot(TypedDict):
    """The first frame for who leads, and again when the plan is another one."""

    state: FloorState


class Changed(TypedDict):
    """What is new, each whole; a call that is null is gone, or no longer to be seen. ``alerts``
    are new, or were seen."""

    agents: Mapping[str, OperatorSeen]
    calls: Mapping[str, CallSeen | None]
    alerts: NotRequired[list[FloorAlarm]]


class LiveDelta(Moment, Changed):
    """What changed since the frame before: what is in it replaces what has the same id."""


class Pop(TypedDict):
    """A call begins to ring: the address that belongs to it, and whether it opens by itself."""

    call: str
    url: str | None
    opens: bool


class SeatAt(TypedDict):
    """The operator's page that is at work now."""

    seat: str


class RecordingNow(TypedDict):
    """What the recording of the present talk does; null: it is not recorded."""

    recording: TapeState | None


class NotReached(TypedDict):
    """Why whoever was rung for the present talk did not come."""

    call: str
    leg: str
    result: PartyResult


class NewsNow(TypedDict):
    """The centre's banner; null is none."""

    now_s: float
    banner: Banner | None


class NewsSnapshot(TypedDict):
    """The first frame."""

    state: NewsNow


class BoardState(Now, Brought, Service):
    """Everything that a display shows."""

    centre: Centre
    layout: Layout
    now_s: float


class BoardSnapshot(TypedDict):
    """The first frame."""

    state: BoardState


class Pong(TypedDict):
    """What ``{"ping": n}`` is answered: the same number, and how old what is shown is."""

    pong: int
    age_s: float


class Frame(Struct, frozen=True):
    """A kind of frame: what ``type`` says, what is in it, and its name in the OpenAPI document.
    ``always``: of a body whose other members may be left out, those that may not."""

    kind: str
    body: type
    name: str
    always: tuple[str, ...] | None = None


#: What each channel sends.
LIVE_FRAMES = (
    Frame("snapshot", OwnSnapshot, "OwnSnapshotFrame"),
    Frame("snapshot", FloorSnapshot, "FloorSnapshotFrame"),
    Frame("delta", LiveDelta, "LiveDeltaFrame"),
    Frame("pop", Pop, "PopFrame"),
    Frame("seat", SeatAt, "SeatFrame"),
    Frame("recording", RecordingNow, "RecordingFrame"),
    Frame("not_reached", NotReached, "NotReachedFrame"),
)
NEWS_FRAMES = (
    Frame("snapshot", NewsSnapshot, "NewsSnapshotFrame"),
    Frame("delta", NewsNow, "NewsDeltaFrame"),
)
BOARD_FRAMES = (
    Frame("snapshot", BoardSnapshot, "BoardSnapshotFrame"),
    # The sections that changed, each whole; without one all is as it was.
    Frame("delta", BoardState, "BoardDeltaFrame", always=("now_s",)),
)
