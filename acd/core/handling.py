"""What is learnt of a queue's calls: how long they keep an operator, and how soon callers leave."""

from __future__ import annotations

from msgspec import Struct

#: Handlings that are kept.
KEPT = 40
#: What the callers before the latest one count for in how soon callers leave.
_FORMER = 0.98


class Handling(Struct):
    """The last handlings of one queue (seconds, from the ring to the end of wrap-up), and of the
    callers lately: the sum of their waits and how many of them left unserved."""

    took_s: list[float] = []
    waited_s: float = 0.0
    gave_up: float = 0.0

    def handled(self, took_s: float) -> None:
        """An operator is done with a call."""
        self.took_s.append(took_s)
        if len(self.took_s) > KEPT:
            del self.took_s[0]

    def left(self, waited_s: float, answered: bool) -> None:
        """A call left the line, answered or not."""
        self.waited_s = self.waited_s * _FORMER + waited_s
        self.gave_up = self.gave_up * _FORMER + (0.0 if answered else 1.0)

    def stays(self, for_s: float) -> float:
        """The share of callers who are still there after so many seconds more (0 to 1).

        Patience is taken for exponential, its rate being leavings per second waited; the series
        of the exponential is cut after its third term, so that all platforms agree.
        """
        x = for_s * self.gave_up / self.waited_s if self.waited_s > 0 else 0.0
        return 1.0 / (1.0 + x + x * x / 2.0)
