"""What the verbs that simulate have in common: options, workers, progress, outcome."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.words import japanese, say
from acd.errors import MadoguchiError, Refused

if TYPE_CHECKING:
    from sim.assertions import Claim
    from sim.experiment.study import Asked, Progress, Studies
    from sim.inputs.scenario import Scenario
    from sim.scenario_file.study_file import StudyFile

#: The exit code of a study that a claim does not hold for.
EXIT_CLAIM = 5
SEED_MAX = 2**63 - 1

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
SeedOption = Annotated[
    int,
    typer.Option("--seed", min=0, max=SEED_MAX,
                 help=say("乱数の種。同じ種からは同じ結果が出ます。",
                          "Seed: the same one gives the same results.")),
]  # fmt: skip
DaysOption = Annotated[
    int | None,
    typer.Option("--days", min=2, max=1_000_000,
                 help=say("この日数だけ計算します(--precision の代わり)。",
                          "Simulate exactly so many days (instead of --precision).")),
]  # fmt: skip
PrecisionOption = Annotated[
    str,
    typer.Option("--precision",
                 help=say("つながりやすさの95%区間の半幅がこれ以下になるまで計算します。",
                          "Simulate until the service level's 95 % half-width is this.")),
]  # fmt: skip
AssertOption = Annotated[
    list[str] | None,
    typer.Option("--assert", metavar="CLAIM",
                 help=say("成り立たなければ終了コード5 (例: sl_offered_20s>=0.8)。",
                          "Exit with 5 unless it holds, e.g. sl_offered_20s>=0.8.")),
]  # fmt: skip
CsvOption = Annotated[
    bool, typer.Option("--csv", help=say("CSVで出力します。", "Print CSV instead."))
]
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
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE",
                 help=say("図表入りの1ファイルの報告書も書きます。",
                          "Also write a report with plots, in one file.")),
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


@contextmanager
def shown_progress(what: str = "") -> Iterator[Progress]:
    """A bar with the time left, on a terminal only; it leaves no trace in the output."""
    if not sys.stderr.isatty():
        yield lambda done, whole: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(what or say("計算中", "Simulating")), BarColumn(), MofNCompleteColumn(),
        TextColumn(say("日 残り", "days, left")), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


def judged(problems: Sequence[MadoguchiError]) -> None:
    """End with the code for claims that do not hold, each said in a sentence."""
    for each in problems:
        typer.echo(say(each.ja, each.message), err=True)
    if problems:
        raise typer.Exit(EXIT_CLAIM)


def scenario_named(name: str) -> StudyFile:
    """The study of a file, or of an example."""
    from sim.scenario_file.find import study_of

    return study_of(name)


def language() -> str:
    """``ja`` or ``en``."""
    return "ja" if japanese() else "en"
