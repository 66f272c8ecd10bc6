"""What watching the system needs of the world: how a call's line sounds, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from acd.core.ids import SwitchId


class LineSample(Struct, frozen=True):
    """One call's sound since its beginning, as the switch received it from the trunk.

    ``received`` packets came, ``lost`` did not. ``far_*`` is what the other side reported of ours:
    None where it reports nothing. ``round_trip_s`` likewise.
    """

    received: int
    lost: int
    jitter_s: float
    far_lost: int | None = None
    far_jitter_s: float | None = None
    sent: int = 0
    round_trip_s: float | None = None


class LineProbe(Protocol):
    """Asks the switches how one channel sounds."""

    async def heard(self, channel: str, switch: SwitchId) -> LineSample | None:
        """The sound of a channel of that switch; None when it is gone or has none. Raises a
        SwitchError."""
        ...


class AlarmNotice(Struct, frozen=True):
    """One message to people. ``body`` is JSON for programs; the texts are for persons."""

    severity: str
    subject_ja: str
    subject_en: str
    text_ja: str
    text_en: str
    body: bytes


class AlarmChannel(Protocol):
    """A way to reach somebody. ``name`` is shown, ``least`` the mildest severity it takes."""

    name: str
    least: str

    async def send(self, notice: AlarmNotice) -> None:
        """Deliver within a minute; raises a MadoguchiError when it cannot."""
        ...


class KeptAlarm(Struct, frozen=True):
    """An alarm as it is kept, by rule, subject and beginning (Unix ms). ``until_ms`` is None while
    it lasts; ``told`` is what people were told of it last: nothing (empty), ``raised`` or
    ``cleared``. ``detail`` is JSON that only the alarms understand, without personal data."""

    alarm: str
    subject: str
    since_ms: int
    until_ms: int | None
    told: str
    detail: str


class AlarmBook(Protocol):
    """Where alarms are kept, so that they outlive a controller. Both may raise a StoreError."""

    async def keep(self, alarms: Sequence[KeptAlarm]) -> None:
        """Keep new alarms, and what became of those that are kept already."""
        ...

    async def kept(self) -> list[KeptAlarm]:
        """Those that last and the newest of those that are over, the oldest first."""
        ...
