// How every page begins: words first, then who is signed in, then the screen.
import { html, render } from "./ui.js";
import { ready, t } from "./i18n.js";
import { leave, loadSession } from "./api.js";
import { Nav } from "./nav.js";
import { Toasts } from "./widgets.js";

/** Start a page. open: anybody may see it; otherwise nobody without a session. */
export async function start(Screen, { title, open = false } = {}) {
  await ready;
  const who = await loadSession().catch(() => undefined);
  if (!who && !open) {
    // Unreachable is no sign-out: the page is loaded again until somebody answers.
    if (who === undefined) return void setTimeout(() => location.reload(), 1_500);
    return leave();
  }
  if (title) document.title = `${t(title)} — ${t("common.product")}`;
  render(html`${!open && html`<${Nav} />`}<${Screen} /><${Toasts} />`, document.getElementById("app"));
}
