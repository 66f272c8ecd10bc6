// Two low tones when somebody begins to wait too long, and again while it lasts; off until wanted.
import { effect, kept, signal } from "../base/ui.js";
import { stale } from "../base/live.js";
import { sound, worst } from "./store.js";

const AGAIN_MS = 20_000;
const TONES_HZ = [392, 311];
const TONE_S = 0.35;

/** Whether the browser holds sound back until somebody has touched the page. */
export const heldBack = signal(false);
let context;
let repeating;

export function chooseSound(on) {
  sound.value = on;
  kept.set("wallboard.sound", on ? "on" : "off");
  if (on) chord();
}

async function chord() {
  context ??= new AudioContext();
  heldBack.value = context.state !== "running";
  await context.resume();
  heldBack.value = false;
  TONES_HZ.forEach((frequency, place) => {
    const at = context.currentTime + place * TONE_S;
    const [tone, loudness] = [context.createOscillator(), context.createGain()];
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.25, at + 0.03);
    loudness.gain.linearRampToValueAtTime(0, at + TONE_S);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + TONE_S);
  });
}

/** Listen for alarms as long as the page lives. */
export function keepListening() {
  effect(() => {
    const on = sound.value && !stale.value && worst.value.level === "alarm";
    if (on && !repeating) {
      chord();
      repeating = setInterval(chord, AGAIN_MS);
    } else if (!on) {
      clearInterval(repeating);
      repeating = undefined;
    }
  });
}
