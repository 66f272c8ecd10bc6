// The second factor: a QR code for an authenticator app, its key as text, and a code to prove it arrived.
import { html, signal, useLayoutEffect, useRef } from "../base/ui.js";
import { post } from "../base/api.js";
import { t } from "../base/i18n.js";
import { Button, say } from "../base/widgets.js";
import { account, attempt, goOn } from "./store.js";

/** "": nothing begun; "password": it is asked for; then the offer {secret, uri, qr}. */
const step = signal("");
const busy = signal(false);
const trouble = signal(null);

async function send(work) {
  busy.value = true;
  trouble.value = await attempt(work);
  busy.value = false;
}

const stop = () => {
  step.value = "";
  trouble.value = null;
};

function offer(event) {
  event.preventDefault();
  const password = new FormData(event.currentTarget).get("password");
  send(async () => (step.value = await post("/api/session/second-factor", { password })));
}

function confirm(event) {
  event.preventDefault();
  const code = new FormData(event.currentTarget).get("code").replace(/\s/g, "");
  send(async () => {
    const began = await post("/api/session/second-factor/confirm", { code });
    stop();
    await goOn(began);
    say(() => t("account.said_factor"));
  });
}

/** Dark on light in every theme: that is what readers expect. */
function Code({ qr }) {
  return html`<svg class="qr" viewBox=${`0 0 ${qr.size} ${qr.size}`} role="img" aria-label=${t("account.qr")}
    shape-rendering="crispEdges"><rect class="light" width=${qr.size} height=${qr.size} />
    <path class="dark" d=${qr.path} /></svg>`;
}

function Steps() {
  const { secret, qr } = step.value;
  const first = useRef();
  useLayoutEffect(() => first.current?.focus(), []);
  return html`<div class="set-up"><${Code} qr=${qr} />
    <div class="stack"><ol class="steps">
        <li>${t("account.step_app")}</li><li>${t("account.step_scan")}</li><li>${t("account.step_code")}</li></ol>
      <div><p class="soft small">${t("account.key_text")}</p>
        <p class="key-text figure">${secret.match(/.{1,4}/g).join(" ")}</p></div>
      <form class="stack" onSubmit=${confirm}>
        <label class="field"><span>${t("account.code")}</span>
          <input ref=${first} name="code" required inputmode="numeric" autocomplete="one-time-code" maxlength="10"
            pattern="[0-9 ]{6,10}" class="figure code" /></label>
        <p class="trouble" role="alert">${trouble.value?.text}</p>
        <div class="row"><button type="submit" class="button main" disabled=${busy.value}>${t("account.confirm")}</button>
          <${Button} text=${t("common.cancel")} onClick=${stop} /></div></form></div></div>`;
}

function Sure() {
  const first = useRef();
  useLayoutEffect(() => first.current?.focus(), []);
  return html`<form class="stack" onSubmit=${offer}>
    <label class="field"><span>${t("account.old")}</span>
      <input ref=${first} name="password" type="password" required maxlength="200" autocomplete="current-password" /></label>
    <p class="trouble" role="alert">${trouble.value?.text}</p>
    <div class="row"><button type="submit" class="button main" disabled=${busy.value}>${t("account.go_on")}</button>
      <${Button} text=${t("common.cancel")} onClick=${stop} /></div></form>`;
}

function Begin() {
  const { second_factor: on, second_factor_wanted: wanted, has_password: has } = account.value;
  if (!has) return html`<p class="soft">${t("account.password_first")}</p>`;
  return html`${wanted && !on && html`<p class="notice warning">${t("account.factor_wanted")}</p>`}
    <p>${t(on ? "account.factor_on" : "account.factor_off")}</p>
    <div class="row"><${Button} text=${t(on ? "account.factor_again" : "account.factor_begin")}
      onClick=${() => (step.value = "password")} /></div>
    <p class="soft small">${t("account.factor_lost")}</p>`;
}

/** The second factor: set up, or set up anew. */
export function Factor() {
  const shown = step.value === "" ? Begin : step.value === "password" ? Sure : Steps;
  return html`<section class="card"><header><h2>${t("people.factor")}</h2></header>
    <div class="body stack"><${shown} /></div></section>`;
}
