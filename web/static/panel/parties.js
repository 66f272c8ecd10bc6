// Who else is there: the person being asked, a third voice. Each with what can be done.
import { html } from "../base/ui.js";
import { both, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { Button } from "../base/widgets.js";
import { act, agent, isBusy, may } from "./store.js";

const nameOf = (leg) => (typeof leg.name === "string" ? leg.name : both(leg.name));

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
    ${talk?.consult && html`<${Consultation} consult=${talk.consult} />`}
    ${third.map((leg) => html`<div class="party" key=${leg.id}>
      <span class="strong">${nameOf(leg)}</span>
      <span class="soft">${t(`talk.kind_${leg.kind}`)} · ${t(`talk.state_${leg.state}`)}</span>
      ${may("conference/drop") && html`<${Button} class="push" text=${t("talk.drop")}
        keys=${only ? "X" : undefined} onClick=${() => drop(leg)} />`}
    </div>`)}
  </div>`;
}
