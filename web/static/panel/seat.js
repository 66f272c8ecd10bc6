// One operator, one screen: of several tabs or machines one is at work, and the others say so.
import { computed, html, signal } from "../base/ui.js";
import { t } from "../base/i18n.js";
import { onFrame } from "../base/live.js";
import { Button } from "../base/widgets.js";
import { useKeys } from "../base/keys.js";
import { talksHere } from "./softphone.js";
import { act } from "./store.js";

/** This page, for as long as it is loaded. */
const mine = crypto.getRandomValues(new Uint32Array(4)).reduce((id, part) => id + part.toString(36), "p");

/** The page that the server says is at work; undefined before it said anything. */
const seat = signal(undefined);

/** Whether this page is the one at work. */
export const here = computed(() => seat.value === undefined || seat.value === null || seat.value === mine);

/** The live channel. A page that has been displaced only looks on until it is asked to work again. */
export const livePath = () => (here.value ? `/api/live?seat=${mine}` : "/api/live");

export const takeSeat = () => act("seat", { seat: mine });

/** Follow who is at work. */
export function keepSeat() {
  onFrame("snapshot", ({ state }) => {
    if ("seat" in state) seat.value = state.seat;
  });
  onFrame("seat", (frame) => {
    seat.value = frame.seat;
  });
}

/** What the other tabs show. */
export function Elsewhere() {
  useKeys(t("seat.title"), [{ keys: "Enter", text: t("seat.take"), run: takeSeat }]);
  return html`<main class="elsewhere"><div class="card">
    <h1>${t("seat.title")}</h1><p>${t("seat.help")}</p>
    ${talksHere.value && html`<p class="strong" role="status">${t("seat.talk_goes_on")}</p>`}
    <${Button} kind="main" large text=${t("seat.take")} keys="Enter" onClick=${takeSeat} />
  </div></main>`;
}
