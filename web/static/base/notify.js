// A soft double tone and a notice of the desktop: a call is there although nobody looks at the page.
import { kept, signal } from "./ui.js";

/** Whether a ringing call makes a sound. */
export const sound = signal(kept.get("sound", "on") === "on");
/** What the browser says about desktop notices: "granted", "denied", "default", "unsupported". */
export const permission = signal(globalThis.Notification?.permission ?? "unsupported");
/** Whether the browser holds all sound back until the person has touched this page. */
export const heldBack = signal(false);

const AGAIN_MS = 2_000;
const CHORD_MS = 700;
/** How long a browser that allows sound may take for it. */
const ALLOWED_WITHIN_MS = 1_000;

let context;
let resting = true;
let ringing = false;
let repeating;
/** What sounds now: cut off as one. */
let voice;
/** A chord that is due as soon as the browser allows it. */
let owed = false;
let asking;
let notice;

export function chooseSound(on) {
  sound.value = on;
  kept.set("sound", on ? "on" : "off");
  if (!on) hush();
  else if (ringing) sing();
}

/** Ask the browser, once, at a click: it allows the question only then. */
export async function askPermission() {
  if (permission.value === "default") permission.value = await Notification.requestPermission();
}

/** Let the page sound. The browser may put that off until the page is touched. */
function wake() {
  context ??= new AudioContext();
  resting = false;
  context.resume().then(awake, () => {});
  asking ??= setTimeout(() => {
    asking = undefined;
    heldBack.value = true;
  }, ALLOWED_WITHIN_MS);
}

function awake() {
  heldBack.value = false;
  clearTimeout(asking);
  asking = undefined;
  if (owed) {
    chord();
    if (repeating) again();
  } else if (!repeating) rest();
}

/** Hold no loudspeaker while there is nothing to be heard. */
function rest() {
  if (!context || resting) return;
  resting = true;
  context.suspend();
}

/** Find out whether this page may sound before a call needs it. */
export function tryOut() {
  if (sound.value) wake();
}

const touched = () => (owed || heldBack.value) && wake();
for (const event of ["keydown", "pointerdown"]) addEventListener(event, touched, { passive: true });

function tone(at, pitch_hz) {
  const [source, volume] = [context.createOscillator(), context.createGain()];
  source.type = "sine";
  source.frequency.value = pitch_hz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.16, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
  source.connect(volume).connect(voice);
  source.start(at);
  source.stop(at + 0.4);
}

function chord() {
  owed = false;
  voice = context.createGain();
  voice.connect(context.destination);
  tone(context.currentTime + 0.02, 784);
  tone(context.currentTime + 0.2, 988);
  if (!repeating) setTimeout(() => repeating || hush(), CHORD_MS);
}

/** One chord, now or as soon as the browser allows it; what is held back does not pile up. */
function once() {
  owed = true;
  if (resting || context.state !== "running") wake();
  else chord();
}

/** The next chord comes a whole pause after this moment. */
function again() {
  clearInterval(repeating);
  repeating = setInterval(once, AGAIN_MS);
}

function sing() {
  if (repeating) return;
  again();
  once();
}

/** Silence, in the middle of a tone if need be. */
function hush() {
  clearInterval(repeating);
  repeating = undefined;
  owed = false;
  voice?.disconnect();
  voice = undefined;
  rest();
}

/** Ring until quiet() is called. */
export function ring() {
  ringing = true;
  if (sound.value) sing();
}

/** Sound once. */
export function chime() {
  if (sound.value && !ringing) once();
}

/** Stop ringing, and take the notice away. */
export function quiet() {
  ringing = false;
  hush();
  notice?.close();
  notice = undefined;
}

/** A notice of the desktop, when the page is not in front. It says no number: others may see it. */
export function showNotice(title, body) {
  permission.value = globalThis.Notification?.permission ?? "unsupported";
  if (permission.value !== "granted" || document.visibilityState === "visible") return;
  notice?.close();
  notice = new Notification(title, { body, tag: "madoguchi-call", requireInteraction: true });
  notice.onclick = () => {
    window.focus();
    notice?.close();
  };
}
