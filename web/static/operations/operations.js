// The operation log: who did what, to what, why and when. Read only, by auditors and administrators.
import { classes, html, signal, useEffect, useSignal } from "../base/ui.js";
import { get } from "../base/api.js";
import { has, lang, number, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { start } from "../base/page.js";
import { zoneIs } from "../base/time.js";
import { Button, Dialog, KeyHelp, Looks, complain, useKeyHelp, goodbye } from "../base/widgets.js";

const PAGE = 100;
const KINDS = [
  "signed_in", "sign_in_refused", "signed_out", "locked", "unlocked",
  "sessions_ended", "people_viewed", "person_added", "person_changed",
  "person_disabled", "password_changed", "second_factor_changed", "link_made", "token_made", "token_revoked",
  "operations_read",
  "configuration_reloaded", "lead_given", "mode_changed", "alarm_seen", "agent_forced", "agent_logged_out",
  "agent_acted_for", "skill_changed",
  "call_priority_changed", "call_moved", "call_taken_over", "call_listened", "call_whispered",
  "call_barged", "call_listening_ended", "caller_shown", "history_viewed",
  "number_dialled", "operators_viewed", "call_classified", "calls_studied",
  "records_searched", "records_exported", "record_changed",
  "roster_changed", "backed_up", "restored", "recording_searched", "recording_played",
  "recording_paused", "recording_resumed", "recording_held",
  "recording_released", "recording_rekeyed", "recording_deleted", "wallboard_changed",
  "wallboard_link_made", "wallboard_link_revoked",
  "alarms_tested",
];

const me = signal(null);
const help = signal(false);
const looks = signal(false);
/** What is asked for: texts of the fields. */
const wanted = signal({ who: "", kind: "", from: "", to: "" });
/** {list, next} as read, or null before the first answer. */
const found = signal(null);
const busy = signal(false);

const set = (name) => (event) => (wanted.value = { ...wanted.value, [name]: event.currentTarget.value });

/** Unix milliseconds of a day and minute as the centre's clocks show them, wherever this machine
 *  stands; 0 when nothing is written. */
function at_ms(text) {
  if (!text) return 0;
  const there = Date.parse(`${text}Z`);
  const shown = new Date(there).toLocaleString("sv-SE", { timeZone: me.value?.timezone });
  return 2 * there - Date.parse(`${shown.replace(" ", "T")}Z`);
}

function question(before) {
  const { who, kind, from, to } = wanted.value;
  const query = new URLSearchParams({ limit: PAGE });
  if (who.trim()) query.set("who", who.trim());
  if (kind) query.set("kind", kind);
  if (from) query.set("from_ms", at_ms(from));
  if (to) query.set("to_ms", at_ms(to));
  if (before) query.set("before", before);
  return query;
}

async function read(before = 0) {
  if (busy.value) return;
  busy.value = true;
  try {
    const answer = await get(`/api/operations?${question(before)}`);
    const earlier = before ? found.value.list : [];
    found.value = { list: [...earlier, ...answer.operations], next: answer.next };
  } catch (error) {
    complain(error);
  } finally {
    busy.value = false;
  }
}

const kindText = (kind) => (has(`operation.${kind}`) ? t(`operation.${kind}`) : kind);
const roleText = (role) => (has(`role.${role}`) ? t(`role.${role}`) : role);

const wordOf = (name, value) =>
  name === "roles" ? roleText(value) : has(`told.${name}.${value}`) ? t(`told.${name}.${value}`) : value;

/** Ids as they are, fields in words: "op10 level=4" is "op10 · レベル: 4". */
const subjectText = (subject) => subject.split(" ").map((word) => {
  const [name, value] = word.split("=");
  if (!value || !has(`told.${name}`)) return word;
  return `${t(`told.${name}`)}: ${value.split(",").map((each) => wordOf(name, each)).join(", ")}`;
}).join(" · ");

/** Where the words for a kind's reasons are; any other reason is a person's own words. */
const REASONS = {
  agent_forced: "reason", recording_searched: "recordings.reason", recording_played: "recordings.reason",
  recording_held: "recordings.hold", recording_released: "recordings.release",
  recording_deleted: "recordings.delete",
};
const reasonText = ({ kind, reason }) => {
  const key = `${REASONS[kind]}.${reason}`;
  return has(key) ? t(key) : reason;
};

function moment(ms) {
  const locale = lang.value === "ja" ? "ja-JP" : "en-GB";
  return new Intl.DateTimeFormat(locale, {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    second: "2-digit", hourCycle: "h23", timeZone: me.value?.timezone,
  }).format(ms);
}

function Filter() {
  const first = useSignal(null);
  const submit = (event) => {
    event.preventDefault();
    read();
  };
  const clear = () => {
    wanted.value = { who: "", kind: "", from: "", to: "" };
    read();
  };
  useKeys(t("operations.title"), [
    { keys: "/", text: t("operations.to_filter"), run: () => first.value?.focus() },
    { keys: "R", text: t("operations.read_again"), run: () => read() },
    { keys: "C", text: t("operations.clear"), run: clear },
  ]);
  const { who, kind, from, to } = wanted.value;
  const kinds = KINDS.map((each) => [each, kindText(each)]);
  return html`<form class="filter" role="search" onSubmit=${submit}>
    <label class="field"><span>${t("operations.who")}</span>
      <input ref=${(element) => (first.value = element)} type="text" maxlength="80"
        pattern="[A-Za-z0-9._@: \\-]*" autocomplete="off" value=${who} onInput=${set("who")} /></label>
    <label class="field"><span>${t("operations.kind")}</span>
      <select value=${kind} onChange=${set("kind")}><option value="">${t("operations.all")}</option>
        ${kinds.map(([each, text]) => html`<option value=${each} selected=${each === kind}>${text}</option>`)}
      </select></label>
    <label class="field"><span>${t("operations.from")}</span>
      <input type="datetime-local" value=${from} onInput=${set("from")} /></label>
    <label class="field"><span>${t("operations.to")}</span>
      <input type="datetime-local" value=${to} onInput=${set("to")} /></label>
    <div class="row"><button type="submit" class="button main" disabled=${busy.value}>
        ${t("operations.search")}</button>
      <${Button} text=${t("operations.clear")} keys="C" onClick=${clear} /></div>
  </form>`;
}

function Line({ entry }) {
  return html`<tr class=${classes(!entry.allowed && "refused")}>
    <td class="figure when">${moment(entry.at_ms)}</td>
    <td><span class="strong">${entry.who || "–"}</span>
      ${entry.role && html` <span class="soft small">${roleText(entry.role)}</span>`}</td>
    <td>${kindText(entry.kind)}
      ${!entry.allowed && html` <span class="no">${t("operations.refused")}</span>`}</td>
    <td>${subjectText(entry.subject) || "–"}</td><td>${reasonText(entry) || "–"}</td>
    <td class="figure soft number">${entry.number}</td>
  </tr>`;
}

function List() {
  if (!found.value) return html`<p class="empty" aria-busy="true">${t("operations.reading")}</p>`;
  const { list, next } = found.value;
  if (!list.length) return html`<p class="empty">${t("operations.nothing")}</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("operations.title")}>
    <table><thead><tr>${["when", "who", "kind", "subject", "why"].map((each) =>
      html`<th scope="col">${t(`operations.${each}`)}</th>`)}
      <th scope="col" class="number">${t("operations.number")}</th></tr></thead>
    <tbody>${list.map((entry) => html`<${Line} key=${entry.number} entry=${entry} />`)}</tbody></table>
  </div>
  <footer class="row"><span class="soft">${t("operations.shown", { count: number(list.length) })}</span>
    ${next !== null && html`<${Button} text=${t("operations.older")} onClick=${() => read(next)}
      disabled=${busy.value} />`}</footer>`;
}

function Settings() {
  const close = () => (looks.value = false);
  return looks.value && html`<${Dialog} title=${t("common.settings")} onClose=${close}>
    <div class="stack"><${Looks} /><${Button} text=${t("common.sign_out")} onClick=${goodbye} /></div>
  </${Dialog}>`;
}

function Screen() {
  useKeyHelp(help);
  useKeys(t("keys.everywhere"), [
    { keys: ",", text: t("common.settings"), run: () => (looks.value = true) },
  ]);
  useEffect(() => {
    // The moments below are the centre's, and so wait for its time zone.
    get("/api/me").then((known) => {
      zoneIs(known.timezone);
      me.value = known;
    }).catch(complain).finally(() => read());
  }, []);
  return html`<div class="operations">
    <header class="bar"><h1>${t("operations.title")}</h1>
      <span class="soft">${t("operations.note")}</span>
      <nav class="row push" aria-label=${t("operations.more")}>
        <${Button} kind="plain" text=${t("operations.read_again")} keys="R" onClick=${() => read()} />
        <${Button} kind="plain" text=${t("common.settings")} keys="," onClick=${() => (looks.value = true)} />
        <${Button} kind="plain" text=${t("operations.keys")} keys="?" onClick=${() => (help.value = true)} />
      </nav></header>
    <main><section class="card"><${Filter} /><${List} /></section></main>
    <${Settings} /><${KeyHelp} open=${help} />
  </div>`;
}

start(Screen, { title: "operations.title" });
