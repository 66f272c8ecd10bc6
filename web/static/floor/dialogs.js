// What opens on top of the floor: choices, and questions before something that cannot be undone.
import { html, signal } from "../base/ui.js";
import { both, t } from "../base/i18n.js";
import { state } from "../base/live.js";
import { Button, Dialog, Looks, goodbye } from "../base/widgets.js";
import { headset, trouble, useHeadset } from "./headset.js";
import { ModeDialog } from "./mode.js";
import {
  IN_CALL, aboutAgent, aboutCall, atTelephone, chooseTelephone, levelOf, levelText, me, nameOf, open,
  shut, sitsAt, skillName, telephone, theAgent, theCall,
} from "./store.js";

const REASONS = ["break", "lunch", "training", "meeting", "other_work"];
const LEVELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** One of few, each with a number as its key: {text, run, note?, not?, on?, keys?}. */
function Menu({ title, options, onClose = shut, children, class: name = "narrow" }) {
  const list = options.map((each, at) => ({ keys: at < 9 ? String(at + 1) : undefined, ...each }));
  const keys = list.filter((each) => each.keys).map((each) => ({ ...each, when: () => !each.not }));
  return html`<${Dialog} title=${title} onClose=${onClose} class=${name} keys=${keys}>
    ${children}
    <ul class="floor-menu">${list.map(({ text, run, note, not, on, keys: key }, at) => html`<li>
      <${Button} kind="plain" text=${text} keys=${key} onClick=${run} disabled=${Boolean(not)}
        pressed=${on} data-first=${at === 0 ? "" : undefined} />
      ${(not || note) && html`<span class="soft small">${not || note}</span>`}</li>`)}</ul>
  </${Dialog}>`;
}

const thenShut = (done) => done && shut();

function Move() {
  const queues = Object.entries(state.value.queues).filter(([id]) => id !== theCall.value.queue);
  const move = (id, queue) => async () =>
    thenShut(await aboutCall("move", { queue: id }, () => t("floor.said_move", { name: both(queue.name) })));
  return html`<${Menu} title=${t("floor.move_title")} options=${queues.map(([id, queue]) => ({
    text: both(queue.name), run: move(id, queue),
    note: t("floor.so_many_wait", { count: queue.waiting }),
  }))}><p class="soft small">${t("floor.move_help")}</p></${Menu}>`;
}

function Priority() {
  const give = (priority) => async () =>
    thenShut(await aboutCall("priority", { priority }, () => t("floor.said_priority", { priority })));
  return html`<${Menu} title=${t("floor.change_priority")} class="narrow levels"
    options=${LEVELS.map((each) => ({
      keys: String(each), text: String(each), run: give(each), on: each === theCall.value.priority,
    }))}><p class="soft small">${t("floor.priority_help")}</p></${Menu}>`;
}

function Away() {
  const agent = theAgent.value;
  const send = (reason) => async () => thenShut(await aboutAgent("force",
    { state: "not_ready", reason }, () => t("floor.said_force", { name: nameOf(agent.id) })));
  return html`<${Menu} title=${t("floor.away_title", { name: nameOf(agent.id) })}
    options=${REASONS.map((reason) => ({ text: t(`reason.${reason}`), run: send(reason) }))}>
    ${IN_CALL.includes(agent.state) && html`<p class="soft small">${t("floor.after_call_help")}</p>`}
  </${Menu}>`;
}

/** A question whose safe answer has the focus; Enter by itself does nothing else. */
function Question({ title, text, yes, run }) {
  return html`<${Dialog} title=${title} onClose=${shut} class="narrow" keys=${[{ keys: "Y", text: yes, run }]}>
    <div class="stack"><p>${text}</p><div class="row">
      <${Button} text=${t("common.cancel")} data-first="" onClick=${shut} />
      <${Button} kind="stop" text=${yes} keys="Y" onClick=${run} /></div></div></${Dialog}>`;
}

