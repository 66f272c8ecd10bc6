// The operator's panel: the state on top, the call where it is largest, the rest where it is expected.
import { effect, html, signal, useEffect } from "../base/ui.js";
import { patiently } from "../base/api.js";
import { both, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { connect, onFrame, state } from "../base/live.js";
import { heldBack, quiet, ring, showNotice, sound, tryOut } from "../base/notify.js";
import { start } from "../base/page.js";
import {
  Banner, Button, KeyHelp, LinkNotice, useKeyHelp,
} from "../base/widgets.js";
import { After, keepDrafts } from "./after.js";
import { CallCard } from "./callcard.js";
import { AskedCard, asked } from "./colleague.js";
import { Dialogs, openDial, openSettings } from "./dialogs.js";
import { Directory } from "./directory.js";
import { Idle, LogIn, WrapUp } from "./idle.js";
import { OutsideCard, keepDialling, outside } from "./outside.js";
import { followParties } from "./parties.js";
import { Elsewhere, here, keepSeat, livePath } from "./seat.js";
import { keepPhone, phoneLink, talksHere } from "./softphone.js";
import { agent, call, inTalk, lastCall, loadMe, may, me, pop, situation } from "./store.js";
import { TopBar } from "./topbar.js";

const help = signal(false);

function Menu() {
  const asking = Boolean(agent.value.talk?.consult) || outside.value || asked.value;
  const canDial = may("dial") && situation.value !== "ringing" && !asking
    && situation.value !== "logged_out";
  useKeys(t("keys.everywhere"), [
    { keys: "D", text: t("dial.title"), run: openDial, when: () => canDial },
    { keys: ",", text: t("common.settings"), run: openSettings },
  ]);
  return html`<nav class="row" aria-label=${t("panel.more")}>
    ${canDial && html`<${Button} kind="plain" text=${t("dial.title")} keys="D" onClick=${openDial} />`}
    <${Button} kind="plain" text=${t("common.settings")} keys="," onClick=${openSettings} />
    <${Button} kind="plain" text=${t("panel.keys")} keys="?" onClick=${() => (help.value = true)} />
  </nav>`;
}

/** Says that the browser's telephone has lost its line; the call itself may go on. */
function PhoneNotice() {
  if (["", "up"].includes(phoneLink.value)) return null;
  const what = phoneLink.value === "lost" ? "trying"
    : phoneLink.value === "displaced" && talksHere.value ? "after_the_talk" : "given_up";
  return html`<div class="notice warning" role="status"><strong>${t("phone.lost")}</strong>
    <span>${t(`phone.${what}`)}</span></div>`;
}

/** Says that a ring would not be heard yet: browsers let a page sound once it was touched. */
function SoundNotice() {
  if (!heldBack.value || !sound.value || situation.value === "logged_out") return null;
  return html`<div class="notice" role="status"><span>${t("notice.held_back")}</span></div>`;
}

function Main() {
  const now = situation.value;
  if (call.value && now !== "wrap_up") return html`<${CallCard} />`;
  if (asked.value) return html`<${AskedCard} />`;
  if (outside.value) return html`<${OutsideCard} />`;
  if (now === "wrap_up") return html`<${WrapUp} />`;
  return now === "logged_out" ? html`<${LogIn} />` : html`<${Idle} />`;
}

function Screen() {
  useKeyHelp(help);
  if (!me.value || !agent.value) return html`<main class="waiting" aria-busy="true"></main>`;
  if (!here.value) return html`<${Elsewhere} />`;
  const banner = state.value.banner;
  return html`<div class="panel">
    <${Banner} banner=${banner} text=${both(banner?.text)} />
    <${LinkNotice} /><${PhoneNotice} /><${SoundNotice} />
    <${TopBar}><${Menu} /></${TopBar}>
    <main class="columns">
      <div class="column"><${Main} /></div>
      <div class="column side"><${Directory} /><${After} /></div>
    </main>
    <${Dialogs} /><${KeyHelp} open=${help} />
  </div>`;
}

/** What happens by itself: sound and notice of a ringing call, the name of the last one, the pop. */
function follow() {
  let rang = "";
  effect(() => {
    const rings = situation.value === "ringing" && here.value ? call.value ?? asked.value?.call : null;
    if (!rings) {
      quiet();
      rang = "";
    } else if (rang !== rings.id) {
      rang = rings.id;
      ring();
      const asks = asked.value && both(asked.value.name);
      showNotice(t(asks ? "notice.asked" : "notice.call"), asks || both(state.value.queues[rings.queue]?.name));
    }
  });
  effect(() => {
    if (inTalk.value && call.value) lastCall.value = call.value;
    else if (!["wrap_up", "talking", "hold"].includes(situation.value)) lastCall.value = null;
  });
  effect(() => {
    document.title = `${agent.value ? t(`state.${situation.value}`) : t("panel.title")} — ${t("common.product")}`;
  });
  // For a contact record in this page, and, where an address is configured, for another system.
  onFrame("pop", ({ call: id, url, opens }) => {
    pop.value = { call: id, url };
    dispatchEvent(new CustomEvent("madoguchi:pop", { detail: { call: id, url } }));
    if (opens && url && here.value) window.open(url, "madoguchi-pop", "noopener");
  });
  onFrame("snapshot", () => loadMe().catch(() => {}));
  followParties();
  keepDrafts();
  keepDialling();
  keepPhone(here);
  tryOut();
}

function Begin() {
  useEffect(() => {
    let close = () => {};
    patiently(loadMe).then(() => {
      follow();
      keepSeat();
      close = connect(livePath);
    });
    return () => close();
  }, []);
  return html`<${Screen} />`;
}

start(Begin, { title: "panel.title" });
