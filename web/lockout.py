"""Who tried too often: by account name, whether or not there is such an account, and by address.

A name that failed ``lock_after`` times is locked for a while. Names without an account are
counted alike, so that an answer never tells which accounts exist. People who are signed in are
not disturbed.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections import OrderedDict, deque
from collections.abc import Iterable

from msgspec import structs

from acd.config.people_settings import PeopleSettings
from acd.ports_people import SignIns

#: So many names are remembered; the one that was tried longest ago gives way.
MAX_NAMES = 10_000
MAX_ADDRESSES = 10_000
#: Failures of one address are counted over this time.
ADDRESS_WINDOW_MS = 600_000


def name_key(user: str) -> str:
    """What a name is counted under: what strangers type is not kept, it may be a password."""
    return hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()


class Lockout:
    """Failures in memory. ``take_changes`` gives what is to be written behind."""

    def __init__(self, settings: PeopleSettings) -> None:
        self._settings = settings
        self._names: OrderedDict[str, SignIns] = OrderedDict()
        self._addresses: OrderedDict[str, deque[int]] = OrderedDict()
        self._changed: dict[str, None] = {}

    def restore(self, kept: Iterable[SignIns], now_ms: int) -> None:
        """What the database holds; what memory knows already is newer, what is over is dropped."""
        window_ms = self._settings.lock_min * 60_000
        for each in kept:
            begun = max(each.first_ms, each.locked_until_ms - window_ms)
            if each.totp_step or each.signed_in_ms or now_ms - begun <= window_ms:
                self._names.setdefault(each.key, each)
            else:
                self._changed[each.key] = None

    def is_locked(self, user: str, now_ms: int) -> bool:
        """Whether this name is locked now."""
        return self._of(name_key(user)).locked_until_ms > now_ms

    def locked_until_ms(self, user: str, now_ms: int) -> int:
        """Until when this name is locked; 0 when it is not."""
        until_ms = self._of(name_key(user)).locked_until_ms
        return until_ms if until_ms > now_ms else 0

    def last_signed_in_ms(self, user: str) -> int:
        """When somebody last signed in with this name; 0 when nobody ever did."""
        return self._of(name_key(user)).signed_in_ms

    def attempt(self, user: str, now_ms: int) -> bool:
        """Count an attempt as failed, before anything is compared: attempts at the same time
        cannot get around the limit. True when this one locks the name."""
        key = name_key(user)
        known = self._of(key)
        window_ms = self._settings.lock_min * 60_000
        if now_ms - known.first_ms > window_ms:
            known = structs.replace(known, failures=0, first_ms=now_ms, locked_until_ms=0)
        known = structs.replace(known, failures=known.failures + 1)
        locks = known.failures >= self._settings.lock_after
        if locks:
            known = structs.replace(
                known, failures=0, first_ms=now_ms, locked_until_ms=now_ms + window_ms
            )
        self._put(known)
        return locks

    def succeeded(self, user: str, totp_step: int = 0) -> None:
        """Forget the failures of a name, and remember the one-time code that was used."""
        known = self._of(name_key(user))
        step = max(totp_step, known.totp_step)
        self._put(SignIns(known.key, totp_step=step, signed_in_ms=known.signed_in_ms))

    def signed_in(self, user: str, now_ms: int) -> None:
        """Somebody signed in with this name now."""
        self._put(structs.replace(self._of(name_key(user)), signed_in_ms=now_ms))

    def forgive(self, user: str) -> None:
        """The last attempt was no failure after all."""
        known = self._of(name_key(user))
        before = (known.failures or self._settings.lock_after) - 1
        self._put(structs.replace(known, failures=before, locked_until_ms=0))

    def last_step(self, user: str) -> int:
        """The step of the last one-time code of this name."""
        return self._of(name_key(user)).totp_step

    def address_is_full(self, address: str, now_ms: int) -> bool:
        """Whether too many attempts from this address failed lately."""
        times = self._addresses.get(_network(address))
        if times is None:
            return False
        while times and now_ms - times[0] > ADDRESS_WINDOW_MS:
            times.popleft()
        return len(times) >= self._settings.address_failures

    def address_failed(self, address: str, now_ms: int) -> None:
        """Count a failure of an address."""
        network = _network(address)
        times = self._addresses.setdefault(network, deque(maxlen=self._settings.address_failures))
        times.append(now_ms)
        self._addresses.move_to_end(network)
        if len(self._addresses) > MAX_ADDRESSES:
            self._addresses.popitem(last=False)

    def take_changes(self) -> tuple[SignIns, ...]:
        """What changed since the last time."""
        changed, self._changed = self._changed, {}
        return tuple(self._of(key) for key in changed)

    def put_back(self, changes: Iterable[SignIns]) -> None:
        """These could not be written: they stay to be."""
        self._changed.update(dict.fromkeys(each.key for each in changes))

    def _of(self, key: str) -> SignIns:
        return self._names.get(key) or SignIns(key)

    def _put(self, known: SignIns) -> None:
        self._names[known.key] = known
        self._names.move_to_end(known.key)
        self._changed[known.key] = None
        if len(self._names) > MAX_NAMES:
            # The database forgets it as well: strangers must not fill that with names.
            forgotten, _ = self._names.popitem(last=False)
            self._changed[forgotten] = None


def _network(address: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
