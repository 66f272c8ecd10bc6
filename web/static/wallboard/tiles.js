// One part of the board each: what it says is largest, how it is meant stands small below.
import { classes, html } from "../base/ui.js";
import { both, number, t } from "../base/i18n.js";
import { state } from "../base/live.js";
import { Since, clock, duration, now } from "../base/time.js";
import { Outline, Shape } from "../base/widgets.js";
import { Curve } from "./curve.js";
import {
  behind, besides, explained, figures, goalOf, levelOf, percent, rateOf, targetOf, waiting, worst,
} from "./store.js";

// Told apart by shape and word, never by colour alone.
const MARKS = {
  notice: "M8 1 15.5 14.5H.5ZM7 6v4h2V6ZM7 11v2h2v-2Z",
  alarm: "M8 0 16 8 8 16 0 8ZM7 4v5h2V4ZM7 10.500v2h2v-2Z",
  well: "M6 12.500 1.500 8l1.500-1.500 3 3 7-7L14.500 4Z",
};

export const Mark = ({ level, text }) => html`<span class=${classes("mark", `mark-${level}`)}>
  <svg viewBox="0 0 16 16" aria-hidden="true"><path fill-rule="evenodd" d=${MARKS[level]} /></svg>
  <span>${text}</span></span>`;

const Level = ({ level }) =>
  (level === "calm" ? null : html`<${Mark} level=${level} text=${t(`wallboard.${level}`)} />`);

/** A tile: title, its figure, and what stands below. */
function Tile({ id, title, help, level, children }) {
  const name = `tile-${id}`;
  return html`<section class=${classes("tile", `tile-${id}`, level && `is-${level}`)}
    aria-labelledby=${name}><h2 id=${name} title=${help}>${title}</h2>${children}</section>`;
}

const Big = ({ value, unit }) =>
  html`<p class="big"><span class="figure">${value}</span>${unit && html`<span class="unit">${unit}</span>`}</p>`;

/** A figure of the day, and the way to the calls behind it. */
function Opens({ of, text, ...cell }) {
  const href = of.key && behind(of.key, cell.dim && { dim: cell.dim, value: cell.value });
  return href ? html`<a class="figure opens" href=${href} title=${t("wallboard.behind")}>${text}</a>`
    : html`<span class="figure">${text}</span>`;
}

const queueName = (id) => both(state.value.centre.queues.find((each) => each.id === id)) || id;

function Waiting() {
  const { count } = waiting.value;
  const busiest = Object.entries(waiting.value.queues).sort(([, a], [, b]) => b.waiting - a.waiting)[0];
  return html`<${Tile} id="waiting" title=${t("wallboard.waiting")} help=${t("wallboard.waiting_help")}>
    <${Big} value=${number(count)} unit=${t("wallboard.people", { count })} />
    <p class="note">${busiest
      ? t("wallboard.most", { queue: queueName(busiest[0]), count: number(busiest[1].waiting) })
      : t("wallboard.nobody")}</p></${Tile}>`;
}

function Longest() {
  const { since_s } = waiting.value;
  const { level, queue } = worst.value;
  return html`<${Tile} id="longest" title=${t("wallboard.longest")} help=${t("wallboard.longest_help")}
    level=${level}>
    <p class="big">${since_s === null ? html`<span class="figure">–</span>` : html`<${Since} at=${since_s} />`}</p>
    <p class="note"><${Level} level=${level} />${queue
      ? html`<span>${queueName(queue)}</span>` : html`<span>${t("wallboard.nobody")}</span>`}</p>
  </${Tile}>`;
}

/** Both targets, each met or missed by a shape and a word. */
function Targets({ rate }) {
  if (rate.contract === null) return html`<p class="note">${t("wallboard.no_target")}</p>`;
  const line = (name, limit, well) => html`<span class="target">
    <span>${t(`wallboard.${name}`)} ${rate.at_least ? "≥" : "≤"} ${targetOf(limit)} %</span>
    ${well === null ? "" : html`<${Mark} level=${well ? "well" : "notice"}
      text=${t(well ? "wallboard.met" : "wallboard.missed")} />`}</span>`;
  return html`<p class="note targets">${line("contract", rate.contract, rate.met)}
    ${line("promise", rate.promise, rate.kept)}</p>`;
}

function Worst({ rate }) {
  if (!rate.worst) return null;
  const { from_s, value, met } = rate.worst;
  return html`<p class="note">${t("wallboard.worst_hour", { hour: clock(from_s), value: percent(value) })}
    ${met === false && html`<${Mark} level="notice" text=${t("wallboard.missed")} />`}</p>`;
}

