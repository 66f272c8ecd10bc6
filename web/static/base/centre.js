// What every screen without a live connection needs of the centre: its clock's zone.
import { get } from "./api.js";
import { zoneIs } from "./time.js";

/** Ask once, before moments are written: they are the centre's, wherever this machine stands. */
export async function loadCentre() {
  const known = await get("/api/me");
  zoneIs(known.timezone);
  return known;
}
