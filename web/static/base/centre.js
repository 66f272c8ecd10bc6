// What every screen without a live connection needs of the centre: its clock's zone and its banner.
import { html, signal } from "./ui.js";
import { get } from "./api.js";
import { both } from "./i18n.js";
import { zoneIs } from "./time.js";
import { Banner } from "./widgets.js";

const banner = signal(null);

/** Ask once, before moments are written: they are the centre's, wherever this machine stands. */
export async function loadCentre() {
  const known = await get("/api/me");
  zoneIs(known.timezone);
  banner.value = known.banner;
  return known;
}

/** The message of the centre, if there is one. */
export const CentreBanner = () =>
  html`<${Banner} banner=${banner.value} text=${both(banner.value?.text)} />`;