function Rate({ sort }) {
  const rate = rateOf(sort);
  const title = t(`wallboard.${sort}`);
  if (!rate) return html`<${Tile} id=${sort} title=${title}><${Big} value="–" />
    <p class="note">${t("wallboard.reading")}</p></${Tile}>`;
  const beside = sort === "service_level" && besides();
  // No call stands behind the time in which nobody could call.
  const calls = sort !== "availability";
  return html`<${Tile} id=${sort} help=${explained(rate)} level=${rate.met === false ? "notice" : "calm"}
    title=${rate.threshold_s === null ? title : t("wallboard.level_within", { seconds: number(rate.threshold_s) })}>
    <p class="big"><${Opens} of=${calls ? rate : {}} text=${percent(rate.value)} /><span class="unit">%</span></p>
    <${Targets} rate=${rate} />${calls && html`<${Worst} rate=${rate} />`}
    <p class="formula">${both(rate.name)} = ${both(rate.formula)}
      ${beside && html`<br />${both(beside.name)} <${Opens} of=${beside} text=${`${percent(beside.value)} %`} />`}</p>
  </${Tile}>`;
}

function Counts() {
  const counts = figures.value?.counts;
  const line = (key) => html`<div><dt>${t(`wallboard.${key}`)}</dt>
    <dd class="figure">${counts ? html`<${Opens} of=${{ key }} text=${number(counts[key])} />` : "–"}</dd></div>`;
  return html`<${Tile} id="counts" title=${t("wallboard.counts")} help=${t("wallboard.counts_help")}>
    <dl class="counts">${["offered_in_hours", "answered", "abandoned"].map(line)}
      <div><dt>${t("wallboard.in_progress")}</dt>
        <dd class="figure">${number(state.value.lines.in_progress)}</dd></div></dl></${Tile}>`;
}

/** Of a queue with a waiting time of its own: which, what was agreed for it, and whether it is met. */
function Own({ queue, level }) {
  const centre = rateOf("service_level");
  if (!centre || centre.threshold_s === goalOf(queue.id)) return null;
  const { contract = null, at_least, met } = level ?? {};
  return html` <span class="own">${t("wallboard.level_within", { seconds: number(goalOf(queue.id)) })}${contract !== null
    && html` ${at_least ? "≥" : "≤"} ${targetOf(contract)} % `}${contract !== null && met !== null
    && html`<${Mark} level=${met ? "well" : "notice"} text=${t(met ? "wallboard.met" : "wallboard.missed")} />`}</span>`;
}

function QueueLine({ queue }) {
  const live = waiting.value.queues[queue.id];
  const day = figures.value?.queues[queue.id];
  const wait_s = live ? Math.max(0, now.value - live.since_s) : 0;
  const level = levelOf(wait_s, goalOf(queue.id));
  return html`<tr class=${`is-${level}`}>
    <th scope="row">${both(queue)}<${Own} queue=${queue} level=${day?.level} /></th>
    <td class="figure">${number(live?.waiting ?? 0)}</td>
    <td class="figure">${live ? duration(wait_s) : "–"} <${Level} level=${level} /></td>
    ${["rate", "level"].map((each) => html`<td class="figure"><${Opens} of=${day?.[each] ?? {}}
      dim="queue" value=${queue.id} text=${percent(day?.[each].value)} /><span class="unit"> %</span></td>`)}</tr>`;
}

/** The service level is named by its T, as its tile is. */
function headOf(head) {
  const seconds = head === "service_level" ? rateOf(head)?.threshold_s ?? null : null;
  return seconds === null ? t(`wallboard.${head}`) : t("wallboard.level_within", { seconds: number(seconds) });
}

function Queues() {
  const heads = ["queue", "waiting", "longest", "answer_rate", "service_level"];
  const lines = state.value.centre.queues.length;
  return html`<${Tile} id="queues" title=${t("wallboard.queues")} help=${t("wallboard.queues_help")}>
    <div class="table" style=${{ "--lines": lines }} tabindex="0" role="region" aria-labelledby="tile-queues"><table><thead><tr>${heads.map((head) =>
      html`<th scope="col">${headOf(head)}</th>`)}</tr></thead>
      <tbody>${state.value.centre.queues.map((queue) =>
        html`<${QueueLine} key=${queue.id} queue=${queue} />`)}</tbody></table></div></${Tile}>`;
}

const ORDER = ["ready", "ringing", "talking", "hold", "wrap_up", "not_ready", "no_answer"];
/** Beyond so many, one shape stands for several. */
const SHAPES_MAX = 40;

function Operators() {
  const known = state.value.operators;
  const shown = ORDER.filter((each) => known[each] || each === "ready" || each === "talking");
  const most = Math.max(1, ...Object.values(known));
  const per = Math.ceil(most / SHAPES_MAX);
  return html`<${Tile} id="operators" title=${t("wallboard.operators")} help=${t("wallboard.operators_help")}>
    <ul class="people">${shown.map((each) => html`<li key=${each} class=${`state state-${each}`}>
      <span class="name"><${Shape} state=${each} /><span class="ink">${t(`state.${each}`)}</span></span>
      <span class="figure ink">${number(known[each] ?? 0)}</span>
      <span class="row-of-shapes" aria-hidden="true">${Array.from(
        { length: Math.ceil((known[each] ?? 0) / per) }, () => html`<${Shape} state=${each} />`)}</span>
    </li>`)}</ul>
    ${per > 1 && html`<p class="note">${t("wallboard.one_shape", { count: per })}</p>`}</${Tile}>`;
}

