"""Where a scenario is: a file of one's own, or one of the examples by its name."""

from __future__ import annotations

from pathlib import Path

from acd.config.faults import nearest
from acd.errors import NotFound
from sim.scenario_file.read import read_study
from sim.scenario_file.study_file import StudyFile

EXAMPLES = Path(__file__).parent / "examples"


def example_names() -> tuple[str, ...]:
    """The scenarios that ship with the project."""
    return tuple(sorted(path.stem for path in EXAMPLES.glob("*.toml")))


def found(name: str) -> Path:
    """The file of a path or of an example's name; a path goes first.

    Raises:
        NotFound: there is neither.
    """
    path = Path(name)
    if path.is_file():
        return path
    if name in example_names():
        return EXAMPLES / f"{name}.toml"
    examples = ", ".join(example_names())
    near = nearest(name, example_names())
    raise NotFound(
        f"there is no file {name[:200]!r} and no example of that name{near} (examples: {examples})",
        code="no_scenario",
        ja=f"「{name[:200]}」というファイルも例もありません(例: {examples})。",
    )


def study_of(name: str) -> StudyFile:
    """The study of a file, or of an example by its name."""
    return read_study(found(name))
