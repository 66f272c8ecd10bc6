// Alarms: what people must look at now, until a supervisor has said, for all, that it was seen.
import { classes, computed, effect, html } from "../base/ui.js";
import { post } from "../base/api.js";
import { both, has, number, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { stale, state } from "../base/live.js";
import { chime, showNotice } from "../base/notify.js";
import { clock } from "../base/time.js";
import { Button, complain, say } from "../base/widgets.js";
import { nameOf, selected } from "./store.js";

const SHOWN = 5;
/** Those that were seen last stay in sight, with who has looked. */
const SEEN_SHOWN = 2;
/** Alarms of a person in need, which sound; the others are only shown. */
const URGENT = ["harassment"];

const idOf = ({ id }) => id;

/** Alarms that nobody has seen, the newest first. */
const alarms = computed(() => (state.value?.alerts ?? []).filter((each) => !each.seen_by).reverse());
/** Those that were, whoever looked last first. */
const seen = computed(() => (state.value?.alerts ?? []).filter((each) => each.seen_by)
  .sort((one, other) => other.seen_s - one.seen_s).slice(0, SEEN_SHOWN));

async function acknowledge(list) {
  for (const { id } of list) {
    try {
      await post(`/api/floor/alarms/${id}/seen`);
    } catch (error) {
      complain(error);
      return;
    }
  }
}

/** Send a test by every way that alarms leave the centre, and say what came of each. */
async function tryOut() {
  try {
    const { told } = await post("/api/alarms/test");
    const came = () => told.map(({ channel, fault }) => `${channel}: ${fault || t("alarm.arrived")}`);
    say(() => came().join(", ") || t("alarm.nobody_told"));
  } catch (error) {
    complain(error);
  }
}

const isUrgent = (alarm) => URGENT.includes(alarm.kind);
const isAgent = (alarm) => alarm.subject in state.value.agents;

function textOf({ kind, subject, text }) {
  if (both(text)) return both(text);
  const queue = both(state.value.queues[subject]?.name);
  const name = state.value.agents[subject] ? nameOf(subject) : queue || subject;
  return has(`alarm.${kind}`) ? t(`alarm.${kind}`, { name }) : t("alarm.other", { kind, name });
}

/** Sound and a notice of the desktop for the urgent ones; they are silent once they were seen. */
export function keepAlarms() {
  let known = null;
  effect(() => {
    if (!state.value) return;
    const urgent = alarms.value.filter(isUrgent);
    const fresh = urgent.filter((each) => known && !known.has(idOf(each)));
    known = new Set(urgent.map(idOf));
    if (!fresh.length) return;
    chime();
    showNotice(t("alarm.title"), textOf(fresh[0]));
  });
}

function Line({ alarm }) {
  const look = () => (selected.value = { kind: "agent", id: alarm.subject });
  return html`<li class=${classes("alarm-line", isUrgent(alarm) && "urgent")}>
    <span class="figure soft">${clock(alarm.at_s)}</span>
    <span class="text">${textOf(alarm)}</span>
    ${isAgent(alarm) && html`<${Button} kind="plain" text=${t("alarm.look")} onClick=${look} />`}
    <${Button} kind="plain" text=${t("alarm.seen")} onClick=${() => acknowledge([alarm])} />
  </li>`;
}

function SwitchDown() {
  const down = state.value.switches_down ?? [];
  if (!down.length) return null;
  return html`<p class="alarm-line urgent">${t("alarm.switches_down", { names: down.join(", ") })}</p>`;
}

export function Alarms() {
  const list = alarms.value;
  const all = () => acknowledge(list);
  const newest = () => acknowledge(list.slice(0, 1));
  const look = () => (selected.value = { kind: "agent", id: list[0].subject });
  useKeys(t("alarm.title"), list.length
    ? [
      { keys: "A", text: t("alarm.seen_newest"), run: newest },
      { keys: "K", text: t("alarm.look"), run: look, when: () => isAgent(list[0]) },
    ]
    : []);
  const calm = !list.length && !state.value.switches_down?.length && !stale.value;
  return html`<section class=${classes("card alarms", !calm && list.some(isUrgent) && "urgent")}
    aria-labelledby="alarms-title">
    <header><h2 id="alarms-title">${t("alarm.title")}
      ${list.length > 0 && html` <span class="figure">${number(list.length)}</span>`}</h2>
      ${list.length > 0 && html`<${Button} kind="plain" class="push" text=${t("alarm.seen")} keys="A"
        onClick=${newest} />`}
      ${list.length > 1 && html`<${Button} kind="plain" text=${t("alarm.seen_all")} onClick=${all} />`}
      ${calm && html`<span class="push soft">${t("alarm.none")}</span>`}
      <${Button} kind="plain" text=${t("alarm.test")} title=${t("alarm.test_help")}
        onClick=${tryOut} /></header>
    <div role="log" aria-live="assertive"><${SwitchDown} />
      <ul>${list.slice(0, SHOWN).map((each) => html`<${Line} key=${idOf(each)} alarm=${each} />`)}</ul>
      ${seen.value.length > 0 && html`<ul class="soft small more" aria-live="off">${seen.value.map((each) =>
        html`<li>${t("alarm.seen_by", { at: clock(each.seen_s), name: nameOf(each.seen_by), what: textOf(each) })}</li>`)}</ul>`}
      ${list.length > SHOWN && html`<p class="soft small more">${t("alarm.more", { count: list.length - SHOWN })}</p>`}
    </div>
  </section>`;
}
