// The supervisor's browser as a telephone: it picks up by itself, since it rings only when asked to.
import { effect, signal, untracked } from "../base/ui.js";
import { post } from "../base/api.js";
import { link } from "../base/live.js";

/** Where it can be rung; "" while this browser is no telephone. */
export const headset = signal("");
/** "" or why not: "blocked" (microphone), "failed". */
export const trouble = signal("");

let phone = null;

async function credentials() {
  const found = await post("/api/softphone");
  headset.value = found.device;
  return found;
}

/** Make this browser a telephone; resolves to its name, or "" where that did not work. */
export async function useHeadset() {
  if (headset.value) return headset.value;
  trouble.value = "";
  try {
    const { Phone } = await import("../softphone/phone.js");
    phone = new Phone({ renew: credentials });
    effect(() => link.value === "live" && untracked(() => phone.hurry()));
    effect(() => {
      if (phone.state.value === "ringing") untracked(() => phone.answer());
      // Given up (another page has it now, say): it can be chosen again.
      if (phone.state.value === "offline" && phone.link.value) headset.value = "";
    });
    await phone.start(await credentials());
  } catch (error) {
    trouble.value = error.name === "NotAllowedError" ? "blocked" : "failed";
    headset.value = "";
    await phone?.stop();
  }
  return headset.value;
}
