// The assumptions as sliders, each with its figure beside it: both can be used, and both by keyboard.
import { html } from "../base/ui.js";
import { both, number, t } from "../base/i18n.js";
import { duration } from "../base/time.js";
import { OwnFile } from "./own.js";
import { assume, assumed, base, choices, choose, own, OWN, steady } from "./store.js";

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
  const usual = base.value.values;
  const [s, people] = [t("planner.unit_s"), t("planner.unit_people")];
  const per = t(steady.value ? "planner.unit_hour" : "planner.unit_day");
  const round = (most) => 10 ** Math.floor(Math.log10(most));
  const calls = Math.ceil((3 * usual.calls) / round(usual.calls)) * round(usual.calls);
  return html`
    <${Slider} name="calls" min=${1} max=${calls} step=${1} unit=${per} />
    <${Slider} name="aht_s" min=${5} max=${Math.max(600, 2 * usual.aht_s)} step=${5} unit=${s}
      shown=${values.aht_s >= 60 ? duration(values.aht_s) : undefined} />
    <${Slider} name="patience_s" min=${0} max=${Math.max(600, 2 * usual.patience_s)} step=${5} unit=${s}
      shown=${values.patience_s ? undefined : t("planner.never")} />
    <${Slider} name="seats" min=${1} max=${Math.max(20, 3 * usual.seats)} step=${1} unit=${t("planner.unit_seats")} />
    <${Slider} name="absent" min=${0} max=${Math.max(1, Math.min(10, values.seats - 1))} step=${1} unit=${people} />
    <${Slider} name="surge" min=${0.5} max=${2.5} step=${0.05} unit="%" scale=${100} />
    <${Slider} name="lines" min=${0} max=${Math.max(40, 3 * usual.seats + 20)} step=${1} unit=${t("planner.unit_lines")}
      shown=${values.lines ? undefined : t("planner.enough")} />
    <details class="goals"><summary>${t("planner.goals")}</summary><div class="stack">
      <${Slider} name="threshold_s" min=${0} max=${120} step=${5} unit=${s} />
      <${Slider} name="sl_target" min=${0} max=${1} step=${0.01} unit="%" scale=${100}
        shown=${values.sl_target ? undefined : t("planner.no_target")} />
      <${Slider} name="rate_target" min=${0} max=${1} step=${0.01} unit="%" scale=${100}
        shown=${values.rate_target ? undefined : t("planner.no_target")} />
    </div></details>`;
}

export function Controls() {
  return html`<form class="card controls" aria-label=${t("planner.assumptions")} onSubmit=${(event) => event.preventDefault()}>
    <label class="field"><span>${t("planner.example")}</span>
      <select value=${assumed.value.example} onChange=${(event) => choose(event.currentTarget.value)}>
        ${choices.value.examples.map((each) => html`<option value=${each.id}>${both(each.name)}</option>`)}
        <option value="">${t("planner.one_hour")}</option>
        ${own.value && html`<option value=${OWN}>${own.value.name} (${own.value.file})</option>`}
      </select></label>
    <${OwnFile} />
    <${Sliders} />
  </form>`;
}
