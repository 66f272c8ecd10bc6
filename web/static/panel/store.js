// What the panel knows, made of the live state; and the one way in which it asks for something.
import { computed, signal } from "../base/ui.js";
import { get, post } from "../base/api.js";
import { state } from "../base/live.js";
import { zoneIs } from "../base/time.js";
import { complain } from "../base/widgets.js";

/** Who I am and what I may do and choose from: GET /api/me. */
export const me = signal(null);
/** Requests that are on their way, by name: their buttons wait. */
export const busy = signal(new Set());
/** The screen pop of the present call: {call, url}. */
export const pop = signal(null);
/** The number of the last call, for as long as it is wrapped up. */
export const lastCall = signal(null);

/** I, as the floor sees me: state, since when, what comes next, figures of today. */
export const agent = computed(() => state.value?.agents?.[me.value?.agent] ?? null);
/** The call that rings or that I am in, or null. */
export const call = computed(() => {
  const id = agent.value?.call;
  const found = id ? state.value.calls[id] : null;
  return found ? { id, ...found } : null;
});
/** My state: one word for everything that depends on it. */
export const situation = computed(() => agent.value?.state ?? "logged_out");
export const inTalk = computed(() => ["talking", "hold"].includes(situation.value));
export const inCall = computed(() => inTalk.value || situation.value === "ringing");
/** Whether a request may be made at all: what the server does not offer is not shown. */
export const may = (what) => me.value?.may?.includes(what) ?? false;

/** The line as a whole: how many wait, and since when the longest. */
export const line = computed(() => {
  const queues = Object.values(state.value?.queues ?? {}).filter((queue) => !queue.drill);
  const since = queues.map((queue) => queue.longest_wait_from_s).filter((at) => at !== null);
  return {
    waiting: queues.reduce((sum, queue) => sum + queue.waiting, 0),
    since: since.length ? Math.min(...since) : null,
  };
});

/** Read again what there is to choose from: the plan has changed, or the session is new. */
export async function loadMe() {
  const known = await get("/api/me");
  zoneIs(known.timezone);
  me.value = known;
}

/** Ask for something of my own; the answer is my state afterwards. False when it was refused. */
export async function act(name, body = {}) {
  if (busy.value.has(name)) return false;
  busy.value = new Set([...busy.value, name]);
  const before = agent.value;
  try {
    const { agent: id, ...after } = await post(`/api/agents/${me.value.agent}/${name}`, body);
    // A frame that came meanwhile may know more than the answer, and another one will if it does not.
    if (after.state && state.value && agent.value === before) {
      state.value = { ...state.value, agents: { ...state.value.agents, [id]: after } };
    }
    return true;
  } catch (error) {
    complain(error);
    return false;
  } finally {
    busy.value = new Set([...busy.value].filter((each) => each !== name));
  }
}

export const isBusy = (name) => busy.value.has(name);
