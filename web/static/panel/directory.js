// Whom a call can go to: departments with their hours, our own lines, colleagues. "/" searches.
import { classes, computed, html, signal } from "../base/ui.js";
import { both, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { findable, fits, inOrder } from "../base/reading.js";
import { clockSoon } from "../base/time.js";
import { state } from "../base/live.js";
import { Button, State, shownState } from "../base/widgets.js";
import { act, call, inTalk, isBusy, may, me } from "./store.js";

const wanted = signal("");
const chosen = signal(0);
const LIMIT = 60;

const field = () => document.getElementById("directory-search");

/** Put the focus into the search. */
export function searchFocus() {
  field()?.focus();
  field()?.select();
}

const found = ({ words, ...target }) => ({ ...target, text: findable(...words) });

// Departments and lines change with the plan alone: what can be looked for is worked out once.
const fixed = computed(() => {
  const { queues = {}, directory = {} } = me.value?.targets ?? {};
  const entries = Object.entries(directory).map(([id, entry]) => found({
    id, kind: "entry", name: both(entry), reading: entry.reading, detail: entry.extension ?? "",
    open: entry.open, until_s: entry.until_s, words: [entry.reading, entry.ja, entry.en, entry.extension],
  }));
  const lines = Object.entries(queues).map(([id, name]) => found({
    id, kind: "queue", name: both(name), reading: name.reading, detail: t("directory.our_line"),
    words: [name.reading, name.ja, name.en, t("directory.our_line")],
  }));
  return [...inOrder(entries), ...inOrder(lines)];
});

// Who is there now; at home is nobody to be asked.
function colleagues() {
  const readings = me.value?.readings ?? {};
  const there = Object.entries(state.value?.agents ?? {})
    .filter(([id, agent]) => id !== me.value?.agent && agent.state !== "logged_out");
  return inOrder(there.map(([id, agent]) => found({
    id, kind: "agent", name: agent.name || id, reading: readings[id], detail: t("directory.colleague"),
    state: agent.state, reason: agent.reason,
    words: [readings[id], agent.name || id, t("directory.colleague")],
  })), { byReading: true });
}

// Whose name begins with what is typed comes first.
const hits = computed(() => {
  const typed = wanted.value;
  const all = [...fixed.value, ...colleagues()].map((each) => [each, fits(each.text, typed)]);
  const fit = (least) => all.filter(([, how]) => how === least).map(([each]) => each);
  return [...fit(2), ...fit(1)].slice(0, LIMIT);
});

const current = () => hits.value[Math.min(chosen.value, hits.value.length - 1)];

const blindKind = { entry: "number", queue: "queue", agent: "agent" };
// A colleague who is not ready cannot be rung.
const free = (target) => target.kind !== "agent" || target.state === "ready";

async function send(name, body) {
  if (await act(name, body)) {
    wanted.value = "";
    field()?.blur();
  }
}

const consult = (target) => send("consult", { kind: target.kind, target: target.id });
const blind = (target) => send("transfer", { kind: blindKind[target.kind], target: target.id });
const invite = (target) => send("conference", { kind: target.kind, target: target.id });

function waysTo(target) {
  if (!inTalk.value || !call.value || !free(target)) return [];
  return [
    { text: t("directory.consult"), keys: "Enter", run: () => consult(target),
      show: may("consult"), main: true },
    { text: t("directory.blind"), keys: "Alt+Enter", run: () => blind(target),
      show: target.kind in blindKind },
    { text: t("directory.invite"), keys: "Shift+Enter", run: () => invite(target),
      show: may("conference") },
  ].filter((each) => each.show);
}

function moved(event) {
  const last = Math.max(0, hits.value.length - 1);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    chosen.value = Math.min(last, Math.max(0, chosen.value + step));
    document.getElementById(`target-${chosen.value}`)?.scrollIntoView({ block: "nearest" });
    return;
  }
  if (event.isComposing || event.key !== "Enter" || !current()) return;
  event.preventDefault();
  const ways = waysTo(current());
  const keys = event.altKey ? "Alt+Enter" : event.shiftKey ? "Shift+Enter" : "Enter";
  ways.find((each) => each.keys === keys)?.run();
}

function Hours({ target }) {
  if (target.kind === "agent") return html`<${State} state=${target.state} reason=${target.reason} />`;
  if (target.open === undefined || target.open === null) return null;
  const until = target.until_s ? clockSoon(target.until_s) : "";
  if (!target.open) {
    return html`<span class="soft">${t("directory.closed")}${until && ` ${t("directory.from", { until })}`}</span>`;
  }
  return html`<span class="open">${t("directory.open")}${until && ` ${t("directory.until", { until })}`}</span>`;
}

function Target({ target, at }) {
  const on = at === Math.min(chosen.value, hits.value.length - 1);
  return html`<li class=${classes("target", on && "on")} id=${`target-${at}`} role="option"
    aria-selected=${String(on)} onClick=${() => { chosen.value = at; searchFocus(); }}>
    <span class="strong">${target.name}</span><span class="soft figure">${target.detail}</span>
    <span class="small push"><${Hours} target=${target} /></span></li>`;
}

/** Why a colleague who is there is not to be had now. */
function Occupied({ name, state, reason }) {
  const now = t(`state.${shownState(state, reason)}`);
  return html`<div class="ways" role="status"><span class="small soft">
    ${t("directory.occupied", { name, now })}</span></div>`;
}

function Ways() {
  const target = current();
  if (target && inTalk.value && call.value && !free(target)) return Occupied(target);
  const ways = target ? waysTo(target) : [];
  if (!ways.length) return null;
  return html`<div class="ways"><span class="small soft">${t("directory.to", { name: target.name })}</span>
    ${ways.map(({ text, keys, run, main }) => html`<${Button} kind=${main ? "main" : undefined}
      text=${text} keys=${keys} onClick=${run}
      disabled=${isBusy("consult") || isBusy("transfer")} />`)}</div>`;
}

export function Directory() {
  useKeys(t("directory.title"), [
    { keys: "/", text: t("directory.search"), run: searchFocus },
  ]);
  const list = hits.value;
  const typed = (event) => {
    wanted.value = event.currentTarget.value;
    chosen.value = 0;
  };
  return html`<section class="card directory" aria-label=${t("directory.title")}>
    <header><h2>${t("directory.title")}</h2></header>
    <div class="body">
      <div class="search"><input id="directory-search" type="search" value=${wanted.value}
        role="combobox" aria-expanded="true" aria-controls="directory-list" aria-autocomplete="list"
        aria-activedescendant=${list.length ? `target-${Math.min(chosen.value, list.length - 1)}` : undefined}
        aria-label=${t("directory.search")} placeholder=${t("directory.placeholder")} autocomplete="off"
        maxlength="60" onInput=${typed} onKeyDown=${moved} /><kbd aria-hidden="true">/</kbd></div>
      <${Ways} />
      <ul class="targets" id="directory-list" role="listbox" aria-label=${t("directory.title")}>
        ${list.map((target, at) => html`<${Target} key=${target.kind + target.id} target=${target} at=${at} />`)}
      </ul>
      ${list.length === 0 && html`<p class="empty">${t("directory.none", { wanted: wanted.value })}</p>`}
    </div></section>`;
}
