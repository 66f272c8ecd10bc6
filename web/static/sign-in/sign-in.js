// The sign-in page: name and password, then a code where a second factor is set up, or a one-time link.
import { classes, html, signal, useLayoutEffect, useRef } from "../base/ui.js";
import { t } from "../base/i18n.js";
import { ApiError, get, post, session } from "../base/api.js";
import { start } from "../base/page.js";
import { Button, Looks } from "../base/widgets.js";

const step = signal("password"); // "password", "code", "link"
const busy = signal(false);
/** What went wrong: the text is asked for when it is shown, in the language that is shown then. */
const trouble = signal(null);
const oidc = signal(null);

/** Only a path of our own: a link must not lead people elsewhere after they signed in. */
function whereTo() {
  const wanted = new URLSearchParams(location.search).get("to") ?? "/";
  return /^\/[a-z][a-z/-]*$/.test(wanted) && wanted !== "/sign-in" ? wanted : "/";
}

async function attempt(work) {
  busy.value = true;
  trouble.value = null;
  try {
    await work();
    location.replace(whereTo());
  } catch (error) {
    busy.value = false;
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "code_wanted") {
      step.value = "code";
      return;
    }
    trouble.value = error;
  }
}

function Form() {
  const first = useRef();
  const wants = step.value === "code";
  // Before the next key: what somebody types at once belongs to the field that just came.
  useLayoutEffect(() => first.current?.focus(), [wants, trouble.value]);
  const filled = useRef({ user: "", password: "" });
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (!wants) filled.current = { user: form.get("user").normalize("NFKC").trim(), password: form.get("password") };
    const code = form.get("code")?.normalize("NFKC").replace(/\s/g, "");
    attempt(() => post("/api/session", wants ? { ...filled.current, code } : filled.current));
  };
  const invalid = trouble.value ? "true" : undefined;
  return html`<form class="stack" onSubmit=${submit}>
    <div class=${classes("stack", wants && "gone")}>
      <label class="field"><span>${t("sign_in.user")}</span>
        <input name="user" ref=${wants ? null : first} required autocomplete="username"
          autocapitalize="none" spellcheck="false" maxlength="64" aria-invalid=${invalid}
          aria-describedby="trouble" /></label>
      <label class="field"><span>${t("sign_in.password")}</span>
        <input name="password" type="password" required autocomplete="current-password"
          maxlength="256" aria-invalid=${invalid} aria-describedby="trouble" /></label>
    </div>
    ${wants && html`<label class="field"><span>${t("sign_in.code")}</span>
      <input name="code" ref=${first} required inputmode="numeric" autocomplete="one-time-code"
        maxlength="10" class="figure code" aria-describedby="trouble code-help" />
      <span id="code-help">${t("sign_in.code_help")}</span></label>`}
    <p id="trouble" class="trouble" role="alert">${trouble.value?.text}</p>
    <button type="submit" class="button main large" disabled=${busy.value}>
      ${t(wants ? "sign_in.check_code" : "sign_in.sign_in")}</button>
    ${wants && html`<${Button} kind="plain" text=${t("sign_in.back")}
      onClick=${() => ((step.value = "password"), (trouble.value = null))} />`}
  </form>`;
}

function Other() {
  if (!oidc.value || step.value !== "password") return null;
  return html`<div class="other"><span class="soft small">${t("sign_in.or")}</span>
    <a class="button" href="/api/oidc/start">${oidc.value.name || t("sign_in.oidc")}</a></div>`;
}

function Screen() {
  return html`<main class="sign-in">
    <div class="card">
      <h1><${Mark} />${t("common.product")}</h1>
      <p class="soft">${t(step.value === "link" ? "sign_in.by_link" : "sign_in.welcome")}</p>
      ${step.value === "link" ? html`<p class="trouble" role="alert">${trouble.value?.text}</p>`
        : html`<${Form} /><${Other} />`}
    </div>
    <footer><${Looks} /></footer>
  </main>`;
}

const Mark = () => html`<img src=${new URL("../base/icon.svg", import.meta.url)} alt="" />`;

// A one-time link carries its token behind "#", which browsers keep to themselves.
function byLink() {
  const token = new URLSearchParams(location.hash.slice(1)).get("link");
  if (!token) return;
  history.replaceState(null, "", location.pathname + location.search);
  step.value = "link";
  attempt(() => post("/api/session/link", { token })).then(() => {
    if (trouble.value) step.value = "password";
  });
}

start(Screen, { title: "sign_in.title", open: true }).then(() => {
  const linked = location.hash.includes("link=");
  // The way back from the city's own accounts says here what went wrong there.
  const failed = new URLSearchParams(location.search).get("failed") ?? "";
  if (/^(not_added|oidc_[a-z]+)$/.test(failed)) trouble.value = new ApiError(401, { code: failed });
  if (linked) byLink();
  else if (session.value) location.replace(whereTo());
  else get("/api/oidc").then((known) => (oidc.value = known.enabled ? known : null)).catch(() => {});
});
