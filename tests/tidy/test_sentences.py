"""Whatever an error says to a person, it can say in Japanese."""

from __future__ import annotations

import re

import pytest

from acd.japanese import CATALOGUE, in_japanese
from tests.tidy.sentences import english_only


def test_every_sentence_of_an_error_has_a_japanese_one() -> None:
    missing = {text: place for place, text in english_only() if not in_japanese(text)}
    assert missing == {}


def test_the_catalogue_fills_in_what_it_should() -> None:
    blocks = CATALOGUE.read_text("utf-8").strip().split("\n\n")[1:]
    for block in blocks:
        english, japanese = block.splitlines()
        marks = {int(mark) for mark in re.findall(r"\{(\d)\}", japanese)}
        assert marks <= set(range(1, english.count("{}") + 1)), english
        assert re.search(r"[぀-ヿ一-鿿]", japanese), english


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("is missing", "必要な項目がありません"),
        (
            'there is no such key; did you mean "needs"?',
            "その項目はありません。「needs」ではありませんか",
        ),
        ("must be greater than or equal to 3, not 1", "3以上にしてください（いまは 1）"),
        (
            "the secret trunk.x is not set: run `madoguchi secret trunk.x`",
            "秘密 trunk.x が設定されていません。`madoguchi secret trunk.x` を実行してください。",
        ),
        ("nobody ever said this", ""),
    ],
)
def test_what_was_filled_in_is_told(english: str, japanese: str) -> None:
    assert in_japanese(english) == japanese
