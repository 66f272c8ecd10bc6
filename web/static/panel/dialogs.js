// What opens on top of the panel: dialling out, the keypad, a third voice, the settings.
import { html, signal, useSignal } from "../base/ui.js";
import { languageName, t } from "../base/i18n.js";
import { clockSoon } from "../base/time.js";
import { Button, Dialog, Looks, say } from "../base/widgets.js";
import { signOut } from "../base/api.js";
import { askPermission, chooseSound, permission, sound } from "../base/notify.js";
import { Devices } from "./devices.js";
import { searchFocus } from "./directory.js";
import { dialled, outside } from "./outside.js";
import { phone, stopPhone } from "./softphone.js";
import { act, inCall, inTalk, loadMe, may, me, situation } from "./store.js";

/** Which dialog is open: "", "dial", "keypad", "three_way", "settings". */
export const open = signal("");
const shut = () => (open.value = "");

const FEW_DIALS = 5;

export const openDial = () => {
  open.value = "dial";
  loadMe().catch(() => {});
};
export const openKeypad = () => (open.value = "keypad");
export const openThreeWay = () => (open.value = "three_way");
export const openSettings = () => (open.value = "settings");

// As people write it, with wide figures and dashes too: what is dialled are its digits.
const NUMBER = "[0-9０-９+＋\\(（][0-9０-９\\(\\)（） 　.．\\-－ー−‐―]{2,23}";

/** How often somebody may still call today, once that is near its end. */
function often() {
  const left = me.value.dials_left;
  if (left === undefined || left === null || left > FEW_DIALS) return "";
  return t(left ? "dial.left" : "dial.none_left", { count: left });
}

function Dial() {
  const number = useSignal("");
  const submit = async (event) => {
    event.preventDefault();
    // Japanese input methods write wide figures.
    const digits = number.value.normalize("NFKC").replace(/[^\d+]/g, "");
    // In a call the caller waits meanwhile; otherwise it is a call of our own.
    dialled.value = inTalk.value ? "" : digits;
    const done = inTalk.value
      ? await act("consult", { kind: "number", target: digits })
      : await act("dial", { number: digits });
    if (done) shut();
    else dialled.value = "";
  };
  return html`<${Dialog} title=${t("dial.title")} onClose=${shut} class="narrow">
    <form class="stack" onSubmit=${submit}>
      <label class="field"><span>${t("dial.number")}</span>
        <input data-first type="tel" class="figure large-figure" inputmode="tel" maxlength="24"
          autocomplete="off" aria-describedby="dial-help" required pattern=${NUMBER} value=${number.value}
          onInput=${(event) => (number.value = event.currentTarget.value)} /></label>
      <p class="soft small" id="dial-help">${t("dial.help")} ${often()}</p>
      <button type="submit" class="button main large">${t("dial.call")}</button>
    </form></${Dialog}>`;
}

const KEYPAD = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

// Keys pressed while others are on their way go together with the next request, in order.
let unsent = "";
let sending = false;

async function sendDigits(digit) {
  unsent += digit;
  if (sending) return;
  sending = true;
  while (unsent) {
    const digits = unsent.slice(0, 32);
    unsent = unsent.slice(digits.length);
    if (!(await act("digits", { digits }))) unsent = "";
  }
  sending = false;
}

function Keypad() {
  const sent = useSignal("");
  const press = (digit) => {
    sent.value += digit;
    if (may("digits")) sendDigits(digit);
    else phone.value?.digits(digit);
  };
  const keys = KEYPAD.map((digit) => ({ keys: digit, text: digit, run: () => press(digit) }));
  return html`<${Dialog} title=${t("call.keypad")} onClose=${shut} keys=${keys} class="narrow">
    <output class="figure large-figure sent" aria-label=${t("call.sent_digits")}>${sent.value || "–"}</output>
    <div class="keypad">${KEYPAD.map((digit, at) => html`<${Button} text=${digit} large
      data-first=${at === 0 ? "" : undefined} onClick=${() => press(digit)} />`)}</div>
  </${Dialog}>`;
}

function ThreeWay() {
  const languages = me.value.targets.interpreters ?? [];
  const invite = async (language) => {
    if (await act("conference", { kind: "interpreter", language })) shut();
  };
  const other = () => {
    shut();
    requestAnimationFrame(searchFocus);
  };
  const keys = [{ keys: "/", text: t("three_way.somebody"), run: other }];
  return html`<${Dialog} title=${t("call.three_way")} onClose=${shut} keys=${keys} class="narrow">
    <div class="stack">
      ${languages.length > 0 && html`<h3>${t("three_way.interpreter")}</h3>
        <ul class="menu two">${languages.map(({ language, open: available, until_s }, at) => html`<li>
          <${Button} kind="plain" text=${languageName(language)} disabled=${available === false}
            data-first=${at === 0 ? "" : undefined} onClick=${() => invite(language)}>
          </${Button}>${available === false && html`<span class="small soft">${t("directory.closed")}
            ${until_s && t("directory.from", { until: clockSoon(until_s) })}</span>`}
        </li>`)}</ul>`}
      <${Button} text=${t("three_way.somebody")} keys="/" onClick=${other} />
    </div></${Dialog}>`;
}

function Notices() {
  const state = permission.value;
  return html`<div class="stack">
    <label class="check"><input type="checkbox" checked=${sound.value}
      onChange=${(event) => chooseSound(event.currentTarget.checked)} /><span>${t("settings.sound")}</span></label>
    <div class="row"><span>${t("settings.desktop")}</span>
      ${state === "default"
        ? html`<${Button} text=${t("settings.allow")} onClick=${askPermission} />`
        : html`<span class="soft">${t(`settings.desktop_${state}`)}</span>`}</div>
  </div>`;
}

/** Nobody signs out in a call; who signs out takes no calls any more. */
async function leave() {
  if (inCall.value || outside.value) return say(() => t("settings.in_a_call"));
  if (situation.value !== "logged_out" && !(await act("logout"))) return undefined;
  await stopPhone();
  return signOut();
}

function Settings() {
  return html`<${Dialog} title=${t("common.settings")} onClose=${shut}>
    <div class="stack settings">
      ${phone.value && html`<section class="stack"><h3>${t("settings.telephone")}</h3><${Devices} /></section>`}
      <section class="stack"><h3>${t("settings.notices")}</h3><${Notices} /></section>
      <section class="stack"><h3>${t("settings.looks")}</h3><${Looks} /></section>
      <${Button} text=${t("common.sign_out")} onClick=${leave} />
    </div></${Dialog}>`;
}

const ALL = { dial: Dial, keypad: Keypad, three_way: ThreeWay, settings: Settings };

export function Dialogs() {
  const Shown = ALL[open.value];
  return Shown ? html`<${Shown} />` : null;
}

