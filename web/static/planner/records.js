// Studies of the centre's own calls: the days to come, the rest of today, a scenario fitted to what was.
// The server reads sums alone; nobody's number, name or words come here.
import { html, signal } from "../base/ui.js";
import { number, t } from "../base/i18n.js";
import { Button } from "../base/widgets.js";
import { downloadMade, openMade } from "./store.js";

/** The studies of this kind, as the server names them. */
export const OF_RECORDS = ["forecast", "intraday", "fit"];
/** Those that make a scenario, which can go on being planned with. */
const MAKES = ["forecast", "fit"];
const WEEKS = [4, 8, 13, 26, 52, 104];
const PERIODS = [900, 1800, 3600];
const AHEAD = [7, 14, 28, 62];
const DAYS = ["busiest", "all", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"];

const weeks = signal(26);
/** Intervals by the study: the rest of today is told by half hours. */
const periods = signal({ forecast: 3600, intraday: 1800, fit: 3600 });
const ahead = signal(7);
const day = signal("busiest");
const people = signal(0);

/** What is asked of the server beside the kind. */
export function recordsWanted(kind) {
  return {
    weeks: weeks.value,
    period_s: periods.value[kind],
    ...(kind === "forecast" && { ahead: ahead.value }),
    ...(kind === "fit" && { day: day.value }),
    ...(kind !== "forecast" && { people: people.value }),
  };
}

const Choice = ({ name, value, all, text, chosen }) => html`<label class="field"><span>${t(`planner.${name}`)}</span>
  <select value=${value} onChange=${(event) => chosen(event.currentTarget.value)}>
    ${all.map((each) => html`<option value=${each}>${text(each)}</option>`)}
  </select></label>`;

function People() {
  const given = ({ currentTarget: field }) => {
    if (field.checkValidity()) people.value = Number(field.value);
  };
  return html`<label class="field"><span>${t("planner.people_now")}</span>
    <input type="number" min="0" max="500" step="1" value=${people.value || ""} onChange=${given} /></label>`;
}

/** What one of them takes. */
export function Records({ kind }) {
  return html`<div class="stack"><p class="small soft">${t(`planner.${kind}_text`)}</p>
    <div class="row">
      <${Choice} name="weeks" value=${weeks.value} all=${WEEKS} chosen=${(each) => (weeks.value = Number(each))}
        text=${(each) => t("planner.so_many_weeks", { weeks: number(each) })} />
      <${Choice} name="period" value=${periods.value[kind]} all=${PERIODS}
        chosen=${(each) => (periods.value = { ...periods.value, [kind]: Number(each) })}
        text=${(each) => t("planner.so_many_minutes", { minutes: number(each / 60) })} />
      ${kind === "forecast" && html`<${Choice} name="ahead" value=${ahead.value} all=${AHEAD}
        chosen=${(each) => (ahead.value = Number(each))}
        text=${(each) => t("planner.so_many_days_ahead", { days: number(each) })} />`}
      ${kind === "fit" && html`<${Choice} name="day" value=${day.value} all=${DAYS}
        chosen=${(each) => (day.value = each)} text=${(each) => t(`planner.day_${each}`)} />`}
      ${kind !== "forecast" && html`<${People} />`}
    </div></div>`;
}

/** What can be done with the scenario that such a study made. */
export const Made = ({ kind }) => MAKES.includes(kind) && html`
  <${Button} text=${t("planner.open_made")} keys="G" onClick=${openMade} />
  <${Button} text=${t("planner.save_made")} onClick=${downloadMade} />`;
export const makes = (kind) => MAKES.includes(kind);
