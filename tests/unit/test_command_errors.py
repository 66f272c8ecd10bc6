"""Errors of ours reach a person as one sentence, even out of a group of tasks."""

from __future__ import annotations

import pytest

from acd.cli import print_error, sentence_of
from acd.errors import ConfigError, Fault, MadoguchiError, SwitchUnavailable


def test_an_error_out_of_a_group_of_tasks_is_told_as_a_sentence() -> None:
    wrong = ConfigError([Fault("api", "127.0.0.1:8080 is taken")])
    assert sentence_of(ExceptionGroup("tasks", [ExceptionGroup("inner", [wrong])])) is wrong


def test_a_defect_beside_it_is_not_hidden() -> None:
    gone = SwitchUnavailable("gone")
    assert sentence_of(ExceptionGroup("tasks", [gone, ValueError("a defect")])) is None


def test_a_person_who_reads_japanese_is_told_in_japanese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ConfigError([Fault("plan.toml:default_queue", "is missing")])
    for language, told in (("ja_JP.UTF-8", "必要な項目がありません"), ("C.UTF-8", "is missing")):
        monkeypatch.setenv("LC_ALL", language)
        print_error(wrong)
        assert f"plan.toml:default_queue: {told}" in capsys.readouterr().err
        print_error(MadoguchiError("English", ja="日本語"))
        assert ("日本語" if language.startswith("ja") else "English") in capsys.readouterr().err
