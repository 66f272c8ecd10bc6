// The line to the switch: a WebSocket that notices by itself when nobody is at the other end.
//
// JsSIP sends and receives through it (it is one of its "sockets") and decides when to try again.
// Every second a ping of RFC 5626 goes out, which our server answers; three seconds without any
// sign of life and the line counts as lost, long before the network says so.

const PING_EVERY_MS = 1000;
const SILENT_MS = 3000;
const CONNECT_MS = 2500;
const PING = "\r\n\r\n";
const PONG = "\r\n";

/** Close codes of our server after which another try would be wrong (web/sip.py). */
export const FINAL = { 4001: "displaced", 4002: "logged_out", 4401: "signed_out" };
/** Nobody holds this telephone any more: ask for it again. */
export const UNKNOWN = 4003;

export class Line {
  /**
   * @param {string} path where our server takes SIP, with the lease
   * @param {(code: number) => void} onClose told of every end that the server gave a code for
   */
  constructor(path, onClose) {
    this.onconnect = this.ondisconnect = this.ondata = () => {};
    this.over = "";
    this.#onClose = onClose;
    this.move(path);
  }

  #onClose;
  #socket = null;
  #timers = [];
  #waiting = 0;
  #unknown = false;

  /** Another lease: used from the next connection on. */
  move(path) {
    this.#unknown = false;
    const url = new URL(path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.url = url.href;
    this.via_transport = url.protocol === "wss:" ? "WSS" : "WS";
    this.sip_uri = `sip:${url.hostname};transport=ws`;
  }

  connect() {
    if (this.over || this.#unknown) return;
    this.#drop();
    const socket = new WebSocket(this.url, "sip");
    this.#socket = socket;
    this.#timers.push(setTimeout(() => this.#lost(), CONNECT_MS));
    socket.onopen = () => {
      this.#stopTimers();
      this.#timers.push(setInterval(() => this.#ping(), PING_EVERY_MS));
      this.onconnect();
    };
    socket.onmessage = ({ data }) => {
      clearTimeout(this.#waiting);
      this.#waiting = 0;
      if (data !== PONG) this.ondata(data);
    };
    socket.onclose = ({ code, reason, wasClean }) => {
      if (socket !== this.#socket) return;
      this.#drop();
      this.over = FINAL[code] ?? "";
      this.#unknown = code === UNKNOWN;
      this.ondisconnect(!wasClean, code, reason);
      this.#onClose(code);
    };
  }

  /** An attempt that is still under way is given up. */
  giveUp() {
    if (this.#socket?.readyState === WebSocket.CONNECTING) this.#lost();
  }

  disconnect() {
    this.#drop(1000);
  }

  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(message);
    return true;
  }

  #ping() {
    if (this.#waiting) return;
    this.#waiting = setTimeout(() => this.#lost(), SILENT_MS);
    this.send(PING);
  }

  #lost() {
    this.#drop();
    this.ondisconnect(true, 1006, "silent");
    this.#onClose(1006);
  }

  #drop(code) {
    this.#stopTimers();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  #stopTimers() {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    clearTimeout(this.#waiting);
    this.#waiting = 0;
  }
}
