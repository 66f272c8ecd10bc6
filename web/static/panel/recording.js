// The recording of the present talk: what it does, and one key to pause it or let it go on.
import { html, signal } from "../base/ui.js";
import { t } from "../base/i18n.js";
import { onFrame } from "../base/live.js";
import { act } from "./store.js";

/** "running", "paused_by_hand", "paused_for_digits"; null: this talk is not recorded. */
export const tape = signal(null);

onFrame("snapshot", ({ state }) => (tape.value = state.recording ?? null));
onFrame("recording", (frame) => (tape.value = frame.recording));

/** Pause by hand, or let it go on. */
export const turnTape = () =>
  act(tape.value === "paused_by_hand" ? "recording/resume" : "recording/pause");

const SAID = {
  running: "call.recording",
  paused_by_hand: "call.recording_paused",
  paused_for_digits: "call.recording_digits",
};

/** Whether this talk is recorded just now, as a word. */
export const Tape = () =>
  tape.value && html`<span class=${`state ${tape.value === "running" ? "soft" : "state-hold"}`}
    role="status">${t(SAID[tape.value])}</span>`;
