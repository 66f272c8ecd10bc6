// Calls that wait: how long, how urgent, and why still, in plain words.
import { classes, html } from "../base/ui.js";
import { both, number, t } from "../base/i18n.js";
import { state } from "../base/live.js";
import { Since, now } from "../base/time.js";
import { emptySince, lateness, selected, waiting, whys, withNames } from "./store.js";

export const queueName = (id) => both(state.value.queues[id]?.name) || id || "–";

const goalOf = (call) => state.value.queues[call.queue]?.sl_threshold_s ?? 0;

/** How long a call has waited: a word besides the colour when it is too long. */
export function Age({ call }) {
  const late = lateness(call, now.value);
  const help = t("floor.age_help", { seconds: number(goalOf(call)) });
  return html`<span class=${classes("age", late)} title=${help}>
    <${Since} at=${call.waiting_from_s} />
    ${late && html`<span class="late-word">${t(`floor.late_${late}`)}</span>`}
  </span>`;
}

function Row({ id, call }) {
  const chosen = selected.value?.kind === "call" && selected.value.id === id;
  const choose = () => (selected.value = { kind: "call", id });
  return html`<li><button type="button" class="line waiting-line" data-row=${`call:${id}`}
    aria-current=${chosen ? "true" : undefined} onClick=${choose} onFocus=${choose}>
    <${Age} call=${call} />
    <span class="strong one-line">${queueName(call.queue)}</span>
    <span class="why one-line">${withNames(both(whys.value[id]?.text)) || "…"}</span>
    <span class="soft figure priority" title=${t("floor.priority_help")}>
      <span class="small">${t("floor.priority")}</span> ${call.priority}</span>
  </button></li>`;
}

function Nobody() {
  return html`<p class="nobody soft">${t("floor.nobody_waits")}
    ${emptySince.value && html` ${t("floor.empty_for")}
      <${Since} at=${emptySince.value} />`}</p>`;
}

export function Waiting() {
  const list = waiting.value;
  return html`<section class="card" aria-labelledby="waiting-title">
    <header><h2 id="waiting-title">${t("floor.waiting")}
      ${list.length > 0 && html` <span class="figure">${number(list.length)}</span>`}</h2></header>
    ${list.length
      ? html`<ul class="lines">${list.map(([id, call]) => html`<${Row} key=${id} id=${id} call=${call} />`)}</ul>`
      : html`<${Nobody} />`}
  </section>`;
}
