"""The composition root: the only place that knows concrete classes and plugs them together."""

from acd.bootstrap.centre import RunningCentre, running_centre

__all__ = ["RunningCentre", "running_centre"]
