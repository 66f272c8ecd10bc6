// A soft double tone and a notice of the desktop: a call is there although nobody looks at the page.
import { kept, signal } from "./ui.js";

/** Whether a ringing call makes a sound. */
export const sound = signal(kept.get("sound", "on") === "on");
/** What the browser says about desktop notices: "granted", "denied", "default", "unsupported". */
export const permission = signal(globalThis.Notification?.permission ?? "unsupported");

let context;
let repeating;
let notice;

export function chooseSound(on) {
  sound.value = on;
  kept.set("sound", on ? "on" : "off");
  if (!on) quiet();
}

/** Ask the browser, once, at a click: it allows the question only then. */
export async function askPermission() {
  if (permission.value === "default") permission.value = await Notification.requestPermission();
}

// A browser lets a page sound only after the person has touched it.
const awake = () => context?.resume().catch(() => {});
for (const event of ["keydown", "pointerdown"]) addEventListener(event, awake, { passive: true });

function tone(at, pitch_hz) {
  const [voice, volume] = [context.createOscillator(), context.createGain()];
  voice.type = "sine";
  voice.frequency.value = pitch_hz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.16, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
  voice.connect(volume).connect(context.destination);
  voice.start(at);
  voice.stop(at + 0.4);
}

function once() {
  context ??= new AudioContext();
  if (context.state === "suspended") awake();
  tone(context.currentTime + 0.02, 784);
  tone(context.currentTime + 0.2, 988);
}

/** Ring until quiet() is called. */
export function ring() {
  if (!sound.value || repeating) return;
  once();
  repeating = setInterval(once, 2_000);
}

/** Stop ringing. */
export function quiet() {
  clearInterval(repeating);
  repeating = undefined;
  notice?.close();
  notice = undefined;
}

/** A notice of the desktop, when the page is not in front. It says no number: others may see it. */
export function showNotice(title, body) {
  if (permission.value !== "granted" || document.visibilityState === "visible") return;
  notice = new Notification(title, { body, tag: "madoguchi-call", requireInteraction: true });
  notice.onclick = () => {
    window.focus();
    notice?.close();
  };
}
