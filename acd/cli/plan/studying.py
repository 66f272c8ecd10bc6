"""What the verbs that simulate have in common: options, workers, progress, outcome."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.plan.form import Form
from acd.cli.words import japanese, say
from acd.errors import Refused

if TYPE_CHECKING:
    from sim.assertions import Claim
    from sim.experiment.study import Asked, Studies
    from sim.inputs.scenario import Scenario
    from sim.scenario_file.study_file import StudyFile

ScenarioArgument = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help=say(
            "シナリオのファイル、または例の名前 (city-a、city-b)。",
            "A scenario file, or the name of an example (city-a, city-b).",
        ),
    ),
]
AbsentOption = Annotated[
    str | None,
    typer.Option("--absent", help=say("欠ける人数 (2、または グループ=2)。",
                                      "Operators missing: 2, or GROUP=2.")),
]  # fmt: skip
SurgeOption = Annotated[
    str | None,
    typer.Option(
        "--surge", help=say("着信の倍率 (1.3、+30%)。", "All calls times this: 1.3, +30%.")
    ),
]
AhtOption = Annotated[
    str | None,
    typer.Option("--aht", help=say("1件の時間 (+10%、-20s、240s)。",
                                   "Handling time: +10%, -20s, 240s.")),
]  # fmt: skip
PatienceOption = Annotated[
    str | None,
    typer.Option("--patience", help=say("あきらめるまでの平均 (60s、-20%)。",
                                        "Mean time until callers give up: 60s, -20%.")),
]  # fmt: skip
SeatsOption = Annotated[
    str | None,
    typer.Option("--seats", help=say("席数 (15、または グループ=15)。", "Seats: 15, or GROUP=15.")),
]
LinesOption = Annotated[
    str | None, typer.Option("--lines", help=say("回線数 (30)。", "Channels: 30."))
]
DaysOption = Annotated[
    int | None,
    typer.Option("--days", min=2, max=1_000_000,
                 help=say("この日数だけ計算します(--precision の代わり)。",
                          "Simulate exactly so many days (instead of --precision).")),
]  # fmt: skip
EngineOption = Annotated[
    str,
    typer.Option("--engine",
                 help=say("kernel (高速) または twin (実際に動くエンジンそのもの)。",
                          "kernel (fast), or twin (the very engine that runs).")),
]  # fmt: skip
ClusterOption = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS",
                 help=say("Daskクラスターで計算します(追加機能 cluster)。",
                          "Simulate on a Dask cluster (extra \"cluster\").")),
]  # fmt: skip


@dataclass(frozen=True)
class How:
    """The options on how to simulate."""

    seed: int = 1
    days: int | None = None
    precision: str = "0.3%"
    engine: str = "kernel"
    cluster: str | None = None
    claims: Sequence[str] = ()

    @classmethod
    def of(
        cls, form: Form, days: int | None = None, engine: str = "kernel",
        cluster: str | None = None,
    ) -> How:  # fmt: skip
        """As the planner chose."""
        precision = form.precision or cls.precision
        return cls(form.seed, days, precision, engine, cluster, form.claims)

    def asked(self, scenario: Scenario) -> tuple[Asked, tuple[Claim, ...]]:
        """The study that is asked for, with the claims' figures among its own."""
        from sim.assertions import claims
        from sim.experiment.days import Engine
        from sim.experiment.study import Asked
        from sim.inputs.quantities import share

        if self.engine not in set(Engine):
            raise Refused(
                f'--engine is "kernel" or "twin", not {self.engine[:40]!r}',
                ja=f"--engine は kernel か twin です(いまは {self.engine[:40]})。",
            )
        precision = share(self.precision)
        if precision < 1e-5:
            raise Refused(
                "--precision must be at least 0.001%",
                ja="--precision は0.001%以上にしてください。",
            )
        asked = claims(self.claims, scenario)
        extra = tuple(dict.fromkeys(each.figure for each in asked if each.figure is not None))
        return (
            Asked(self.seed, self.days, precision, engine=Engine(self.engine), extra=extra),
            asked,
        )


@contextmanager
def studies(how: How) -> Iterator[Studies]:
    """The workers; a study that is stopped says how it goes on."""
    from sim.experiment.run_folder import default_folder, forget_old
    from sim.experiment.study import Studies
    from sim.experiment.workers import Cluster, Cores

    workers = Cluster(how.cluster) if how.cluster else Cores()
    with workers as ready:
        forget_old(default_folder(), time.time())
        running = Studies(ready, default_folder())
        try:
            yield running
        except KeyboardInterrupt:
            typer.echo(
                say(
                    "止めました。計算し終えた日は残してあります。同じコマンドで続きから始まります。",
                    "Stopped. The days that are done are kept: the same command goes on from them.",
                ),
                err=True,
            )
            raise
        running.finished()


def scenario_named(name: str) -> StudyFile:
    """The study of a file, or of an example."""
    from sim.scenario_file.find import study_of

    return study_of(name)


def language() -> str:
    """``ja`` or ``en``."""
    return "ja" if japanese() else "en"
