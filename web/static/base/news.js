// The centre's banner, on every page and as it happens. Pages with a live state of their own show theirs.
import { html, useEffect } from "./ui.js";
import { both } from "./i18n.js";
import { CALM, connect, state } from "./live.js";
import { Banner } from "./widgets.js";

/** The message of the centre, if there is one, for as long as the page is open. */
export function News() {
  useEffect(() => connect("/api/news", { pace: CALM }), []);
  const banner = state.value?.banner;
  return html`<${Banner} banner=${banner} text=${both(banner?.text)} />`;
}
