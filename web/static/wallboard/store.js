// What the board shows, read from the live state; who looks, and how: on a wall, or at a desk.
import { computed, kept, signal } from "../base/ui.js";
import { session } from "../base/api.js";
import { both, number, t } from "../base/i18n.js";
import { state } from "../base/live.js";
import { duration, now } from "../base/time.js";

const query = new URLSearchParams(location.search);

/** The display's own link, from behind the number sign; "" for somebody who has signed in. */
export const token = new URLSearchParams(location.hash.slice(1)).get("link") ?? "";
const asked = query.get("screen") ?? "main";
/** Which display this is. */
export const screen = /^[a-z0-9][a-z0-9-]{0,31}$/.test(asked) ? asked : "main";
/** Whether the link was refused: it was revoked, or never was one. */
export const refused = signal(false);
/** The layout as it is being edited; null while nobody edits. */
export const draft = signal(null);
/** Whether alarms make a sound here. */
export const sound = signal(kept.get("wallboard.sound", "off") === "on");

export const layout = computed(() => draft.value ?? state.value?.layout);
export const waiting = computed(() => state.value?.waiting ?? { count: 0, since_s: null, queues: {} });
export const figures = computed(() => state.value?.figures);

/** The contract's figure of one sort: the answer rate stands first, abandonment last. */
export const rateOf = (sort) => {
  const rates = figures.value?.rates ?? [];
  if (sort === "answer_rate") return rates[0];
  if (sort === "abandonment") return rates.at(-1);
  if (sort === "availability") return state.value?.service ?? undefined;
  return rates[1];
};

/** The service level that always stands beside the contract's. */
export const besides = () => (figures.value?.rates.length > 3 ? figures.value.rates[2] : undefined);

/** Where the calls behind a figure of the day are listed, for who may see them. of: {dim, value}. */
export function behind(key, of = {}) {
  const day = figures.value?.day;
  if (token || !day || !session.value?.pages?.includes("/reports")) return undefined;
  return `/reports?${new URLSearchParams({ from_ms: day[0], to_ms: day[1], key, ...of })}`;
}

/** A share as reports write it: 93.1, or a dash where there is nothing to divide. Just below all of it
 *  there are two decimals, cut off: what is missing of 99.95 is what it is about. */
export function percent(value) {
  if (value === null || value === undefined) return "–";
  const near = value > 0.99 && value < 1;
  return near ? number(Math.floor(Number((10_000 * value).toFixed(6))) / 100, 2) : number(100 * value, 1);
}

/** A target as it was agreed: 90, 92.5, 99.95. */
export function targetOf(share) {
  const percents = Number((100 * share).toFixed(6));
  const digits = [0, 1, 2, 3].find((each) => Number(percents.toFixed(each)) === percents) ?? 4;
  return number(percents, digits);
}

/** "calm", "notice" or "alarm" for a wait of so many seconds against a goal. */
export function levelOf(wait_s, goal_s) {
  if (wait_s > (layout.value?.alarm_s ?? 120)) return "alarm";
  return wait_s > goal_s ? "notice" : "calm";
}

/** The goal of a queue, in seconds. */
export const goalOf = (id) =>
  state.value?.centre.queues.find((each) => each.id === id)?.threshold_s ?? 20;

/** The worst wait of now: {level, wait_s, queue}. */
export const worst = computed(() => {
  const levels = ["calm", "notice", "alarm"];
  let found = { level: "calm", wait_s: 0, queue: "" };
  for (const [queue, { since_s }] of Object.entries(waiting.value.queues)) {
    const wait_s = Math.max(0, now.value - since_s);
    const level = levelOf(wait_s, goalOf(queue));
    const higher = levels.indexOf(level) - levels.indexOf(found.level);
    if (higher > 0 || (higher === 0 && wait_s > found.wait_s)) found = { level, wait_s, queue };
  }
  return found;
});

/** What a figure means, for whoever points at it: formula, threshold, both targets. */
export function explained(rate) {
  if (!rate) return undefined;
  const parts = [`${both(rate.name)}: ${both(rate.formula)}`];
  if (rate.threshold_s !== null) parts.push(t("wallboard.threshold", { seconds: number(rate.threshold_s) }));
  const written = rate.key === "availability" ? (ms) => duration(ms / 1000) : (each) => number(each);
  if (rate.whole !== null) parts.push(`${written(rate.part)} ÷ ${written(rate.whole)}`);
  return parts.join("  ");
}
