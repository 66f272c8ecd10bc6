// The call: who it is and how long is what matters most, so it is largest. Nothing moves by itself.
import { classes, html, useEffect, useRef } from "../base/ui.js";
import { both, languageName, t } from "../base/i18n.js";
import { halfway, useKeys } from "../base/keys.js";
import { state } from "../base/live.js";
import { Since, duration } from "../base/time.js";
import { Button, say } from "../base/widgets.js";
import { searchFocus } from "./directory.js";
import { openKeypad, openThreeWay } from "./dialogs.js";
import { History } from "./history.js";
import { Parties } from "./parties.js";
import { Tape, tape, turnTape } from "./recording.js";
import { inBrowser, phone, phoneState, pickUpText, talksHere } from "./softphone.js";
import { act, agent, call, inTalk, isBusy, may, pop, situation } from "./store.js";

/** Who calls, as a person reads it. */
export const callerText = ({ caller, dialled }) =>
  caller.kind === "number" ? grouped(caller.number ?? "", dialled) : t(`caller.${caller.kind}`);

// Area codes differ in length: known are those of mobile and free numbers, of the two largest
// cities, and, from the number that was dialled, our own.
export function grouped(digits, ours = "") {
  if (/^0[^36]\d{8}$/.test(digits) && digits.slice(0, 4) === ours.slice(0, 4)) {
    return digits.replace(/^(\d{4})(\d{2})(\d{4})$/, "$1-$2-$3");
  }
  return digits.replace(/^(0[5-9]0|0120|0800)(\d{3,4})(\d{3,4})$/, "$1-$2-$3")
    .replace(/^(0[36])(\d{4})(\d{4})$/, "$1-$2-$3");
}

const queueName = (id) => both(state.value.queues[id]?.name) || id || "";

const dialledText = ({ dialled, dialled_name }) =>
  [both(dialled_name), grouped(dialled ?? "", dialled)].filter(Boolean).join(" ");

