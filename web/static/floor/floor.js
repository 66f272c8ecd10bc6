// The supervisor's floor: who waits and why, who does what, and what can be done about it.
import { classes, html, signal, useEffect } from "../base/ui.js";
import { patiently, session } from "../base/api.js";
import { both, number, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { connect, onFrame, stale, state } from "../base/live.js";
import { start } from "../base/page.js";
import { Since, clock, now } from "../base/time.js";
import {
  Banner, Button, Freshness, KeyHelp, LinkNotice, Shape, useKeyHelp,
} from "../base/widgets.js";
import { Alarms, keepAlarms } from "./alarms.js";
import { Details } from "./details.js";
import { Dialogs } from "./dialogs.js";
import { headset } from "./headset.js";
import { modeName } from "./mode.js";
import { People } from "./people.js";
import {
  groups, inMenu, keepEmptySince, keepWhys, loadMe, me, open, telephone, waiting,
} from "./store.js";
import { Waiting } from "./waiting.js";

const help = signal(false);
const telephoneName = () => (telephone.value === headset.value
  ? t("softphone.this_computer") : t("floor.telephone_is", { device: telephone.value }));
const opener = (name) => () => (open.value = name);

/** Up and down go through all lines of the page, wherever they stand. */
function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

const first = (kind) => () => document.querySelector(`[data-row^="${kind}:"]`)?.focus();

function Figure({ name, help: said, children }) {
  return html`<div class="figure-item" title=${said}><dt class="soft small">${name}</dt>
    <dd class="figure strong">${children}</dd></div>`;
}

function Figures() {
  // Calls of a drill stand in the list, and in no figure.
  const counted = waiting.value.filter(([, call]) => !call.drill);
  const oldest = counted[0]?.[1];
  return html`<dl class="figures">
    <${Figure} name=${t("floor.waiting")} help=${t("floor.waiting_help")}>
      ${t("floor.so_many", { count: number(counted.length) })}</${Figure}>
    <${Figure} name=${t("floor.longest")} help=${t("floor.longest_help")}>
      ${oldest ? html`<${Since} at=${oldest.waiting_from_s} />` : "–"}</${Figure}>
    <${Figure} name=${t("floor.in_menu")} help=${t("floor.in_menu_help")}>
      ${t("floor.so_many", { count: number(inMenu.value) })}</${Figure}>
    ${groups.value.filter(([shown]) => shown !== "logged_out").map(([shown, list]) => html`<div
      class="figure-item" key=${shown}><dt class="soft small">${t(`state.${shown}`)}</dt>
      <dd class=${`figure strong state state-${shown}`}><${Shape} state=${shown} />
        <span class="ink">${number(list.length)}</span></dd></div>`)}
  </dl>`;
}

function TopBar() {
  const normal = modeName() === "normal";
  useKeys(t("floor.title"), [
    { keys: "ArrowDown", text: t("floor.next_line"), run: () => step(1) },
    { keys: "ArrowUp", text: t("floor.line_before"), run: () => step(-1) },
    { keys: "1", text: t("floor.to_waiting"), run: first("call") },
    { keys: "2", text: t("floor.to_people"), run: first("agent") },
    { keys: "T", text: t("floor.my_telephone"), run: opener("telephone") },
    { keys: "F8", text: t("mode.title"), run: opener("mode") },
    { keys: ",", text: t("common.settings"), run: opener("settings") },
  ]);
  return html`<header class="topbar">
    <h1>${t("floor.title")}</h1><${Figures} />
    <nav class="row push" aria-label=${t("floor.more")}>
      <${Button} kind="plain" keys="T" text=${telephone.value
        ? telephoneName() : t("floor.no_telephone")}
        aria-haspopup="dialog" onClick=${opener("telephone")} />
      <${Button} kind=${normal ? "plain" : "stop"} text=${t(normal ? "mode.title" : "mode.to_normal")}
        keys="F8" onClick=${opener("mode")} aria-haspopup="dialog" />
      <${Button} kind="plain" text=${t("common.settings")} keys="," onClick=${opener("settings")} />
      <${Button} kind="plain" text=${t("floor.keys")} keys="?" onClick=${() => (help.value = true)} />
      <span class="clock figure soft" role="img" aria-label=${t("floor.clock")}>${clock(now.value)}</span>
      <${Freshness} />
    </nav>
  </header>`;
}

function Screen() {
  useKeyHelp(help);
  if (!me.value || !state.value) return html`<main class="waiting-page" aria-busy="true"></main>`;
  const banner = state.value.banner;
  return html`<div class="floor">
    <${Banner} banner=${banner} text=${both(banner?.text)} /><${LinkNotice} />
    <${TopBar} />
    <main class=${classes("floor-columns", stale.value && "stale")}>
      <div class="column"><${Waiting} /><${People} /></div>
      <div class="column side"><${Alarms} /><${Details} /></div>
    </main>
    <${Dialogs} /><${KeyHelp} open=${help} />
  </div>`;
}

function Begin() {
  useEffect(() => {
    let close = () => {};
    patiently(loadMe).then(() => {
      keepWhys();
      keepEmptySince();
      keepAlarms();
      // A snapshot may come with another plan: other lines, skills, telephones.
      onFrame("snapshot", () => loadMe().catch(() => {}));
      close = connect();
    });
    return () => close();
  }, []);
  return session.value ? html`<${Screen} />` : null;
}

start(Begin, { title: "floor.title" });
