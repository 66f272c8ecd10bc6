// One door to the view library, so that every screen imports the same few names.
export { h, render, Fragment } from "../vendor/preact/preact.js";
export {
  useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState,
} from "../vendor/preact/hooks.js";
export {
  batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect,
} from "../vendor/signals/signals.js";

import { h } from "../vendor/preact/preact.js";
import htm from "../vendor/htm/htm.js";

/** Markup as a tagged template: html`<b>${text}</b>`. Text is always text, never markup. */
export const html = htm.bind(h);

/** Class names of those that are true: classes("a", open && "b"). */
export const classes = (...names) => names.filter(Boolean).join(" ");

/** What the browser keeps for this person, if it keeps anything at all. */
export const kept = {
  get(key, otherwise = "") {
    try {
      return localStorage.getItem(`madoguchi.${key}`) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`madoguchi.${key}`, value);
    } catch {
      // A browser that keeps nothing: the choice lasts as long as the page.
    }
  },
};