function Facts({ of: shown }) {
  const pressed = shown.keys?.length ? ` (${[...shown.keys].join(" → ")})` : "";
  const facts = [
    [t("call.line"), html`${queueName(shown.queue)}${pressed}`],
    [t("call.dialled"), dialledText(shown)],
    [t("call.waited"), shown.waiting_from_s
      ? html`<${Since} at=${shown.waiting_from_s} />`
      : html`<span class="figure">${duration(shown.waited_s ?? 0)}</span>`],
    shown.language && shown.language !== "ja" && [t("call.language"), languageName(shown.language)],
    shown.why && [t("call.why"), both(shown.why)],
  ].filter(Boolean);
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div>
    <dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function PopLink() {
  const known = call.value && pop.value?.call === call.value.id && pop.value.url;
  const open = () => window.open(pop.value.url, "madoguchi-pop", "noopener");
  useKeys(t("call.call"), known ? [{ keys: "O", text: t("call.open_record"), run: open }] : []);
  return known && html`<${Button} text=${t("call.open_record")} keys="O" onClick=${open} />`;
}

const answer = () => phone.value?.answer();
const hold = () => {
  const held = situation.value === "hold";
  // What the telephone itself holds, only the telephone can give back.
  const own = held && agent.value.talk?.held_by === "telephone";
  if (!own && may(held ? "resume" : "hold")) return act(held ? "resume" : "hold");
  return phone.value?.hold(!held);
};
const mute = () => phone.value?.mute(!phone.value.muted.value);
const hangUp = () => {
  if (situation.value === "ringing" && rings() && phone.value) return phone.value.hangUp();
  return act("hang-up");
};
const alarm = async () => (await act("alarm")) && say(() => t("call.alarm_sent"));

/** Whether somebody rings me: a caller, or a colleague who asks. */
const rings = () => Boolean(call.value || agent.value.talk?.asked);

/** Everything that can be done with the present call, as keys and as buttons. */
function actions() {
  const talking = inTalk.value;
  const ringing = situation.value === "ringing";
  const held = situation.value === "hold";
  const muted = phone.value?.muted.value ?? false;
  const busyWith = Boolean(agent.value.talk?.consult);
  // An outside call of our own is no caller's: it is not held or sent on.
  const free = talking && call.value && !busyWith;
  return [
    { keys: "Enter", text: t("call.answer"), run: answer, kind: "go", large: true,
      show: ringing && rings() && phoneState.value === "ringing" },
    { keys: "H", text: t(held ? "call.resume" : "call.hold"), run: hold, pressed: held,
      show: free && (may("hold") || phone.value) },
    { keys: "M", text: t(muted ? "call.unmute" : "call.mute"), run: mute, pressed: muted,
      show: talking && talksHere.value },
    { keys: "T", text: t("call.transfer"), run: searchFocus, show: free },
    { keys: "3", text: t("call.three_way"), run: openThreeWay,
      show: free && may("conference") },
    { keys: "K", text: t("call.keypad"), run: openKeypad,
      show: talking && (may("digits") || phone.value) },
    { keys: "R", run: turnTape, pressed: tape.value === "paused_by_hand",
      text: t(tape.value === "paused_by_hand" ? "call.resume_recording" : "call.pause_recording"),
      show: (talking || held) && tape.value !== null },
    { keys: "Escape Escape", text: t(ringing && rings() ? "call.reject" : "call.hang_up"),
      run: hangUp, show: talking || (ringing && (phone.value || !call.value)), half: t("call.hang_up_again") },
    { keys: "F9 F9", text: t("call.alarm"), run: alarm, show: talking && may("alarm"),
      typing: true, aside: true, half: t("call.alarm_again") },
  ].filter((each) => each.show);
}

/** The buttons of everything that can be done now. */
export function Buttons() {
  const list = actions();
  useKeys(t("call.call"), list.map(({ keys, text, run, typing }) => ({ keys, text, run, typing })));
  const one = ({ keys, text, run, kind, large, pressed, half, aside }) => {
    // Red is for what is about to happen: only after the first of two presses.
    const asked = half && halfway.value === keys.split(" ")[0];
    return html`<${Button} key=${keys} kind=${asked ? "stop" : kind} large=${large} keys=${keys}
      pressed=${pressed} text=${asked ? half : text} onClick=${run} class=${aside && "push"}
      disabled=${half && isBusy("hang-up")} />`;
  };
  return html`<div class="call-buttons">${list.filter((each) => !each.aside).map(one)}</div>
    <div class="row"><${PopLink} /><${Tape} />${list.filter((each) => each.aside).map(one)}</div>`;
}

/** How long it rings, is held, or is talked: the largest figure beside the name. */
export function Clock({ text }) {
  const now = situation.value;
  const since = now === "ringing" || now === "hold" ? null : call.value?.answered_s;
  return html`<div class=${classes("call-clock", `state-${now}`)}>
    <span class="state">${text ?? t(`call.clock_${now}`)}</span>
    <${Since} at=${since ?? agent.value.since_s} class="huge" /></div>`;
}

/** The present call, ringing or talking. */
export function CallCard() {
  const shown = call.value;
  const card = useRef();
  const ringing = situation.value === "ringing";
  useEffect(() => {
    // A ringing call takes the focus only from somebody who is not writing.
    const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
    if (ringing && !writing) card.current?.focus({ preventScroll: true });
  }, [shown.id, ringing]);
  return html`<section class=${classes("card call", `is-${situation.value}`)} ref=${card} tabindex="-1"
    aria-label=${t("call.call")}>
    <div class="call-head">
      <div><p class="soft">${queueName(shown.queue)} · ${t(`call_type.${shown.call_type}`)}</p>
        <p class=${classes("caller figure", shown.caller.kind !== "number" && "words")}>
          ${callerText(shown)}</p></div>
      <${Clock} />
    </div>
    <${Facts} of=${shown} />
    ${ringing && !inBrowser.value && html`<p class="desk-phone strong">${pickUpText()}</p>`}
    <${Parties} />
    <${Buttons} />
    <${History} call=${shown.id} />
  </section>`;
}

