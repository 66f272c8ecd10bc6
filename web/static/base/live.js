// What goes on, as it happens: the WebSocket, its own ping, and the state it keeps up to date.
import { batch, signal } from "./ui.js";
import { leave, loadSession } from "./api.js";
import { clockIs } from "./time.js";

// A silent cut is noticed within PING_MS + SILENCE_MS + TICK_MS; an attempt that hangs is given up
// after ATTEMPT_MS, so that the page is right again within 3 s of the link being back.
const TICK_MS = 250;
const PING_MS = 1_200;
const SILENCE_MS = 2_500;
const ATTEMPT_MS = 1_500;
const WAITS_MS = [0, 200, 500, 1_000];
const KEPT_ALERTS = 50;

/** The server's state as this person may see it; null before the first snapshot. */
export const state = signal(null);
/** "connecting" (first time), "live", or "lost"; what is shown is then old. */
export const link = signal("connecting");
/** When the last word came, in milliseconds of this machine: the age of what is shown. */
export const heardAt = signal(0);
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
 *  instead of signing in, when who we are counts no longer. */
export function connect(path = "/api/live", { hello, refused } = {}) {
  const connection = new Connection(path, hello, refused);
  connection.open();
  return () => connection.close();
}

class Connection {
  constructor(path, hello, refused = askAgain) {
    this.path = path;
    this.hello = hello;
    this.refused = refused;
    this.failures = 0;
    this.over = false;
    this.ticking = setInterval(() => this.tick(), TICK_MS);
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
      if (at - this.openedAt > ATTEMPT_MS) this.giveUp();
    } else if (this.asked) {
      if (at - this.asked > SILENCE_MS) this.giveUp();
    } else if (at - this.heardAt >= PING_MS) {
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
      return;
    }
    if (this.next !== undefined && frame.n !== this.next) return this.giveUp();
    this.next = frame.n + 1;
    this.asked = 0;
    batch(() => take(frame));
    this.failures = 0;
    link.value = "live";
  }

  closed(code) {
    if (this.over) return;
    link.value = state.value ? "lost" : "connecting";
    if (code === 4401) this.refused();
    const wait = WAITS_MS[Math.min(this.failures++, WAITS_MS.length - 1)];
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

// The session is over. Asked once more, since a restart of the server may say so too.
function askAgain() {
  loadSession().then((who) => who || leave()).catch(() => {});
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