function Forecast() {
  const found = state.value.forecast;
  const busy = found && (found.busyness > 1.1 ? "busier" : found.busyness < 0.9 ? "calmer" : "usual_busy");
  return html`<${Tile} id="forecast" title=${t("wallboard.forecast")} help=${t("wallboard.forecast_help")}>
    ${found ? html`<${Big} value=${number(found.rest)} unit=${t("wallboard.calls")} />
      <p class="note">${t("wallboard.whole_day", { count: number(found.whole) })}</p>
      <p class="note">${t(`wallboard.${busy}`, { share: number(100 * found.busyness) })}</p>`
    : html`<${Big} value="–" /><p class="note">${t("wallboard.no_forecast")}</p>`}</${Tile}>`;
}

/** So many carriers fit beside the sum; those that are down come first. */
const LINES_MAX = 3;

function CarrierLine({ trunk }) {
  const { by_trunk, down } = state.value.lines;
  const channels = state.value.centre.channels[trunk];
  return html`<li class=${classes(down.includes(trunk) && "is-down")}>
    <span class="name">${trunk}</span>
    ${down.includes(trunk) && html`<${Mark} level="alarm" text=${t("wallboard.line_down")} />`}
    <span class="figure">${number(by_trunk[trunk] ?? 0)}${channels && html`
      <small>${t("wallboard.of_channels", { count: number(channels) })}</small>`}</span></li>`;
}

function Lines() {
  const { by_trunk, down } = state.value.lines;
  const used = Object.values(by_trunk).reduce((sum, each) => sum + each, 0);
  const { channels } = state.value.centre;
  const trunks = [...new Set([...down, ...Object.keys(channels), ...Object.keys(by_trunk)])];
  const shown = trunks.slice(0, trunks.length > LINES_MAX ? LINES_MAX - 1 : LINES_MAX);
  // One of several that is down is told in its row; red are all of it when nobody can call at all.
  const level = !down.length ? "" : down.length === trunks.length ? "alarm" : "notice";
  return html`<${Tile} id="lines" title=${t("wallboard.lines")} help=${t("wallboard.lines_help")} level=${level}>
    <${Big} value=${number(used)} unit=${t("wallboard.calls")} />
    <ul class="carriers">${shown.map((trunk) => html`<${CarrierLine} key=${trunk} trunk=${trunk} />`)}</ul>
    ${trunks.length > shown.length && html`<p class="note">
      ${t("wallboard.more_lines", { count: number(trunks.length - shown.length) })}</p>`}</${Tile}>`;
}

const LETTERS = {
  r: "ready", g: "ringing", t: "talking", h: "hold", w: "wrap_up", n: "not_ready", a: "no_answer", o: "logged_out",
};

/** The floor as it stands, without names: a board in public shows no single person. */
function Seats() {
  const { seats } = state.value.centre;
  const states = [...state.value.seats].map((letter) => LETTERS[letter]);
  const columns = Math.max(1, ...seats.map(([, column]) => column));
  const rows = Math.max(1, ...seats.map(([row]) => row));
  const said = ORDER.filter((each) => states.includes(each)).map((each) =>
    `${t(`state.${each}`)} ${number(states.filter((one) => one === each).length)}`).join(", ");
  return html`<${Tile} id="seats" title=${t("wallboard.seats")} help=${t("wallboard.seats_help")}>
    <svg class="seats" viewBox=${`0 0 ${columns * 24} ${rows * 24}`} role="img"
      aria-label=${said || t("state.logged_out")}>
      ${seats.map(([row, column], place) => html`<g class=${`state-${states[place]}`} key=${place}
        transform=${`translate(${(column - 1) * 24 + 4} ${(row - 1) * 24 + 4})`}>
        <rect class="seat-ground" x="-2" y="-2" width="20" height="20" rx="4" />
        <${Outline} state=${states[place]} /></g>`)}</svg></${Tile}>`;
}

const CurveTile = () => html`<${Tile} id="curve" title=${t("wallboard.curve")}
  help=${explained(rateOf("answer_rate"))}><${Curve} /></${Tile}>`;

/** What each kind of tile is drawn by. */
export const TILES = {
  waiting: Waiting,
  longest: Longest,
  answer_rate: () => html`<${Rate} sort="answer_rate" />`,
  service_level: () => html`<${Rate} sort="service_level" />`,
  abandonment: () => html`<${Rate} sort="abandonment" />`,
  availability: () => html`<${Rate} sort="availability" />`,
  counts: Counts,
  curve: CurveTile,
  queues: Queues,
  operators: Operators,
  forecast: Forecast,
  lines: Lines,
  seats: Seats,
};
