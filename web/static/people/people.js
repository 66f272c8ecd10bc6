// Who may sign in: everybody with roles and state, and the way to add, change, lock out and let in.
import { classes, html, signal, useEffect, useRef } from "../base/ui.js";
import { loadCentre } from "../base/centre.js";
import { number, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { start } from "../base/page.js";
import { dateClock } from "../base/time.js";
import { Button, KeyHelp, complain, useKeyHelp } from "../base/widgets.js";
import { Dialogs } from "./dialogs.js";
import {
  found, isMe, known, load, open, roleText, standing, standingText, wanted,
} from "./store.js";

const help = signal(false);

/** Up and down go through the people, wherever they stand. */
function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

const add = () => (open.value = { what: "add" });

function Search() {
  const first = useRef();
  useKeys(t("people.title"), [
    { keys: "/", text: t("people.to_search"), run: () => first.current.focus() },
    { keys: "N", text: t("people.add"), run: add },
    { keys: "R", text: t("people.read_again"), run: load },
    { keys: "ArrowDown", text: t("people.next"), run: () => step(1) },
    { keys: "ArrowUp", text: t("people.before"), run: () => step(-1) },
  ]);
  const { text, role } = wanted.value;
  return html`<div class="people-search" role="search">
    <label class="field"><span>${t("people.search")}</span>
      <input ref=${first} type="search" maxlength="80" autocomplete="off" value=${text}
        onInput=${(event) => (wanted.value = { ...wanted.value, text: event.currentTarget.value })} /></label>
    <label class="field"><span>${t("people.roles")}</span>
      <select value=${role} onChange=${(event) => (wanted.value = { ...wanted.value, role: event.currentTarget.value })}>
        <option value="">${t("people.every_role")}</option>
        ${known.value.roles.map((each) => html`<option value=${each}>${roleText(each)}</option>`)}
      </select></label>
    <${Button} kind="main" text=${t("people.add")} keys="N" onClick=${add} />
  </div>`;
}

function Line({ person }) {
  const state = standing(person);
  const last = person.signed_in_s && t("people.last_at", { at: dateClock(person.signed_in_s) });
  const facts = [
    person.second_factor && t("people.factor_on"), last,
    person.sessions > 0 && t("people.so_many_open", { count: person.sessions }),
  ].filter(Boolean);
  return html`<li class=${classes("person-line", state === "disabled" && "off")}>
    <button type="button" class="who" data-row=${person.user} aria-haspopup="dialog"
      onClick=${() => (open.value = { what: "person", user: person.user })}>
      <span class="strong">${person.name}</span>
      <span class="soft small">${person.user}${isMe(person) ? ` ${t("people.me")}` : ""}</span></button>
    <span class="tags">${person.roles.map((role) => html`<span class="tag" key=${role}>${roleText(role)}</span>`)}</span>
    <span class=${`stands stands-${state}`}>${standingText(person)}</span>
    <span class="soft small figure facts-line">${facts.join(" · ")}</span>
  </li>`;
}

function List() {
  const list = found.value;
  if (!list.length) return html`<p class="empty" role="status">${t("people.nobody")}</p>`;
  return html`<p class="soft small count" role="status">${t("people.count", { count: number(list.length) })}</p>
    <ul class="people-list">${list.map((person) => html`<${Line} key=${person.user} person=${person} />`)}</ul>`;
}

function Screen() {
  useKeyHelp(help);
  useEffect(() => {
    loadCentre().catch(complain).finally(load);
  }, []);
  return html`<div class="people">
    <header class="head"><h1>${t("people.title")}</h1>
      <${Button} kind="plain" class="push" text=${t("keys.list")} keys="?" onClick=${() => (help.value = true)} /></header>
    <main>${known.value ? html`<section class="card"><${Search} /><${List} /></section>`
      : html`<p class="empty" aria-busy="true">${t("people.reading")}</p>`}</main>
    ${known.value && html`<${Dialogs} />`}<${KeyHelp} open=${help} />
  </div>`;
}

start(Screen, { title: "people.title" });
