// How every page begins: words first, then who is signed in, then the screen.
import { html, render } from "./ui.js";
import { ready, t } from "./i18n.js";
import { leave, loadSession } from "./api.js";
import { Nav } from "./nav.js";
import { News } from "./news.js";
import { Toasts } from "./widgets.js";

// Unreachable is no sign-out: the page is loaded again until somebody answers.
const again = () => void setTimeout(() => location.reload(), 1_500);

/** Pages whose own live state brings the banner. */
const TOLD = ["/panel", "/floor"];

/** Start a page. open: anybody may see it; otherwise nobody without a session. */
export async function start(Screen, { title, open = false } = {}) {
  const worded = await ready.then(() => true, () => false);
  const who = await loadSession().catch(() => undefined);
  if (!worded || (who === undefined && !open)) return again();
  if (!who && !open) return leave();
  if (title) document.title = `${t(title)} — ${t("common.product")}`;
  const news = !open && !TOLD.includes(location.pathname);
  render(html`${!open && html`<${Nav} />`}${news && html`<${News} />`}<${Screen} /><${Toasts} />`,
    document.getElementById("app"));
}
