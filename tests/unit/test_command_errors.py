"""Errors of ours reach a person as one sentence, even out of a group of tasks."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from acd.cli import EXIT_RETRY, main, print_error, sentence_of, sentence_of_file
from acd.errors import ConfigError, Fault, MadoguchiError, SwitchUnavailable


def test_an_error_out_of_a_group_of_tasks_is_told_as_a_sentence() -> None:
    wrong = ConfigError([Fault("api", "127.0.0.1:8080 is taken")])
    assert sentence_of(ExceptionGroup("tasks", [ExceptionGroup("inner", [wrong])])) is wrong


def test_a_defect_beside_it_is_not_hidden() -> None:
    gone = SwitchUnavailable("gone")
    assert sentence_of(ExceptionGroup("tasks", [gone, ValueError("a defect")])) is None


def test_a_folder_that_cannot_be_written_is_told_as_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("acd.cli.app", (tmp_path / "file" / "var").mkdir)
    for language, told in (
        ("ja_JP.UTF-8", "を使えません"),
        ("C.UTF-8", "cannot be used (Not a dir"),
    ):
        monkeypatch.setenv("LC_ALL", language)
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == EXIT_RETRY
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"madoguchi: {tmp_path}")
        assert told in line


def test_a_file_that_fails_without_a_name_or_a_person_s_doing_is_a_defect() -> None:
    assert sentence_of_file(BrokenPipeError(errno.EPIPE, "Broken pipe")) is None
    assert sentence_of_file(FileNotFoundError(errno.ENOENT, "No such file", "ours.txt")) is None
    full = sentence_of_file(OSError(errno.ENOSPC, "No space left on device", "x"))
    assert full is not None
    assert "room on the disk" in full.message


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
