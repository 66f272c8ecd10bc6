"""The fast engine: a whole day of calls in one loop over arrays, compiled where it is worth it."""

from sim.kernel.run import simulate

__all__ = ["simulate"]
