"""The rendered prompts on disk: what they say and how long they take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

import ivr
from acd.errors import ConfigError, Fault
from ivr.flow import Flow
from ivr.prompts import CATALOGUE, LANGUAGES

#: Where the prompts of this installation lie.
SOUNDS = Path(ivr.__file__).parent / "sounds"
MANIFEST = "manifest.json"
#: Bytes of one second: 8 kHz, one byte for each sample, no header.
BYTES_PER_S = 8000


class Rendered(msgspec.Struct, frozen=True):
    """One entry of the manifest: the text that was spoken, by whom, and how long it takes."""

    text: str
    voice: str
    ms: int
    processing: int = 0
    reading: str = ""


def read_manifest(folder: Path = SOUNDS) -> dict[str, Rendered]:
    """Every rendered prompt by ``language/id``; raises :class:`ConfigError`."""
    path = folder / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Rendered])
    except OSError:
        raise ConfigError([Fault(str(path), "is missing: run `make prompts`")]) from None
    except msgspec.MsgspecError as error:
        raise ConfigError([Fault(str(path), f"cannot be read: {error}")]) from None


def lengths_s(folder: Path = SOUNDS) -> dict[str, float]:
    """Seconds of every rendered prompt, by ``language/id``."""
    return {key: entry.ms / 1000 for key, entry in read_manifest(folder).items()}


def audio_faults(flows: Mapping[str, Flow], folder: Path = SOUNDS) -> list[Fault]:
    """Sentences without audio, or with audio that says something else."""
    manifest = read_manifest(folder)
    written = {("ivr/prompts.py", prompt): text for prompt, text in CATALOGUE.items()}
    for name, flow in flows.items():
        written |= {
            (f"flows/{name}.toml:prompts.{prompt}", prompt): text
            for prompt, text in flow.prompts.items()
        }
    faults: list[Fault] = []
    for (where, prompt), sentence in written.items():
        for language in LANGUAGES:
            text = sentence.text(language)
            if not text:
                continue
            key = f"{language}/{prompt}"
            entry, file = manifest.get(key), folder / f"{key}.ulaw"
            if entry is None or not file.is_file():
                faults.append(Fault(where, f"{key} has no audio: run `make prompts`"))
            elif entry.text != text:
                faults.append(Fault(where, f"{key} says something else: run `make prompts`"))
            elif file.stat().st_size * 1000 // BYTES_PER_S not in (entry.ms - 1, entry.ms):
                faults.append(Fault(where, f"{key} is not the audio of the manifest"))
    return faults
