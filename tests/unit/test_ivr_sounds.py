"""The real audio: there for every sentence, loud enough, and short enough to reach a queue soon."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.adapters.sounds import SOUNDS, audio_faults, lengths_s, read_manifest
from acd.config import Centre, load_centre
from acd.core.hours import Calendar
from ivr.session import EnterQueue, Surroundings
from ivr.tryout import Sound, Tryout, try_out

CITY = Path(__file__).parents[2] / "centre"
TOKYO = ZoneInfo("Asia/Tokyo")
WORKDAY = dt.datetime(2026, 11, 24, 10, tzinfo=TOKYO).timestamp()
FILES = sorted(SOUNDS.glob("*/*.ulaw"))

#: From our answer to the queue, for a caller who presses at once.
TO_THE_QUEUE_S = 15.0


@pytest.fixture(scope="module")
def city() -> Centre:
    return load_centre(CITY)


def expand(code: int) -> float:
    """One mu-law byte as a sample in [-1, 1], after the table of ITU-T G.711."""
    bits = code ^ 0xFF
    magnitude = ((((bits & 0x0F) << 3) + 132) << ((bits >> 4) & 7)) - 132
    return (-magnitude if bits & 0x80 == 0 else magnitude) / -32768.0


LINEAR = [expand(code) for code in range(256)]


def speech_level_db(samples: list[float]) -> float:
    """RMS of what is spoken, pauses left out, in dB below full scale."""
    frames = [samples[i : i + 160] for i in range(0, len(samples) - 159, 160)]
    powers = [sum(x * x for x in frame) / 160 for frame in frames]
    spoken = [power for power in powers if power > max(powers) * 1e-3]
    return 10 * math.log10(sum(spoken) / len(spoken))


def dry_run(city: Centre, keys: str, waiting: int = 0) -> Tryout:
    around = Surroundings(
        dialled="0466001111",
        recorded=True,
        calendars={plan.id: Calendar(plan, TOKYO) for plan in city.plan.calendars},
        waiting=lambda queue: waiting,
    )
    pressed = keys.split(",") if keys else []
    return try_out(city.flows["main"], around, pressed, WORKDAY, lengths_s(), at_once=True)


@pytest.mark.requirement("M6")
@pytest.mark.parametrize("keys", ["1,1", "1,2", "1,3", "2", "3", "0", "9,2"])
@pytest.mark.parametrize("waiting", [0, 100])
def test_who_presses_at_once_is_in_the_queue_within_15_s(
    city: Centre, keys: str, waiting: int
) -> None:
    run = dry_run(city, keys, waiting)
    assert isinstance(run.end, EnterQueue)
    # The notice is never cut short, however fast one presses.
    notices = [line for line in run.lines if line.prompt == "recording-notice"]
    assert notices
    assert {line.sound for line in notices} == {Sound.SPOKEN}
    limit_s = TO_THE_QUEUE_S if not keys.startswith("9") else TO_THE_QUEUE_S + 5
    assert run.seconds <= limit_s


@pytest.mark.requirement("M6")
def test_who_presses_nothing_reaches_a_person_within_45_s(city: Centre) -> None:
    run = dry_run(city, "")
    assert isinstance(run.end, EnterQueue)
    assert run.end.queue == "switchboard"
    assert run.seconds <= 45.0


@pytest.mark.requirement("M6")
def test_every_sentence_has_its_audio(city: Centre) -> None:
    assert audio_faults(city.flows) == []


def test_audio_that_is_missing_or_says_something_else_is_found(
    city: Centre, tmp_path: Path
) -> None:
    for file in FILES:
        copy = tmp_path / file.relative_to(SOUNDS)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes())
    manifest = (SOUNDS / "manifest.json").read_text("utf-8")
    changed = manifest.replace('"Thank you for calling."', '"Thanks for calling."', 1)
    (tmp_path / "manifest.json").write_text(changed, "utf-8")
    (tmp_path / "ja" / "city-menu.ulaw").unlink()
    (tmp_path / "ja" / "goodbye.ulaw").write_bytes(b"\xff" * 80)
    faults = audio_faults(city.flows, tmp_path)
    assert sorted(fault.message.split()[0] for fault in faults) == [
        "en/greeting",
        "ja/city-menu",
        "ja/goodbye",
    ]


def test_no_audio_lies_about_unused(city: Centre) -> None:
    names = {str(file.relative_to(SOUNDS).with_suffix("")) for file in FILES}
    assert names == set(read_manifest())


def test_together_the_audio_stays_small() -> None:
    assert sum(file.stat().st_size for file in FILES) < 6_000_000


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_sentence_is_speech_of_one_loudness_without_clipping(file: Path) -> None:
    samples = [LINEAR[code] for code in file.read_bytes()]
    seconds = len(samples) / 8000
    assert 0.5 <= seconds <= 14.0
    assert max(abs(sample) for sample in samples) < 0.75
    assert -23.0 <= speech_level_db(samples) <= -19.0
    # A rest before and after, so that sentences in a row do not run into one another.
    assert max(abs(sample) for sample in samples[:300] + samples[-2000:]) < 0.01


def test_the_licence_names_every_voice() -> None:
    licence = (SOUNDS / "LICENSE.md").read_text("utf-8")
    voices = {entry.voice for entry in read_manifest().values()}
    assert voices
    assert all(voice in licence for voice in voices)
    assert "creativecommons.org/licenses/by/3.0" in licence
