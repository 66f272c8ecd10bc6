// The operator's telephone in the page: SIP by JsSIP, sound by WebRTC.
//
// Calls always come in: the controller rings this telephone, also to dial out or to ask a
// colleague. The page shows the signals and calls the methods; it decides nothing else here.
import { UA } from "../vendor/jssip/jssip.js";
import { signal } from "../vendor/signals/signals-core.js";
import { Line, UNKNOWN } from "./line.js";
import { isStillThere, outlive } from "./outlive.js";
import { Watch } from "./quality.js";
import { devices, Sound } from "./sound.js";

/** Sound goes straight to the switch: there is no server in between to ask. */
const PEER = { iceServers: [], bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" };
/** So long after the last address that the browser found it is unlikely to find another. */
const SETTLED_MS = 50;
const LOOK_EVERY_MS = 2000;
const REGISTER_S = 120;
const START_WITHIN_MS = 10_000;
const AGAIN_MS = 2000;
const ECHO = "*43";
/** Nothing at all came for so many looks, neither sound nor reports of it (they come every 5 s):
 *  it never found its way, or has lost it (another network, say), or without a line that could tell,
 *  the call is over. A new way gets as long before the next one is asked for.
 *  A browser that finds another way by itself is not followed by Asterisk: it has to be asked for. */
const LOST_LOOKS = 3;
const NEW_WAY = { rtcOfferConstraints: { iceRestart: true } };
/** Ask without an INVITE: one of those whose ACK is lost ends the talk at the switch. */
const UPDATE = { useUpdate: true };
/** Answers to a REGISTER that say: this secret is not (or no longer) right. */
const WRONG_SECRET = [401, 403, 407, 500];

export class Phone {
  /**
   * @param {object} options
   * @param {() => Promise<object>} [options.renew] gets new credentials when the server has
   *   forgotten the present ones
   * @param {boolean} [options.processing] whether the browser takes out echo and noise
   */
  constructor({ renew = null, processing = true } = {}) {
    this.#renew = renew;
    this.#sound = new Sound(
      processing,
      (level) => (this.level.value = level),
      () => this.#replaceMicrophone(),
    );
  }

  /** "offline", "connecting", "ready", "ringing", "talking", "held" */
  state = signal("offline");
  /** "", "up", "lost" (it tries again by itself), and when it has given up: "displaced" (another
   *  page is the telephone now), "logged_out", "signed_out", "refused", "microphone" */
  link = signal("");
  muted = signal(false);
  /** 4 (as good as it gets) to 0, of the present call; null when there is none to judge */
  quality = signal(null);
  /** loudness of the microphone, 0 to 1 */
  level = signal(0);
  /** whether the echo test is on */
  testing = signal(false);

  #renew;
  #sound;
  #line = null;
  #ua = null;
  #session = null;
  #branch = null;
  #looking = 0;
  /** told whether the switch has done what was last asked of it (hold), once that is known */
  #settled = null;
  /** whether the line was lost before the switch had answered */
  #unanswered = false;
  #asking = null;
  #user = "";
  #domain = "";
  #leaving = (event) => {
    if (this.#session && !this.testing.value) event.preventDefault();
  };

  /** Become the telephone; done when calls can come in. Rejects with why not (`link`). */
  async start({ user, password, uri, ws }) {
    await this.stop();
    this.state.value = "connecting";
    try {
      await this.#sound.open();
    } catch (error) {
      this.#giveUp("microphone");
      throw error;
    }
    this.#user = user;
    this.#domain = uri.split("@")[1];
    this.#line = new Line(ws, (code) => this.#lineClosed(code));
    this.#ua = new UA({
      sockets: [this.#line],
      uri,
      authorization_user: user,
      password,
      register_expires: REGISTER_S,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 1,
      user_agent: "madoguchi",
    });
    this.#ua.on("registered", () => this.#registered());
    this.#ua.on("registrationFailed", ({ response }) => this.#notRegistered(response));
    this.#ua.on("newRTCSession", ({ session, originator }) => this.#arrived(session, originator));
    addEventListener("online", this.hurry);
    addEventListener("beforeunload", this.#leaving);
    const started = this.#started();
    this.#ua.start();
    await started;
  }

  /** Stop being the telephone. A call that is going on ends here. */
  async stop() {
    removeEventListener("online", this.hurry);
    removeEventListener("beforeunload", this.#leaving);
    this.#ua?.stop();
    this.#ua = null;
    this.#cleared();
    this.#sound.close();
    this.state.value = "offline";
    this.link.value = "";
  }

  /** The network is back, or the server was heard some other way: the line is tried again at once,
   *  whatever it waits for. */
  hurry = () => {
    if (!this.#ua || this.#asking || this.#line.over || this.#ua.isConnected()) return;
    this.#line.giveUp();
    this.#ua.transport.connect();
  };

  answer() {
    if (this.state.value !== "ringing") return;
    this.#branch = this.#sound.branch();
    this.#session.answer({ mediaStream: this.#branch, pcConfig: PEER });
    this.#hear(this.#session);
  }

  /** End the call; one that rings is declined. */
  hangUp() {
    const ringing = this.state.value === "ringing";
    this.#session?.terminate(ringing ? { status_code: 603 } : {});
  }

  mute(on) {
    if (!this.#session) return;
    if (on) this.#session.mute({ audio: true });
    else this.#session.unmute({ audio: true });
    this.muted.value = on;
  }

  /** The caller hears music, or no longer; resolves to whether the switch has done it. */
  hold(on) {
    const wanted = on ? "held" : "talking";
    if (!this.#session || this.state.value === wanted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = () => this.#settle();
      const asked = on ? this.#session.hold(UPDATE, done) : this.#session.unhold(UPDATE, done);
      if (asked) this.#settled = resolve;
      else resolve(false);
    });
  }

  /** Send digits, as events beside the sound (RFC 4733). */
  digits(keys) {
    if (!/^[0-9*#]{1,40}$/.test(keys)) return;
    const how = { duration: 100, interToneGap: 100, transportType: "RFC2833" };
    this.#session?.sendDTMF(keys, how);
  }

  /** `{inputs, outputs, input, output}`: lists of `{id, label}`, and the ids in use. */
  async devices() {
    return { ...(await devices()), ...this.#sound.chosen };
  }

  /** Other devices, by id, also in the middle of a call. */
  async choose({ input, output } = {}) {
    if (input !== undefined) await this.#sound.open(input);
    if (output !== undefined) await this.#sound.output(output);
  }

  /** Hear yourself as the switch hears you, for some seconds; a call that comes in ends it.
   *  Resolves when it is over. */
  async echoTest(seconds = 8) {
    if (this.#session || this.link.value !== "up") return;
    this.testing.value = true;
    this.#branch = this.#sound.branch();
    const session = this.#ua.call(`sip:${ECHO}@${this.#domain}`, {
      mediaStream: this.#branch,
      pcConfig: PEER,
    });
    this.#hear(session);
    const timer = setTimeout(() => session.terminate(), seconds * 1000);
    await new Promise((resolve) => {
      session.on("ended", resolve);
      session.on("failed", resolve);
    });
    clearTimeout(timer);
  }

  // ------------------------------------------------------------------ the line

  #started() {
    return new Promise((resolve, reject) => {
      let stop = () => {};
      const timer = setTimeout(() => finish(reject, new Error("timeout")), START_WITHIN_MS);
      const finish = (how, what) => {
        clearTimeout(timer);
        queueMicrotask(() => stop());
        how(what);
      };
      stop = this.link.subscribe((link) => {
        if (link === "up") finish(resolve);
        else if (link && link !== "lost") finish(reject, new Error(link));
      });
    });
  }

  #registered() {
    this.link.value = "up";
    if (!this.#session) this.state.value = "ready";
    else if (!this.#session.isEstablished()) return;
    else if (this.#unanswered) this.#session.renegotiate(UPDATE, () => this.#settle());
    else isStillThere(this.#session);
  }

  #notRegistered(response) {
    const ua = this.#ua;
    if (WRONG_SECRET.includes(response?.status_code)) this.#ask("refused");
    else setTimeout(() => ua === this.#ua && ua?.isConnected() && ua.register(), AGAIN_MS);
  }

  #lineClosed(code) {
    if (this.#line.over) this.#giveUp(this.#line.over);
    else if (code === UNKNOWN) this.#ask("logged_out");
    else this.#isLost();
  }

  #isLost() {
    if (this.#ua) this.link.value = "lost";
    if (!this.#session) this.state.value = "connecting";
  }

  /** The server does not know us any more: ask once more for the telephone, or give up. */
  async #ask(otherwise) {
    if (!this.#renew) {
      this.#giveUp(otherwise);
      return;
    }
    const ua = this.#ua;
    if (!ua || ua === this.#asking) return;
    this.#asking = ua;
    this.#isLost();
    let found = null;
    while (!found && ua === this.#ua) {
      found = await this.#renew().catch(() => null);
      if (!found) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    this.#asking = null;
    if (ua !== this.#ua) return;
    if (found.user !== this.#user) {
      // Another telephone than before: nothing of the old one is of use.
      this.start(found).catch(() => {});
      return;
    }
    ua.set("password", found.password);
    this.#line.move(found.ws);
    ua.transport.disconnect();
    ua.transport.connect();
  }

  /** No telephone any more. A talk that is going on is left alone: its sound needs no line. */
  #giveUp(why) {
    this.link.value = why;
    if (this.#session?.isEstablished()) return;
    this.#session?.terminate();
    this.#ua?.stop();
    this.#ua = null;
    this.#sound.close();
    this.state.value = "offline";
  }

  // ------------------------------------------------------------------ the call

  #arrived(session, originator) {
    if (this.#session && this.testing.value) this.#session.terminate();
    if (this.#session) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.#session = session;
    let timer = 0;
    session.on("icecandidate", ({ ready }) => {
      clearTimeout(timer);
      timer = setTimeout(ready, SETTLED_MS);
    });
    session.on("accepted", () => this.#talks(session));
    session.on("ended", () => this.#over(session));
    session.on("failed", () => this.#over(session));
    outlive(session, () => (this.#unanswered = true));
    if (originator === "remote") this.state.value = "ringing";
  }

  #talks(session) {
    if (!this.testing.value) this.state.value = "talking";
    const watch = new Watch();
    let dead = 0;
    let asked = 0;
    this.#looking = setInterval(async () => {
      const seen = watch.look(await session.connection.getStats());
      if (session !== this.#session) return;
      if (seen.grade !== null) this.quality.value = seen.grade;
      dead = seen.alive ? 0 : dead + 1;
      asked = Math.max(0, asked - 1);
      if (dead < LOST_LOOKS) return;
      this.quality.value = 0;
      if (this.#line.over) session.terminate();
      else if (this.link.value === "up" && !asked && session.renegotiate(NEW_WAY)) asked = LOST_LOOKS;
    }, LOOK_EVERY_MS);
  }

  /** The switch has done what it was asked. */
  #settle() {
    this.#unanswered = false;
    this.state.value = this.#session.isOnHold().local ? "held" : "talking";
    this.#settled?.(true);
    this.#settled = null;
  }

  #over(session) {
    if (session !== this.#session) return;
    this.#cleared();
    if (this.#line.over) this.#giveUp(this.#line.over);
    else this.state.value = this.link.value === "up" ? "ready" : "connecting";
  }

  #cleared() {
    clearInterval(this.#looking);
    this.#session = null;
    this.#unanswered = false;
    this.#settled?.(false);
    this.#settled = null;
    for (const track of this.#branch?.getTracks() ?? []) track.stop();
    this.#branch = null;
    this.#sound.silence();
    this.testing.value = false;
    this.muted.value = false;
    this.quality.value = null;
  }

  #hear({ connection }) {
    connection.addEventListener("track", ({ track, streams }) => {
      this.#sound.play(streams[0] ?? new MediaStream([track]));
    });
  }

  async #replaceMicrophone() {
    const sender = this.#session?.connection
      ?.getSenders()
      .find((each) => each.track?.kind === "audio");
    if (!sender) return;
    const enabled = sender.track.enabled;
    const before = this.#branch;
    this.#branch = this.#sound.branch();
    const [track] = this.#branch.getAudioTracks();
    track.enabled = enabled;
    await sender.replaceTrack(track);
    for (const each of before?.getTracks() ?? []) each.stop();
  }
}
