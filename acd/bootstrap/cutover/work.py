"""One cut-over at work: its plan, its record, and what is known of it now."""

from __future__ import annotations

import getpass
import hashlib
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from acd.adapters.cutover_log import CutoverLog, Entry
from acd.app.cutover_calls import Tried
from acd.app.cutover_state import Deed, Stage, after, allowed, stage_of
from acd.bootstrap.cutover.words import STAGES
from acd.config import Settings, load_settings
from acd.config.cutover_file import CutoverPlan, read_cutover
from acd.errors import Refused

#: The plan that callers are served under, and what is kept of it for the way back.
PLAN, FORMER = "plan.toml", "former-plan.toml"
_NEXT = {
    Stage.PREPARED: "madoguchi cutover check",
    Stage.CHECKED: "madoguchi cutover rehearse",
    Stage.REHEARSED: "madoguchi cutover switch",
    Stage.SWITCHED: "madoguchi cutover switch",
    Stage.PROVEN: "",
    Stage.ROLLED_BACK: "madoguchi cutover check",
}


class Cutover:
    """The cut-over in a centre's folder; raises ConfigError when its plan is wrong."""

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self.centre = folder.expanduser().resolve()
        self.plan: CutoverPlan = read_cutover(self.centre)
        self.settings: Settings = load_settings(self.centre)
        self.now = now
        self.folder = self.settings.state_dir / "cutover" / self.plan.id
        self.log = CutoverLog(self.folder)
        self.version = metadata.version("madoguchi")

    @property
    def stage(self) -> Stage:
        """How far it is, by its record."""
        return stage_of(Deed(each.deed) for each in self.log.entries())

    @property
    def next_step(self) -> str:
        """The command that comes next; empty when all is done."""
        return _NEXT[self.stage]

    def must_allow(self, *deeds: Deed) -> None:
        """Raises Refused, with the step that comes first, when none of these can be done now."""
        stage = self.stage
        if not allowed(stage, *deeds):
            first, said = _NEXT[stage], STAGES[stage.value]
            raise Refused(
                f"the cut-over is {said.en}: "
                + (f"first `{first}`" if first else "there is nothing left to switch"),
                ja=f"切り替えの段階は「{said.ja}」です。"
                + (f"先に `{first}` を実行してください。" if first else "残った手順はありません。"),
            )

    def record(self, deed: Deed, by: str, facts: Mapping[str, Any]) -> Entry:
        """Keep what was done; raises TransitionError for what cannot follow now."""
        after(self.stage, deed)
        return self.log.add(
            Entry(
                deed=deed.value,
                at_s=round(self.now(), 3),
                by=by,
                account=getpass.getuser(),
                version=self.version,
                files=self.files(),
                facts=dict(facts),
            )
        )

    def files(self) -> dict[str, str]:
        """SHA-256 of every file of the centre that a decision can hang on, by name."""
        names = sorted([*self.centre.glob("*.toml"), *self.centre.glob("flows/*.toml")])
        return {
            str(path.relative_to(self.centre)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in names
        }

    def checked_s(self) -> float | None:
        """When the check was last passed under these very files and this version."""
        same = [each for each in self._of_now() if each.deed == Deed.CHECK_PASSED]
        return same[-1].at_s if same else None

    def tried(self) -> list[Tried]:
        """Every test call under these very files and this version, in order."""
        deeds = (Deed.REHEARSAL_PASSED, Deed.REHEARSAL_FAILED)
        return [
            msgspec.convert(call, Tried)
            for entry in self._of_now()
            if entry.deed in deeds
            for call in entry.facts.get("calls", [])
        ]

    def _of_now(self) -> list[Entry]:
        files = self.files()
        return [
            each
            for each in self.log.entries()
            if each.files == files and each.version == self.version
        ]
