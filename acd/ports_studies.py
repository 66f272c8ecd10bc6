"""What the planner's page needs of the simulator: quick answers, and one study a person at a time.

The simulator implements this; ``acd.bootstrap`` plugs it in. Answers are shown as they are:
sentences, cards, plots as SVG, tables (``docs/api.md``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from acd.ports_paper import Paper
from metrics.report_model import Name


class Assumed(Struct, frozen=True):
    """What a planner assumes on the page. Times in seconds, shares from 0 to 1 (a target of 0:
    none).

    ``example``: id of a shipped scenario that gives the shape of the day; empty: one steady hour.
    ``own``: the text of a planner's own scenario file that gives it instead, ``own_name`` what it
    is called. ``calls``: of that day, or of the hour. ``patience_s``: mean, 0: nobody gives up.
    ``lines``: 0: enough. ``absent``: of ``seats``. ``surge``: factor on the calls.
    """

    example: str
    calls: float
    aht_s: float
    patience_s: float
    seats: int
    absent: int = 0
    surge: float = 1.0
    lines: int = 0
    threshold_s: float = 20.0
    sl_target: float = 0.8
    rate_target: float = 0.9
    own: str = ""
    own_name: str = ""


class StudyKind(StrEnum):
    """What is simulated: the day; what a change does to it; one assumption over a range; the least
    staff that meets the targets; or a roster, with its breaks and people missing. Or what the
    centre's own calls tell: the days to come, the rest of today, a scenario fitted to them."""

    DAY = "day"
    COMPARE = "compare"
    SWEEP = "sweep"
    STAFF = "staff"
    SHIFTS = "shifts"
    FORECAST = "forecast"
    INTRADAY = "intraday"
    FIT = "fit"


#: The studies that read the centre's ledger.
OF_RECORDS = frozenset({StudyKind.FORECAST, StudyKind.INTRADAY, StudyKind.FIT})


class DayWanted(StrEnum):
    """What day a scenario is fitted for: the weekday with most calls, all open days together, or
    days of one kind."""

    BUSIEST = "busiest"
    ALL = "all"
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"
    HOLIDAY = "holiday"


class Swept(StrEnum):
    """The assumptions that can be put through a range."""

    CALLS = "calls"
    AHT_S = "aht_s"
    PATIENCE_S = "patience_s"
    SEATS = "seats"
    ABSENT = "absent"
    SURGE = "surge"
    LINES = "lines"


class Wanted(Struct, frozen=True):
    """Which study. ``days`` of each day that is simulated. Of a comparison: what it was ``before``.
    Of a sweep: which assumption, and its ``values``. Of the least staff: ``costs``, ``A=1,B=1.1``
    (a group that is not named costs 1). Of a roster: the text of its file, and what it is called
    (empty: the shipped example). Of the centre's calls: how many ``weeks`` of them are read, and
    the length of the intervals; days ``ahead``; which ``day`` is fitted; so many ``seats`` (0:
    those of the roster, or as on such days)."""

    kind: StudyKind = StudyKind.DAY
    days: int = 100
    before: Assumed | None = None
    swept: Swept = Swept.SEATS
    values: tuple[float, ...] = ()
    costs: str = ""
    roster: str = ""
    roster_name: str = ""
    weeks: int = 26
    period_s: int = 3_600
    ahead: int = 7
    day: DayWanted = DayWanted.BUSIEST
    seats: int = 0


class StudyState(StrEnum):
    """How far somebody's study is."""

    NONE = "none"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Progress(Struct, frozen=True):
    """``done`` of ``days`` simulated days, as a share of the whole study; ``left_s`` as far as can
    be said (None: not yet).
    ``error``: code, and one sentence in each language, of a failed one."""

    state: StudyState
    done: int = 0
    days: int = 0
    left_s: float | None = None
    code: str = ""
    ja: str = ""
    en: str = ""
    kind: StudyKind = StudyKind.DAY


class Sliders(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the page's sliders stand for a scenario; a target of 0: it has none."""

    calls: float
    aht_s: float
    patience_s: float
    seats: int
    lines: int
    threshold_s: float
    sl_target: float
    rate_target: float


class Hour(Struct, frozen=True, forbid_unknown_fields=True):
    """One busy hour that goes on: the groups of its operators, and its values."""

    groups: tuple[str, ...]
    values: Sliders


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A shipped day."""

    id: str
    name: Name
    groups: tuple[str, ...]
    values: Sliders


class StudyChoices(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be begun with, and the largest value of each assumption by its name; ``records``:
    whether the centre's own calls can be studied."""

    examples: tuple[Example, ...]
    hour: Hour
    bounds: dict[str, int | float]
    records: bool = False


class OwnScenario(Struct, frozen=True, forbid_unknown_fields=True):
    """What a planner's own scenario file sets; ``steady``: it is one hour that goes on."""

    name: str
    steady: bool
    groups: tuple[str, ...]
    values: Sliders


class OwnRoster(Struct, frozen=True, forbid_unknown_fields=True):
    """What a planner's own roster file plans: for so many people, and so many days."""

    name: str
    groups: tuple[str, ...]
    people: int
    days: int


class ScenarioText(Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario file: what it is called, and its text."""

    name: str
    text: str


class Studies(Protocol):
    """Answers for the page. Nothing here makes callers wait: the work is done in processes of the
    lowest priority. May raise Refused, LimitExceeded, NotFound, StoreUnavailable."""

    async def choices(self) -> StudyChoices:
        """The shipped examples with their values, and what the page may ask for."""
        ...

    async def answer(self, assumed: Assumed, lang: str) -> Paper:
        """The exact answer for every hour by itself."""
        ...

    async def check(self, text: str, name: str) -> OwnScenario:
        """A planner's own scenario file: the values that it sets; raises ConfigError with all of
        its faults. Nothing of it is kept."""
        ...

    async def check_roster(self, text: str, name: str) -> OwnRoster:
        """The same of a roster file: what it plans."""
        ...

    async def scenario(self, assumed: Assumed, lang: str) -> ScenarioText:
        """What is assumed as a scenario file."""
        ...

    async def begin(self, person: str, assumed: Assumed, wanted: Wanted) -> Progress:
        """Begin a simulated study; one that this person has running is given up."""
        ...

    def mine(self, person: str) -> Progress:
        """How far it is."""
        ...

    async def cancel(self, person: str) -> Progress:
        """Give it up."""
        ...

    def result(self, person: str, lang: str) -> Paper:
        """What came out; raises NotFound while there is nothing."""
        ...

    def made(self, person: str, lang: str) -> ScenarioText:
        """The scenario that was made of the centre's calls; raises NotFound while there is none."""
        ...

    def roster(self, person: str) -> bytes:
        """The roster that was made, as CSV to import; raises NotFound while there is none."""
        ...

    def file(self, person: str, lang: str) -> bytes:
        """The report as one HTML file; raises NotFound while there is nothing."""
        ...
