"""The exception tree: every error that madoguchi raises on purpose, with a stable code.

::

    MadoguchiError
    ├── ConfigError            a plan, flow or settings file is wrong (all faults at once)
    ├── LimitExceeded          an input is larger than the stated bound
    ├── Refused                a request is well formed but not allowed now
    ├── NotFound               the call, agent, queue or file named does not exist
    ├── TransitionError        a state machine was asked for a pair its table lacks
    ├── SwitchError            the telephone switch
    │   ├── SwitchUnavailable      no connection (retryable)
    │   ├── ActionTimeout          no answer within the deadline (outcome unknown)
    │   ├── ActionFailed           the switch said no
    │   ├── AsteriskUnsupported    a version that is known not to work
    │   └── AsteriskStartFailed    the provided Asterisk did not come up
    └── StoreError             journal, spool, database
        ├── StoreUnavailable       locked, full, gone (retryable)
        ├── Deposed                another controller leads by now
        ├── SpoolFull              the local spool reached its limit
        └── StoreCorrupt           what was read cannot be trusted

``code`` is stable and meant for programs and message catalogues; the text is one sentence for a
person and says what to do, ``ja`` the same in Japanese (empty: a catalogue has it, or only
programs meet it). ``retryable`` says whether the same call may succeed later.
"""

from __future__ import annotations

from collections.abc import Sequence


class MadoguchiError(Exception):
    """Base of all deliberate errors: a stable ``code`` and one sentence for a person."""

    code = "error"
    retryable = False

    def __init__(self, message: str, *, code: str | None = None, ja: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.ja = ja
        if code is not None:
            self.code = code


class Fault:
    """One thing wrong in a file: where (``path``, dotted, with the file) and what."""

    __slots__ = ("ja", "message", "path")

    def __init__(self, path: str, message: str, ja: str = "") -> None:
        self.path = path
        self.message = message
        self.ja = ja

    def __repr__(self) -> str:
        return f"{self.path}: {self.message}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fault) and (self.path, self.message) == (other.path, other.message)

    def __hash__(self) -> int:
        return hash((self.path, self.message))


class ConfigError(MadoguchiError):
    """Settings, a plan or a flow is wrong; ``faults`` lists every fault found."""

    code = "config_invalid"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(repr(fault) for fault in self.faults))


class LimitExceeded(MadoguchiError):
    """An input is larger than its stated bound; nothing of it was used."""

    code = "limit_exceeded"


class Refused(MadoguchiError):
    """A well-formed request that is not allowed in the present state."""

    code = "refused"


class NotFound(MadoguchiError):
    """The thing named does not exist."""

    code = "not_found"


class TransitionError(MadoguchiError):
    """A state machine was asked for a (state, trigger) pair that its table lacks."""

    code = "no_transition"


class SwitchError(MadoguchiError):
    """Something about the telephone switch."""

    code = "switch_error"


class SwitchUnavailable(SwitchError):
    """There is no connection to the switch at present."""

    code = "switch_unavailable"
    retryable = True


class ActionTimeout(SwitchError):
    """The switch did not answer within the deadline: the outcome is unknown."""

    code = "action_timeout"


class ActionFailed(SwitchError):
    """The switch answered that it will not or cannot do it."""

    code = "action_failed"


class AsteriskUnsupported(SwitchError):
    """This Asterisk version is known not to work."""

    code = "asterisk_unsupported"


class AsteriskStartFailed(SwitchError):
    """The provided Asterisk did not come up."""

    code = "asterisk_start_failed"


class StoreError(MadoguchiError):
    """Something about journal, spool or database."""

    code = "store_error"


class StoreUnavailable(StoreError):
    """The store is locked, full or gone at present."""

    code = "store_unavailable"
    retryable = True


class Deposed(StoreError):
    """The store takes nothing more from this controller: another one leads, under ``token``."""

    code = "deposed"

    def __init__(self, token: int) -> None:
        super().__init__(
            "another controller leads by now: nothing of this one is written any more",
            ja="すでに別のコントローラーが担当しているため、このコントローラーからは書き込みません",
        )
        self.token = token


class SpoolFull(StoreError):
    """The local spool reached its configured limit."""

    code = "spool_full"


class StoreCorrupt(StoreError):
    """What was read does not pass its check sum or schema and is not used."""

    code = "store_corrupt"
