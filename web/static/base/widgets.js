// Small parts that every screen shares: buttons with their key, state chips, dialogs, messages.
import { classes, html, kept, signal, useLayoutEffect, useRef } from "./ui.js";
import { signOut } from "./api.js";
import { LANGUAGES, lang, number, speak, t } from "./i18n.js";
import { Key, KeyList, useKeys } from "./keys.js";
import { age_s, heardAt, link, stale } from "./live.js";
import { duration, now } from "./time.js";

const spoken = (keys) => keys?.replace(/^(\S+) \1$/, "$1").replace(/^\?$/, "Shift+?");

/** A button: what it does, and its key beside it. kind: "main", "go", "stop", "plain". */
export function Button({ text, keys, kind, large, pressed, children, class: name, ...rest }) {
  return html`<button type="button" class=${classes("button", kind, large && "large", name)}
    aria-pressed=${pressed === undefined ? undefined : String(pressed)}
    aria-keyshortcuts=${spoken(keys)} ...${rest}>
    ${children}<span>${text}</span>${keys && html`<${Key} keys=${keys} />`}
  </button>`;
}

// One shape for each state, so that colour never tells it alone.
const SHAPES = {
  ready: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Z",
  ringing: "M8 1 15.5 14.5H.5Z",
  talking: "M1 2h14v9H8l-4 4v-4H1Z",
  hold: "M2 1h4v14H2ZM10 1h4v14h-4Z",
  wrap_up: "M2 1h9l3 3v11H2ZM5 6v1.5h6V6ZM5 9.500v1.5h6V9.500Z",
  not_ready: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM4 7h8v2H4Z",
  no_answer: "M6.500 1h3l-.5 9H7ZM6.500 12h3v3h-3Z",
  logged_out: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z",
};

/** The word that a state is shown as: who did not answer is a state of its own here. */
export const shownState = (state, reason) =>
  state === "not_ready" && reason === "no_answer" ? "no_answer" : state;

/** A state's shape within a drawing, 16 by 16. */
export const Outline = ({ state }) =>
  html`<path fill-rule="evenodd" d=${SHAPES[state] ?? SHAPES.logged_out} />`;

/** A state's shape alone. */
export const Shape = ({ state }) => html`<svg viewBox="0 0 16 16" aria-hidden="true">
  <${Outline} state=${state} /></svg>`;

/** A state as shape and word. chip: on a coloured ground. */
export function State({ state, reason, chip, children }) {
  const shown = shownState(state, reason);
  return html`<span class=${classes("state", `state-${shown}`, chip && "chip")}>
    <${Shape} state=${shown} /><span>${t(`state.${shown}`)}</span>${children}
  </span>`;
}

/** The dialogs that are open, the one in front last. */
const dialogs = signal([]);

/** A dialog that takes the focus and gives it back. Esc closes it; what was written stays with the
 *  caller. keys: what its own keys do; those of the screen behind it are silent. */
