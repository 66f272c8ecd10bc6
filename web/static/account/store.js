// What the account page knows of the account.
import { signal } from "../base/ui.js";
import { ApiError, get, session } from "../base/api.js";

/** The account as the server tells it; null before. */
export const account = signal(null);

export async function loadAccount() {
  account.value = await get("/api/session/account");
}

/** A new session took the place of this one: what it needs from now on, and the account anew. */
export async function goOn(began) {
  session.value = began;
  await loadAccount();
}

/** Try something; returns null, or what went wrong: its text is in the language that is shown then. */
export async function attempt(work) {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error;
  }
}
