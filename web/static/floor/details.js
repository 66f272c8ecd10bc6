// What is chosen, and what can be done about it: each action with its key, or why it cannot be done.
import { html, signal, useEffect } from "../base/ui.js";
import { get } from "../base/api.js";
import { both, lang, languageName, number, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { state } from "../base/live.js";
import { Since } from "../base/time.js";
import { Button, State } from "../base/widgets.js";
import {
  IN_CALL, aboutAgent, aboutCall, atTelephone, hearing, isBusy, levelOf, levelText, me, nameOf, open,
  selected, sitsAt, skillName, talks, telephone, theAgent, theCall, waits,
  withNames,
} from "./store.js";
import { Age, queueName } from "./waiting.js";

const WHY_EVERY_MS = 3_000;
/** All the reasons why the chosen call waits: {call, ja, en}. */
const reasons = signal(null);

const opener = (name) => () => (open.value = name);

/** Why this telephone cannot hear now: "" when it can. */
function cannotHear() {
  if (!me.value.may_hear) return t("floor.not_proven");
  const mine = telephone.value && sitsAt(telephone.value);
  const inUse = mine && IN_CALL.includes(state.value.agents[mine].state);
  return inUse ? t("floor.telephone_in_call", { name: nameOf(mine) }) : "";
}

function callActions(call) {
  const mode = hearing(call);
  const hear = (name) => () => atTelephone(name, () => t(`floor.said_${name}`));
  const not = cannotHear();
  if (waits(call)) {
    return [
      { keys: "M", text: t("floor.move"), run: opener("move") },
      { keys: "P", text: t("floor.change_priority"), run: opener("priority") },
      { keys: "O", text: t("floor.take_over"), run: () => atTelephone("take-over", () => t("floor.said_take-over")) },
    ];
  }
  if (!talks(call)) return [];
  return [
    { keys: "L", text: t("floor.listen"), run: hear("listen"), on: mode === "listen", not },
    { keys: "W", text: t("floor.whisper"), run: hear("whisper"), on: mode === "whisper", not },
    { keys: "B B", text: t("floor.barge"), run: hear("barge"), on: mode === "barge", not },
    mode && { keys: "X", text: t("floor.stop_hearing"),
      run: () => aboutCall("stop-listening", { device: telephone.value }, () => t("floor.said_stop")) },
    { keys: "O", text: t("floor.take_over"), run: opener("take_over") },
  ].filter(Boolean);
}

function agentActions(agent) {
  const away = agent.state === "logged_out" ? t("floor.logged_out_help") : "";
  const already = agent.state === "ready" ? t("floor.is_so") : "";
  const ready = () => aboutAgent("force", { state: "ready" }, () => t("floor.said_force", { name: nameOf(agent.id) }));
  return [
    { keys: "R", text: t("floor.make_ready"), run: ready, not: away || already },
    { keys: "N", text: t("floor.make_away"), run: opener("away"), not: away },
    { keys: "G", text: t("floor.log_out"), run: opener("log_out"), not: away },
    { keys: "S", text: t("floor.skills"), run: opener("skills") },
  ];
}

function Actions({ title, list, note }) {
  const usable = list.map((each) => ({ ...each, when: () => !each.not && !isBusy() }));
  useKeys(t("floor.chosen"), usable);
  const why = [...new Set(list.map((each) => each.not).filter(Boolean))];
  return html`<div class="actions" role="group" aria-label=${title}>
    ${list.map(({ keys, text, run, on, not }) => html`<${Button} text=${text} keys=${keys}
      pressed=${on} disabled=${Boolean(not)} onClick=${run} />`)}
    ${note && html`<p class="soft small why-not">${note}</p>`}
    ${why.map((each) => html`<p class="soft small why-not">${each}</p>`)}
  </div>`;
}

const Facts = ({ facts }) => html`<dl class="floor-facts">
  ${facts.filter(Boolean).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

function WhyWaits({ id }) {
  useEffect(() => {
    const read = async () => {
      const told = await get(`/api/calls/${encodeURIComponent(id)}/why`).catch(() => null);
      if (told) reasons.value = { call: id, ja: told.ja, en: told.en };
    };
    read();
    const again = setInterval(read, WHY_EVERY_MS);
    return () => clearInterval(again);
  }, [id]);
  const known = reasons.value?.call === id ? reasons.value[lang.value] : [];
  return html`<div class="why-all"><h3>${t("floor.why")}</h3>
    <ul>${known.map((each) => html`<li>${withNames(each)}</li>`)}</ul></div>`;
}

function Hearers({ call }) {
  const who = ({ by, device, mode }) => html`<li>${t(`floor.mode_${mode}`)}: ${nameOf(by)}${" "}
    <span class="soft">(${device})</span></li>`;
  return html`<ul>${call.heard_by.map(who)}</ul>`;
}

function TheCall({ call }) {
  const waiting = waits(call);
  return html`<section class="stack" aria-label=${t("floor.the_call")}>
    <${Facts} facts=${[
      [t("floor.line"), queueName(call.queue)],
      waiting && [t("floor.age"), html`<${Age} call=${call} />`],
      [t("floor.arrived"), html`<${Since} at=${call.arrived_s} />`],
      [t("floor.priority"), number(call.priority ?? 0)],
      [t("floor.kind"), t(`call_type.${call.call_type}`)],
      call.language !== "ja" && [t("floor.language"), languageName(call.language)],
      call.drill && [t("floor.drill"), t("floor.drill_help")],
      call.taken_by && [t("floor.taken_by"), html`${nameOf(call.taken_by.by)}${" "}
        <span class="soft">(${call.taken_by.device})</span>`],
      call.heard_by?.length > 0 && [t("floor.hearers"), html`<${Hearers} call=${call} />`],
    ]} />
    <${Actions} title=${t("floor.the_call")} list=${callActions(call)} />
    ${waiting && html`<${WhyWaits} id=${call.id} />`}
  </section>`;
}

function Skills({ agent }) {
  const known = Object.keys(me.value.skills).filter((skill) =>
    levelOf(agent, skill) || skill in (agent.skills_today ?? {}));
  return html`<ul class="skills">${known.map((skill) => html`<li class="row"><span>${skillName(skill)}</span>
    <span class="soft">${levelText(levelOf(agent, skill))}</span>
    ${skill in (agent.skills_today ?? {}) && html`<span class="today-only">${t("floor.only_today")}</span>`}</li>`)}
  </ul>`;
}

function TheAgent({ agent }) {
  const guest = agent.id.startsWith("@");
  const after = IN_CALL.includes(agent.state) && t("floor.after_call_help");
  return html`<section class="stack" aria-label=${t("floor.the_operator")}>
    <${Facts} facts=${[
      [t("floor.state"), html`<${State} state=${agent.state} reason=${agent.reason} />
        ${agent.state === "not_ready" && agent.reason && agent.reason !== "no_answer" &&
          html` ${t(`reason.${agent.reason}`)}`}`],
      agent.state !== "logged_out" && [t("floor.since"), html`<${Since} at=${agent.since_s} />`],
      agent.by && agent.by !== agent.id && [t("floor.by"), nameOf(agent.by)],
      [t("floor.telephone"), agent.device],
      !guest && [t("floor.skill_list"), html`<${Skills} agent=${agent} />`],
    ]} />
    ${!guest && html`<${Actions} title=${t("floor.the_operator")}
      list=${agentActions(agent)} note=${after} />`}
  </section>`;
}

export function Details() {
  const [agent, call] = [theAgent.value, theCall.value];
  const close = () => (selected.value = null);
  useKeys(t("floor.chosen"), agent || call
    ? [{ keys: "Escape", text: t("floor.unselect"), run: close }] : []);
  if (!agent && !call) {
    return html`<section class="card details" aria-label=${t("floor.details")}>
      <p class="body soft teach">${t(selected.value ? "floor.call_over" : "floor.choose")}</p></section>`;
  }
  const title = agent ? nameOf(agent.id) : t("floor.the_call");
  return html`<section class="card details" aria-labelledby="details-title">
    <header><h2 id="details-title" class="one-line">${title}</h2>
      <${Button} kind="plain" class="push" text=${t("common.close")} keys="Escape" onClick=${close} /></header>
    <div class="body stack">
      ${call && html`<${TheCall} call=${call} />`}
      ${agent && html`<${TheAgent} agent=${agent} />`}
    </div>
  </section>`;
}
