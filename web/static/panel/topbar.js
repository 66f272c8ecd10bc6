// The bar on top: my state and since when, one key to change it, my day, the line, the telephone.
import { html, signal } from "../base/ui.js";
import { number, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { Since, Until, duration, now } from "../base/time.js";
import { Button, Dialog, State } from "../base/widgets.js";
import { inBrowser, phone, telephoneText } from "./softphone.js";
import { act, agent, inCall, isBusy, line, situation } from "./store.js";

const EXTENSION_S = 30;
const REASONS = ["break", "lunch", "training", "meeting", "other_work"];
const away = signal(false);

const ready = () => {
  if (situation.value === "wrap_up") return act("wrap-up/end");
  return inCall.value ? act("reserve", { state: "ready" }) : act("ready");
};

const goAway = async (reason) => {
  away.value = false;
  if (!inCall.value) return act("not-ready", { reason });
  return act("reserve", { state: "not_ready", reason });
};

const goHome = () => {
  away.value = false;
  return inCall.value ? act("reserve", { state: "logged_out" }) : act("logout");
};

function AwayMenu() {
  const options = [
    ...REASONS.map((reason, at) => ({
      keys: String(at + 1), text: t(`reason.${reason}`), run: () => goAway(reason),
    })),
    { keys: "9", text: t("panel.log_out"), run: goHome },
  ];
  const title = t(inCall.value ? "panel.after_this_call" : "panel.away_for");
  const shut = () => (away.value = false);
  return html`<${Dialog} title=${title} onClose=${shut} keys=${options} class="narrow">
    <ul class="menu">${options.map((option, at) => html`<li>
      <${Button} kind="plain" text=${option.text} keys=${option.keys} onClick=${option.run}
        data-first=${at === 0 ? "" : undefined} /></li>`)}</ul>
  </${Dialog}>`;
}

function Controls() {
  const wrapping = situation.value === "wrap_up";
  const canBeReady = wrapping || situation.value === "not_ready" || (inCall.value && agent.value.next_state);
  const working = situation.value !== "logged_out";
  const extend = () => act("wrap-up/extend", { extra_s: EXTENSION_S });
  useKeys(t("panel.my_state"), [
    { keys: "F2", text: t("panel.be_ready"), run: ready, typing: true, when: () => canBeReady },
    { keys: "F3", text: t("panel.away"), run: () => (away.value = true), typing: true,
      when: () => working },
    { keys: "F4", text: t("panel.extend", { seconds: EXTENSION_S }), run: extend, typing: true,
      when: () => wrapping },
  ]);
  if (!working) return null;
  const readyText = t(wrapping ? "panel.finish" : inCall.value ? "panel.stay_ready" : "panel.be_ready");
  return html`<div class="row">
    ${canBeReady && html`<${Button} kind=${inCall.value ? undefined : "go"} text=${readyText} keys="F2"
      onClick=${ready} disabled=${isBusy("ready") || isBusy("wrap-up/end")} />`}
    ${wrapping && html`<${Button} text=${t("panel.extend", { seconds: EXTENSION_S })} keys="F4"
      onClick=${extend} />`}
    <${Button} text=${t(inCall.value ? "panel.away_next" : "panel.away")} keys="F3"
      onClick=${() => (away.value = true)} aria-haspopup="dialog" />
    ${away.value && html`<${AwayMenu} />`}
  </div>`;
}

function MyState() {
  const { state, reason, since_s, wrap_up_until_s, next_state, next_reason, by } = agent.value;
  const why = state === "not_ready" && reason && reason !== "no_answer" && t(`reason.${reason}`);
  return html`<div class="my-state">
    <${State} state=${state} reason=${reason} chip>
      ${why && html`<span class="why">${why}</span>`}
      ${state === "wrap_up" && wrap_up_until_s
        ? html`<span class="hidden">${t("panel.left")}</span><${Until} at=${wrap_up_until_s} />`
        : state !== "logged_out" && html`<${Since} at=${since_s} />`}
    </${State}>
    ${by && html`<span class="soft small" role="status">${t("panel.by_somebody")}</span>`}
    ${next_state && html`<span class="next"><span class="soft small">${t("panel.next")}</span>
      <${State} state=${next_state} />${next_reason && t(`reason.${next_reason}`)}</span>`}
  </div>`;
}

function Figure({ name, help, children }) {
  return html`<div class="figure-item" title=${help}>
    <dt class="soft small">${name}</dt><dd class="figure strong">${children}</dd></div>`;
}

// The figures are those until midnight: a page left open overnight begins at nothing.
const current = (today) =>
  today.until_s > now.value ? today : { calls: 0, average_s: null };

function Figures() {
  const today = agent.value.today && current(agent.value.today);
  const { waiting, since } = line.value;
  return html`<dl class="figures">
    ${today && html`<${Figure} name=${t("panel.today")} help=${t("panel.today_help")}>
      ${t("panel.calls", { count: number(today.calls) })}</${Figure}>
      <${Figure} name=${t("panel.average")} help=${t("panel.average_help")}>
      ${today.average_s === null ? "–" : duration(today.average_s)}</${Figure}>`}
    <${Figure} name=${t("panel.waiting")} help=${t("panel.waiting_help")}>
      ${t("panel.people", { count: number(waiting) })}</${Figure}>
    <${Figure} name=${t("panel.longest")} help=${t("panel.longest_help")}>
      ${since === null ? "–" : html`<${Since} at=${since} />`}</${Figure}>
    ${phone.value && html`<${Quality} level=${phone.value.quality.value} />`}
    ${!inBrowser.value && situation.value !== "logged_out" && html`<${Figure}
      name=${t("panel.telephone")} help=${t("panel.telephone_help")}>${telephoneText()}</${Figure}>`}
  </dl>`;
}

/** Line quality from 0 to 4 as dots and a word. */
function Quality({ level }) {
  if (level === null) return null;
  const word = t(`panel.quality_${level}`);
  return html`<${Figure} name=${t("panel.quality")} help=${t("panel.quality_help")}>
    <span class="dots" aria-hidden="true">${[1, 2, 3, 4].map((each) =>
      html`<i class=${each <= level ? "on" : ""}></i>`)}</span><span>${word}</span></${Figure}>`;
}

export function TopBar({ children }) {
  return html`<header class="topbar">
    <h1 class="hidden">${t("panel.title")}</h1>
    <${MyState} /><${Controls} /><${Figures} />${children}
  </header>`;
}
