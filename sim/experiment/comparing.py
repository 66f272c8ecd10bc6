"""Two studies under the same chance: what a change does, day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sim.experiment.chunk import Chunk
from sim.experiment.estimates import difference_of, mean_of
from sim.experiment.keys import Kept
from sim.experiment.study import Asked, Progress, Studies
from sim.experiment.summary import summary
from sim.results import Estimate, StudyResult
from sim.scenario_file.study_file import StudyFile


@dataclass(frozen=True, slots=True)
class Comparison:
    """``differences``: other minus base, of all calls and of the classes both have, with paired
    half-widths."""

    base: StudyResult
    other: StudyResult
    differences: Mapping[str, Estimate]


def compared(
    studies: Studies,
    base: StudyFile,
    other: StudyFile,
    asked: Asked,
    progress: Progress | None = None,
    changes: tuple[str, ...] = (),
) -> Comparison:
    """Both over the same days with the same numbers drawn: call by call the same callers, where
    the change leaves them the same."""
    pair = Paired(studies, asked)
    first = pair.run(base, progress)
    second = pair.run(other, progress, changes)
    return Comparison(first, second, second.differences)


class Paired:
    """Studies over the same days with the same numbers drawn, each held against the first: its
    ``differences`` are to that one, paired day by day."""

    def __init__(self, studies: Studies, asked: Asked) -> None:
        self._studies, self._asked = studies, asked
        self._first: tuple[StudyFile, Chunk] | None = None

    def run(
        self, of: StudyFile, progress: Progress | None = None, changes: tuple[str, ...] = ()
    ) -> StudyResult:
        """The next one; the first says how many days there are."""
        days = self._studies.days(of, self._asked, progress)
        result = summary(of, days, self._asked, changes)
        if self._first is None:
            self._first = of, days
            self._asked = replace(self._asked, days=days.days)
            return result
        return replace(result, differences=self._against_first(of, days))

    def _against_first(self, other: StudyFile, second: Chunk) -> dict[str, Estimate]:
        assert self._first is not None
        (base, first), keys = self._first, self._asked.keys
        found = _differences(first, second, keys)
        names = [each.name for each in other.scenario.classes]
        for c, of in enumerate(base.scenario.classes):
            if of.name in names:
                own = _differences(first, second, keys, (c, names.index(of.name)))
                found |= {f"{of.name}.{key}": each for key, each in own.items()}
        return found


def _differences(
    base: Chunk, other: Chunk, keys: Sequence[Kept], classes: tuple[int, int] | None = None
) -> dict[str, Estimate]:
    found = {}
    for n, each in enumerate(keys):
        numbers = [
            part[..., n].sum(axis=(1, 2)) if c is None else part[:, :, c, n].sum(axis=1)
            for chunk, c in zip((other, base), (classes or (None, None))[::-1], strict=True)
            for part in (chunk.top, chunk.bottom)
        ]
        top, bottom, base_top, base_bottom = numbers
        if each.counts:
            found[each.name] = mean_of(top - base_top, each.scale)
        else:
            found[each.name] = difference_of(top, bottom, base_top, base_bottom, each.scale)
    return found
