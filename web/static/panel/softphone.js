// The browser as a telephone. It is loaded only when somebody works with it: a desk phone needs none of it.
import { computed, effect, kept, signal, untracked } from "../base/ui.js";
import { del, post } from "../base/api.js";
import { t } from "../base/i18n.js";
import { link } from "../base/live.js";
import { complain } from "../base/widgets.js";
import { agent, me, situation } from "./store.js";

/** The telephone, once it is loaded; null with a desk phone. */
export const phone = signal(null);
/** "" or why there is no telephone: "blocked" (microphone), "failed". */
export const trouble = signal("");

export const webDevice = () => `web-${me.value?.agent}`;
/** Whether this operator works with the browser. */
export const inBrowser = computed(() => agent.value?.device === webDevice());
/** Whether the operator's telephone in the public network rings: a caller is taken there by a key. */
export const isOutside = computed(() => Boolean(me.value?.outside) && agent.value?.device === me.value.outside);
/** Which telephone this operator works with, in words. */
export const telephoneText = () => (inBrowser.value ? t("login.browser")
  : isOutside.value ? t("phone.outside") : t("phone.desk", { device: agent.value.device }));
/** What to do when another telephone than the browser rings. */
export const pickUpText = () =>
  t(isOutside.value ? "call.at_the_outside_phone" : "call.at_the_phone", { device: agent.value.device });
/** What the telephone does: offline, connecting, ready, ringing, talking, held; "" without one. */
export const phoneState = computed(() => phone.value?.state.value ?? "");
/** How the telephone's own line is: up, lost, or why it has given up; "" without a telephone. */
export const phoneLink = computed(() => phone.value?.link.value ?? "");

/** The microphone and speaker that were chosen on this machine: {input?, output?}. */
export const chosenDevices = () =>
  Object.fromEntries(["input", "output"].map((kind) => [kind, kept.get(kind)]).filter(([, id]) => id));

// The server is heard again: the telephone's own line, which waits a while between attempts, can go on.
effect(() => {
  if (link.value === "live") untracked(() => phone.value?.hurry());
});

let starting = false;
const credentials = () => post(`/api/agents/${me.value.agent}/softphone`);

/** Ask for the microphone and register with a secret of this login alone. */
export async function startPhone() {
  if (starting || phone.value) return;
  starting = true;
  trouble.value = "";
  try {
    const { Phone } = await import("../softphone/phone.js");
    const made = new Phone({ renew: credentials });
    await made.start(await credentials());
    // The headset of last time; one that is not there any more leaves the browser's own choice.
    await made.choose(chosenDevices()).catch(() => {});
    phone.value = made;
  } catch (error) {
    trouble.value = error.name === "NotAllowedError" ? "blocked" : "failed";
    if (error.text) complain(error);
  } finally {
    starting = false;
  }
}

/** Unregister; forget: give the secret back as well. */
export async function stopPhone({ forget = true } = {}) {
  const stopped = phone.value;
  phone.value = null;
  await stopped?.stop();
  if (forget && stopped) await del(`/api/agents/${me.value.agent}/softphone`).catch(() => {});
}

/** Whether somebody is talked with over this page's own telephone. */
export const talksHere = computed(() => ["talking", "held"].includes(phoneState.value));

/** Keep the telephone as long as the operator works with it, and while this page is at work. A talk
 *  that began here goes on here to its end, whichever page is at work meanwhile: a caller must not
 *  be cut off because somebody opened another tab. */
export function keepPhone(here) {
  let wanted = false;
  let outlived = false;
  return effect(() => {
    const before = wanted;
    const atWork = here.value;
    wanted = atWork && inBrowser.value && situation.value !== "logged_out";
    const talks = talksHere.value;
    untracked(() => {
      if (before && !wanted && !atWork && talks) outlived = true;
      if (outlived && talks) return;
      // A page that was displaced must not give back what is another page's now.
      if (outlived) stopPhone({ forget: false }).then(() => wanted && startPhone());
      else if (wanted && !before) startPhone();
      else if (before && !wanted) stopPhone({ forget: atWork });
      outlived = false;
    });
  });
}
