// Who else is there: the person being asked, a third voice. Each with what can be done.
import { effect, html, signal } from "../base/ui.js";
import { both, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { onFrame, state } from "../base/live.js";
import { Button } from "../base/widgets.js";
import { act, agent, call, isBusy, may, situation } from "./store.js";

const nameOf = (leg) => (typeof leg.name === "string" ? leg.name : both(leg.name));

/** Who was rung in vain for the present talk, and why: {call, name, result}, or null. */
const missed = signal(null);
const names = new Map();

/** Remember who is rung: a leg that was not reached is gone when it is said. */
export function followParties() {
  onFrame("not_reached", ({ call: of, leg, result }) => {
    missed.value = { call: of, name: names.get(leg) ?? null, result };
  });
  return effect(() => {
    const talk = agent.value?.talk;
    for (const leg of talk?.legs ?? []) names.set(leg.id, leg);
    if (!talk) names.clear();
    if (talk?.legs.some((leg) => leg.state === "ringing")) missed.value = null;
  });
}

function calledBy(leg) {
  if (!leg) return t("talk.somebody");
  const name = nameOf(leg);
  const colleague = Object.values(state.value.agents).some((each) => each.name === name);
  return colleague ? t("talk.colleague", { name }) : name;
}

/** The caller is there again although nobody pressed a key: say so, and why. */
function Missed() {
  const { call: of, name, result } = missed.value ?? {};
  if (!of || of !== call.value?.id) return null;
  return html`<div class="party missed">
    <span class="strong">${t(`talk.missed_${result}`, { name: calledBy(name) })}</span>
    ${situation.value === "talking" && html`<span class="soft">${t("talk.with_the_caller")}</span>`}
  </div>`;
}

function Consultation({ consult }) {
  const answered = consult.state === "talking" || consult.state === "answered";
  const list = [
    { keys: "T", text: t("talk.complete"), run: () => act("consult/complete"), kind: "main",
      show: answered },
    { keys: "3", text: t("talk.all_three"), run: () => act("conference"),
      show: answered && may("conference") },
    { keys: "B", text: t("talk.back"), run: () => act("consult/cancel"), show: true },
  ].filter((each) => each.show);
  useKeys(t("talk.consult"), list);
  return html`<div class="party">
    <span class="strong">${nameOf(consult)}</span>
    <span class="soft">${t(`talk.state_${consult.state}`)}</span>
    <span class="row push">${list.map(({ keys, text, run, kind }) => html`<${Button} keys=${keys}
      text=${text} kind=${kind} onClick=${run} disabled=${isBusy("consult/complete")} />`)}</span>
  </div>`;
}

const drop = (leg) => act("conference/drop", { leg: leg.id });

export function Parties() {
  const talk = agent.value.talk;
  const third = (talk?.legs ?? []).filter((leg) => leg.id !== talk.consult?.id && !["caller", "outside", "colleague"].includes(leg.kind));
  // With one third voice a key lets it go; of several, each has its button.
  const only = third.length === 1 && may("conference/drop") ? third[0] : null;
  useKeys(t("talk.kind_guest"), only ? [{ keys: "X", text: t("talk.drop"), run: () => drop(only) }] : []);
  return html`<div class="parties" role="status">
    <${Missed} />
    ${talk?.consult && html`<${Consultation} consult=${talk.consult} />`}
    ${third.map((leg) => html`<div class="party" key=${leg.id}>
      <span class="strong">${nameOf(leg)}</span>
      <span class="soft">${t(`talk.kind_${leg.kind}`)} · ${t(`talk.state_${leg.state}`)}</span>
      ${may("conference/drop") && html`<${Button} class="push" text=${t("talk.drop")}
        keys=${only ? "X" : undefined} onClick=${() => drop(leg)} />`}
    </div>`)}
  </div>`;
}
