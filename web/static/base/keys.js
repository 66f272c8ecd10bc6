// Keys: each screen says what its keys do; this listens, shows them, and stays out of the way of typing.
import { html, kept, signal, useLayoutEffect, useRef } from "./ui.js";
import { t } from "./i18n.js";

const DOUBLE_MS = 1_200;

/** Whether single letters act by themselves; otherwise only together with Alt. */
export const plainLetters = signal(kept.get("letters", "on") === "on");
/** The first half of a double key that was just pressed ("Escape"), or "". */
export const halfway = signal("");
const groups = signal([]);

export function usePlainLetters(on) {
  plainLetters.value = on;
  kept.set("letters", on ? "on" : "off");
}

/**
 * Keys of one part of a screen while it is shown: a list of {keys, text, run, when?, typing?}.
 * keys: "F2", "H", "/", "Alt+1", "Escape Escape". when: only then. typing: in text fields too.
 * unlisted: a second key for something that has one. modal: while it is shown, keys of other parts are silent.
 */
export function useKeys(title, list, { modal = false } = {}) {
  const current = useRef();
  current.current = { title, list, modal };
  useLayoutEffect(() => {
    groups.value = [...groups.value, current];
    return () => {
      groups.value = groups.value.filter((each) => each !== current);
    };
  }, []);
}

/** What the keys do now, for the list: [{title, list}], each title once. */
export function shownKeys() {
  const byTitle = new Map();
  for (const { current: { title, list } } of groups.value) {
    const shown = list.filter((entry) => !entry.unlisted);
    if (title && shown.length) byTitle.set(title, [...(byTitle.get(title) ?? []), ...shown]);
  }
  return [...byTitle].map(([title, list]) => ({ title, list }));
}

const isText = (element) =>
  element?.isContentEditable ||
  element?.tagName === "TEXTAREA" ||
  element?.tagName === "SELECT" ||
  (element?.tagName === "INPUT" && !/^(checkbox|radio|button|range)$/.test(element.type));

// With a Japanese input method on, event.key of a letter may be "Process": the key's place tells.
function nameOf(event) {
  if (/^Key[A-Z]$/.test(event.code) && !/^[a-z]$/i.test(event.key)) return event.code.slice(3);
  if (/^Digit\d$/.test(event.code) && !/^[\x21-\x7e]$/.test(event.key)) return event.code.slice(5);
  return event.key.length === 1 ? event.key.toUpperCase() : event.key;
}

const isPlain = (name) => name.length === 1;

function matches(entry, name, event) {
  const alt = entry.keys.startsWith("Alt+");
  if (alt) return event.altKey && name === entry.keys.slice(4);
  if (entry.keys === `${name} ${name}`) return true;
  if (entry.keys !== name) return false;
  return isPlain(name) ? event.altKey || plainLetters.value : !event.altKey;
}

function find(event, name) {
  const open = groups.value.map((each) => each.current);
  const modal = open.findLast((group) => group.modal);
  const typing = isText(event.target);
  for (const group of modal ? [modal] : [...open].reverse()) {
    for (const entry of group.list) {
      const mute = typing && !entry.typing && !event.altKey && !/^F\d+$/.test(name);
      if (!mute && matches(entry, name, event) && (entry.when?.() ?? true)) return entry;
    }
  }
  return undefined;
}

let pressed = { name: "", at: -Infinity };

function heard(event) {
  // 229: the input method is composing; the key belongs to it alone.
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey) return;
  const name = nameOf(event);
  if (name === "Escape" && isText(event.target) && !find(event, name)) {
    // Leaves the field; what was written stays in it.
    event.target.blur();
    return;
  }
  const entry = find(event, name);
  if (!entry) return;
  event.preventDefault();
  if (event.repeat) return;
  if (!entry.keys.includes(" ")) return entry.run(event);
  const twice = pressed.name === name && event.timeStamp - pressed.at < DOUBLE_MS;
  pressed = { name: twice ? "" : name, at: event.timeStamp };
  halfway.value = twice ? "" : name;
  if (twice) entry.run(event);
  else setTimeout(() => (halfway.value = ""), DOUBLE_MS);
}

addEventListener("keydown", heard);

const SHOWN = { Escape: "Esc", Enter: "↵", ArrowUp: "↑", ArrowDown: "↓", " ": "␣" };

/** A key as it is shown beside what it does. Hidden from screen readers: they hear aria-keyshortcuts. */
export function Key({ keys }) {
  const names = keys.split(" ").map((each) => each.split("+").map((key) => SHOWN[key] ?? key).join("+"));
  return html`<span class="keys" aria-hidden="true">
    ${names.map((name) => html`<kbd>${name}</kbd>`)}
  </span>`;
}

/** The list of all keys. */
export function KeyList() {
  const lines = ({ list }) =>
    list.map((entry) => html`<div class="key-line">
      <dt>${entry.text}</dt><dd><${Key} keys=${entry.keys} /></dd>
    </div>`);
  return html`<div class="key-list">
    ${shownKeys().map((group) => html`<section>
      <h3>${group.title}</h3><dl>${lines(group)}</dl>
    </section>`)}
    <label class="check">
      <input type="checkbox" checked=${plainLetters.value}
        onChange=${(event) => usePlainLetters(event.currentTarget.checked)} />
      <span>${t("keys.plain_letters")}</span>
    </label>
  </div>`;
}
