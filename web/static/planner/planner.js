// The planner's page: a few sliders, one sentence that answers, and the plots of the printed report.
import { classes, html, signal, useEffect, useRef } from "../base/ui.js";
import { lang, t } from "../base/i18n.js";
import { signOut } from "../base/api.js";
import { start } from "../base/page.js";
import { Button, Dialog, KeyHelp, Looks, useKeyHelp } from "../base/widgets.js";
import { Controls } from "./controls.js";
import { OF_RECORDS } from "./records.js";
import { asking, assumed, begin, paper, retell, simulated, study } from "./store.js";
import { Study } from "./study.js";

const helping = signal(false);
const setting = signal(false);

function Head() {
  return html`<header class="head">
    <h1>${t("planner.title")}</h1>
    <${Button} kind="plain" class="push" text=${t("keys.list")} keys="?" onClick=${() => (helping.value = true)} />
    <${Button} kind="plain" text=${t("common.settings")} onClick=${() => (setting.value = true)} />
    <${Button} kind="plain" text=${t("common.sign_out")} onClick=${signOut} />
  </header>`;
}

/** A plot as the server drew it: the same drawing as on paper, in the colours of the screen. */
function Plot({ plot }) {
  const holder = useRef();
  useEffect(() => {
    const parsed = new DOMParser().parseFromString(plot.svg + plot.narrow, "text/html").body;
    holder.current.replaceChildren(...[...parsed.children].map((each) => document.importNode(each, true)));
  }, [plot.svg]);
  return html`<figure class="card plot-card"><h2>${plot.title}</h2>
    <div class="drawing" ref=${holder}></div><figcaption class="small soft">${plot.note}</figcaption></figure>`;
}

/** open: it is what was asked for, and no detail. */
function Sheet({ sheet, open }) {
  return html`<details class="card sheet" open=${open}><summary>${sheet.title}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label=${sheet.title}><table>
      <thead><tr>${sheet.head.map((each) => html`<th scope="col">${each}</th>`)}</tr></thead>
      <tbody>${sheet.rows.map((row, at) => html`<tr class=${classes(at === sheet.strong && "strong")}>
        <th scope="row">${row[0]}</th>${row.slice(1).map((each) => html`<td class="figure">${each}</td>`)}</tr>`)}
      </tbody></table></div>${sheet.note && html`<p class="small soft">${sheet.note}</p>`}</details>`;
}

function Pairs({ title, pairs, lines = [] }) {
  return html`<details class="card sheet"><summary>${title}</summary>
    ${pairs.length > 0 && html`<dl class="pairs">${pairs.map(([name, said]) => html`
      <div><dt>${name}</dt><dd>${said}</dd></div>`)}</dl>`}
    ${lines.map((said) => html`<p>${said}</p>`)}</details>`;
}

function Answer() {
  const { answer, warnings, cards, plots, sheets, assumptions, method, definitions, origin } = paper.value;
  const [first, ...rest] = answer;
  const told = [...definitions, ...origin];
  const wanted = simulated.value && study.value.kind !== "day";
  return html`<div class="answer" aria-busy=${asking.value}>
    <section class="card lead-card" aria-label=${t("planner.answer")}>
      <p class="small soft">${t(!simulated.value ? "planner.exact"
        : OF_RECORDS.includes(study.value.kind) ? "planner.of_records" : "planner.simulated")}</p>
      <p class="lead" role="status">${first}</p>
      ${rest.length > 0 && html`<ul>${rest.map((said) => html`<li>${said}</li>`)}</ul>`}
      ${warnings.map((said) => html`<p class="notice warning">${said}</p>`)}
      <${Study} />
    </section>
    ${cards.length > 0 && html`<div class="cards">${cards.map((each) => html`<div class="card figure-card">
      <span class="small">${each.name}</span><b class="figure">${each.value}</b>
      <span class="small soft">${each.note}</span></div>`)}</div>`}
    <div class="plots">${plots.map((plot) => html`<${Plot} key=${plot.title} plot=${plot} />`)}</div>
    ${sheets.map((sheet, at) => html`<${Sheet} key=${sheet.title} sheet=${sheet} open=${wanted && at === 0} />`)}
    ${assumptions.length > 0 && html`<${Pairs} title=${t("planner.assumptions")} pairs=${assumptions} />`}
    ${told.length + method.length > 0 && html`<${Pairs} title=${t("planner.method")} pairs=${told} lines=${method} />`}
  </div>`;
}

function Screen() {
  useKeyHelp(helping);
  useEffect(() => void begin(), []);
  useEffect(() => void retell(), [lang.value]);
  return html`<div class="planner">
    <${Head} />
    <main>
      ${assumed.value && html`<${Controls} />`}
      ${paper.value ? html`<${Answer} />`
        : html`<p class="empty" role="status">${t("planner.waiting")}</p>`}
    </main>
    <${KeyHelp} open=${helping} />
    ${setting.value && html`<${Dialog} title=${t("common.settings")} onClose=${() => (setting.value = false)}>
      <${Looks} /></${Dialog}>`}
  </div>`;
}

start(Screen, { title: "planner.title" });
