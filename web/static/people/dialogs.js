// One person: how the account stands, and what can be done to it. What hurts is asked about first.
import { html, useRef } from "../base/ui.js";
import { t } from "../base/i18n.js";
import { dateClock } from "../base/time.js";
import { Button, Dialog, Question, say } from "../base/widgets.js";
import { Add, Edit, edit } from "./form.js";
import {
  ACTS, act, isMe, known, link, open, rolesText, shut, standingText, thePerson,
} from "./store.js";

const Fact = ({ name, children }) => html`<div><dt class="soft small">${t(`people.${name}`)}</dt>
  <dd>${children}</dd></div>`;

const factorText = (person) => {
  if (person.second_factor) return t("people.factor_on");
  const wanted = person.roles.some((role) => known.value.second_factor_for.includes(role));
  return t(wanted ? "people.factor_wanted" : "people.factor_off");
};

function Facts({ person }) {
  const agent = person.agent && `${person.agent} ${known.value.agents[person.agent] ?? ""}`;
  return html`<dl class="facts">
    <${Fact} name="user">${person.user}</${Fact}>
    <${Fact} name="state">${standingText(person)}</${Fact}>
    <${Fact} name="roles">${rolesText(person)}</${Fact}>
    ${agent && html`<${Fact} name="agent">${agent}</${Fact}>`}
    <${Fact} name="password">${t(person.has_password ? "people.password_on" : "people.password_off")}</${Fact}>
    <${Fact} name="factor">${factorText(person)}</${Fact}>
    <${Fact} name="last">${person.signed_in_s ? dateClock(person.signed_in_s) : t("people.never")}</${Fact}>
    <${Fact} name="sessions">${t("people.so_many", { count: person.sessions })}</${Fact}>
  </dl>`;
}

function Person() {
  const person = thePerson.value;
  const own = isMe(person);
  const begin = (name) => () =>
    ACTS[name].sure ? (open.value = { what: name, user: person.user }) : act(person, name);
  const acts = own ? [] : Object.entries(ACTS).filter(([, { when }]) => when(person))
    .map(([name, { keys, sure }]) => ({ name, keys, sure, text: t(`people.act_${name}`), run: begin(name) }));
  const change = { keys: "E", text: t("people.edit"), run: () => edit(person) };
  const keys = own ? [] : [change, ...acts];
  return html`<${Dialog} title=${person.name} onClose=${shut} class="person" keys=${keys}>
    <${Facts} person=${person} />
    ${own ? html`<p class="notice">${t("people.own")} <a href="/account">${t("nav.account")}</a></p>`
      : html`<div class="acts"><${Button} text=${change.text} keys="E" data-first="" onClick=${change.run} />
        ${acts.map(({ name, text, keys: key, run }) => html`<${Button} key=${name} text=${text} keys=${key}
          kind=${name === "disable" ? "stop" : undefined} onClick=${run} />`)}</div>`}
  </${Dialog}>`;
}

function Sure() {
  const person = thePerson.value;
  const name = open.value.what;
  const back = () => (open.value = { what: "person", user: person.user });
  const cuts = ["reset", "factor", "sessions", "disable"].includes(name);
  return html`<${Question} title=${t(`people.act_${name}`)} yes=${t(`people.yes_${name}`)} onClose=${back}
    text=${t(`people.sure_${name}`, { name: person.name })} run=${() => act(person, name)}>
    ${cuts && person.in_call && html`<p class="notice warning">${t("people.in_call")}</p>`}</${Question}>`;
}

function ShownLink() {
  const field = useRef();
  const { user, url } = link.value;
  const close = () => {
    link.value = null;
    open.value = { what: "person", user };
  };
  const copy = async () => {
    field.current.select();
    try {
      await navigator.clipboard.writeText(url);
      say(() => t("people.copied"));
    } catch {
      // Not allowed here: it is selected, and Ctrl+C takes it.
      say(() => t("people.copy_by_hand"));
    }
  };
  return html`<${Dialog} title=${t("people.link_title")} onClose=${close} class="person">
    <div class="stack"><p>${t("people.link_text", { name: thePerson.value?.name ?? user })}</p>
      <label class="field"><span>${t("people.link")}</span>
        <input ref=${field} readonly value=${url} onFocus=${(event) => event.currentTarget.select()} /></label>
      <div class="row"><${Button} kind="main" text=${t("people.copy")} data-first="" onClick=${copy} />
        <${Button} text=${t("people.done")} onClick=${close} /></div></div></${Dialog}>`;
}

/** Whatever is open. */
export function Dialogs() {
  const what = open.value?.what;
  if (what === "add") return html`<${Add} />`;
  if (what === "shown_link" && link.value) return html`<${ShownLink} />`;
  if (!what || !thePerson.value) return null;
  if (what === "person") return html`<${Person} key="person" />`;
  if (what === "edit") return html`<${Edit} key="edit" />`;
  return html`<${Sure} key=${what} />`;
}
