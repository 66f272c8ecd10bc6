"""What others than the controller saw: pyst2's Manager as a witness, Asterisk's own record (CEL).

The ledger is held against both: neither shares a line of code with the controller.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import json
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from asterisk import manager

from acd.adapters.asterisk.conffiles import CEL_FILE
from tests.e2e.centre_kit import HOST, CentreKit

_LEG = "mdg-"


class Witness:
    """Counts channels with pyst2's Manager, in threads of its own."""

    def __init__(self, kit: CentreKit) -> None:
        self._manager: Any = manager.Manager()  # type: ignore[no-untyped-call]
        self._port = kit.ami_port
        self._secret = kit.witness_secret
        self._all_listed = threading.Event()
        self._listed = -1
        self.seen: dict[str, str] = {}
        self.alive: set[str] = set()

    async def __aenter__(self) -> Witness:
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        # The server may hang up in the middle of pyst2's farewell, which it would then repeat.
        with contextlib.suppress(ValueError, OSError, manager.ManagerException):
            self._manager.logoff()
        self._manager._connected.clear()
        self._manager.close()

    def _open(self) -> None:
        self._manager.register_event("Newchannel", self._new)
        self._manager.register_event("Hangup", self._gone)
        self._manager.register_event("CoreShowChannelsComplete", self._complete)
        self._manager.connect(HOST, self._port)
        self._manager.login("witness", self._secret)

    def _new(self, event: Any, _manager: Any) -> None:
        unique_id = event.get_header("Uniqueid")
        self.seen[unique_id] = event.get_header("Channel")
        self.alive.add(unique_id)

    def _gone(self, event: Any, _manager: Any) -> None:
        self.alive.discard(event.get_header("Uniqueid"))

    def _complete(self, event: Any, _manager: Any) -> None:
        self._listed = int(event.get_header("ListItems"))
        self._all_listed.set()

    async def channels_now(self) -> int:
        """How many channels Asterisk lists."""
        self._all_listed.clear()
        await asyncio.to_thread(self._manager.send_action, {"Action": "CoreShowChannels"})
        assert await asyncio.to_thread(self._all_listed.wait, 5.0)
        return self._listed

    def kinds(self) -> Counter[str]:
        """Channels seen since the beginning: callers, operators' legs, and what should not be."""
        return Counter(_kind(unique_id, name) for unique_id, name in self.seen.items())


def _kind(unique_id: str, name: str) -> str:
    if unique_id.startswith(_LEG):
        return "leg"
    return "caller" if name.startswith("PJSIP/carrier-") else name.partition("/")[0]


@dataclass
class CelCall:
    """One caller's channel by Asterisk's own record; ``beside`` has the seconds that legs of
    operators, by offer, were in one bridge with the caller."""

    began_s: float
    answered: bool = False
    ended_s: float = 0.0
    beside: dict[str, float] = field(default_factory=dict)


def cel_calls(kit: CentreKit) -> dict[str, CelCall]:
    """Callers by unique id."""
    path = kit.settings.state_dir / "asterisk" / "run" / CEL_FILE
    found: dict[str, CelCall] = {}
    inside: dict[str, dict[str, float]] = defaultdict(dict)
    with path.open(encoding="utf-8") as file:
        for kind, at, unique_id, _linked, channel, _context, extra in csv.reader(file):
            if channel.startswith("PJSIP/carrier-"):
                call = found.setdefault(unique_id, CelCall(float(at)))
                call.answered |= kind == "ANSWER"
                call.ended_s = float(at) if kind == "HANGUP" else 0.0
            if kind not in ("BRIDGE_ENTER", "BRIDGE_EXIT"):
                continue
            bridge = json.loads(extra)
            members = inside[bridge["bridge_id"]]
            if kind == "BRIDGE_ENTER" and bridge.get("bridge_technology") != "holding_bridge":
                members[unique_id] = float(at)
            elif unique_id in members:
                _part(found, members, unique_id, float(at))
    return found


def _part(found: dict[str, CelCall], members: dict[str, float], who: str, at_s: float) -> None:
    """Somebody leaves a talk: the time together ends."""
    since_s = members.pop(who)
    for other, other_since_s in members.items():
        for call, leg in ((who, other), (other, who)):
            if call in found and leg.startswith(_LEG):
                together_s = at_s - max(since_s, other_since_s)
                found[call].beside[leg.removeprefix(_LEG)] = together_s


#: Rows that contradict others of the ledger: none of these questions may find anything.
_CONTRADICTIONS = (
    "select call from calls where menu_ms + wait_ms + talk_ms + hold_ms + after_ms "
    "!= closed_ms - offered_ms",
    "select call from calls where visits != "
    "(select count(*) from visits where visits.call = calls.call)",
    "select call from calls where (outcome = 'answered') != exists "
    "(select 1 from visits where visits.call = calls.call and visits.outcome = 'answered')",
    "select call from calls where legs != (select count(*) from legs "
    "where legs.call = calls.call and answered_ms is not null)",
    "select visit from visits where call not in (select call from calls)",
    "select offer from legs where call not in (select call from calls)",
    "select call from calls where talk_ms != (select coalesce(sum(duration_ms), 0) "
    "from segments where segments.call = calls.call and kind = 'talk')",
    "select * from dropped",
)


def balance(kit: CentreKit) -> Counter[str]:
    """Hold the ledger's sums against one another; returns the calls by outcome."""
    assert {question: kit.sql(question) for question in _CONTRADICTIONS} == {
        question: [] for question in _CONTRADICTIONS
    }
    return Counter(dict(kit.sql("select outcome, count(*) from calls group by outcome")))


#: A leg that slips through in the moment its offer is given up is taken out again at once.
SLIP_S = 0.5


def agree(kit: CentreKit) -> None:
    """Every call that came is in the ledger once, and exactly the operators who were beside the
    caller have talked with the caller."""
    record = cel_calls(kit)
    assert {row[0] for row in kit.sql("select call from calls")} == set(record)
    assert all(call.ended_s for call in record.values())
    talks = defaultdict(set)
    for call, offer in kit.sql("select call, offer from legs where answered_ms is not null"):
        talks[call].add(offer)
    for name, seen in record.items():
        together = {offer for offer, lasted_s in seen.beside.items() if lasted_s > SLIP_S}
        assert together <= talks[name] <= set(seen.beside), (name, seen, talks[name])
