"""The form in which a planner's answer is wanted: what all verbs have in common, in one place.

``@taking("fit")`` gives a verb the options of its row in :mod:`acd.cli.plan.takes`; what was chosen
comes as one :class:`Form`, and :meth:`Form.give` gives the answer.
"""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acd.cli.files import write_file
from acd.cli.options import JsonOption
from acd.cli.plan.takes import TAKES, Common, Takes
from acd.cli.words import say
from acd.errors import MadoguchiError, Refused

if TYPE_CHECKING:
    from sim.results import Estimate

#: The exit code of an answer that a claim does not hold for.
EXIT_CLAIM = 5
SEED_MAX = 2**63 - 1
Verb = Callable[..., None]


@dataclass(frozen=True)
class Form:
    """What was chosen. ``precision`` None: the verb's own number of days."""

    json: bool = False
    csv: bool = False
    html: Path | None = None
    seed: int = 1
    precision: str | None = None
    claims: tuple[str, ...] = ()

    @property
    def for_programs(self) -> bool:
        """Whether JSON or CSV is printed instead of sentences."""
        return self.json or self.csv

    def half_width(self, least: float = 1e-3) -> float | None:
        """The half-width that is wanted, as a share.

        Raises:
            Refused: it is no share, or smaller than ``least``: that would take too long.
        """
        from sim.inputs.quantities import share

        if self.precision is None:
            return None
        wanted = share(self.precision)
        if wanted < least:
            raise Refused(
                f"--precision must be at least {100 * least:g}%",
                ja=f"--precision は{100 * least:g}%以上にしてください。",
            )
        return wanted

    def give(
        self,
        words: Callable[[], None],
        *,
        data: Callable[[], str],
        rows: Callable[[], str] = str,
        page: Callable[[], str] | None = None,
        figures: Callable[[], Mapping[str, Estimate]] | None = None,
    ) -> None:
        """Write the report if one is asked for, print the answer in its form, and end with
        :data:`EXIT_CLAIM` where a claim about its ``figures`` does not hold."""
        if self.html is not None and page is not None:
            write_file(self.html, page())
        if self.for_programs:
            text = data() if self.json else rows()
            typer.echo(text, nl=not text.endswith("\n"))
        else:
            words()
        if figures is not None and self.claims:
            from sim.assertions import unborne

            judged(unborne(self.claims, figures()))


#: Sentences and tables on the terminal, no report, no claims.
PLAIN = Form()


def judged(problems: Sequence[MadoguchiError]) -> None:
    """End with the code for claims that do not hold, each said in a sentence."""
    for each in problems:
        typer.echo(say(each.ja, each.message), err=True)
    if problems:
        raise typer.Exit(EXIT_CLAIM)


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table for programs, its head first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def taking(name: str) -> Callable[[Verb], Verb]:
    """Replace a verb's parameter ``form`` by the options that its row has."""
    row = TAKES[name]

    def made(verb: Verb) -> Verb:
        @functools.wraps(verb)
        def called(**given: Any) -> None:
            chosen = {each: given.pop(each) for each in _FIELDS if each in given}
            chosen["claims"] = tuple(chosen.get("claims") or ())
            form = Form(**chosen)
            _check(form)
            verb(**given, form=form)

        whole = signature(verb, eval_str=True)
        own = [each for each in whole.parameters.values() if each.name != "form"]
        parameters = [*own, *_options(row)]
        called.__signature__ = whole.replace(parameters=parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        return called

    return made


_FIELDS = ("json", "csv", "html", "seed", "precision", "claims")


def _check(form: Form) -> None:
    """What is wrong is said before the work begins."""
    if form.json and form.csv:
        raise Refused(
            "--json and --csv exclude each other", ja="--json と --csv は同時に使えません。"
        )
    if form.claims:
        from sim.assertions import stated

        for each in form.claims:
            stated(each)


def _options(row: Takes) -> Iterator[Parameter]:
    """The options of a row, as typer reads them."""

    def option(name: str, default: Any, kind: Any) -> Parameter:
        return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)

    if row.takes(Common.SEED):
        yield option("seed", 1, SeedOption)
    if row.takes(Common.PRECISION):
        said = typer.Option("--precision", help=say(*row.precise))
        yield option("precision", row.precision, Annotated[str | None, said])
    if row.takes(Common.ASSERT):
        yield option("claims", None, AssertOption)
    if row.takes(Common.HTML):
        yield option("html", None, HtmlOption)
    if row.takes(Common.JSON):
        yield option("json", False, JsonOption)
    if row.takes(Common.CSV):
        said = typer.Option("--csv", help=say(*row.csv))
        yield option("csv", False, Annotated[bool, said])


SeedOption = Annotated[
    int,
    typer.Option("--seed", min=0, max=SEED_MAX,
                 help=say("乱数の種。同じ種からは同じ結果が出ます。",
                          "Seed: the same one gives the same results.")),
]  # fmt: skip
AssertOption = Annotated[
    list[str] | None,
    typer.Option("--assert", metavar="CLAIM",
                 help=say("成り立たなければ終了コード5 (例: sl_offered_20s>=0.8)。",
                          "Exit with 5 unless it holds, e.g. sl_offered_20s>=0.8.")),
]  # fmt: skip
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE",
                 help=say("図表入りの1ファイルの報告書も書きます。",
                          "Also write a report with plots, in one file.")),
]  # fmt: skip
