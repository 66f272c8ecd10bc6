// The assumptions as sliders, each with its figure beside it: both can be used, and both by keyboard.
import { html } from "../base/ui.js";
import { both, number, t } from "../base/i18n.js";
import { duration } from "../base/time.js";
import { useKeys } from "../base/keys.js";
import { Button } from "../base/widgets.js";
import {
  assume, assumed, cancel, choices, choose, days, download, example, running, show, showExact, simulate,
  simulated, study,
} from "./store.js";

const DAYS = [50, 100, 200, 400];

/** One assumption: name, slider, figure and unit. shown: how the slider's value is spoken. */
function Slider({ name, min, max, step, unit, shown, scale = 1, digits = 0 }) {
  const value = assumed.value[name];
  const text = shown ?? `${number(value * scale, digits)} ${unit}`;
  const top = Math.max(max, Math.ceil(value));
  const given = (event) => {
    const next = Number(event.currentTarget.value) / (event.currentTarget.type === "range" ? 1 : scale);
    if (event.currentTarget.value !== "" && event.currentTarget.checkValidity()) assume({ [name]: next });
  };
  return html`<div class="slider">
    <label for=${`range-${name}`}>${t(`planner.${name}`)}${shown && html` <span class="said">${shown}</span>`}</label>
    <span class="exactly"><input type="number" aria-label=${`${t(`planner.${name}`)} (${unit})`}
      min=${min * scale} max=${choices.value.bounds[name] * scale} step=${step * scale === 1 ? 1 : "any"}
      value=${+(value * scale).toFixed(2)} onChange=${given} /><span class="soft">${unit}</span></span>
    <input id=${`range-${name}`} type="range" min=${min} max=${top} step=${step} value=${value}
      aria-valuetext=${text} onInput=${given} />
  </div>`;
}

function Sliders() {
  const values = assumed.value;
  const base = (example.value ?? choices.value.hour).values;
  const [s, people] = [t("planner.unit_s"), t("planner.unit_people")];
  const per = t(values.example ? "planner.unit_day" : "planner.unit_hour");
  const round = (most) => 10 ** Math.floor(Math.log10(most));
  const calls = Math.ceil((3 * base.calls) / round(base.calls)) * round(base.calls);
  return html`
    <${Slider} name="calls" min=${1} max=${calls} step=${1} unit=${per} />
    <${Slider} name="aht_s" min=${5} max=${Math.max(600, 2 * base.aht_s)} step=${5} unit=${s}
      shown=${values.aht_s >= 60 ? duration(values.aht_s) : undefined} />
    <${Slider} name="patience_s" min=${0} max=${Math.max(600, 2 * base.patience_s)} step=${5} unit=${s}
      shown=${values.patience_s ? undefined : t("planner.never")} />
    <${Slider} name="seats" min=${1} max=${Math.max(20, 3 * base.seats)} step=${1} unit=${t("planner.unit_seats")} />
    <${Slider} name="absent" min=${0} max=${Math.max(1, Math.min(10, values.seats - 1))} step=${1} unit=${people} />
    <${Slider} name="surge" min=${0.5} max=${2.5} step=${0.05} unit="%" scale=${100} />
    <${Slider} name="lines" min=${0} max=${Math.max(40, 3 * base.seats + 20)} step=${1} unit=${t("planner.unit_lines")}
      shown=${values.lines ? undefined : t("planner.enough")} />
    <details class="goals"><summary>${t("planner.goals")}</summary><div class="stack">
      <${Slider} name="threshold_s" min=${0} max=${120} step=${5} unit=${s} />
      <${Slider} name="sl_target" min=${0.5} max=${1} step=${0.01} unit="%" scale=${100} />
      <${Slider} name="rate_target" min=${0.5} max=${1} step=${0.01} unit="%" scale=${100} />
    </div></details>`;
}

function Running() {
  const { done = 0, days: all = 0, left_s } = study.value;
  const left = left_s === null || left_s === undefined ? t("planner.beginning")
    : t("planner.left", { seconds: number(Math.ceil(left_s)) });
  return html`<div class="stack running">
    <progress max=${Math.max(1, all)} value=${done} aria-label=${t("planner.progress")}></progress>
    <p class="small" role="status">${t("planner.done_of", { done: number(done), days: number(all) })} ${left}</p>
    <${Button} text=${t("planner.cancel")} keys="X" onClick=${cancel} />
  </div>`;
}

export function Study() {
  const { state } = study.value;
  useKeys(t("planner.title"), [
    { keys: "S", text: t("planner.simulate"), run: simulate, when: () => !running.value },
    { keys: "X", text: t("planner.cancel"), run: cancel, when: () => running.value },
    { keys: "D", text: t("planner.download"), run: download, when: () => study.value.state === "done" },
  ]);
  return html`<section class="stack study" aria-label=${t("planner.study")}>
    <p class="small soft">${t("planner.study_text")}</p>
    ${running.value ? html`<${Running} />` : html`<div class="row">
      <label class="field"><span>${t("planner.days")}</span>
        <select value=${days.value} onChange=${(event) => (days.value = Number(event.currentTarget.value))}>
          ${DAYS.map((each) => html`<option value=${each}>${t("planner.so_many_days", { days: each })}</option>`)}
        </select></label>
      <${Button} kind="main" text=${t("planner.simulate")} keys="S" disabled=${!assumed.value} onClick=${simulate} />
    </div>`}
    ${state === "failed" && html`<p class="notice warning" role="alert">${both(study.value)}</p>`}
    ${state === "cancelled" && html`<p class="small soft" role="status">${t("planner.cancelled")}</p>`}
    ${state === "done" && html`<div class="row">
      ${simulated.value
        ? html`<${Button} text=${t("planner.show_exact")} onClick=${showExact} />`
        : html`<${Button} text=${t("planner.show")} onClick=${show} />`}
      <${Button} text=${t("planner.download")} keys="D" onClick=${download} /></div>`}
  </section>`;
}

export function Controls() {
  return html`<form class="card controls" aria-label=${t("planner.assumptions")} onSubmit=${(event) => event.preventDefault()}>
    <label class="field"><span>${t("planner.example")}</span>
      <select value=${assumed.value.example} onChange=${(event) => choose(event.currentTarget.value)}>
        ${choices.value.examples.map((each) => html`<option value=${each.id}>${both(each.name)}</option>`)}
        <option value="">${t("planner.one_hour")}</option>
      </select></label>
    <${Sliders} />
  </form>`;
}
