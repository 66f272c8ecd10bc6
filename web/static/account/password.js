// Choosing a password: the rules stand beside it and are ticked off while it is typed.
import { classes, html, signal } from "../base/ui.js";
import { post } from "../base/api.js";
import { t } from "../base/i18n.js";
import { say } from "../base/widgets.js";
import { account, attempt, goOn } from "./store.js";

const written = signal("");
const seen = signal(false);
const busy = signal(false);
const trouble = signal(null);

/** From here on a password is called strong: long, and not of the same few characters. */
const STRONG = { characters: 20, different: 10 };

/** Which rules of the server are kept: [[name, kept], ...]. */
function rules(text) {
  const { password, user, name } = account.value;
  const low = text.toLowerCase();
  const own = [user, name].map((word) => word.toLowerCase()).filter((word) => word.length > 2);
  return [
    ["rule_length", [...text].length >= password.min && [...text].length <= password.max],
    ["rule_different", new Set(low).size >= password.different],
    ["rule_name", text !== "" && !own.some((word) => low.includes(word))],
  ];
}

/** How strong: "none", "weak", "good" or "strong". */
function strength(text) {
  if (!text) return "none";
  if (!rules(text).every(([, kept]) => kept)) return "weak";
  const long = [...text].length >= STRONG.characters;
  return long && new Set(text).size >= STRONG.different ? "strong" : "good";
}

function Rules() {
  const values = account.value.password;
  return html`<ul class="rules" id="password-rules">${rules(written.value).map(([name, kept]) => html`<li
    class=${classes(kept && "kept")} key=${name}><span aria-hidden="true">${kept ? "✓" : "○"}</span>
    <span>${t(`account.${name}`, { min: values.min, max: values.max, different: values.different })}
      <span class="hidden">${t(kept ? "account.rule_kept" : "account.rule_open")}</span></span></li>`)}</ul>
    <p class=${`strength strength-${strength(written.value)}`} role="status">
      ${t(`account.strength_${strength(written.value)}`)}</p>`;
}

async function change(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const data = new FormData(form);
  busy.value = true;
  trouble.value = await attempt(async () => {
    await goOn(await post("/api/session/password", { old: data.get("old") ?? "", new: written.value }));
    form.reset();
    written.value = "";
    say(() => t("account.said_password"));
  });
  busy.value = false;
}

/** The own password: changed, or chosen for the first time. */
export function Password() {
  const { has_password: has, may_choose: free, user } = account.value;
  const type = seen.value ? "text" : "password";
  if (!has && !free) {
    return html`<section class="card"><header><h2>${t("people.password")}</h2></header>
      <div class="body"><p class="soft">${t("account.no_password")}</p></div></section>`;
  }
  return html`<section class="card"><header><h2>${t(has ? "account.change_password" : "account.choose_password")}</h2></header>
    <form class="body stack" onSubmit=${change}>
      ${!has && html`<p>${t("account.choose_help")}</p>`}
      <input hidden type="text" name="user" autocomplete="username" value=${user} readonly />
      ${!free && html`<label class="field"><span>${t("account.old")}</span>
        <input name="old" type=${type} required maxlength="200" autocomplete="current-password" /></label>`}
      <label class="field"><span>${t("account.new")}</span>
        <input name="new" type=${type} required minlength=${account.value.password.min}
          maxlength=${account.value.password.max} autocomplete="new-password" value=${written.value}
          aria-describedby="password-rules" onInput=${(event) => (written.value = event.currentTarget.value)} /></label>
      <${Rules} />
      <label class="check"><input type="checkbox" checked=${seen.value}
        onChange=${(event) => (seen.value = event.currentTarget.checked)} /><span>${t("account.show")}</span></label>
      <p class="trouble" role="alert">${trouble.value?.text}</p>
      <div class="row"><button type="submit" class="button main" disabled=${busy.value}>
        ${t(has ? "account.change_it" : "account.choose_it")}</button>
        ${has && html`<span class="soft small">${t("account.others_end")}</span>`}</div>
    </form></section>`;
}
