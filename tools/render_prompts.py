"""Render the spoken prompts: texts of ``ivr.prompts`` and of a centre's flows -> committed audio.

Run by ``make prompts``. Japanese is spoken by Open JTalk with the Mei voice (pyopenjtalk-plus),
English by flite with the slt voice; both work offline, and ``ivr/sounds/LICENSE.md`` names them.
The result is what a telephone line carries: 8 kHz mono mu-law without a header, telephone band, all
sentences equally loud, so that Asterisk copies it to the caller without converting anything.

Only sentences whose text, voice or processing changed are rendered again (``--all``: every one).
``manifest.json`` tells for each file its text, its voice, its length, and how Japanese was read.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tomllib
import wave
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ivr.prompts import CATALOGUE, LANGUAGES, Prompt

Samples: TypeAlias = "NDArray[np.float64]"

PROJECT = Path(__file__).resolve().parent.parent
SOUNDS = PROJECT / "ivr" / "sounds"

#: Changes with anything below that changes what a file sounds like.
PROCESSING = 1
RATE_HZ = 8000
BAND_HZ = (250.0, 3400.0)
#: Loudness of the speech itself (RMS of the parts that are not pauses), and the peak allowed.
SPEECH_DBFS = -21.0
PEAK_DBFS = -3.0
#: Silence left before and after each sentence, so that sentences played in a row have a rest.
LEAD_S, TAIL_S = 0.05, 0.30

VOICES = {"ja": "Open JTalk, Mei (normal)", "en": "flite, cmu_us_slt"}


def main() -> int:
    """Render what changed; returns the exit code."""
    parser = argparse.ArgumentParser(description="Render the spoken prompts.")
    parser.add_argument("--centre", type=Path, default=PROJECT / "centre")
    parser.add_argument("--all", action="store_true", help="render every sentence again")
    args = parser.parse_args()
    if shutil.which("flite") is None:
        print("madoguchi: English prompts need flite: run `apt install flite`.", file=sys.stderr)
        return 1
    wanted = _texts(args.centre)
    old = {} if args.all else _manifest()
    entries: dict[str, dict[str, Any]] = {}
    todo: list[tuple[str, str]] = []
    for key, text in sorted(wanted.items()):
        entry = old.get(key)
        if entry and _is_current(entry, text) and (SOUNDS / f"{key}.ulaw").is_file():
            entries[key] = entry
        else:
            todo.append((key, text))
    with ProcessPoolExecutor() as pool:
        for (key, _), entry in zip(todo, pool.map(_render, todo), strict=True):
            entries[key] = entry
    removed = _remove_others(set(entries))
    text = json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True)
    (SOUNDS / "manifest.json").write_text(text + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in SOUNDS.glob("*/*.ulaw"))
    print(
        f"{len(todo)} rendered, {len(entries) - len(todo)} unchanged, {removed} removed; "
        f"{size / 1e6:.1f} MB in {SOUNDS.relative_to(PROJECT)}"
    )
    return 0


def _texts(centre: Path) -> dict[str, str]:
    """Every sentence that is said, by ``language/id``; ends the program when two flows clash."""
    prompts = dict(CATALOGUE)
    for file in sorted((centre / "flows").glob("*.toml")):
        for prompt_id, raw in tomllib.loads(file.read_text("utf-8")).get("prompts", {}).items():
            prompt = Prompt(**raw)
            if prompts.setdefault(prompt_id, prompt) != prompt:
                sys.exit(
                    f"madoguchi: {file.name}: another text has the name {prompt_id!r} already."
                )
    return {
        f"{language}/{prompt_id}": prompt.text(language)
        for prompt_id, prompt in prompts.items()
        for language in LANGUAGES
        if prompt.text(language)
    }


def _manifest() -> dict[str, dict[str, Any]]:
    path = SOUNDS / "manifest.json"
    if not path.is_file():
        return {}
    entries: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return entries


def _is_current(entry: dict[str, Any], text: str) -> bool:
    return (entry["text"], entry["voice"], entry["processing"]) == (
        text,
        VOICES[_speaks(text)],
        PROCESSING,
    )


def _remove_others(keys: set[str]) -> int:
    """Delete audio of sentences that are no longer said."""
    stale = [
        path
        for path in SOUNDS.glob("*/*.ulaw")
        if str(path.relative_to(SOUNDS).with_suffix("")) not in keys
    ]
    for path in stale:
        path.unlink()
    return len(stale)


def _speaks(text: str) -> str:
    """The voice for a text: plain ASCII is English, also where it is said to Japanese callers."""
    return "en" if text.isascii() else "ja"


def _render(item: tuple[str, str]) -> dict[str, Any]:
    """Render one sentence; returns its entry of the manifest."""
    key, text = item
    reading = ""
    if _speaks(text) == "en":
        speech, rate_hz = _english(text)
    else:
        speech, rate_hz, reading = _japanese(text)
    audio = _finish(speech, rate_hz)
    path = SOUNDS / f"{key}.ulaw"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_mu_law(audio))
    entry = {
        "text": text,
        "voice": VOICES[_speaks(text)],
        "processing": PROCESSING,
        "ms": round(len(audio) * 1000 / RATE_HZ),
    }
    return {**entry, "reading": reading} if reading else entry


def _japanese(text: str) -> tuple[Samples, int, str]:
    import pyopenjtalk

    wave_form, rate_hz = pyopenjtalk.tts(text)
    return np.asarray(wave_form) / 32768.0, rate_hz, "".join(pyopenjtalk.g2p(text, kana=True))


def _english(text: str) -> tuple[Samples, int]:
    made = subprocess.run(
        ["flite", "-voice", "slt", "-t", text, "-o", "/dev/stdout"],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    # flite cannot go back in a pipe to write lengths, so they are not believed.
    with wave.open(io.BytesIO(made)) as file:
        rate_hz = file.getframerate()
    samples = np.frombuffer(made[44 : 44 + (len(made) - 44) // 2 * 2], dtype="<i2")
    return samples.astype(np.float64) / 32768.0, rate_hz


def _finish(speech: Samples, rate_hz: int) -> Samples:
    """Telephone band, 8 kHz, trimmed, with rests, equally loud."""
    narrow = _to_telephone(speech, rate_hz)
    loud = _trim(narrow)
    frames = loud[: len(loud) // 160 * 160].reshape(-1, 160)
    power = (frames**2).mean(axis=1)
    spoken = power[power > power.max() * 1e-3]
    level = 10 ** (SPEECH_DBFS / 20) / float(np.sqrt(spoken.mean()))
    # Rare peaks are rounded off rather than letting them make the whole sentence quiet.
    peak = 10 ** (PEAK_DBFS / 20)
    shaped = peak * np.tanh(loud * level / peak)
    rest = [np.zeros(int(LEAD_S * RATE_HZ)), np.zeros(int(TAIL_S * RATE_HZ))]
    return np.concatenate([rest[0], shaped, rest[1]])


def _to_telephone(speech: Samples, rate_hz: int) -> Samples:
    """Band-pass by a windowed sinc and take every n-th sample."""
    factor, remainder = divmod(rate_hz, RATE_HZ)
    if remainder:
        raise ValueError(f"{rate_hz} Hz is no multiple of {RATE_HZ} Hz")
    half = 240 * factor
    n = np.arange(-half, half + 1)

    def low_pass(cut_hz: float) -> Samples:
        x = 2 * cut_hz / rate_hz
        return np.asarray(x * np.sinc(x * n) * np.blackman(len(n)))

    kernel = low_pass(BAND_HZ[1]) - low_pass(BAND_HZ[0])
    return np.asarray(np.convolve(speech, kernel, mode="same")[::factor])


def _trim(speech: Samples) -> Samples:
    """Cut silence (below -45 dB of the peak) from both ends."""
    audible = np.flatnonzero(np.abs(speech) > np.abs(speech).max() * 10 ** (-45 / 20))
    return speech[audible[0] : audible[-1] + 1]


def _mu_law(audio: Samples) -> bytes:
    """G.711 mu-law of samples in [-1, 1], rounded to the nearest code."""
    codes = np.arange(256, dtype=np.uint8)
    inverted = ~codes
    magnitude = (((inverted & 0x0F) << 3) + 0x84).astype(np.int64) << ((inverted & 0x70) >> 4)
    values = np.where(inverted & 0x80, 0x84 - magnitude, magnitude - 0x84)
    order = np.argsort(values, kind="stable")
    levels = values[order]
    limits = (levels[1:] + levels[:-1]) / 2
    return bytes(codes[order][np.searchsorted(limits, audio * 32768.0)])


if __name__ == "__main__":
    sys.exit(main())
