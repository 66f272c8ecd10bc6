// Words: every text a person sees comes from web/locale, in Japanese or English.
import { signal } from "./ui.js";
import { kept } from "./ui.js";

export const LANGUAGES = { ja: "日本語", en: "English" };

/** The language in use: "ja" or "en". */
export const lang = signal(document.documentElement.lang === "en" ? "en" : "ja");
const words = signal({});

async function load(code) {
  const answer = await fetch(new URL(`../locale/${code}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`locale ${code}: ${answer.status}`);
  words.value = await answer.json();
  lang.value = code;
  document.documentElement.lang = code;
}

/** Wait for this before the first render. */
export const ready = load(lang.value);

/** Change the language and remember it. */
export async function speak(code) {
  await load(code);
  kept.set("lang", code);
}

/** The text of a key, with {names} filled in. A key without a text shows itself. */
export function t(key, values = {}) {
  const text = words.value[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Whether there is a text for the key. */
export const has = (key) => key in words.value;

/** The right one of {ja, en}, as the server sends names and sentences. */
export const both = (text) => (text ? text[lang.value] || text.ja || text.en || "" : "");

/** The name of a language by its code: "en" is 英語 or English. */
export const languageName = (code) =>
  new Intl.DisplayNames([lang.value], { type: "language" }).of(code) ?? code;

/** A number as people write it here. */
export const number = (value, digits = 0) =>
  new Intl.NumberFormat(lang.value, {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(value);
