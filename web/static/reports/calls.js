// A figure opened: its two numbers, and the calls that they are made of. Whose call it was is asked one by one.
import { html, signal } from "../base/ui.js";
import { both, number, t } from "../base/i18n.js";
import { get } from "../base/api.js";
import { duration } from "../base/time.js";
import { Button, complain, Dialog } from "../base/widgets.js";

/** The figure that is open: {asked, found}; null: none. */
export const opened = signal(null);
const callers = signal({});

/** Ask for the calls behind a figure and show them. */
export async function openFigure(asked) {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  try {
    const found = await get(`/api/reports/calls?${new URLSearchParams(given)}`, { deadline_ms: 60_000 });
    forgetCallers();
    opened.value = { asked, found };
  } catch (error) {
    complain(error);
  }
}

async function ask(one) {
  try {
    const found = await get(`/api/reports/calls/${encodeURIComponent(one.call)}/caller?at_ms=${one.at_ms}`);
    callers.value = { ...callers.value, [one.call]: found };
  } catch (error) {
    complain(error);
  }
}

/** Show no number that was asked for before. */
export function forgetCallers() {
  callers.value = {};
}

/** Whose call it was, once somebody has asked for it. */
export function Asking({ call, at_ms }) {
  const found = callers.value[call];
  if (found) return found.number ?? t(`recordings.caller.${found.kind}`);
  return html`<${Button} text=${t("reports.ask_caller")}
    aria-label=${`${t("reports.ask_caller")} ${call}`} onClick=${() => ask({ call, at_ms })} />`;
}

/** Writes moments in the centre's time, to the second. */
export const momentIn = (timeZone) => new Intl.DateTimeFormat("ja-JP", { month: "2-digit", day: "2-digit",
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone });

const times = (count) => (count > 1 ? `✓ ×${count}` : count ? "✓" : "");

export function Calls({ choices }) {
  const { asked, found } = opened.value;
  const { figure, calls, more } = found;
  const parts = figure.whole === null ? number(figure.part ?? 0) : `${number(figure.part ?? 0)} ÷ ${number(figure.whole)}`;
  const moment = momentIn(choices.timezone);
  const heads = ["call", "at", "queue", "outcome", "wait", "talk", ...(figure.whole === null ? ["part"] : ["part", "whole"])];
  return html`<${Dialog} class="behind" title=${t("reports.behind", { key: figure.key })} onClose=${() => (opened.value = null)}>
    <p>${asked.value !== undefined && html`<b>${both(choices.queues[asked.value]) || asked.value}</b> `}
      <span class="figure">${parts}</span></p>
    ${calls.length ? html`<p class="soft small" role="status">${t(more ? "reports.calls_more" : "reports.calls", { count: calls.length })}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${t("reports.behind", { key: figure.key })}><table>
      <thead><tr>${heads.map((each) => html`<th scope="col">${t(`reports.call.${each}`)}</th>`)}
        ${choices.callers && html`<th scope="col">${t("reports.call.caller")}</th>`}</tr></thead>
      <tbody>${calls.map((one) => html`<tr key=${one.call}>
        <td class="figure">${one.call}</td>
        <td class="figure">${moment.format(one.at_ms)}</td>
        <td>${both(choices.queues[one.queue]) || one.queue || "–"}</td>
        <td>${t(`reports.outcome.${one.outcome}`)}</td>
        <td class="figure right">${duration(one.wait_ms / 1000)}</td>
        <td class="figure right">${duration(one.talk_ms / 1000)}</td>
        <td class="right">${times(one.part)}</td>
        ${figure.whole !== null && html`<td class="right">${times(one.whole)}</td>`}
        ${choices.callers && html`<td class="figure"><${Asking} call=${one.call} at_ms=${one.at_ms} /></td>`}
      </tr>`)}</tbody></table></div>
      ${choices.callers && html`<p class="soft small">${t("reports.caller_help")}</p>`}`
    : html`<p>${t("reports.no_calls")}</p>`}
  </${Dialog}>`;
}
