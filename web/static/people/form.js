// Adding somebody, and changing what somebody may do: one form.
import { html, signal, useEffect } from "../base/ui.js";
import { ApiError } from "../base/api.js";
import { t } from "../base/i18n.js";
import { Dialog } from "../base/widgets.js";
import { add, change, known, open, roleText, shut, thePerson } from "./store.js";

const EMPTY = { user: "", name: "", roles: [], agent: "" };
/** What was written for somebody new: closing the dialog does not lose it. */
const draft = signal(EMPTY);
const busy = signal(false);
/** What went wrong: its text is asked for when it is shown, in the language that is shown then. */
const trouble = signal(null);
const ROLE_WANTED = {
  get text() {
    return t("people.role_wanted");
  },
};

async function send(work) {
  busy.value = true;
  trouble.value = null;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    trouble.value = error;
  }
  busy.value = false;
}

/** A field of the draft, changed by typing. */
const put = (into, name) => (event) => (into.value = { ...into.value, [name]: event.currentTarget.value });

function Roles({ into }) {
  const { roles } = into.value;
  const toggle = (role) => (event) => {
    const chosen = known.value.roles.filter((each) =>
      each === role ? event.currentTarget.checked : roles.includes(each));
    into.value = { ...into.value, roles: chosen };
  };
  return html`<fieldset class="plain-set"><legend class="legend">${t("people.roles")}</legend>
    <div class="roles">${known.value.roles.map((role) => html`<label class="check" key=${role}>
      <input type="checkbox" checked=${roles.includes(role)} onChange=${toggle(role)} />
      <span>${roleText(role)}<span class="soft small role-help">${t(`people.role_${role}`)}</span></span></label>`)}</div>
  </fieldset>`;
}

function Operator({ into }) {
  const holder = (agent) =>
    known.value.people.find((each) => each.agent === agent && each.user !== into.value.user)?.name;
  return html`<label class="field"><span>${t("people.agent")}</span>
    <select required value=${into.value.agent} onChange=${put(into, "agent")}>
      <option value="">${t("people.choose")}</option>
      ${Object.entries(known.value.agents).map(([id, name]) => html`<option value=${id}
        selected=${id === into.value.agent}>${id} ${name}${holder(id) ? ` (${t("people.held_by", { name: holder(id) })})` : ""}</option>`)}
    </select></label>`;
}

function Form({ into, run, yes, fresh }) {
  useEffect(() => () => (trouble.value = null), []);
  const operator = into.value.roles.includes("operator");
  const submit = (event) => {
    event.preventDefault();
    if (!into.value.roles.length) return void (trouble.value = ROLE_WANTED);
    const { user, name, roles, agent } = into.value;
    send(() => run({ user: user.trim(), name: name.trim(), roles, agent: operator ? agent : "" }));
  };
  return html`<form class="stack" onSubmit=${submit}>
    <label class="field"><span>${t("people.name")}</span>
      <input data-first="" required maxlength="80" autocomplete="off" value=${into.value.name}
        onInput=${put(into, "name")} /></label>
    ${fresh && html`<label class="field"><span>${t("people.user")}</span>
      <input required maxlength="64" pattern="[a-z0-9][a-z0-9._@\\-]*" autocapitalize="none" spellcheck="false"
        autocomplete="off" aria-describedby="user-help" value=${into.value.user} onInput=${put(into, "user")} />
      <span id="user-help" class="soft">${t("people.user_help")}</span></label>`}
    <${Roles} into=${into} />
    ${operator && html`<${Operator} into=${into} />`}
    <p class="trouble" role="alert">${trouble.value?.text}</p>
    <div class="row"><button type="submit" class="button main" disabled=${busy.value}>${yes}</button></div>
  </form>`;
}

/** Somebody new. */
export function Add() {
  const run = async (body) => {
    await add(body);
    draft.value = EMPTY;
  };
  return html`<${Dialog} title=${t("people.add")} onClose=${shut} class="person">
    <p class="soft small lead">${t("people.add_help")}</p>
    <${Form} into=${draft} run=${run} yes=${t("people.add")} fresh=${true} /></${Dialog}>`;
}

const changing = signal(EMPTY);

/** Begin changing a person: the form is filled with what is now. */
export function edit({ user, name, roles, agent }) {
  changing.value = { user, name, roles, agent: agent ?? "" };
  open.value = { what: "edit", user };
}

/** Name, roles and operator of somebody. */
export function Edit() {
  const { user, name } = thePerson.value;
  const back = () => (open.value = { what: "person", user });
  return html`<${Dialog} title=${t("people.edit_title", { name })} onClose=${back} class="person">
    <p class="soft small lead">${t("people.edit_help")}</p>
    <${Form} into=${changing} run=${(body) => change(user, body)} yes=${t("people.save")} /></${Dialog}>`;
}
