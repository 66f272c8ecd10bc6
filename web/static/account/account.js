// The own account: who I am here, my password, my second factor, where else I am signed in, how it looks.
import { html, signal, useEffect } from "../base/ui.js";
import { get, post } from "../base/api.js";
import { loadCentre } from "../base/centre.js";
import { t } from "../base/i18n.js";
import { start } from "../base/page.js";
import { dateClock } from "../base/time.js";
import { Button, KeyHelp, Looks, Question, complain, say, useKeyHelp, goodbye } from "../base/widgets.js";
import { Factor } from "./factor.js";
import { Password } from "./password.js";
import { account, loadAccount } from "./store.js";

const help = signal(false);
const asking = signal(false);

function About() {
  const { name, user, roles, agent } = account.value;
  const facts = [
    ["name", name], ["user", user], ["roles", roles.map((role) => t(`role.${role}`)).join(t("people.and"))],
    ["agent", agent],
  ].filter(([, text]) => text);
  return html`<section class="card"><header><h2>${t("account.about")}</h2></header><div class="body stack">
    <dl class="facts">${facts.map(([key, text]) => html`<div key=${key}>
      <dt class="soft small">${t(`people.${key}`)}</dt><dd>${text}</dd></div>`)}</dl>
    <p class="soft small">${t(account.value.guest ? "account.guest" : "account.about_help")}</p></div></section>`;
}

async function endOthers() {
  asking.value = false;
  try {
    await post("/api/session/others/end");
    say(() => t("account.said_ended"));
  } catch (error) {
    complain(error);
  }
  await loadAccount().catch(complain);
}

function Sessions() {
  const { sessions } = account.value;
  const others = sessions.filter((each) => !each.own).length;
  const close = () => (asking.value = false);
  return html`<section class="card"><header><h2>${t("account.sessions")}</h2></header><div class="body stack">
    <ul class="sessions">${sessions.map((each) => html`<li>
      <span class=${each.own ? "strong" : ""}>${t(each.own ? "account.this_one" : "account.another")}</span>
      <span class="soft small figure">${t("account.since", { at: dateClock(each.began_s) })} ·
        ${" "}${t("account.seen", { at: dateClock(each.seen_s) })}</span></li>`)}</ul>
    <div class="row"><${Button} text=${t("account.end_others")} disabled=${!others} aria-haspopup="dialog"
      onClick=${() => (asking.value = true)} />
      ${!others && html`<span class="soft small">${t("account.no_others")}</span>`}</div></div>
    ${asking.value && html`<${Question} title=${t("account.end_others")} yes=${t("account.end")}
      text=${t("account.end_sure", { count: others })} run=${endOthers} onClose=${close} />`}
  </section>`;
}

const Screens = () => html`<section class="card"><header><h2>${t("account.looks")}</h2></header>
  <div class="body stack"><${Looks} /><p class="soft small">${t("account.looks_help")}</p></div></section>`;

function Screen() {
  useKeyHelp(help);
  useEffect(() => {
    loadCentre().catch(complain).finally(() => loadAccount().catch(complain));
  }, []);
  const known = account.value;
  return html`<div class="account">
    <header class="head"><h1>${t("nav.account")}</h1>
      <${Button} kind="plain" class="push" text=${t("keys.list")} keys="?" onClick=${() => (help.value = true)} />
      <${Button} kind="plain" text=${t("common.sign_out")} onClick=${goodbye} /></header>
    <main>${known && html`<div class="sections">
        <${About} />${!known.guest && html`<${Password} /><${Factor} />`}<${Sessions} /><${Screens} /></div>`}</main>
    <${KeyHelp} open=${help} />
  </div>`;
}

start(Screen, { title: "nav.account" });
