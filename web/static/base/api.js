// The way to the server: JSON with a deadline, the session's CSRF value, errors as sentences.
import { signal } from "./ui.js";
import { both, t } from "./i18n.js";

const DEADLINE_MS = 8_000;
const AGAIN_MS = 1_500;

/** Who is signed in: {person, name, roles, pages, agent, csrf, ...}; null: nobody; undefined: not asked. */
export const session = signal(undefined);

/** What went wrong, with the server's sentence in both languages where it gave one. */
export class ApiError extends Error {
  constructor(status, error = {}) {
    super(error.code ?? "failed");
    this.status = status;
    this.code = error.code ?? "failed";
    this.said = error.message;
    this.faults = error.faults ?? [];
  }

  /** What happened and what to do about it, in the language of the screen. */
  get text() {
    return both(this.said) || t(`error.${this.code}`);
  }
}

/** Ask the server. Returns the answer's JSON, or throws an ApiError. */
export async function request(method, path, body, { deadline_ms = DEADLINE_MS, signal: stop } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && session.value?.csrf) headers["X-CSRF-Token"] = session.value.csrf;
  const limit = AbortSignal.timeout(deadline_ms);
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: stop ? AbortSignal.any([limit, stop]) : limit,
    });
  } catch (error) {
    if (stop?.aborted) throw error;
    throw new ApiError(0, { code: limit.aborted ? "deadline" : "unreachable" });
  }
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) return data;
  if (answer.status === 401 && session.value) leave();
  throw new ApiError(answer.status, data.error);
}

export const get = (path, options) => request("GET", path, undefined, options);
export const post = (path, body = {}, options) => request("POST", path, body, options);
export const del = (path, body, options) => request("DELETE", path, body, options);

/** Ask for what a page cannot begin without: again, until a server that is slow or away answers. */
export async function patiently(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 401) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** Find out who is signed in. */
export async function loadSession() {
  try {
    session.value = await get("/api/session");
  } catch (error) {
    if (error.status !== 401 && error.status !== 404) throw error;
    session.value = null;
  }
  return session.value;
}

/** End the session and show the sign-in page; throws an ApiError where a caller would be cut off. */
export async function signOut() {
  try {
    await del("/api/session");
  } catch (error) {
    if (error.code === "sign_out_in_call") throw error;
  }
  session.value = null;
  location.assign("/sign-in");
}

// Several requests learn of it at once, and a second way out breaks off the first. It may come to
// nothing, though: somebody in a call is asked, and stays.
let leaving = false;

/** The session is over: sign in, and come back here afterwards. */
export function leave() {
  session.value = null;
  if (leaving) return;
  leaving = true;
  setTimeout(() => (leaving = false), DEADLINE_MS);
  location.assign(`/sign-in?to=${encodeURIComponent(location.pathname)}`);
}