function LogOut() {
  const { id, state: now } = theAgent.value;
  const run = async () => thenShut(await aboutAgent("force", { state: "logged_out" },
    () => t("floor.said_force", { name: nameOf(id) })));
  const text = t(IN_CALL.includes(now) ? "floor.log_out_after" : "floor.log_out_now", { name: nameOf(id) });
  return html`<${Question} title=${t("floor.log_out")} text=${text} yes=${t("floor.log_out")} run=${run} />`;
}

function TakeOver() {
  const call = theCall.value;
  const run = async () => {
    shut();
    await atTelephone("take-over", () => t("floor.said_take-over"));
  };
  return html`<${Question} title=${t("floor.take_over")} yes=${t("floor.take_over")} run=${run}
    text=${t("floor.take_over_text", { name: nameOf(call.agent ?? "") })} />`;
}

/** The skill whose level is being chosen, or "". */
const skill = signal("");

function Skills() {
  const agent = theAgent.value;
  if (skill.value) return html`<${Level} agent=${agent} />`;
  const today = agent.skills_today ?? {};
  return html`<${Menu} title=${t("floor.skills_title", { name: nameOf(agent.id) })}
    options=${Object.keys(me.value.skills).map((each) => ({
      text: skillName(each), run: () => (skill.value = each),
      note: `${levelText(levelOf(agent, each))}${each in today ? ` · ${t("floor.only_today")}` : ""}`,
    }))}><p class="soft small">${t("floor.skills_help")}</p></${Menu}>`;
}

function Level({ agent }) {
  const planned = me.value.levels[agent.id]?.[skill.value] ?? 0;
  const back = () => (skill.value = "");
  const give = (level) => async () => {
    const done = await aboutAgent("skills", { skill: skill.value, level }, () => t("floor.said_skill"));
    if (done) back();
  };
  const levels = LEVELS.map((each) => ({
    keys: String(each), text: each ? String(each) : t("floor.no_level"), run: give(each),
    on: each === levelOf(agent, skill.value),
    not: each === levelOf(agent, skill.value) ? t("floor.now") : "",
  }));
  const plan = {
    keys: "D", text: t("floor.as_planned", { level: levelText(planned) }), run: give(null),
    not: skill.value in (agent.skills_today ?? {}) ? "" : t("floor.now"),
  };
  return html`<${Menu} title=${skillName(skill.value)} options=${[...levels, plan]} onClose=${back}
    class="narrow levels"><p class="soft small">${t("floor.level_help")}</p></${Menu}>`;
}

function Telephone() {
  const choose = (device) => () => {
    chooseTelephone(device);
    shut();
  };
  const note = (device) => {
    const who = sitsAt(device);
    return who ? t("floor.sits_at", { name: nameOf(who) }) : "";
  };
  const here = {
    text: t("softphone.this_computer"), on: headset.value !== "" && headset.value === telephone.value,
    note: trouble.value && t(`softphone.${trouble.value}`),
    run: async () => {
      const device = await useHeadset();
      if (device) choose(device)();
    },
  };
  const others = me.value.devices.map((device) => ({
    text: device, run: choose(device), note: note(device), on: device === telephone.value,
  }));
  return html`<${Menu} title=${t("floor.my_telephone")} class="narrow two"
    options=${me.value.may.includes("softphone") ? [here, ...others] : others}><p class="soft small">${t("floor.telephone_help")}</p></${Menu}>`;
}

function Settings() {
  return html`<${Dialog} title=${t("common.settings")} onClose=${shut}>
    <div class="stack"><${Looks} /><${Button} text=${t("common.sign_out")} onClick=${goodbye} /></div>
  </${Dialog}>`;
}

const ABOUT_CALL = { move: Move, priority: Priority, take_over: TakeOver };
const ABOUT_AGENT = { away: Away, log_out: LogOut, skills: Skills };
const ALL = { telephone: Telephone, settings: Settings, mode: ModeDialog };

export function Dialogs() {
  const name = open.value;
  // The call may end, or the operator go, while somebody still chooses.
  const Shown = ALL[name] ?? (theCall.value && ABOUT_CALL[name]) ?? (theAgent.value && ABOUT_AGENT[name]);
  return Shown ? html`<${Shown} key=${name} />` : null;
}
