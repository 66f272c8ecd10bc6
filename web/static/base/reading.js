// Names as Japanese readers look for them: in the order of the kana, found whatever way they are typed.
import { lang } from "./i18n.js";

const collators = { ja: new Intl.Collator("ja"), en: new Intl.Collator("en", { sensitivity: "base" }) };

// Kana and width must not matter: ｼﾐﾝ, しみん and シミン are the same wish.
const plain = (text) =>
  text.normalize("NFKC").toLowerCase()
    .replace(/[\u3041-\u3096]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) + 0x60));

/** What is looked through for a name: its words, and the same without what parts them. */
export function findable(...texts) {
  const words = plain(texts.filter(Boolean).join(" "));
  return `${words} ${words.replace(/(?<=[\u30a1-\u30fc])[・ ](?=[\u30a1-\u30fc])/g, "")}`;
}

/** How well what is typed fits a findable text: 0 not at all, 1 somewhere, 2 as the beginning of a word. */
export function fits(text, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  if (!words.every((word) => text.includes(word))) return 0;
  return words.every((word) => text.startsWith(word) || text.includes(` ${word}`)) ? 2 : 1;
}

/** Sorts things with {name, reading}: in Japanese by reading, in 五十音 order, what has none after
 *  that as it came; in English by name. Operators' names are Japanese in every language. */
export function inOrder(list, { byReading = lang.value === "ja" } = {}) {
  const { compare } = collators[byReading ? "ja" : "en"];
  if (!byReading) return [...list].sort((one, other) => compare(one.name, other.name));
  const rank = (each) => (each.reading ? 0 : 1);
  return [...list].sort((one, other) =>
    rank(one) - rank(other) || (one.reading ? compare(one.reading, other.reading) : 0));
}
