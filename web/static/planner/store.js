// What the planner assumes, what the server answers to it, and the simulated study.
import { computed, signal } from "../base/ui.js";
import { get, post } from "../base/api.js";
import { lang } from "../base/i18n.js";
import { complain } from "../base/widgets.js";

const WAIT_MS = 150;
const POLL_MS = 500;
const ANSWER_MS = 20_000;
/** The choice that stands for a scenario file of one's own. */
export const OWN = "own";

export const choices = signal(null);
/** The assumptions, named as the server names them. */
export const assumed = signal(null);
/** What is shown: {answer, warnings, cards, plots, sheets, ...}; null before the first answer. */
export const paper = signal(null);
/** Whether what is shown was simulated. */
export const simulated = signal(false);
export const asking = signal(false);
export const study = signal({ state: "none" });
export const days = signal(100);
/** A scenario file of one's own: {file, text, name, steady, groups, values}. It stays in this page; the
 *  server keeps nothing of it. */
export const own = signal(null);

const BUSY = ["waiting", "running"];
export const running = computed(() => BUSY.includes(study.value.state));

const chosen = (id) => (id === OWN ? own.value
  : choices.value?.examples.find((each) => each.id === id) ?? choices.value?.hour);

/** What gives the shape of the day: an example, a file of one's own, or one steady hour. */
export const base = computed(() => chosen(assumed.value?.example));
/** Whether calls are counted by the hour: there is no day. */
export const steady = computed(() => (assumed.value?.example === OWN ? own.value?.steady : !assumed.value?.example));

let timer = 0;
let request = null;

/** Change an assumption; the answer follows by itself. */
export function assume(change) {
  assumed.value = within({ ...assumed.value, ...change });
  simulated.value = false;
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT_MS);
}

/** Nobody can be absent who is not there, and a seat needs a line (a file may say otherwise). */
function within(values) {
  const absent = Math.max(0, Math.min(values.absent, values.seats - 1));
  const lines = values.example === OWN ? values.lines : values.lines && Math.max(values.lines, values.seats);
  return { ...values, absent, lines };
}

/** Take an example's values, or those of one busy hour. */
export function choose(id) {
  assume({ ...chosen(id).values, example: id, absent: 0, surge: 1 });
}

/** What is assumed, as the server takes it. */
export function asked(values = assumed.value) {
  if (values.example !== OWN) return values;
  return { ...values, example: "", own: own.value.text, own_name: own.value.file };
}

const told = (stop) => {
  const options = { signal: stop, deadline_ms: ANSWER_MS };
  const body = { ...asked(), lang: lang.value };
  return body.own ? post("/api/studies/answer", body, options)
    : get(`/api/studies/answer?${new URLSearchParams(body)}`, options);
};

async function ask() {
  request?.abort();
  const mine = (request = new AbortController());
  asking.value = true;
  try {
    const found = await told(mine.signal);
    if (!mine.signal.aborted) paper.value = found;
  } catch (error) {
    if (mine.signal.aborted) return;
    complain(error);
  }
  asking.value = false;
}

/** Ask again in the language of the screen. */
export const retell = () => (simulated.value ? show() : assumed.value && ask());

/** What is there to choose from, and a study that is still running. */
export async function begin() {
  try {
    choices.value = await get("/api/studies/choices", { deadline_ms: ANSWER_MS });
    choose(choices.value.examples[0]?.id ?? "");
    study.value = await get("/api/studies/mine");
    if (running.value) follow();
  } catch (error) {
    complain(error);
  }
}

/** Simulate what is assumed now; wanted: which study. */
export async function simulate(wanted) {
  if (running.value || !assumed.value) return;
  try {
    study.value = await post("/api/studies/begin", { ...asked(), days: days.value, ...wanted });
    // The server keeps one study: what an earlier one brought can be told and taken no more.
    if (simulated.value) showExact();
    await follow();
  } catch (error) {
    complain(error);
  }
}

async function follow() {
  while (running.value) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (running.value) study.value = await get("/api/studies/mine");
  }
  if (study.value.state === "done") await show();
}

/** Show what came out. */
export async function show() {
  try {
    const found = await get(`/api/studies/result?lang=${lang.value}`);
    request?.abort();
    asking.value = false;
    paper.value = found;
    simulated.value = true;
  } catch (error) {
    complain(error);
  }
}

/** Show the exact answer again. */
export function showExact() {
  simulated.value = false;
  ask();
}

export async function cancel() {
  try {
    study.value = await post("/api/studies/cancel");
  } catch (error) {
    complain(error);
  }
}

function saved({ name, text }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/toml" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

/** Take along what is assumed, as a scenario file. */
export async function takeScenario() {
  try {
    saved(await post("/api/studies/scenario", { ...asked(), lang: lang.value }));
  } catch (error) {
    complain(error);
  }
}

const made = () => get(`/api/studies/made?lang=${lang.value}`);

/** Take along the scenario that a study of the centre's calls made. */
export async function downloadMade() {
  try {
    saved(await made());
  } catch (error) {
    complain(error);
  }
}

/** Go on planning with it: the sliders take its values. */
export async function openMade() {
  try {
    const { name, text } = await made();
    const found = await post("/api/studies/check", { own: text, own_name: name }, { deadline_ms: ANSWER_MS });
    own.value = { ...found, file: name, text };
    choose(OWN);
  } catch (error) {
    complain(error);
  }
}

function fetched(path, name) {
  const link = document.createElement("a");
  link.href = path;
  link.download = name;
  link.click();
}

/** Take the report along as one file. */
export const download = () => fetched(`/api/studies/file?lang=${lang.value}`, "study.html");

/** Take the roster along, to be imported. */
export const downloadRoster = () => fetched("/api/studies/roster", "roster.csv");
