// A call of our own to an outside number: our telephone first, then theirs.
import { computed, effect, html, signal, untracked } from "../base/ui.js";
import { t } from "../base/i18n.js";
import { Buttons, Clock, grouped } from "./callcard.js";
import { inBrowser, phone, phoneState } from "./softphone.js";
import { agent } from "./store.js";

/** What this page has dialled: the number lives here only. */
export const dialled = signal("");

/** The outside leg of a call that I make, or null. */
export const outside = computed(() =>
  agent.value?.talk?.legs?.find((leg) => leg.kind === "outside") ?? null);

/** Who has just dialled need not answer the own telephone too. */
export function keepDialling() {
  let underWay = false;
  return effect(() => {
    const before = underWay;
    underWay = outside.value !== null;
    const mine = dialled.value && outside.value?.state === "own_phone";
    if (mine && phoneState.value === "ringing") untracked(() => phone.value.answer());
    if (before && !underWay) dialled.value = "";
  });
}

const UNDER_WAY = ["own_phone", "ringing"];
const clockText = (step) =>
  step === "talking" ? undefined : t(UNDER_WAY.includes(step) ? "call.clock_calling" : "outside.clock_over");

export function OutsideCard() {
  const step = outside.value.state;
  const atPhone = step === "own_phone" && !inBrowser.value;
  return html`<section class="card call" aria-label=${t("outside.title")}>
    <div class="call-head">
      <div><p class="soft">${t("outside.title")}</p>
        <p class="caller figure">${grouped(dialled.value, dialled.value) || t("outside.line")}</p></div>
      <${Clock} text=${clockText(step)} />
    </div>
    <p class=${atPhone ? "desk-phone strong" : "soft"} role="status">
      ${t(atPhone ? "call.at_the_phone" : `outside.${step}`)}</p>
    <${Buttons} />
  </section>`;
}
