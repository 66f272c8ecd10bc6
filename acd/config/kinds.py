"""The kinds of values that the files hold: each with its bounds, shared by all models."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

ID_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,31}$"
DEVICE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"

#: Calls and queues look ahead at most one day.
MAX_SECONDS = 86_400.0


class FileTable(BaseModel):
    """A table of a file: unknown keys are faults, and what was read stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=2000)


def id_fault(key: str) -> str:
    """What is wrong with an id that is a key of a table, or an empty string."""
    if re.fullmatch(ID_PATTERN, key):
        return ""
    return "an id has 1 to 32 of a-z 0-9 _ - and begins with a letter or digit"


def _one_line(text: str) -> str:
    if any(not char.isprintable() for char in text):
        raise ValueError("must be one line of printable characters")
    return text


#: A reading: hiragana, the long mark, and what stands between words.
_READING = re.compile(r"[ぁ-ゖ][ぁ-ゖー・ ]*")
#: From katakana to hiragana.
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def _reading(text: str) -> str:
    """The reading in hiragana, whatever kana of whatever width it was written in."""
    kana = unicodedata.normalize("NFKC", text).translate(_TO_HIRAGANA)
    if not _READING.fullmatch(kana):
        raise ValueError("must be the name as it is read, in kana")
    return kana


def _number(text: str) -> str:
    digits = re.sub(r"[-() ]", "", text)
    if not re.fullmatch(r"\+?[0-9]{2,20}", digits):
        raise ValueError("must be a telephone number of 2 to 20 digits")
    return digits


Id = Annotated[StrictStr, Field(pattern=ID_PATTERN)]
Device = Annotated[StrictStr, Field(pattern=DEVICE_PATTERN)]
Label = Annotated[StrictStr, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
Line = Annotated[StrictStr, Field(max_length=200), AfterValidator(_one_line)]
Reading = Annotated[StrictStr, Field(min_length=1, max_length=80), AfterValidator(_reading)]
Number = Annotated[StrictStr, AfterValidator(_number)]
Seconds = Annotated[float, Field(strict=True, ge=0, le=MAX_SECONDS, allow_inf_nan=False)]
PositiveSeconds = Annotated[float, Field(strict=True, gt=0, le=MAX_SECONDS, allow_inf_nan=False)]
Level = Annotated[StrictInt, Field(ge=1, le=9)]
LevelOrNone = Annotated[StrictInt, Field(ge=0, le=9)]
Priority = Annotated[StrictInt, Field(ge=0, le=9)]
Count = Annotated[StrictInt, Field(ge=1, le=1_000_000)]
Flag = StrictBool


class Name(FileTable):
    """A name in both languages."""

    ja: Label
    en: Label
