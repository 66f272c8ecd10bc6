// What goes on, as it happens: the WebSocket, its own ping, and the state it keeps up to date.
import { batch, computed, signal } from "./ui.js";
import { get } from "./api.js";
import { clockIs, now } from "./time.js";

// A silent cut is noticed within ping + silence + tick; an attempt that hangs is given up after
// attempt, so that a page at work is right again within 3 s of the link being back.
const AT_WORK = { tick: 250, ping: 1_200, silence: 2_500, attempt: 1_500, waits: [0, 200, 500, 1_000] };
/** After so many attempts in vain it is asked whether the session is over: an attempt without one is
 *  refused before it is a WebSocket, which looks like a server that is away. */
const IN_VAIN = 2;
/** For pages that wait for seldom news: hardly a word a minute, and no rush on a server that starts. */
export const CALM = {
  tick: 1_000, ping: 30_000, silence: 10_000, attempt: 10_000, waits: [200, 1_000, 3_000, 10_000],
};
const KEPT_ALERTS = 50;

/** The server's state as this person may see it; null before the first snapshot. */
export const state = signal(null);
/** "connecting" (first time), "live", or "lost"; what is shown is then old. */
export const link = signal("connecting");
/** When the last word came, in milliseconds of this machine: the line was alive then. */
export const heardAt = signal(0);
/** When the server last said how things stand, or that all is as it was. An answer to a ping proves
 *  the line alone: it says itself how long ago the server looked. */
export const toldAt = signal(0);
/** What is shown and older than this is marked: nothing was told though all seems connected. */
const STALE_S = 6;
/** The age of what is shown, in seconds. */
export const age_s = computed(() => Math.max(0, (now.value, Date.now() - toldAt.value) / 1000));
export const stale = computed(() => link.value !== "live" || age_s.value > STALE_S);
/** How long the last ping took there and back, in milliseconds. */
export const roundTrip_ms = signal(0);

const listeners = new Map();

/** Hear of frames of one type other than snapshot and delta ("pop", ...). */
export function onFrame(type, listener) {
  listeners.set(type, [...(listeners.get(type) ?? []), listener]);
  return () => listeners.set(type, listeners.get(type).filter((each) => each !== listener));
}

/** Connect, and stay connected until the returned function is called. path: a text, or a function
 *  that is asked anew for each attempt. hello: the token of who has no session; refused: called
 *  instead of signing in, when who we are counts no longer; pace: how often is asked. */
export function connect(path = "/api/live", { hello, refused, pace = AT_WORK } = {}) {
  const connection = new Connection(path, hello, refused, pace);
  connection.open();
  return () => connection.close();
}

class Connection {
  constructor(path, hello, refused = askAgain, pace) {
    this.path = path;
    this.pace = pace;
    this.hello = hello;
    this.refused = refused;
    this.failures = 0;
    this.over = false;
    this.ticking = setInterval(() => this.tick(), pace.tick);
    this.hurry = () => this.check();
    for (const event of ["online", "focus", "pageshow"]) addEventListener(event, this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
  }

  open() {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.asked = 0;
    this.next = undefined;
    this.openedAt = performance.now();
    const url = new URL(typeof this.path === "function" ? this.path() : this.path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(url));
    if (this.hello) socket.onopen = () => socket.send(JSON.stringify({ token: this.hello }));
    socket.onmessage = (event) => socket === this.socket && this.heard(event.data);
    socket.onclose = (event) => socket === this.socket && this.closed(event.code);
  }

  /** Something calls for a look: the network is back, the page is in front again. */
  check() {
    if (this.over) return;
    if (this.waiting !== undefined) this.open();
    else if (this.live()) this.ping();
  }

  live() {
    return this.socket?.readyState === WebSocket.OPEN && this.next !== undefined;
  }

  // Timers of a page in the background come late, messages do not. So silence counts only from a
  // ping that was really sent, and a late tick by itself proves nothing.
  tick() {
    const at = performance.now();
    if (this.waiting !== undefined || this.over) return;
    if (!this.live()) {
      if (at - this.openedAt > this.pace.attempt) this.giveUp();
    } else if (this.asked) {
      if (at - this.asked > this.pace.silence) this.giveUp();
    } else if (at - this.heardAt >= this.pace.ping) {
      this.ping();
    }
  }

  ping() {
    if (this.asked || this.socket.readyState !== WebSocket.OPEN) return;
    this.asked = performance.now();
    this.socket.send(JSON.stringify({ ping: Math.round(this.asked) }));
  }

  giveUp() {
    const socket = this.socket;
    this.socket = undefined;
    socket.close();
    this.closed(0);
  }

  heard(text) {
    const frame = JSON.parse(text);
    this.heardAt = performance.now();
    heardAt.value = Date.now();
    if ("pong" in frame) {
      roundTrip_ms.value = this.heardAt - frame.pong;
      this.asked = 0;
      toldAt.value = Date.now() - 1_000 * (frame.age_s ?? 0);
      return;
    }
    if (this.next !== undefined && frame.n !== this.next) return this.giveUp();
    this.next = frame.n + 1;
    this.asked = 0;
    toldAt.value = Date.now();
    batch(() => take(frame));
    this.failures = 0;
    link.value = "live";
  }

  closed(code) {
    if (this.over) return;
    link.value = state.value ? "lost" : "connecting";
    if (code === 4401) this.refused();
    else if (!this.hello && this.failures >= IN_VAIN) this.refused();
    const { waits } = this.pace;
    const wait = waits[Math.min(this.failures++, waits.length - 1)];
    this.waiting = setTimeout(() => this.open(), wait);
  }

  close() {
    this.over = true;
    clearInterval(this.ticking);
    clearTimeout(this.waiting);
    for (const event of ["online", "focus", "pageshow"]) removeEventListener(event, this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.socket?.close();
  }
}

let asking = false;

// Is the session over? A restart of the server may look like it. Who has none any more is led to sign
// in by the answer.
function askAgain() {
  if (asking) return;
  asking = true;
  get("/api/session").catch(() => {}).finally(() => (asking = false));
}

function take(frame) {
  if (frame.type === "snapshot") {
    clockIs(frame.state.now_s);
    state.value = frame.state;
  } else if (frame.type === "delta") {
    if (frame.now_s) clockIs(frame.now_s);
    state.value = changed(state.value, frame);
  }
  for (const listener of listeners.get(frame.type) ?? []) listener(frame);
}

/** The state after a delta: objects replace those of the same id, null removes them. */
export function changed(before, { type, n, alerts = [], agents, calls, ...rest }) {
  const after = { ...before, ...rest };
  after.agents = merged(before.agents, agents);
  after.calls = merged(before.calls, calls);
  if (alerts.length) {
    const known = new Map([...(before.alerts ?? []), ...alerts].map((each) => [each.id, each]));
    after.alerts = [...known.values()].slice(-KEPT_ALERTS);
  }
  return after;
}

function merged(before = {}, changes) {
  if (!changes) return before;
  const after = { ...before };
  for (const [id, value] of Object.entries(changes)) {
    if (value === null) delete after[id];
    else after[id] = value;
  }
  return after;
}
