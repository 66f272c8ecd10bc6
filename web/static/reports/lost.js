// Callers whom a fault of ours cut off, in their order in the line: for calling them back.
import { classes, html, signal } from "../base/ui.js";
import { both, t } from "../base/i18n.js";
import { get } from "../base/api.js";
import { duration } from "../base/time.js";
import { complain, Dialog } from "../base/widgets.js";
import { Asking, forgetCallers, momentIn } from "./calls.js";

/** The days that are shown and who was lost in them: {first, last, found}; null: not open. */
export const lostOf = signal(null);

/** Show who was cut off today; other days are chosen there. */
export function openLost({ today }) {
  forgetCallers();
  ask({ first: today, last: today });
}

let asked = 0;

/** The days chosen are shown at once, and of several questions the last one's answer counts. */
async function ask(days) {
  const number = ++asked;
  if (lostOf.value) lostOf.value = { ...lostOf.value, ...days };
  try {
    const found = await get(`/api/reports/lost?${new URLSearchParams(days)}`, { deadline_ms: 60_000 });
    if (number === asked) lostOf.value = { ...days, found };
  } catch (error) {
    if (number === asked) complain(error);
  }
}

function close() {
  asked++;
  lostOf.value = null;
}

/** What is to be known at first sight. */
function sentence({ calls, more }) {
  if (!calls.length) return t("reports.lost.none");
  const waiting = calls.filter((one) => one.doing === "waiting").length;
  return t(more ? "reports.lost.more" : "reports.lost.some", { count: calls.length, waiting });
}

function Days({ choices }) {
  const { first, last } = lostOf.value;
  const change = (days) => days.first && days.last && days.first <= days.last && ask({ first, last, ...days });
  return html`<div class="when">
    <label class="field"><span>${t("reports.from")}</span>
      <input type="date" data-first required value=${first} max=${last}
        onChange=${(event) => change({ first: event.currentTarget.value, last })} /></label>
    <label class="field"><span>${t("reports.to")}</span>
      <input type="date" required value=${last} min=${first} max=${choices.today}
        onChange=${(event) => change({ first, last: event.currentTarget.value })} /></label>
  </div>`;
}

export function Lost({ choices }) {
  const { found } = lostOf.value;
  const moment = momentIn(choices.timezone);
  const heads = ["place", "lost_at", "doing", "queue", "wait", "dialled", "switch", "call"];
  return html`<${Dialog} class="behind" title=${t("reports.lost")} onClose=${close}>
    <${Days} choices=${choices} />
    <p role="status">${sentence(found)}</p>
    ${found.calls.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label=${t("reports.lost")}><table>
      <thead><tr>${heads.map((each) => html`<th scope="col" class=${classes(["place", "wait"].includes(each) && "right")}>${t(`reports.call.${each}`)}</th>`)}
        ${choices.callers && html`<th scope="col">${t("reports.call.caller")}</th>`}</tr></thead>
      <tbody>${found.calls.map((one) => html`<tr key=${one.call}>
        <td class="figure right">${one.place || "–"}</td>
        <td class="figure">${moment.format(one.lost_ms)}</td>
        <td>${t(`reports.lost.${one.doing}`)}</td>
        <td>${both(choices.queues[one.queue]) || one.queue || "–"}</td>
        <td class="figure right">${duration(one.waited_ms / 1000)}</td>
        <td class="figure">${one.dialled}</td>
        <td>${one.switch}</td>
        <td class="figure">${one.call}</td>
        ${choices.callers && html`<td class="figure"><${Asking} call=${one.call} at_ms=${one.came_ms} /></td>`}
      </tr>`)}</tbody></table></div>
      ${choices.callers && html`<p class="soft small">${t("reports.caller_help")}</p>`}`}
  </${Dialog}>`;
}
