// The day as it went and as it will probably go: calls below, the answer rate above, with its target.
import { html, useLayoutEffect, useRef, useState } from "../base/ui.js";
import { both, number, t } from "../base/i18n.js";
import { state } from "../base/live.js";
import { clock } from "../base/time.js";
import { percent, rateOf, targetOf } from "./store.js";

const GAP = 0.18;
/** Parts of the height, and lengths in the size of the letters. */
const PART = { rate: 0.45, between: 0.54 };

/** How large an element is, in pixels, and what one rem is there. */
function useSize() {
  const element = useRef();
  const [size, setSize] = useState(null);
  useLayoutEffect(() => {
    const look = () => {
      const { width, height } = element.current.getBoundingClientRect();
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      setSize({ width: Math.max(width, 10 * rem), height: Math.max(height, 8 * rem), rem });
    };
    const watching = new ResizeObserver(look);
    watching.observe(element.current);
    look();
    return () => watching.disconnect();
  }, []);
  return [element, size];
}

/** Where everything lies in a drawing of this size. */
function placed({ width, height, rem }, count) {
  const [left, right, top] = [4.2 * rem, 0.5 * rem, 0.6 * rem];
  const bottom = height - 1.9 * rem;
  const step = (width - left - right) / count;
  return {
    rem, width, height, left, step,
    right: width - right,
    rate: { top: top + 1.1 * rem, bottom: top + PART.rate * (bottom - top) },
    bars: { top: top + PART.between * (bottom - top), bottom },
    from: (place) => left + place * step,
    middle: (place) => left + (place + 0.5) * step,
  };
}

/** A round number of calls at or above the largest bar. */
function ceiling(most) {
  const step = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((each) => each * step).find((each) => each >= most) ?? most;
}

const rateY = ({ rate }, value, low) => rate.bottom - ((value - low) / (1 - low)) * (rate.bottom - rate.top);

function Axis({ box, top, bottom, high, low }) {
  const x = box.left - 0.5 * box.rem;
  return html`<text class="axis" x=${x} y=${top + 0.35 * box.rem} text-anchor="end">${high}</text>
    <text class="axis" x=${x} y=${bottom} text-anchor="end">${low}</text>
    <line class="grid" x1=${box.left} x2=${box.right} y1=${bottom} y2=${bottom} />`;
}

function Goal({ box, contract, low }) {
  if (contract === null) return null;
  const y = rateY(box, contract, low);
  return html`<line class="goal" x1=${box.left} x2=${box.right} y1=${y} y2=${y} />`;
}

function Worst({ box, worst, low }) {
  if (!worst) return null;
  const x = box.left + worst.at * box.step;
  const y = rateY(box, Math.max(low, worst.value), low);
  const text = Math.min(Math.max(x, box.left + 7 * box.rem), box.right - 7 * box.rem);
  const half = 0.55 * box.rem;
  return html`<g class="worst"><path d=${`M${x} ${y + 0.5 * box.rem}l${half} ${1.6 * half}h${-2 * half}Z`} />
    <text x=${text} y=${y + 2.55 * box.rem} text-anchor="middle">${worst.text}</text></g>`;
}

function Rates({ box, rows, contract, worst }) {
  const known = rows.map(({ rate }, place) => [place, rate]).filter(([, rate]) => rate !== null);
  const lowest = Math.min(contract ?? 1, worst?.value ?? 1, ...known.map(([, rate]) => rate));
  const low = Math.max(0, Math.min(0.8, Math.floor(lowest * 10 - 0.5) / 10));
  const points = known.map(([place, rate]) => [box.middle(place), rateY(box, rate, low)]);
  const drawn = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return html`<g>
    <${Axis} box=${box} ...${box.rate} high="100 %" low=${`${number(100 * low)} %`} />
    <${Goal} box=${box} contract=${contract} low=${low} />
    <polyline class="rate-line" points=${drawn} />
    ${points.map(([x, y]) => html`<circle class="rate-dot" cx=${x} cy=${y} r=${0.22 * box.rem} />`)}
    <${Worst} box=${box} worst=${worst} low=${low} /></g>`;
}

function Bars({ box, rows }) {
  const ceil = ceiling(Math.max(4, ...rows.map((row) => Math.max(row.offered, row.expected ?? 0))));
  const height = (count) => (count / ceil) * (box.bars.bottom - box.bars.top);
  const bar = (name, place, count) => html`<rect class=${name} height=${height(count)}
    x=${box.from(place) + (box.step * GAP) / 2} width=${box.step * (1 - GAP)}
    y=${box.bars.bottom - height(count)} />`;
  return html`<g>
    <${Axis} box=${box} ...${box.bars} high=${number(ceil)} low="0" />
    ${rows.map(({ offered, answered, expected }, place) => html`<g key=${place}>
      ${expected !== null && expected > offered && bar("expected", place, expected)}
      ${offered > 0 && bar("offered", place, offered)}
      ${answered > 0 && bar("answered", place, answered)}</g>`)}</g>`;
}

/** The same in words, for those who do not see it. */
function said(rows, rate) {
  const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
  return t("wallboard.curve_said", {
    offered: number(sum("offered")), answered: number(sum("answered")), rate: percent(rate?.value),
  });
}

function Drawing({ curve, rate, size }) {
  const rows = curve.rows.map(([offered, answered, share, expected]) =>
    ({ offered, answered, rate: share, expected }));
  const box = placed(size, rows.length);
  const bad = rate?.worst && rate.worst.value < 1 && {
    at: (rate.worst.from_s - curve.from_s) / curve.step_s + 1,
    value: rate.worst.value,
    text: t("wallboard.worst_mark", { hour: clock(rate.worst.from_s), value: percent(rate.worst.value) }),
  };
  const every = box.step * 4 < 4 * box.rem ? 8 : 4;
  const hours = rows.map((_, place) => place).filter((place) => place % every === 0);
  return html`<svg viewBox=${`0 0 ${size.width} ${size.height}`} role="img" aria-label=${said(rows, rate)}>
    <${Bars} box=${box} rows=${rows} />
    <${Rates} box=${box} rows=${rows} contract=${rate?.contract ?? null} worst=${bad} />
    ${hours.map((place) => html`<text class="axis" x=${box.from(place)} y=${size.height - 0.4 * box.rem}
      text-anchor="middle">${clock(curve.from_s + place * curve.step_s)}</text>`)}</svg>`;
}

export function Curve() {
  const [element, size] = useSize();
  const curve = state.value.curve;
  const rate = rateOf("answer_rate");
  const key = (name, text) => html`<span class=${`key key-${name}`}><i></i>${text}</span>`;
  return html`<div class="curve">
    <div class="drawing" ref=${element}>${size && curve
      ? html`<${Drawing} curve=${curve} rate=${rate} size=${size} />`
      : html`<p class="note">${t("wallboard.reading")}</p>`}</div>
    <p class="note keys-of-curve">${key("rate", both(rate?.name) || t("wallboard.answer_rate"))}
      ${rate && rate.contract !== null && key("goal", `${t("wallboard.target")} ${targetOf(rate.contract)} %`)}
      ${key("answered", t("wallboard.answered"))}${key("offered", t("wallboard.not_answered"))}
      ${curve?.rows.some((row) => row[3]) && key("expected", t("wallboard.expected"))}</p>
  </div>`;
}
