// Earlier calls of the same number: who spoke with this person, when, about what.
import { html, signal, useEffect } from "../base/ui.js";
import { both, t } from "../base/i18n.js";
import { get } from "../base/api.js";
import { state } from "../base/live.js";
import { dateClock, duration } from "../base/time.js";
import { me } from "./store.js";

const found = signal({ call: "", list: null });

async function load(call) {
  if (found.value.call === call) return;
  found.value = { call, list: null };
  try {
    const { earlier } = await get(`/api/calls/${encodeURIComponent(call)}/history`);
    if (found.value.call === call) found.value = { call, list: earlier };
  } catch {
    if (found.value.call === call) found.value = { call, list: undefined };
  }
}

const about = (code) =>
  both(me.value.dispositions?.find((each) => each.code === code)?.name) || code || "";

function Earlier({ at_s, queue, agent, talk_s, outcome, disposition, note }) {
  const spoke = agent && (state.value.agents[agent]?.name || agent);
  return html`<li>
    <time class="figure">${dateClock(at_s)}</time>
    <span class="strong one-line">${both(state.value.queues[queue]?.name) || queue}</span>
    <span class="soft">${spoke ? `${spoke} ${duration(talk_s)}` : t(`outcome.${outcome}`)}</span>
    <span class="earlier-about">${[about(disposition), note].filter(Boolean).join(" — ")}</span>
  </li>`;
}

export function History({ call }) {
  useEffect(() => void load(call), [call]);
  const { call: of, list } = found.value;
  if (of !== call || list === null) return html`<div class="history" aria-busy="true"></div>`;
  return html`<section class="history"><h2>${t("history.earlier")}</h2>
    ${list === undefined && html`<p class="soft">${t("history.unreachable")}</p>`}
    ${list?.length === 0 && html`<p class="soft">${t("history.first_call")}</p>`}
    ${list?.length > 0 && html`<ol>${list.map((each) => html`<${Earlier} ...${each} />`)}</ol>`}
  </section>`;
}
