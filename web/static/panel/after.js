// What the call was about: a class, the kind, whether it is settled, a note. Written in the call or after it.
import { classes, effect, html, signal, useEffect } from "../base/ui.js";
import { both, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { Button, Choice, say } from "../base/widgets.js";
import { act, call, inCall, inTalk, isBusy, lastCall, me, situation } from "./store.js";

const NOTE_MAX = 2000;
const blank = { code: "", call_type: "", resolved: null, note: "", saved: true };
/** What is written so far, by call: it lives in this page's memory only. */
const drafts = signal({});

/** A call that is over and whose record is not handed in yet: written, but not classed. */
const left = () => Object.entries(drafts.value)
  .find(([, each]) => !each.saved && each.note.trim() && !(each.code && isBusy("disposition")))?.[0];

const subject = () =>
  (inTalk.value ? call.value?.id : lastCall.value?.id ?? (inCall.value ? "" : left())) ?? "";
const typeOf = () => (inTalk.value ? call.value : lastCall.value)?.call_type;
const draft = () => drafts.value[subject()] ?? blank;

function write(change) {
  const id = subject();
  const was = typeOf() ?? draft().was;
  if (id) drafts.value = { ...drafts.value, [id]: { ...draft(), was, saved: false, ...change } };
}

/** Hand in what is written about a call. */
async function save(id = subject(), quietly = false) {
  const { code, call_type, resolved, note } = drafts.value[id] ?? blank;
  if (!id || !code) return;
  const body = { call: id, code, resolved };
  if (call_type) body.call_type = call_type;
  if (note.trim()) body.note = note.trim();
  if (!(await act("disposition", body))) return;
  drafts.value = { ...drafts.value, [id]: { ...drafts.value[id], saved: true } };
  if (!quietly) say(() => t("after.saved"));
}

/** Nothing written is lost: what was not handed in goes when talk and wrap-up are over. */
export function keepDrafts() {
  let before = "";
  return effect(() => {
    const now = situation.value;
    const over = (state) => !["talking", "hold", "wrap_up"].includes(state);
    if (!over(before || "ready") && over(now)) {
      for (const [id, each] of Object.entries(drafts.peek())) {
        if (!each.saved && each.code) save(id, true);
        else if (each.saved) forget(id);
      }
    }
    before = now;
  });
}

function forget(id) {
  const { [id]: gone, ...rest } = drafts.value;
  drafts.value = rest;
}

function Codes() {
  const codes = me.value.dispositions ?? [];
  return html`<fieldset class="plain-set"><legend class="legend">${t("after.class")}</legend>
    <div class="choice" id="codes">${codes.map(({ code, name }, at) => html`<label>
      <input type="radio" name="code" value=${code} checked=${draft().code === code}
        aria-keyshortcuts=${at < 9 ? `Alt+${at + 1}` : undefined}
        onChange=${() => write({ code })} /><span>${both(name)}</span>
      ${at < 9 && html`<kbd aria-hidden="true">${at + 1}</kbd>`}</label>`)}</div></fieldset>`;
}

function Keys() {
  const codes = me.value.dispositions ?? [];
  const note = () => document.getElementById("note")?.focus();
  useKeys(t("after.title"), [
    { keys: "N", text: t("after.to_note"), run: note },
    { keys: "S", text: t("after.save"), run: () => save() },
    ...codes.slice(0, 9).map(({ code, name }, at) => ({
      keys: `Alt+${at + 1}`, text: both(name), run: () => write({ code }), typing: true,
    })),
  ]);
  return null;
}

export function After() {
  const id = subject();
  const now = draft();
  const due = situation.value === "wrap_up" && !now.code;
  const earlier = !inTalk.value && !lastCall.value;
  const type = now.call_type || (typeOf() ?? now.was ?? "enquiry");
  useEffect(() => {
    if (due && document.activeElement === document.body) document.querySelector("#codes input")?.focus({ preventScroll: true });
  }, [due]);
  if (!id) return null;
  const types = ["enquiry", "switchboard"].map((each) => [each, t(`call_type.${each}`)]);
  const settled = [["yes", t("after.settled")], ["no", t("after.open")]];
  const value = now.resolved === null ? "" : now.resolved ? "yes" : "no";
  return html`<section class=${classes("card after", (due || earlier) && "due")} aria-label=${t("after.title")}>
    <${Keys} />
    <header><h2>${t(earlier ? "after.earlier" : "after.title")}</h2><span class="soft small push" role="status">
      ${t(now.saved ? (now.code ? "after.is_saved" : "after.hint") : "after.not_saved")}</span></header>
    <div class="body stack">
      <${Codes} />
      <div class="pair">
        <${Choice} name="settled" legend=${t("after.settled_question")} value=${value}
          options=${settled} onChange=${(each) => write({ resolved: each === "yes" })} />
        <${Choice} name="call_type" legend=${t("after.type")} value=${type} options=${types}
          onChange=${(each) => write({ call_type: each })} />
      </div>
      <label class="field"><span>${t("after.note")} <kbd aria-hidden="true">N</kbd></span>
        <textarea id="note" rows="3" maxlength=${NOTE_MAX} value=${now.note}
          onInput=${(event) => write({ note: event.currentTarget.value })}></textarea></label>
      <${Button} kind=${now.code && !now.saved ? "main" : undefined} text=${t("after.save")} keys="S"
        disabled=${!now.code || now.saved || isBusy("disposition")} onClick=${() => save()} />
    </div></section>`;
}
