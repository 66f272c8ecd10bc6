"""Verbs that are loaded when they run, so that ``madoguchi --help`` is there at once."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from acd.cli.words import say


@dataclass(frozen=True)
class Verb:
    """One verb: its name, where its code is (``module:attribute``), one sentence in each
    language. The attribute is a ``typer.Typer`` or a plain function with typer parameters."""

    name: str
    where: str
    ja: str
    en: str

    def load(self) -> Any:
        """The command itself; imports its module."""
        module, _, attribute = self.where.partition(":")
        target: typer.Typer | Callable[..., Any] = getattr(
            importlib.import_module(module), attribute
        )
        if not isinstance(target, typer.Typer):
            app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            app.command(name=self.name, help=say(self.ja, self.en))(target)
            target = app
        command = typer.main.get_command(target)
        command.name = self.name
        return command


class LazyCommand(TyperCommand):
    """Stands for a verb in the list of commands, and becomes it when it runs."""

    def __init__(self, verb: Verb) -> None:
        super().__init__(verb.name, help=say(verb.ja, verb.en))
        self._verb = verb

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,
        **extra: Any,
    ) -> Any:
        """The context of the real command: the caller goes on with that one."""
        return self._verb.load().make_context(info_name, args, parent=parent, **extra)


class LazyGroup(TyperGroup):
    """A group over a table of verbs, listed in the order of the table."""

    verbs: tuple[Verb, ...] = ()

    def list_commands(self, ctx: Any) -> list[str]:
        """The verbs' names."""
        return [verb.name for verb in self.verbs]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb, not loaded yet."""
        for verb in self.verbs:
            if verb.name == cmd_name:
                return LazyCommand(verb)
        return None
