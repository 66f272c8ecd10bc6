// A colleague asks me: who it is, about which caller, and what for. The caller is not mine (yet).
import { classes, computed, html, useEffect, useRef } from "../base/ui.js";
import { both, languageName, t } from "../base/i18n.js";
import { state } from "../base/live.js";
import { Since } from "../base/time.js";
import { Buttons, Clock, callerText } from "./callcard.js";
import { inBrowser, pickUpText } from "./softphone.js";
import { agent, situation } from "./store.js";

/** Who asks me and for which caller, or null. */
export const asked = computed(() => agent.value?.talk?.asked ?? null);

function About({ call }) {
  const queue = state.value.queues[call.queue]?.name;
  const facts = [
    [t("call.line"), queue ? both(queue) : "–"],
    call.keys && [t("call.keys"), [...call.keys].join(" → ")],
    [t("asked.here_since"), html`<${Since} at=${call.arrived_s} />`],
    call.language && call.language !== "ja" && [t("call.language"), languageName(call.language)],
  ].filter(Boolean);
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div>
    <dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function AskedCard() {
  const { name, kind, as_one_of: line, call } = asked.value;
  const card = useRef();
  const ringing = situation.value === "ringing";
  useEffect(() => {
    // As with a caller: the focus is taken only from somebody who is not writing.
    const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
    if (ringing && !writing) card.current?.focus({ preventScroll: true });
  }, [ringing]);
  return html`<section class=${classes("card call", `is-${situation.value}`)} ref=${card} tabindex="-1"
    aria-label=${t("asked.title")}>
    <div class="call-head">
      <div><p class="soft">${t(`asked.${kind}`)}${line && ` · ${t("asked.as_one_of", { line: both(line) })}`}</p>
        <p class="caller words">${both(name)}</p></div>
      <${Clock} />
    </div>
    <p class="soft">${t("asked.about")} <span class="strong figure">${callerText(call)}</span></p>
    <${About} call=${call} />
    ${ringing && !inBrowser.value && html`<p class="desk-phone strong">${pickUpText()}</p>`}
    <${Buttons} />
  </section>`;
}
