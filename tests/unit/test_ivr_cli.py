"""``madoguchi ivr``: the dry run as a person sees it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from acd import cli
from acd.cli import EXIT_CONFIG, EXIT_ERROR

CITY = Path(__file__).parents[2] / "centre"


class Terminal:
    """Runs the command as the shell would."""

    def __init__(self, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._patch = patch
        for variable in ("LC_ALL", "LC_MESSAGES"):
            patch.delenv(variable, raising=False)
        patch.setenv("LANG", "C.UTF-8")

    def __call__(self, *words: str, centre: Path = CITY) -> tuple[int, str, str]:
        """(exit code, output, error output)."""
        self._patch.setenv("MADOGUCHI_CENTRE", str(centre))
        self._patch.setattr("sys.argv", ["madoguchi", "ivr", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = self._capsys.readouterr()
        return (end.value.code or 0, out, err)  # type: ignore[return-value]


@pytest.fixture
def madoguchi(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(capsys, monkeypatch)


def test_the_year_end_as_the_issue_asks(madoguchi: Terminal) -> None:
    code, out, _ = madoguchi("try", "main", "--keys", "1,2", "--at", "2026-12-29T10:00")
    assert code == 0
    assert "2026-12-29 (Tue) 10:00:00" in out
    assert "年末年始のお休み" in out
    assert out.rstrip().endswith("hangs up: closed (year_end)")


@pytest.mark.requirement("M6")
def test_a_working_day_shows_keys_times_and_the_queue(madoguchi: Terminal) -> None:
    _, out, _ = madoguchi("try", "main", "--keys", "1,2", "--at", "2026-11-24T10:00")
    times = [int(m) * 60 + int(s) for m, s in re.findall(r"^ *(\d+):(\d\d) ", out, re.M)]
    assert times == sorted(times)
    assert re.findall(r"> (.)", out) == ["1", "2"]
    assert "queue tax" in out
    assert "from the answer to the queue" in out


def test_the_number_decides_about_the_notice(madoguchi: Terminal) -> None:
    words = ("try", "main", "--at", "2026-11-24T10:00", "--number")
    assert "録音" in madoguchi(*words, "0466-00-1111")[1]
    assert "録音" not in madoguchi(*words, "0466-00-1112")[1]


def test_language_patience_and_congestion(madoguchi: Terminal) -> None:
    _, out, _ = madoguchi(
        "try", "main", "--at", "2026-11-24T10:00", "--language", "en", "--keys", "-",
        "--waiting", "50",
    )  # fmt: skip
    assert "(presses nothing)" in out
    assert "Many people are calling" in out
    assert "in en" in out


def test_in_japanese_where_the_terminal_is(
    madoguchi: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    _, out, _ = madoguchi("try", "main", "--keys", "2", "--at", "2026-11-24T10:00")
    assert "代表番号" in out
    assert "窓口 residents (住民票・戸籍)" in out


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("try", "nope"), "main, unlisted"),
        (("try", "main", "--keys", "12"), "separated by commas"),
        (("try", "main", "--at", "tomorrow"), "2026-12-29T10:00"),
        (("try", "main", "--language", "fr"), "ja, en"),
        (("hours", "moon"), "counter"),
    ],
)
def test_what_cannot_be_tried_is_said_in_one_sentence(
    madoguchi: Terminal, words: tuple[str, ...], hint: str
) -> None:
    code, out, err = madoguchi(*words)
    assert (code, out) == (EXIT_ERROR, "")
    assert hint in err
    assert len(err.splitlines()) == 1


@pytest.mark.requirement("M5")
def test_any_date_can_be_looked_at_beforehand(madoguchi: Terminal) -> None:
    _, out, _ = madoguchi("hours", "counter", "--from", "2026-12-28", "--days", "8")
    assert out.splitlines() == [
        "2026-12-28 (Mon)  08:30-17:15",
        "2026-12-29 (Tue)  - 年末年始",
        "2026-12-30 (Wed)  - 年末年始",
        "2026-12-31 (Thu)  - 年末年始",
        "2027-01-01 (Fri)  - 元日",
        "2027-01-02 (Sat)  - 年末年始",
        "2027-01-03 (Sun)  - 年末年始",
        "2027-01-04 (Mon)  08:30-17:15",
    ]
    _, out, _ = madoguchi("hours", "always", "--from", "2026-12-28", "--days", "1")
    assert out == "2026-12-28 (Mon)  00:00-24:00\n"


def test_check_knows_whether_every_sentence_has_its_audio(
    madoguchi: Terminal, tmp_path: Path
) -> None:
    assert madoguchi("check")[0] == 0
    for file in CITY.rglob("*.toml"):
        copy = tmp_path / file.relative_to(CITY)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes())
    flow = tmp_path / "flows" / "main.toml"
    flow.write_text(flow.read_text("utf-8").replace("税です。", "税金です。"), "utf-8")
    code, _, err = madoguchi("check", centre=tmp_path)
    assert code == EXIT_CONFIG
    assert "flows/main.toml:prompts.queue-tax: ja/queue-tax says something else" in err
