// How good a line sounds, from what the browser counts: the E-model of ITU-T G.107, with its
// default values for everything that a browser cannot know, and G.711's figures for the codec.

/** R of a line without delay and loss, and how packet loss hurts G.711 with concealment. */
const R_BEST = 93.2;
const LOSS_ROBUSTNESS = 25.1;
const IMPAIRMENT_MAX = 95;
/** Packets of 20 ms, and some for both machines. */
const OWN_DELAY_MS = 40;

/**
 * Mean opinion score, 1 to 4.5, of delay one way (ms), jitter (ms) and lost packets (0 to 1).
 * A buffer against jitter delays by about twice the jitter.
 */
export function opinionScore(delayMs, jitterMs, loss) {
  const delay = delayMs + 2 * jitterMs + OWN_DELAY_MS;
  const late = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
  const percent = 100 * Math.min(1, Math.max(0, loss));
  const lost = (IMPAIRMENT_MAX * percent) / (percent + LOSS_ROBUSTNESS);
  const r = Math.min(100, Math.max(0, R_BEST - late - lost));
  return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
}

/** 0 (cannot be understood) to 4 (as good as it gets), for people. */
export function grade(score) {
  return [2.6, 3.1, 3.6, 4.0].filter((least) => score >= least).length;
}

/** Looks at one call again and again; each look judges the time since the look before. */
export class Watch {
  #received = 0;
  #lost = 0;
  #bytes = 0;

  /**
   * @param {RTCStatsReport} report
   * @returns {{grade: number | null, alive: boolean}} no grade where no sound came; `alive` when
   *   anything came: where the other side is silent (the caller hears music, say) its reports still
   *   come every few seconds. Where a way for the sound was never found, nothing ever does
   */
  look(report) {
    let inbound = null;
    let remote = null;
    let bytes = 0;
    for (const each of report.values()) {
      if (each.type === "inbound-rtp" && each.kind === "audio") inbound = each;
      if (each.type === "remote-inbound-rtp" && each.kind === "audio") remote = each;
      if (each.type === "transport") bytes += each.bytesReceived;
    }
    const alive = bytes > this.#bytes;
    this.#bytes = bytes;
    if (!inbound) return { grade: null, alive };
    const received = inbound.packetsReceived - this.#received;
    const lost = Math.max(0, inbound.packetsLost - this.#lost);
    this.#received = inbound.packetsReceived;
    this.#lost = inbound.packetsLost;
    if (!received && !lost) return { grade: null, alive };
    // Both ways count: what we lose, and what the other side says that it lost of ours.
    const here = lost / (received + lost);
    const loss = Math.max(here, remote?.fractionLost ?? 0);
    const delayMs = ((remote?.roundTripTime ?? 0) / 2) * 1000;
    const jitterMs = Math.max(inbound.jitter ?? 0, remote?.jitter ?? 0) * 1000;
    return { grade: grade(opinionScore(delayMs, jitterMs, loss)), alive };
  }
}
