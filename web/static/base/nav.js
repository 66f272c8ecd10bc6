// The way between the screens: those that this person may open, and nothing else.
import { html } from "./ui.js";
import { session } from "./api.js";
import { t } from "./i18n.js";

/** Screens that may be holding a call: whoever leaves them would leave the caller. */
const STAY = ["/panel", "/floor"];
const ACCOUNT = "/account";

/** The name of a screen by its path: "/floor" is "floor". */
export const screenName = (path) => path.slice(1);

function Way({ path, children }) {
  const here = path === location.pathname;
  const elsewhere = !here && STAY.includes(location.pathname);
  return html`<a href=${path} aria-current=${here ? "page" : undefined}
    target=${elsewhere ? "_blank" : undefined} rel=${elsewhere ? "noopener" : undefined}>
    ${children}${elsewhere && html`<span class="hidden"> ${t("nav.new_tab")}</span>`}</a>`;
}

/** The bar above every screen of somebody who has signed in. */
export function Nav() {
  const { pages = [], name = "" } = session.value ?? {};
  return html`<nav class="screens" aria-label=${t("nav.screens")}><ul>
    ${pages.filter((path) => path !== ACCOUNT).map((path) => html`<li key=${path}>
      <${Way} path=${path}>${t(`nav.${screenName(path)}`)}</${Way}></li>`)}
    ${pages.includes(ACCOUNT) && html`<li class="push"><${Way} path=${ACCOUNT}>
      <span class="hidden">${t("nav.account")}: </span><span class="one-line">${name}</span></${Way}></li>`}
  </ul></nav>`;
}
