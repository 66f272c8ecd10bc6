"""Settings of recording: ``[recording]`` of ``settings.toml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class RecordingSettings(BaseModel):
    """Whether talks are recorded, and how they are kept.

    ``keep_days`` is for numbers that say nothing else. Below ``min_free_mib`` of free disk nothing
    new is recorded. ``auto_pause_s`` is how long after a caller's last key the recording stays
    silent (0: it is not paused by keys). ``incoming_dir`` is where the switch writes, as this
    machine sees it (empty: where our own Asterisk does).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = False
    keep_days: int = Field(default=90, ge=1, le=3_650)
    min_free_mib: int = Field(default=2_048, ge=1, le=1_048_576)
    auto_pause_s: int = Field(default=8, ge=0, le=120)
    incoming_dir: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_./-]{1,200})?$")] = ""
