"""Errors of ours reach a person as one sentence, even out of a group of tasks."""

from __future__ import annotations

from acd.cli import sentence_of
from acd.errors import ConfigError, Fault, SwitchUnavailable


def test_an_error_out_of_a_group_of_tasks_is_told_as_a_sentence() -> None:
    wrong = ConfigError([Fault("api", "127.0.0.1:8080 is taken")])
    assert sentence_of(ExceptionGroup("tasks", [ExceptionGroup("inner", [wrong])])) is wrong


def test_a_defect_beside_it_is_not_hidden() -> None:
    gone = SwitchUnavailable("gone")
    assert sentence_of(ExceptionGroup("tasks", [gone, ValueError("a defect")])) is None
