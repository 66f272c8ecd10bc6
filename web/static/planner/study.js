// The simulated studies: the day, a comparison, one assumption over a range, the least staff, rosters; and
// those of the centre's own calls.
import { computed, html, signal } from "../base/ui.js";
import { both, number, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { Button } from "../base/widgets.js";
import { Opener } from "./own.js";
import { Made, makes, OF_RECORDS, Records, recordsWanted } from "./records.js";
import {
  asked, assumed, base, cancel, choices, days, download, downloadRoster, openMade, running, show, showExact,
  simulate, simulated, study,
} from "./store.js";

const DAYS = [50, 100, 200, 400];
const KINDS = ["day", "compare", "sweep", "staff", "shifts"];
/** What can be put through a range: how far around the present value at first; whole numbers only. */
const RANGES = {
  seats: { around: 4, whole: true, unit: "seats" },
  calls: { share: 0.3, whole: true, unit: "calls" },
  aht_s: { share: 0.3, unit: "s" },
  patience_s: { share: 0.5, unit: "s" },
  absent: { around: 3, whole: true, unit: "people" },
  surge: { around: 0.3, unit: "percent", scale: 100 },
  lines: { around: 10, whole: true, unit: "lines" },
};
const STEPS = [3, 5, 7, 9, 12];
const COMPARED = ["calls", "aht_s", "patience_s", "seats", "absent", "surge", "lines", "threshold_s",
  "sl_target", "rate_target"];

const kind = signal("day");
/** What a comparison compares with: {values, asked}. */
const before = signal(null);
const swept = signal("seats");
/** The ends that were typed; null: as is usual around the present value. */
const ends = signal(null);
const steps = signal(9);
const costs = signal({});
/** A roster file of one's own: {file, text, name, groups, people, days}; null: the shipped example. */
const roster = signal(null);
const wrong = signal(null);

const range = computed(() => {
  const { around, share, scale = 1 } = RANGES[swept.value];
  const now = assumed.value?.[swept.value] ?? 0;
  const by = around ?? Math.max(1, Math.round(now * share));
  const [least, most] = [{ seats: 1, calls: 1, aht_s: 5, surge: 0.1 }[swept.value] ?? 0,
    swept.value === "absent" ? assumed.value?.seats - 1 : choices.value?.bounds[swept.value]];
  const [first, last] = ends.value ?? [Math.max(least, now - by) * scale, Math.min(most, now + by) * scale];
  return { first: +first.toFixed(1), last: +last.toFixed(1), least: least * scale, most: most * scale };
});

/** The values of the range, in the server's units. */
const values = computed(() => {
  const { whole, scale = 1 } = RANGES[swept.value];
  const { first, last } = range.value;
  const all = Array.from({ length: steps.value }, (_, at) =>
    (first + (at * (last - first)) / (steps.value - 1)) / scale);
  return [...new Set(all.map((each) => (whole ? Math.round(each) : +each.toFixed(4))))];
});

/** What is otherwise than it was when it was kept. */
const changed = computed(() => before.value
  ? COMPARED.filter((name) => before.value.values[name] !== assumed.value[name]) : []);
const different = computed(() => before.value &&
  JSON.stringify(before.value.asked) !== JSON.stringify(asked()));

const ready = computed(() => Boolean(assumed.value) && !running.value &&
  (kind.value !== "compare" || different.value) && (kind.value !== "sweep" || values.value.length > 1));

const keep = () => (before.value = { values: assumed.value, asked: asked() });

function begin() {
  if (!ready.value) return;
  const costly = Object.entries(costs.value).filter(([name]) => base.value.groups.includes(name));
  simulate({
    kind: kind.value,
    ...(kind.value === "compare" && { before: before.value.asked }),
    ...(kind.value === "sweep" && { swept: swept.value, values: values.value }),
    ...(kind.value === "staff" && { costs: costly.map(([name, cost]) => `${name}=${cost}`).join(",") }),
    ...(kind.value === "shifts" && roster.value && { roster: roster.value.text, roster_name: roster.value.file }),
    ...(OF_RECORDS.includes(kind.value) && recordsWanted(kind.value)),
  });
}

const figure = (name, value) =>
  number(value * (["surge", "sl_target", "rate_target"].includes(name) ? 100 : 1), value % 1 && name !== "surge" ? 1 : 0);

const Compare = () => html`<div class="stack">
  <p class="small soft">${t("planner.compare_text")}</p>
  <${Button} text=${t("planner.keep")} keys="K" onClick=${keep} />
  ${before.value && html`<div role="status" class="small">${different.value
    ? html`<p>${t("planner.changed")}</p><ul class="changed">${changed.value.map((name) => html`<li>
        ${t(`planner.${name}`)}: ${figure(name, before.value.values[name])} → ${figure(name, assumed.value[name])}</li>`)}
      </ul>` : html`<p>${t("planner.unchanged")}</p>`}</div>`}
</div>`;

function End({ at, label }) {
  const { first, last, least, most } = range.value;
  const given = (event) => {
    const field = event.currentTarget;
    if (field.value === "" || !field.checkValidity()) return;
    ends.value = at ? [first, Number(field.value)] : [Number(field.value), last];
  };
  return html`<label class="field"><span>${label}</span>
    <input type="number" step="any" min=${least} max=${most} value=${at ? last : first} onChange=${given} /></label>`;
}

function Sweep() {
  const { unit, scale = 1 } = RANGES[swept.value];
  const choose = (name) => {
    swept.value = name;
    ends.value = null;
  };
  return html`<div class="stack">
    <p class="small soft">${t("planner.sweep_text")}</p>
    <div class="row">
      <label class="field"><span>${t("planner.swept")}</span>
        <select value=${swept.value} onChange=${(event) => choose(event.currentTarget.value)}>
          ${Object.keys(RANGES).map((name) => html`<option value=${name}>${t(`planner.${name}`)}</option>`)}
        </select></label>
      <${End} at=${0} label=${t("planner.from", { unit: t(`planner.in_${unit}`) })} />
      <${End} at=${1} label=${t("planner.to", { unit: t(`planner.in_${unit}`) })} />
      <label class="field"><span>${t("planner.steps")}</span>
        <select value=${steps.value} onChange=${(event) => (steps.value = Number(event.currentTarget.value))}>
          ${STEPS.map((each) => html`<option value=${each}>${each}</option>`)}
        </select></label>
    </div>
    <p class="small" role="status">${t("planner.values")} ${values.value.map((each) =>
      number(+(each * scale).toFixed(1), each * scale % 1 ? 1 : 0)).join(" · ")}</p>
  </div>`;
}

function Staff() {
  const groups = base.value?.groups ?? [];
  const given = (name) => (event) => {
    const field = event.currentTarget;
    if (field.value !== "" && field.checkValidity()) costs.value = { ...costs.value, [name]: Number(field.value) };
  };
  return html`<div class="stack"><p class="small soft">${t("planner.staff_text")}</p>
    ${groups.length > 1 && html`<div class="row">${groups.map((name) => html`<label class="field">
      <span>${t("planner.cost", { group: name })}</span>
      <input type="number" min="0.01" max="1000000" step="any" value=${costs.value[name] ?? 1}
        onChange=${given(name)} /></label>`)}</div>`}
  </div>`;
}

function Shifts() {
  const { file, name, people } = roster.value ?? {};
  return html`<div class="stack"><p class="small soft">${t("planner.shifts_text")}</p>
    <${Opener} text=${t("planner.roster")} keys="R" path="/api/studies/check-roster" wrong=${wrong}
      found=${(found) => (roster.value = found)} />
    <p class="small" role="status">${file ? t("planner.roster_is", { name, file, people: number(people) })
      : t("planner.roster_example")}</p>
    ${file && html`<${Button} kind="plain" text=${t("planner.roster_none")} onClick=${() => (roster.value = null)} />`}
  </div>`;
}

const FIELDS = { compare: Compare, sweep: Sweep, staff: Staff, shifts: Shifts };

function Running() {
  const { done = 0, days: all = 0, left_s } = study.value;
  const left = left_s === null || left_s === undefined ? t("planner.beginning")
    : t("planner.left", { seconds: number(Math.ceil(left_s)) });
  const share = number((100 * done) / Math.max(1, all));
  return html`<div class="stack running">
    <progress max=${Math.max(1, all)} value=${done} aria-label=${t("planner.progress")}></progress>
    <p class="small" role="status">${t("planner.done_share", { share })} ${left}</p>
    <${Button} text=${t("planner.cancel")} keys="X" onClick=${cancel} />
  </div>`;
}

const Begin = () => {
  const Fields = FIELDS[kind.value];
  const ofRecords = OF_RECORDS.includes(kind.value);
  const kinds = choices.value?.records ? [...KINDS, ...OF_RECORDS] : KINDS;
  return html`<div class="row">
      <label class="field"><span>${t("planner.kind")}</span>
        <select value=${kind.value} onChange=${(event) => (kind.value = event.currentTarget.value)}>
          ${kinds.map((each) => html`<option value=${each}>${t(`planner.kind_${each}`)}</option>`)}
        </select></label>
      ${!ofRecords && html`<label class="field"><span>${t("planner.days")}</span>
        <select value=${days.value} onChange=${(event) => (days.value = Number(event.currentTarget.value))}>
          ${DAYS.map((each) => html`<option value=${each}>${t("planner.so_many_days", { days: each })}</option>`)}
        </select></label>`}
    </div>
    ${ofRecords && html`<${Records} kind=${kind.value} />`}
    ${Fields && html`<${Fields} />`}
    <${Button} kind="main" text=${t(ofRecords ? "planner.read" : "planner.simulate")} keys="S" disabled=${!ready.value}
      onClick=${begin} />
    <p class="small soft">${t("planner.elsewhere")}</p>`;
};

export function Study() {
  const { state } = study.value;
  useKeys(t("planner.title"), [
    { keys: "S", text: t("planner.simulate"), run: begin, when: () => ready.value },
    { keys: "K", text: t("planner.keep"), run: keep, when: () => kind.value === "compare" },
    { keys: "X", text: t("planner.cancel"), run: cancel, when: () => running.value },
    { keys: "G", text: t("planner.open_made"), run: openMade,
      when: () => study.value.state === "done" && makes(study.value.kind) },
    { keys: "D", text: t("planner.download"), run: download, when: () => study.value.state === "done" },
  ]);
  return html`<section class="stack study" aria-label=${t("planner.study")}>
    ${!OF_RECORDS.includes(kind.value) && html`<p class="small soft">${t("planner.study_text")}</p>`}
    ${running.value ? html`<${Running} />` : html`<${Begin} />`}
    ${state === "failed" && html`<p class="notice warning" role="alert">${both(study.value)}</p>`}
    ${state === "cancelled" && html`<p class="small soft" role="status">${t("planner.cancelled")}</p>`}
    ${state === "done" && html`<div class="row">
      ${simulated.value
        ? html`<${Button} text=${t("planner.show_exact")} onClick=${showExact} />`
        : html`<${Button} text=${t("planner.show")} onClick=${show} />`}
      <${Button} text=${t("planner.download")} keys="D" onClick=${download} />
      <${Made} kind=${study.value.kind} />
      ${study.value.kind === "shifts" && html`<${Button} text=${t("planner.roster_csv")} onClick=${downloadRoster} />`}
    </div>`}
  </section>`;
}
