// What the floor page knows, made of the live state; and the one way in which it asks for something.
import { computed, effect, kept, signal } from "../base/ui.js";
import { get, post } from "../base/api.js";
import { both, t } from "../base/i18n.js";
import { link, state } from "../base/live.js";
import { findable, fits, inOrder } from "../base/reading.js";
import { exactNow, zoneIs } from "../base/time.js";
import { complain, say, shownState } from "../base/widgets.js";
import { headset } from "./headset.js";

// Reasons change with the seconds even when nothing is reported. To work them out costs the server
// time for each call that waits: the longer the line, the rarer the question.
const WHY_EVERY_MS = 2_000;
const WHY_APART_MS = 800;
const WHY_APART_PER_CALL_MS = 20;
const IN_TALK = ["talking", "hold"];
export const IN_CALL = ["ringing", ...IN_TALK];

/** Who I am and what there is to choose from: GET /api/me. */
export const me = signal(null);
/** What the details are about: {kind: "call" | "agent", id}, or null. */
export const selected = signal(null);
/** Why each waiting call still waits, shortly, by call. */
export const whys = signal({});
/** The telephone at which I hear talks and take calls over: a device of the plan, or "". */
export const telephone = signal(kept.get("floor.telephone"));
/** Which dialog is open: "", or a name of dialogs.js. */
export const open = signal("");
export const shut = () => (open.value = "");
const busy = signal(false);
export const isBusy = () => busy.value;

/** So many times its line's goal: this caller has waited far too long. */
const FAR_OVER = 4;

/** Calls that wait, the oldest first: [[id, call], ...]. */
export const waiting = computed(() =>
  Object.entries(state.value?.calls ?? {})
    .filter(([, call]) => ["queued", "offered"].includes(call.state))
    .sort(([, one], [, other]) => one.waiting_from_s - other.waiting_from_s));

/** What is typed to find operators. */
export const sought = signal("");

// The order and what can be looked for change with who is there, not with what they do.
let known = { of: "", me: null, list: [], text: {} };
function inTheirOrder(agents) {
  const ids = Object.keys(agents);
  const of = ids.map((id) => `${id}=${agents[id].name}`).join();
  if (known.of === of && known.me === me.value) return known;
  const readings = me.value?.readings ?? {};
  const named = ids.map((id) => ({ id, name: agents[id].name || id, reading: readings[id] }));
  const text = Object.fromEntries(named.map((each) => [each.id, findable(each.reading, each.name, each.id)]));
  known = { of, me: me.value, list: inOrder(named, { byReading: true }).map(({ id }) => id), text };
  return known;
}

/** Operators in the order of their names as they are read: [[id, agent], ...]. */
export const people = computed(() => {
  const agents = state.value?.agents ?? {};
  return inTheirOrder(agents).list.map((id) => [id, agents[id]]);
});

/** Those of them that fit what is typed. */
export const shownPeople = computed(() => {
  const typed = sought.value.trim();
  return typed ? people.value.filter(([id]) => fits(known.text[id], typed)) : people.value;
});

/** The states in the order in which they want to be looked at, each with its people. */
const ORDER = ["no_answer", "ringing", "talking", "hold", "wrap_up", "ready", "not_ready", "logged_out"];
export const groups = computed(() => ORDER
  .map((shown) => [shown, people.value.filter(([, each]) => shownState(each.state, each.reason) === shown)])
  .filter(([, list]) => list.length));

/** The same of those who fit what is typed. */
export const shownGroups = computed(() => {
  const fitting = new Set(shownPeople.value.map(([id]) => id));
  return groups.value.map(([shown, list]) => [shown, list.filter(([id]) => fitting.has(id))])
    .filter(([, list]) => list.length);
});

/** Callers in the menu: nobody waits for them to be served yet. */
export const inMenu = computed(() =>
  Object.values(state.value?.calls ?? {}).filter((call) => call.state === "menu" && !call.drill).length);

/** How long a call has waited against its line's goal: "", "over", "far". */
export function lateness(call, now_s) {
  const goal_s = state.value.queues[call.queue]?.sl_threshold_s;
  const over = goal_s ? (now_s - call.waiting_from_s) / goal_s : 0;
  return over > FAR_OVER ? "far" : over > 1 ? "over" : "";
}

/** A sentence of the server with people and skills by their names instead of their ids. */
export const withNames = (text) => text
  .replace(/\((@?[\w-]+)\)/g, (whole, id) => (state.value.agents[id] ? ` (${nameOf(id)})` : whole))
  .replace(/([\w-]+) ≥ (\d)/g, (whole, id, level) =>
    me.value.skills[id] ? t("floor.at_least", { skill: skillName(id), level }) : whole);

