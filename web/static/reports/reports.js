// The reports' page: choose a day, month ..., read it as it is printed, open any figure, take it along.
import { classes, html, signal, useEffect, useRef } from "../base/ui.js";
import { both, lang, t } from "../base/i18n.js";
import { ApiError, get, leave } from "../base/api.js";
import { useKeys } from "../base/keys.js";
import { start } from "../base/page.js";
import { Button, complain, Dialog, KeyHelp, Looks, useKeyHelp, goodbye } from "../base/widgets.js";
import { Calls, opened, openFigure } from "./calls.js";
import { Lost, lostOf, openLost } from "./lost.js";

const DEADLINE_MS = 60_000;
const PRINTING_MS = 120_000;

const choices = signal(null);
const chosen = signal({ kind: "daily", first: "", last: "", operators: false, revision: 0 });
const shown = signal(null);
const busy = signal("");
const helping = signal(false);
const setting = signal(false);
let asking = null;

/** The query of the report that is chosen. */
function query(more = {}) {
  const { kind, first, last, operators, revision } = chosen.value;
  const asked = { kind, first, lang: lang.value, operators, revision, ...more };
  if (kind === "range" && last) asked.last = last;
  return new URLSearchParams(asked).toString();
}

/** What the server answers, as it is; throws an ApiError. */
async function fetched(path, deadline_ms, stop) {
  const limit = AbortSignal.timeout(deadline_ms);
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", signal: stop ? AbortSignal.any([limit, stop]) : limit });
  } catch (error) {
    if (stop?.aborted) throw error;
    throw new ApiError(0, { code: limit.aborted ? "deadline" : "unreachable" });
  }
  if (answer.ok) return answer;
  if (answer.status === 401) leave();
  const data = await answer.json().catch(() => ({}));
  throw new ApiError(answer.status, data.error);
}

/** A printable page as `{article, style}`. Its style is taken out before it is read, since a style
 *  in a page is against the policy even of a page that is not shown. */
function parsed(text) {
  const [whole, style] = /<style>([^]*?)<\/style>/.exec(text);
  const page = new DOMParser().parseFromString(text.replace(whole, ""), "text/html");
  return { article: page.querySelector("article"), style };
}

async function show() {
  const { kind, first, last } = chosen.value;
  if (!first || (kind === "range" && last && last < first)) return;
  asking?.abort();
  const mine = (asking = new AbortController());
  busy.value = "show";
  try {
    const answer = await fetched(`/api/reports/page?${query()}`, DEADLINE_MS, mine.signal);
    const text = await answer.text();
    if (mine.signal.aborted) return;
    shown.value = parsed(text);
  } catch (error) {
    if (mine.signal.aborted) return;
    shown.value = null;
    complain(error);
  }
  busy.value = "";
}

function choose(change) {
  chosen.value = { ...chosen.value, revision: 0, ...change };
  show();
}

