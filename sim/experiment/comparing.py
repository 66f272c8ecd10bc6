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
    first = studies.days(base, asked, progress)
    same = replace(asked, days=first.days)
    second = studies.days(other, same, progress)
    differences = _differences(first, second, asked.keys)
    for c, of in enumerate(base.scenario.classes):
        names = [each.name for each in other.scenario.classes]
        if of.name in names:
            d = names.index(of.name)
            found = _differences(first, second, asked.keys, (c, d))
            differences |= {f"{of.name}.{key}": each for key, each in found.items()}
    return Comparison(
        summary(base, first, asked, ()), summary(other, second, same, changes), differences
    )


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