export const nameOf = (id) => state.value.agents[id]?.name || id.replace(/^@/, "");

/** The call that the selection is about: itself, or the one that the operator has. */
export const theCall = computed(() => {
  const { kind, id } = selected.value ?? {};
  const call = kind === "call" ? id : state.value?.agents[id]?.call;
  const found = call && state.value.calls[call];
  return found ? { id: call, ...found } : null;
});
export const theAgent = computed(() => {
  const { kind, id } = selected.value ?? {};
  const agent = kind === "agent" ? state.value?.agents[id] : null;
  return agent ? { id, ...agent } : null;
});

export const waits = (call) => ["queued", "offered"].includes(call?.state);
export const talks = (call) => call?.state === "talking";
/** How I hear a talk: "listen", "whisper", "barge", or "". */
export const hearing = (call) =>
  call?.heard_by?.find((each) => each.device === telephone.value)?.mode ?? "";

/** Who sits at a telephone now: an operator's id, or "". */
export const sitsAt = (device) =>
  people.value.find(([, each]) => each.device === device && each.state !== "logged_out")?.[0] ?? "";

export function chooseTelephone(device) {
  telephone.value = device;
  kept.set("floor.telephone", device);
}

/** Read again what there is to choose from: the plan has changed, or the session is new. */
export async function loadMe() {
  const known = await get("/api/me");
  zoneIs(known.timezone);
  me.value = known;
  const there = [...known.devices, headset.value];
  if (telephone.value && !there.includes(telephone.value)) chooseTelephone("");
}

/** Ask for something; said() afterwards. Returns the answer, or null when it was refused. */
export async function ask(path, body, said) {
  if (busy.value) return null;
  busy.value = true;
  const before = state.value;
  try {
    const answer = await post(path, body);
    show(answer, before);
    if (said) say(said);
    return answer;
  } catch (error) {
    complain(error);
    return null;
  } finally {
    busy.value = false;
  }
}

// The answer is what the next frame will say: it is shown at once. Not where a frame came meanwhile:
// that one may know more than the answer.
function show({ agent, call, ...after }, before) {
  if (!after.state || !state.value) return;
  const { agents, calls } = state.value;
  if ("arrived_s" in after) {
    if (calls[call] !== before.calls[call]) return;
    state.value = { ...state.value, calls: { ...calls, [call]: { ...after, agent } } };
  } else if (agents[agent] === before.agents[agent]) {
    state.value = { ...state.value, agents: { ...agents, [agent]: { ...after, call } } };
  }
}

export const aboutCall = (name, body, said) =>
  ask(`/api/calls/${encodeURIComponent(theCall.value.id)}/${name}`, body, said);
export const aboutAgent = (name, body, said) => ask(`/api/agents/${theAgent.value.id}/${name}`, body, said);

/** Something that needs a telephone: the one chosen, or first the question which. */
export function atTelephone(name, said) {
  if (telephone.value) return aboutCall(name, { device: telephone.value }, said);
  open.value = "telephone";
  return null;
}

/** Keep the reasons of those who wait up to date, as long as somebody waits. */
export function keepWhys() {
  let asking = false;
  let asked = -Infinity;
  const read = async () => {
    const apart_ms = WHY_APART_MS + WHY_APART_PER_CALL_MS * waiting.value.length;
    const early = performance.now() - asked < apart_ms;
    if (asking || early || !waiting.value.length || link.value !== "live") return;
    asking = true;
    asked = performance.now();
    try {
      whys.value = (await get("/api/waiting")).calls;
    } catch {
      // What is shown stays; the connection's own notice says that it is old.
    } finally {
      asking = false;
    }
  };
  let known = "";
  effect(() => {
    const now = waiting.value.map(([id, call]) => `${id} ${call.state} ${call.queue}`).join();
    if (now !== known) read();
    known = now;
  });
  setInterval(read, WHY_EVERY_MS);
}

/** Since when nobody waits, if this page has seen the last one go: an empty list says so. */
export const emptySince = signal(null);
export function keepEmptySince() {
  let before = 0;
  effect(() => {
    const count = waiting.value.length;
    if (count) emptySince.value = null;
    else if (before) emptySince.value = exactNow();
    before = count;
  });
}

/** A skill by its name. */
export const skillName = (id) => both(me.value.skills[id]) || id;

/** An operator's level of a skill as it counts today. */
export function levelOf(agent, skill) {
  const today = agent.skills_today?.[skill];
  return today ?? me.value.levels[agent.id]?.[skill] ?? 0;
}

export const levelText = (level) => (level ? t("floor.level", { level }) : t("floor.no_level"));
