// The recordings' page: say why, search, hear, hold. What is typed as a caller's number stands in no address.
import { classes, html, signal, useEffect, useLayoutEffect, useRef } from "../base/ui.js";
import { both, t } from "../base/i18n.js";
import { get, post, session } from "../base/api.js";
import { useKeys } from "../base/keys.js";
import { start } from "../base/page.js";
import { duration } from "../base/time.js";
import { Button, complain, Dialog, KeyHelp, Looks, useKeyHelp, goodbye } from "../base/widgets.js";
import { Custody } from "./custody.js";
import { close, open, opened, Player } from "./player.js";

const PAGE = 50;
const choices = signal({ agents: {}, queues: {}, reasons: [], listen: false });
const rows = signal(null);
const more = signal(false);
const busy = signal(false);
const helping = signal(false);
const setting = signal(false);
let asked = null;

/** The search as the server takes it; empty fields are left out. */
function wanted(form) {
  const data = Object.fromEntries(new FormData(form));
  const query = { reason: data.reason, limit: PAGE };
  for (const name of ["agent", "queue", "dialled", "caller"]) {
    const text = (data[name] ?? "").replace(name === "agent" || name === "queue" ? /\s/g : /[\s()-]/g, "");
    if (text) query[name] = text;
  }
  if (data.from) query.from_day = data.from;
  if (data.to) query.to_day = data.to;
  if (data.longer) query.longer_ms = Number(data.longer) * 60_000;
  if (data.held) query.held = true;
  return query;
}

async function search(query, { after = "" } = {}) {
  busy.value = true;
  try {
    const found = await post("/api/recordings/search", after ? { ...query, before: after } : query);
    asked = query;
    rows.value = after ? [...rows.value, ...found.recordings] : found.recordings;
    more.value = found.more;
    if (!after) close();
  } catch (error) {
    complain(error);
  }
  busy.value = false;
}

/** Put a changed recording in its row; null takes the row away. */
export function changed(id, one) {
  rows.value = rows.value.flatMap((each) => (each.id !== id ? [each] : one ? [one] : []));
  if (opened.value?.id === id) one ? (opened.value = { ...opened.value, ...one }) : close();
}

const Field = ({ name, children }) => html`<label class="field"><span>${t(`recordings.${name}`)}</span>
  ${children}</label>`;

const options = (entries, empty) => html`<option value="">${empty}</option>
  ${entries.map(([value, text]) => html`<option value=${value}>${text}</option>`)}`;

function Search() {
  const first = useRef();
  useLayoutEffect(() => first.current?.focus(), []);
  useKeys(t("recordings.keys_table"), [
    { keys: "/", text: t("recordings.to_search"), run: () => first.current.focus() },
  ]);
  const { agents, queues, reasons, listen } = choices.value;
  const submit = (event) => {
    event.preventDefault();
    search(wanted(event.currentTarget));
  };
  const minutes = [1, 3, 5, 10].map((each) => [each, t("recordings.longer_min", { minutes: each })]);
  return html`<form class="card search" role="search" onSubmit=${submit}>
    <${Field} name="reason"><select name="reason" required ref=${first} aria-describedby="why">
      ${options(reasons.map((each) => [each, t(`recordings.reason.${each}`)]), t("recordings.choose"))}
    </select></${Field}>
    <${Field} name="from"><input type="date" name="from" /></${Field}>
    <${Field} name="to"><input type="date" name="to" /></${Field}>
    <${Field} name="agent"><select name="agent">
      ${options(Object.entries(agents), t("recordings.everybody"))}</select></${Field}>
    <${Field} name="queue"><select name="queue">
      ${options(Object.entries(queues).map(([id, name]) => [id, both(name)]), t("recordings.every_queue"))}
    </select></${Field}>
    <${Field} name="dialled"><input name="dialled" inputmode="tel" maxlength="20" pattern="[0-9 ()\\-]*"
      autocomplete="off" /></${Field}>
    ${listen && html`<${Field} name="caller"><input name="caller" inputmode="tel" maxlength="20"
      pattern="[0-9 ()\\-]*" autocomplete="off" /></${Field}>`}
    <${Field} name="longer"><select name="longer">
      ${options(minutes, t("recordings.longer_any"))}</select></${Field}>
    <label class="check"><input type="checkbox" name="held" value="1" />
      <span>${t("recordings.held_only")}</span></label>
    <button type="submit" class="button main" disabled=${busy.value}>${t("recordings.search")}</button>
    <p id="why" class="soft small">${t("recordings.reason_help")}</p>
  </form>`;
}

/** A moment in the centre's time zone, wherever the browser is: 2026/10/30 10:00. */
function moment(ms) {
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  const zone = { hourCycle: "h23", timeZone: choices.value.timezone };
  return new Intl.DateTimeFormat("ja-JP", { ...parts, ...zone }).format(ms);
}