export function Dialog({ title, onClose, keys = [], children, class: name }) {
  const element = useRef();
  useLayoutEffect(() => {
    dialogs.value = [...dialogs.value, element];
    return () => (dialogs.value = dialogs.value.filter((each) => each !== element));
  }, []);
  // Before the next key: what somebody types right after opening it belongs to it.
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current.showModal();
    element.current.querySelector("[data-first]")?.focus();
    return () => before?.focus?.();
  }, []);
  const close = { keys: "Escape", text: t("common.close"), run: onClose, typing: true };
  useKeys("", [...keys, close], { modal: true });
  const cancelled = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${element} class=${name} aria-label=${title} onCancel=${cancelled}>
    <header><h2>${title}</h2>
      <${Button} kind="plain" text=${t("common.close")} keys="Escape" onClick=${onClose} />
    </header>
    <div class="body">${children}</div>
    <${Toasts} within=${element} />
  </dialog>`;
}

/** A question whose safe answer has the focus; Enter by itself does nothing else. */
export function Question({ title, text, yes, run, onClose, children }) {
  return html`<${Dialog} title=${title} onClose=${onClose} keys=${[{ keys: "Y", text: yes, run }]}>
    <div class="stack"><p>${text}</p>${children}<div class="row">
      <${Button} text=${t("common.cancel")} data-first="" onClick=${onClose} />
      <${Button} kind="stop" text=${yes} keys="Y" onClick=${run} /></div></div></${Dialog}>`;
}

const toasts = signal([]);
let numbered = 0;

/** Say something that passes by itself: kind "error" stays until it is closed. text() is asked for whenever it
 *  is shown, in the language that is shown then. */
export function say(text, kind = "info") {
  const id = ++numbered;
  toasts.value = [...toasts.value.filter((each) => each.text() !== text()), { id, text, kind }].slice(-3);
  if (kind !== "error") setTimeout(() => unsay(id), 5_000);
}

/** Say what went wrong. */
export const complain = (error) => say(() => error.text ?? t("error.failed"), "error");

/** Sign out, or say why not now. */
export const goodbye = () => signOut().catch(complain);

const unsay = (id) => (toasts.value = toasts.value.filter((each) => each.id !== id));

/** Where messages appear; errors are read out at once, the rest when there is a pause. What a
 *  dialog covers is out of reach: while there is one they appear in it (`within`). */
export function Toasts({ within }) {
  if (dialogs.value.at(-1) !== within) return null;
  const line = ({ id, text, kind }) => html`<div class=${classes("toast", kind)} key=${id}>
    <span>${text()}</span>
    <${Button} kind="plain" text=${t("common.close")} onClick=${() => unsay(id)} />
  </div>`;
  const of = (wanted) => toasts.value.filter((each) => (each.kind === "error") === wanted).map(line);
  return html`<div class="toasts">
    <div role="alert">${of(true)}</div><div role="status">${of(false)}</div>
  </div>`;
}

/** A sign of life: how old what is shown is, which stands out as soon as it is too old. */
export function Freshness() {
  const seconds = number(Math.floor(age_s.value));
  const text = link.value === "connecting" ? t("link.connecting")
    : t(stale.value ? "link.old" : "link.fresh", { seconds });
  return html`<span class=${classes("link", stale.value && "is-stale")} role="status" aria-live="off">
    <i aria-hidden="true"></i>${text}</span>`;
}

/** Says that what is shown is old, and how old; nothing while all is well. */
export function LinkNotice() {
  if (link.value === "live" && stale.value) {
    return html`<div class="notice warning" role="status"><strong>${t("link.silent")}</strong>
      <span>${t("link.silent_text")}</span></div>`;
  }
  if (link.value !== "lost") return null;
  const age = duration(now.value && (Date.now() - heardAt.value) / 1000);
  return html`<div class="notice warning" role="status">
    <strong>${t("link.lost")}</strong><span>${t("link.stale")} <span class="figure">${age}</span></span>
    <span class="soft">${t("link.trying")}</span>
  </div>`;
}

/** A message of the centre on every screen: disaster mode, a drill, an announcement. */
export function Banner({ banner, text }) {
  if (!banner) return null;
  return html`<div class=${classes("notice", banner.kind === "disaster" ? "alarm" : "warning")}
    role="status"><strong>${t(`banner.${banner.kind}`)}</strong><span>${text}</span></div>`;
}

/** The list of keys: F1 or ?, on every screen. */
export function useKeyHelp(open) {
  useKeys(t("keys.everywhere"), [
    { keys: "?", text: t("keys.list"), run: () => (open.value = !open.value) },
    { keys: "F1", text: t("keys.list"), run: () => (open.value = !open.value), typing: true,
      unlisted: true },
  ]);
}

export const KeyHelp = ({ open }) =>
  open.value && html`<${Dialog} title=${t("keys.list")} onClose=${() => (open.value = false)}>
    <${KeyList} /></${Dialog}>`;

/** The colours: as the machine has them, light, or dark. */
export const theme = signal(kept.get("theme", "auto"));

export function paint(chosen) {
  theme.value = chosen;
  kept.set("theme", chosen);
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

/** Radio buttons as one control: options is [[value, text, keys?], ...]. */
export function Choice({ name, legend, value, options, onChange }) {
  return html`<fieldset class="plain-set"><legend class="legend">${legend}</legend>
    <div class="choice">${options.map(([each, text, keys]) => html`<label>
      <input type="radio" name=${name} value=${each} checked=${each === value}
        aria-keyshortcuts=${spoken(keys)} onChange=${() => onChange(each)} />
      <span>${text}</span>${keys && html`<${Key} keys=${keys} />`}
    </label>`)}</div></fieldset>`;
}

/** Language and colours, side by side. */
export function Looks() {
  const themes = ["auto", "light", "dark"].map((each) => [each, t(`theme.${each}`)]);
  return html`<div class="stack">
    <${Choice} name="lang" legend=${t("common.language")} value=${lang.value}
      options=${Object.entries(LANGUAGES)} onChange=${speak} />
    <${Choice} name="theme" legend=${t("theme.theme")} value=${theme.value}
      options=${themes} onChange=${paint} />
  </div>`;
}
