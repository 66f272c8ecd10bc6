// The wallboard: the centre at a glance, for a wall eight metres away and for a desk.
import { classes, effect, html, render, signal } from "../base/ui.js";
import { leave, loadSession, session } from "../base/api.js";
import { both, lang, ready, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { connect, link, stale, state } from "../base/live.js";
import { Nav } from "../base/nav.js";
import { now, zoneIs } from "../base/time.js";
import {
  Banner, Button, Dialog, Freshness, KeyHelp, Looks, Toasts, useKeyHelp,
} from "../base/widgets.js";
import { chooseSound, heldBack, keepListening } from "./alarm.js";
import { EditBar, TileControls, beginEditing } from "./edit.js";
import { Links } from "./links.js";
import { draft, layout, refused, screen, sound, token } from "./store.js";
import { TILES } from "./tiles.js";

const help = signal(false);
const open = signal("");
const LEADERS = ["supervisor", "administrator"];
const leads = () => !token && session.value?.roles?.some((role) => LEADERS.includes(role));

/** Date and time of the centre, with seconds: a board that stands still is seen to. */
const clockText = () => new Intl.DateTimeFormat(lang.value === "ja" ? "ja-JP" : "en-GB", {
  month: "numeric", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
  hourCycle: "h23", timeZone: state.value?.centre?.timezone,
}).format(now.value * 1000);

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.();
}

function Tools() {
  useKeys(t("wallboard.title"), [
    { keys: "F", text: t("wallboard.full_screen"), run: fullScreen },
    { keys: "S", text: t("wallboard.sound"), run: () => chooseSound(!sound.value) },
    { keys: "E", text: t("wallboard.edit"), run: beginEditing, when: () => leads() && !draft.value },
    { keys: "L", text: t("wallboard.links"), run: () => (open.value = "links"), when: leads },
    { keys: ",", text: t("common.settings"), run: () => (open.value = "looks") },
  ]);
  return html`<div class="tools">
    <${Button} kind="plain" text=${t("wallboard.sound")} keys="S" pressed=${sound.value}
      onClick=${() => chooseSound(!sound.value)} />
    <${Button} kind="plain" text=${t("wallboard.full_screen")} keys="F" onClick=${fullScreen} />
    ${leads() && html`<${Button} kind="plain" text=${t("wallboard.edit")} keys="E" onClick=${beginEditing} />
      <${Button} kind="plain" text=${t("wallboard.links")} keys="L" aria-haspopup="dialog"
        onClick=${() => (open.value = "links")} />`}
    <${Button} kind="plain" text=${t("common.settings")} keys="," aria-haspopup="dialog"
      onClick=${() => (open.value = "looks")} />
  </div>`;
}

function Head() {
  return html`<header class="head">
    <h1>${both(state.value.centre.name) || t("wallboard.title")}
      ${layout.value.name && html`<span class="soft"> ${layout.value.name}</span>`}</h1>
    <${Tools} />
    <span class="clock figure" role="img" aria-label=${t("floor.clock")}>${clockText()}</span><${Freshness} />
  </header>`;
}

function Notices() {
  const { banner, switches_down } = state.value.notices;
  return html`<${Banner} banner=${banner} text=${both(banner?.text)} />
    ${switches_down.length > 0 && html`<div class="notice alarm" role="status">
      <strong>${t("wallboard.switch_down")}</strong></div>`}
    ${stale.value && link.value !== "connecting" && html`<div class="notice warning" role="status">
      <strong>${t("wallboard.stale_title")}</strong>
      <span>${t(link.value === "live" ? "link.silent_text" : "wallboard.stale_text")}</span></div>`}
    ${sound.value && heldBack.value && html`<div class="notice warning"><span>${t("wallboard.touch")}</span></div>`}`;
}

const News = () => layout.value.news && html`<footer class="news"><strong>${t("wallboard.news")}</strong>
  <span>${layout.value.news}</span></footer>`;

function Board() {
  return html`<main class="tiles">${layout.value.tiles.map((tile, place) => {
    const Drawn = TILES[tile.kind];
    return html`<div key=${tile.kind} class=${`cell size-${tile.size} kind-${tile.kind}`}>
      ${draft.value && html`<${TileControls} tile=${tile} place=${place} />`}<${Drawn} /></div>`;
  })}</main>`;
}

const Refused = () => html`<main class="refused"><h1>${t("wallboard.refused")}</h1>
  <p>${t("wallboard.refused_text")}</p></main>`;

function Screen() {
  useKeyHelp(help);
  if (refused.value) return html`<${Refused} />`;
  if (!state.value) return html`<main class="waiting-page" aria-busy="true"></main>`;
  return html`<div class=${classes("wall", stale.value && "stale", draft.value && "editing")}>
    <${Notices} />${draft.value && html`<${EditBar} />`}<${Head} /><${Board} /><${News} />
    ${open.value === "links" && html`<${Links} onClose=${() => (open.value = "")} />`}
    ${open.value === "looks" && html`<${Dialog} title=${t("common.settings")} onClose=${() => (open.value = "")}>
      <${Looks} /></${Dialog}>`}
    <${KeyHelp} open=${help} /></div>`;
}

async function begin() {
  await ready;
  const who = token ? null : await loadSession().catch(() => undefined);
  if (!token && !who) return who === undefined ? void setTimeout(() => location.reload(), 1_500) : leave();
  document.title = `${t("wallboard.title")} — ${t("common.product")}`;
  effect(() => state.value?.centre && zoneIs(state.value.centre.timezone));
  keepListening();
  const path = `/api/wallboard/live?screen=${screen}`;
  const revoked = () => ((refused.value = true), (state.value = null));
  if (token) connect(`${path}&link=1`, { hello: token, refused: revoked });
  else connect(path);
  render(html`${!token && html`<${Nav} />`}<${Screen} /><${Toasts} />`, document.getElementById("app"));
}

begin();