function Row({ one }) {
  const { listen, queues } = choices.value;
  const isOpen = opened.value?.id === one.id;
  const kind = one.caller.kind ?? "unknown";
  const kinds = [...new Set(one.gaps.map((gap) => gap.kind))];
  return html`<tr class=${classes(isOpen && "open")} aria-current=${isOpen ? "true" : undefined}>
    <td><${Button} class="row-button" text=${t(listen ? "recordings.listen" : "recordings.open")}
      aria-label=${`${t(listen ? "recordings.listen" : "recordings.open")} ${moment(one.started_ms)} ${one.agent_name}`}
      onClick=${() => open(one, asked.reason, listen)} /></td>
    <td class="figure">${moment(one.started_ms)}</td>
    <td class="figure right">${duration(one.duration_ms / 1000)}</td>
    <td>${one.agent_name || one.agent}</td>
    <td>${both(queues[one.queue]) || one.queue}</td>
    <td class="figure">${one.caller.number ?? t(`recordings.caller.${kind}`)}</td>
    <td>${kinds.map((each) => html`<span class=${`tag tag-${each}`}>${t(`recordings.gap.${each}`)}</span>`)}
      ${one.held && html`<span class="tag tag-held">${t("recordings.held")}</span>`}</td>
    <td class="figure">${one.held ? "—" : moment(one.expires_ms).slice(0, 10)}</td>
  </tr>`;
}

const HEADS = ["", "started", "length", "agent", "queue", "who", "marks", "kept"];

function step(by) {
  const buttons = [...document.querySelectorAll(".row-button")];
  const at = buttons.indexOf(document.activeElement);
  const current = at < 0 ? rows.value?.findIndex((each) => each.id === opened.value?.id) ?? -1 : at;
  buttons[Math.min(buttons.length - 1, Math.max(0, current + by))]?.focus();
}

function Found() {
  useKeys(t("recordings.keys_table"), [
    { keys: "J", text: t("recordings.next"), run: () => step(1) },
    { keys: "K", text: t("recordings.previous"), run: () => step(-1) },
  ]);
  if (rows.value === null) return html`<p class="empty">${t("recordings.before_search")}</p>`;
  if (!rows.value.length) {
    return html`<div class="empty"><p role="status">${t("recordings.none")}</p>
      <p class="soft">${t("recordings.none_ever")}</p></div>`;
  }
  const count = rows.value.length;
  return html`<div class="card found">
    <p class="soft small count" role="status">
      ${t(more.value ? "recordings.found_more" : "recordings.found", { count })}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${t("recordings.title")}><table>
      <thead><tr>${HEADS.map((each) => html`<th scope="col">
        ${each ? t(`recordings.${each}`) : html`<span class="hidden">${t("recordings.open")}</span>`}</th>`)}</tr></thead>
      <tbody>${rows.value.map((one) => html`<${Row} key=${one.id} one=${one} />`)}</tbody>
    </table></div>
    ${more.value && html`<${Button} text=${t("recordings.more")} disabled=${busy.value}
      onClick=${() => search(asked, { after: rows.value.at(-1).id })} />`}
  </div>`;
}

function Head() {
  return html`<header class="head">
    <h1>${t("recordings.title")}</h1>
    <${Button} kind="plain" class="push" text=${t("keys.list")} keys="?" onClick=${() => (helping.value = true)} />
    <${Button} kind="plain" text=${t("common.settings")} onClick=${() => (setting.value = true)} />
    <${Button} kind="plain" text=${t("common.sign_out")} onClick=${goodbye} />
  </header>`;
}

function Closing() {
  useKeys(t("recordings.keys_player"), [{ keys: "Escape", text: t("common.close"), run: close }]);
  return html`<${Button} kind="plain" class="closing" text=${t("common.close")} keys="Escape" onClick=${close} />`;
}

function Screen() {
  useKeyHelp(helping);
  useEffect(() => {
    get("/api/recordings/choices").then((found) => (choices.value = found), complain);
  }, []);
  const one = opened.value;
  return html`<div class=${classes("recordings", one && "with-player")}>
    <${Head} />
    <main><${Search} /><${Found} /></main>
    ${one && html`<aside class="card player" aria-label=${t("recordings.keys_player")}>
      <${Closing} />
      <${Player} key=${one.id} one=${one} />
      <${Custody} one=${one} roles=${session.value?.roles ?? []} changed=${changed} />
    </aside>`}
    <${KeyHelp} open=${helping} />
    ${setting.value && html`<${Dialog} title=${t("common.settings")} onClose=${() => (setting.value = false)}>
      <${Looks} /></${Dialog}>`}
  </div>`;
}

start(Screen, { title: "recordings.title" });
