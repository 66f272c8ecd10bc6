// The disaster switch: what for, why, and once more; nothing dangerous is chosen beforehand.
import { html, signal, useEffect, useLayoutEffect, useSignal } from "../base/ui.js";
import { get } from "../base/api.js";
import { t } from "../base/i18n.js";
import { state } from "../base/live.js";
import { dateClock } from "../base/time.js";
import { Button, Choice, Dialog, complain } from "../base/widgets.js";
import { ask, isBusy, nameOf, shut } from "./store.js";

const REASON_MAX = 200;
/** The mode as the centre has it: {mode, drill, since_s, by, reason, prepared, played_with}. */
const mode = signal(null);

export const modeName = () => {
  const kind = state.value?.banner?.kind;
  return kind === "drill" ? "drill" : kind === "disaster" ? "disaster" : "normal";
};

const CHOICES = {
  normal: ["drill", "disaster"],
  drill: ["normal", "disaster"],
  disaster: ["normal"],
};

const CHANGES = {
  normal: ["back"],
  drill: ["drill_calls", "others", "banner", "drill"],
  disaster: ["greeting", "hours", "line", "caps", "banner"],
};

/** Which calls a drill is played with. */
function DrillCalls() {
  const { numbers, callers } = mode.value.played_with;
  return html`<p class="soft">${numbers.length || callers
    ? t("mode.drill_calls", { numbers: numbers.join(", ") || "–", callers })
    : t("mode.drill_none")}</p>`;
}

const turn = (wanted, reason) => ask("/api/mode", {
  mode: wanted === "normal" ? "normal" : "disaster", drill: wanted === "drill", reason,
}, () => t(`mode.said_${wanted}`));

function Now() {
  const { by, reason, since_s } = mode.value;
  const name = modeName();
  return html`<p><strong>${t("mode.now", { name: t(`mode.${name}`) })}</strong>
    ${name !== "normal" && html`<span class="soft">
      ${t("mode.since", { at: dateClock(since_s), name: nameOf(by), reason })}</span>`}</p>`;
}

// Each step begins where nothing happens: Enter by itself leads back, never on.
const useSafeFocus = () =>
  useLayoutEffect(() => {
    document.querySelector("dialog.mode [data-first]")?.focus();
  }, []);

function First({ wanted, reason, next }) {
  useSafeFocus();
  const ready = wanted.value && reason.value.trim();
  const options = CHOICES[modeName()].map((each) => [each, t(`mode.to_${each}`)]);
  const go = (event) => {
    event.preventDefault();
    if (ready) next();
  };
  return html`<form class="stack" onSubmit=${go}>
    <${Now} />
    <${Choice} name="mode" legend=${t("mode.what")} value=${wanted.value} options=${options}
      onChange=${(each) => (wanted.value = each)} />
    ${wanted.value && html`<p class="soft">${t(`mode.help_${wanted.value}`)}</p>`}
    ${wanted.value === "drill" && html`<${DrillCalls} />`}
    <label class="field"><span>${t("mode.reason")}</span>
      <input type="text" maxlength=${REASON_MAX} required autocomplete="off" value=${reason.value}
        onInput=${(event) => (reason.value = event.currentTarget.value)} /></label>
    <div class="row"><${Button} text=${t("common.cancel")} data-first="" onClick=${shut} />
      <button type="submit" class="button main" disabled=${!ready}>${t("mode.next")}</button>
      ${!ready && html`<span class="soft small">${t("mode.both_wanted")}</span>`}</div>
  </form>`;
}

function Second({ wanted, reason, back }) {
  useSafeFocus();
  const sure = useSignal(false);
  const run = async () => (await turn(wanted, reason.trim())) && shut();
  const kind = wanted === "disaster" ? "stop" : "main";
  return html`<div class="stack">
    <p class="mode-wanted"><strong>${t(`mode.to_${wanted}`)}</strong></p>
    <ul class="mode-changes">${CHANGES[wanted].map((each) =>
      html`<li>${t(`mode.change_${each}`)}</li>`)}</ul>
    <p><span class="soft">${t("mode.reason")}</span> ${reason}</p>
    <label class="check"><input type="checkbox" checked=${sure.value}
      onChange=${(event) => (sure.value = event.currentTarget.checked)} />
      <span>${t("mode.sure")}</span></label>
    <div class="row"><${Button} text=${t("mode.back")} data-first="" onClick=${back} />
      <${Button} kind=${kind} text=${t(`mode.do_${wanted}`)} disabled=${!sure.value || isBusy()}
        onClick=${run} /></div>
  </div>`;
}

export function ModeDialog() {
  const [wanted, reason, second] = [useSignal(""), useSignal(""), useSignal(false)];
  useEffect(() => {
    get("/api/mode").then((found) => (mode.value = found)).catch((error) => {
      complain(error);
      shut();
    });
    return () => (mode.value = null);
  }, []);
  const close = () => (second.value ? (second.value = false) : shut());
  const known = mode.value;
  return html`<${Dialog} title=${t("mode.title")} onClose=${close} class="mode">
    ${!known ? null : !known.prepared && modeName() === "normal"
      ? html`<p>${t("mode.not_prepared")}</p>`
      : second.value
        ? html`<${Second} key="second" wanted=${wanted.value} reason=${reason.value}
            back=${() => (second.value = false)} />`
        : html`<${First} key="first" wanted=${wanted} reason=${reason} next=${() => (second.value = true)} />`}
  </${Dialog}>`;
}