async function download(format) {
  busy.value = format;
  try {
    const answer = await fetched(`/api/reports/file?${query({ format })}`, PRINTING_MS);
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name ?? `report.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    get("/api/reports/choices").then((found) => (choices.value = found), () => {});
  } catch (error) {
    complain(error);
  }
  busy.value = "";
}

/** The same kind of report, so many days, weeks ... on. */
function step(by) {
  const { kind, first } = chosen.value;
  const at = new Date(`${first}T00:00:00Z`);
  if (kind === "monthly" || kind === "yearly") {
    at.setUTCDate(1);
    at.setUTCMonth(at.getUTCMonth() + by * (kind === "yearly" ? 12 : 1));
  } else at.setUTCDate(at.getUTCDate() + by * (kind === "weekly" ? 7 : 1));
  choose({ first: at.toISOString().slice(0, 10) });
}

function When() {
  const { kind, first, last } = chosen.value;
  const months = kind === "monthly";
  const given = (event) => {
    const { value } = event.currentTarget;
    if (value) choose({ first: months ? `${value}-01` : value });
  };
  return html`<div class="when">
    ${kind !== "range" && html`<${Button} class="step" text="‹" aria-label=${t("reports.earlier")} onClick=${() => step(-1)} />`}
    <label class="field"><span>${t(kind === "range" ? "reports.from" : `reports.which.${kind}`)}</span>
      <input type=${months ? "month" : "date"} value=${months ? first.slice(0, 7) : first} required
        max=${months ? choices.value.today.slice(0, 7) : choices.value.today} onChange=${given} /></label>
    ${kind === "range" && html`<label class="field"><span>${t("reports.to")}</span>
      <input type="date" value=${last} min=${first} max=${choices.value.today}
        onChange=${(event) => choose({ last: event.currentTarget.value })} /></label>`}
    ${kind !== "range" && html`<${Button} class="step" text="›" aria-label=${t("reports.later")} onClick=${() => step(1)} />`}
  </div>`;
}

function Kept() {
  const kept = choices.value.kept;
  if (!kept.length) return null;
  const name = (one) => `${t(`reports.kind.${one.kind}`)} ${one.first}`
    + `${one.last === one.first ? "" : `〜${one.last}`} ${t("reports.revision", { number: one.revision })}`;
  const pick = (event) => {
    const one = kept[Number(event.currentTarget.value)];
    if (one) choose({ kind: one.kind, first: one.first, last: one.last, operators: false });
    event.currentTarget.value = "";
  };
  return html`<label class="field"><span>${t("reports.kept")}</span>
    <select onChange=${pick}><option value="">${t("reports.pick_kept", { count: kept.length })}</option>
      ${kept.map((one, at) => html`<option value=${at}>${name(one)}</option>`)}</select></label>`;
}

/** The revisions of the report that is shown, the newest first. */
function Revisions() {
  const newest = Number(shown.value?.article.dataset.revision ?? 0);
  const { kind, first, last, revision } = chosen.value;
  const count = Math.max(newest, revision && (choices.value.kept.find((one) => one.kind === kind
    && one.first <= first && one.last >= (last || first))?.revision ?? 0));
  if (count < 2) return null;
  return html`<label class="field"><span>${t("reports.shown_revision")}</span>
    <select value=${revision} onChange=${(event) => choose({ revision: Number(event.currentTarget.value) })}>
      <option value="0">${t("reports.now")}</option>
      ${Array.from({ length: count - 1 }, (_, at) => count - 1 - at).map((each) => html`
        <option value=${each}>${t("reports.revision", { number: each })}</option>`)}
    </select></label>`;
}

function Controls() {
  const { kind, operators } = chosen.value;
  const { kinds, formats } = choices.value;
  useKeys(t("reports.title"), [
    { keys: "J", text: t("reports.later"), run: () => kind !== "range" && step(1) },
    { keys: "K", text: t("reports.earlier"), run: () => kind !== "range" && step(-1) },
    { keys: "L", text: t("reports.lost"), run: () => openLost(choices.value) },
  ]);
  return html`<div class="card controls">
    <div class="kinds" role="group" aria-label=${t("reports.kind")}>
      ${kinds.map((each) => html`<${Button} key=${each} text=${t(`reports.kind.${each}`)}
        pressed=${each === kind} onClick=${() => choose({ kind: each, last: chosen.value.first })} />`)}
    </div>
    <${When} />
    <${Revisions} />
    <${Kept} />
    ${choices.value.operators && html`<label class="check"><input type="checkbox" checked=${operators}
      onChange=${(event) => choose({ operators: event.currentTarget.checked })} />
      <span>${t("reports.operators")}</span></label>`}
    <div class="files" role="group" aria-label=${t("reports.download")}>
      <span class="soft small" aria-hidden="true">${t("reports.download")}</span>
      ${formats.map((each) => html`<${Button} key=${each} text=${each.toUpperCase()}
        class=${classes(busy.value === each && "at-work")} disabled=${!shown.value || Boolean(busy.value)}
        onClick=${() => download(each)} />`)}
    </div>
    <${Button} text=${t("reports.lost")} keys="L" onClick=${() => openLost(choices.value)} />
    <p class="soft small status" role="status">${busy.value ? t(busy.value === "show" ? "reports.making"
      : busy.value === "pdf" ? "reports.printing" : "reports.writing") : t("reports.open_help")}</p>
  </div>`;
}

/** Make every figure that can be opened a button for the keyboard, the mouse and who listens. */
function prepare(article) {
  for (const cell of article.querySelectorAll("[data-key]")) {
    cell.tabIndex = 0;
    cell.setAttribute("role", cell.tagName === "TD" ? "cell" : "button");
    if (cell.tagName !== "TD") continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    cell.removeAttribute("tabindex");
    cell.removeAttribute("role");
  }
}

const OWN = `
  .report { max-width: 60rem; padding: 8mm 9mm 10mm; }
  [data-key] { cursor: pointer; }
  td[data-key] button { all: unset; cursor: pointer; display: block; box-sizing: border-box;
    width: calc(100% + 2.8mm); margin: -.95mm -1.4mm; padding: .95mm 1.4mm; text-align: end; }
  [data-key]:hover, td[data-key] button:hover { background: #e6effa; }
  b[data-key]:focus-visible, td[data-key] button:focus-visible { outline: 2px solid #1d5fb8; outline-offset: -2px; }
  @media (max-width: 48rem) { .report { padding: 4mm; }
    .report .cards { grid-template-columns: 1fr 1fr; } .report .two { grid-template-columns: 1fr; }
    .report header { display: block; } .report .meta { text-align: left; } }
`;

/** The report itself, within a root of its own: its style is that of the paper, not of the screen. */
function Paper({ page }) {
  const holder = useRef();
  useEffect(() => {
    const root = holder.current.shadowRoot ?? holder.current.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(page.style + OWN);
    root.adoptedStyleSheets = [style];
    const article = document.importNode(page.article, true);
    prepare(article);
    root.replaceChildren(article);
    const press = (event) => {
      const cell = event.target.closest?.("[data-key]");
      if (!cell || (event.type === "keydown" && (cell.tagName === "TD" || !["Enter", " "].includes(event.key)))) return;
      event.preventDefault();
      const { key, dim = "all", value, from = article.dataset.from, to = article.dataset.to } = cell.dataset;
      openFigure({ key, dim, value, from_ms: from, to_ms: to });
    };
    article.onclick = article.onkeydown = press;
  }, [page]);
  return html`<div class="paper" ref=${holder}></div>`;
}

function Head() {
  return html`<header class="head">
    <h1>${t("reports.title")}</h1>
    <${Button} kind="plain" class="push" text=${t("keys.list")} keys="?" onClick=${() => (helping.value = true)} />
    <${Button} kind="plain" text=${t("common.settings")} onClick=${() => (setting.value = true)} />
    <${Button} kind="plain" text=${t("common.sign_out")} onClick=${goodbye} />
  </header>`;
}

/** Yesterday: the newest day that is whole. */
function dayBefore(today) {
  const at = new Date(`${today}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - 1);
  return at.toISOString().slice(0, 10);
}

/** The figure that another screen leads to, as {key, dim, value, from_ms, to_ms}; null: none. */
function ledTo() {
  const { key, dim, value, from_ms, to_ms } = Object.fromEntries(new URLSearchParams(location.search));
  return /^\d{1,15}$/.test(from_ms ?? "") && key ? { key, dim: dim ?? "all", value, from_ms, to_ms } : null;
}

/** The day of a moment in the centre's time, as 2026-11-20. */
const dayOf = (at_ms, timeZone) => new Intl.DateTimeFormat("sv-SE", { timeZone }).format(Number(at_ms));

function Screen() {
  useKeyHelp(helping);
  useEffect(() => {
    get("/api/reports/choices").then((found) => {
      choices.value = found;
      const figure = ledTo();
      const first = figure ? dayOf(figure.from_ms, found.timezone) : dayBefore(found.today);
      choose({ first, last: first });
      if (figure) openFigure(figure);
    }, complain);
  }, []);
  useEffect(() => void (choices.value && show()), [lang.value]);
  return html`<div class="reports">
    <${Head} />
    <main aria-busy=${busy.value === "show"}>
      ${choices.value && html`<${Controls} />`}
      ${shown.value ? html`<${Paper} page=${shown.value} />`
        : html`<p class="empty" role="status">${t(busy.value ? "reports.making" : "reports.choose")}</p>`}
    </main>
    ${opened.value && html`<${Calls} choices=${choices.value} />`}
    ${lostOf.value && html`<${Lost} choices=${choices.value} />`}
    <${KeyHelp} open=${helping} />
    ${setting.value && html`<${Dialog} title=${t("common.settings")} onClose=${() => (setting.value = false)}>
      <${Looks} /></${Dialog}>`}
  </div>`;
}

start(Screen, { title: "reports.title" });
