// Operators: who is in which state since when, as a table by state or as a map of the seats.
import { classes, html, kept, signal, useLayoutEffect, useMemo } from "../base/ui.js";
import { lang, number, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { state } from "../base/live.js";
import { Since, Until, duration } from "../base/time.js";
import { Button, Shape, State, shownState } from "../base/widgets.js";
import {
  hearing, me, nameOf, people, selected, shownGroups, shownPeople, sought, telephone,
} from "./store.js";
import { queueName } from "./waiting.js";

/** "table" or "map". */
const view = signal(kept.get("floor.view", "table"));
const foldedAway = signal(kept.get("floor.away", "folded") === "folded");

function show(next) {
  view.value = next;
  kept.set("floor.view", next);
}

function fold(away) {
  foldedAway.value = away;
  kept.set("floor.away", away ? "folded" : "open");
}

const reasonOf = (agent) => {
  const plain = agent.state === "not_ready" && agent.reason && agent.reason !== "no_answer";
  return plain ? t(`reason.${agent.reason}`) : "";
};

/** Time in the state; in wrap-up how much of it is left. */
function InState({ agent }) {
  if (agent.state === "logged_out") return null;
  const until = agent.wrap_up_until_s;
  return until
    ? html`<span class="soft small">${t("floor.left")}</span> <${Until} at=${until} />`
    : html`<${Since} at=${agent.since_s} />`;
}

/** Who hears this talk: me first. */
function Heard({ call }) {
  if (!call?.heard_by?.length) return null;
  const mine = hearing(call);
  return html`<span class=${classes("heard", mine && "mine")}>
    ${mine ? t(`floor.you_${mine}`) : t("floor.heard", { count: call.heard_by.length })}</span>`;
}

const isChosen = (id) => selected.value?.kind === "agent" && selected.value.id === id;
const chooser = (id) => () => (selected.value = { kind: "agent", id });

/** The state's shape; the word stands above the group, and here for those who listen. */
function Mark({ agent }) {
  const shown = shownState(agent.state, agent.reason);
  return html`<span class=${`state state-${shown}`}><${Shape} state=${shown} />
    <span class="hidden">${t(`state.${shown}`)}</span></span>`;
}

// A row is made anew only when it shows something else: two hundred operators stay cheap.
function Row({ id, agent }) {
  const call = agent.call ? state.value.calls[agent.call] : null;
  const chosen = isChosen(id);
  const needs = [agent, call, chosen, lang.value, telephone.value];
  return useMemo(() => html`<tr class=${classes(chosen && "chosen")} onClick=${chooser(id)}>
    <th scope="row"><button type="button" class="plain-row" data-row=${`agent:${id}`}
      aria-current=${chosen ? "true" : undefined} onFocus=${chooser(id)}>${nameOf(id)}</button></th>
    <td><span class="row"><${Mark} agent=${agent} />
      ${reasonOf(agent) && html`<span>${reasonOf(agent)}</span>`}
      ${agent.next_state && html`<span class="soft small">${t("floor.next")}
        ${t(`state.${agent.next_state}`)}</span>`}</span></td>
    <td class="number"><${InState} agent=${agent} /></td>
    <td class="talk">${call && html`<span class="one-line">${queueName(call.queue)}</span>`}
      <${Heard} call=${call} /></td>
    <td class="number">${number(agent.today?.calls ?? 0)}</td>
    <td class="number">${agent.today?.average_s ? duration(agent.today.average_s) : "–"}</td>
  </tr>`, needs);
}

function Group({ shown, list }) {
  const folded = shown === "logged_out" && foldedAway.value && !sought.value.trim();
  const title = html`<${State} state=${shown} /> <span class="figure">${number(list.length)}</span>`;
  return html`<tbody>
    <tr class="group"><th colspan="6" scope="rowgroup">${shown === "logged_out"
      ? html`<button type="button" class="fold" aria-expanded=${String(!folded)}
          onClick=${() => fold(!folded)}>${title}
          <span class="soft small">${t(folded ? "floor.unfold" : "floor.fold")}</span></button>`
      : title}</th></tr>
    ${!folded && list.map(([id, agent]) => html`<${Row} key=${id} id=${id} agent=${agent} />`)}
  </tbody>`;
}

function Table() {
  return html`<table class="people"><thead><tr>
    <th scope="col">${t("floor.name")}</th><th scope="col">${t("floor.state")}</th>
    <th scope="col" class="number" title=${t("floor.since_help")}>${t("floor.since")}</th>
    <th scope="col">${t("floor.call")}</th>
    <th scope="col" class="number" title=${t("floor.today_help")}>${t("floor.today")}</th>
    <th scope="col" class="number" title=${t("floor.average_help")}>${t("floor.average")}</th>
  </tr></thead>${shownGroups.value.map(([shown, list]) => html`<${Group} key=${shown} shown=${shown} list=${list} />`)}
  </table>`;
}

function Seat({ id, agent }) {
  const call = agent.call ? state.value.calls[agent.call] : null;
  const shown = shownState(agent.state, agent.reason);
  const chosen = isChosen(id);
  const place = me.value.seats?.[id];
  const needs = [agent, call, chosen, lang.value, telephone.value, place];
  const style = place && { "--row": place.row, "--column": place.column };
  return useMemo(() => html`<li class=${classes(place && "placed")} style=${style}><button type="button" class=${classes("seat", "state", `state-${shown}`)}
    data-row=${`agent:${id}`} aria-current=${chosen ? "true" : undefined}
    onClick=${chooser(id)} onFocus=${chooser(id)}>
    <span class="seat-name one-line">${nameOf(id)}</span>
    <span class="seat-state"><${Shape} state=${shown} />
      <span class="one-line">${reasonOf(agent) || t(`state.${shown}`)}</span></span>
    <span class="seat-foot"><${InState} agent=${agent} /><${Heard} call=${call} /></span>
  </button></li>`, needs);
}

// Walked through and read aloud row by row, whatever the order of the plan; guests come last.
const NOWHERE = { row: Infinity, column: 0 };
const inRows = (seats) => ([one], [other]) => {
  const [here, there] = [seats[one] ?? NOWHERE, seats[other] ?? NOWHERE];
  return here.row === there.row ? here.column - there.column : here.row - there.row;
};

function SeatMap() {
  const seats = me.value.seats ?? {};
  const list = [...shownPeople.value].sort(inRows(seats));
  const wide = Math.max(1, ...Object.values(seats).map((seat) => seat.column));
  return html`<ul class="seats" style=${{ "--columns": wide }}>
    ${list.map(([id, agent]) => html`<${Seat} key=${id} id=${id} agent=${agent} />`)}</ul>`;
}

// A row that goes to another group is made anew there: whoever was on it stays on it.
function useFocusKept() {
  useLayoutEffect(() => {
    if (document.activeElement !== document.body || !selected.value || !onRow) return;
    const { kind, id } = selected.value;
    document.querySelector(`[data-row="${CSS.escape(`${kind}:${id}`)}"]`)?.focus();
  });
}

let onRow = false;
addEventListener("focusin", (event) => (onRow = "row" in event.target.dataset));
addEventListener("pointerdown", (event) => {
  if (!event.target.closest("[data-row]")) onRow = false;
});

const field = () => document.getElementById("people-search");

/** Finds operators by name or reading; Enter and the arrow go to the first who fits. */
function Search() {
  const toList = (event) => {
    if (event.isComposing || !["Enter", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    document.querySelector('[data-row^="agent:"]')?.focus();
  };
  return html`<div class="search push"><input id="people-search" type="search" value=${sought.value}
    aria-label=${t("floor.find")} placeholder=${t("floor.find")} autocomplete="off" maxlength="60"
    onInput=${(event) => (sought.value = event.currentTarget.value)} onKeyDown=${toList} />
    <kbd aria-hidden="true">/</kbd></div>`;
}

export function People() {
  useFocusKept();
  const other = view.value === "table" ? "map" : "table";
  const turn = () => show(other);
  const seek = () => {
    field()?.focus();
    field()?.select();
  };
  useKeys(t("floor.title"), [
    { keys: "V", text: t("floor.turn"), run: turn },
    { keys: "/", text: t("floor.find"), run: seek },
  ]);
  const none = shownPeople.value.length === 0 && sought.value.trim();
  return html`<section class="card" aria-labelledby="people-title">
    <header><h2 id="people-title">${t("floor.people")} <span class="figure">${number(people.value.length)}</span></h2>
      <${Search} />
      <${Button} kind="plain" text=${t(`floor.show_${other}`)} keys="V" onClick=${turn} /></header>
    ${none ? html`<p class="empty">${t("floor.nobody_fits", { wanted: sought.value.trim() })}</p>`
      : view.value === "table" ? html`<${Table} />` : html`<${SeatMap} />`}
  </section>`;
}
