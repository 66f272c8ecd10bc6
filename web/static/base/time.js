// Time: one tick for the whole page, the server's clock, and how durations and moments are written.
import { html, signal } from "./ui.js";
import { lang } from "./i18n.js";

let ahead_ms = 0;
/** This moment by the server's clock in Unix seconds; changes once a second. */
export const now = signal(Date.now() / 1000);

/** Take over the server's clock, as told by a frame that has just come. */
export function clockIs(server_s) {
  ahead_ms = server_s * 1000 - Date.now();
  if (Math.abs(exactNow() - now.value) > 1.5) now.value = exactNow();
}

/** This moment by the server's clock, exactly, in Unix seconds. */
export const exactNow = () => (Date.now() + ahead_ms) / 1000;

setInterval(() => {
  now.value = exactNow();
}, 1000);

const two = (value) => String(value).padStart(2, "0");

/** 0:07, 12:34, 1:02:03. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = `${two(whole % 60)}`;
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** The same for people who listen: "3 分 12 秒", "3 minutes 12 seconds". */
export function durationSpoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  const told = spoken(whole % 60, "second");
  return minutes ? `${spoken(minutes, "minute")} ${told}` : told;
}

function spoken(value, unit) {
  const long = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(lang.value, long).format(value);
}

let zone;
/** The centre's time zone ("Asia/Tokyo"): moments are written in it, wherever the machine stands. */
export const zoneIs = (name) => (zone = name);

/** A moment as a time of day, with the day if it is another one than today: 8:30, 11/24 8:30. */
export const clockSoon = (at_s) => (day(at_s) === day(exactNow()) ? clock(at_s) : dateClock(at_s));
const day = (at_s) => format(at_s, { month: "2-digit", day: "2-digit" });

/** A moment as a time of day: 10:42. */
export const clock = (at_s) => format(at_s, { hour: "2-digit", minute: "2-digit" });

/** A moment as date and time: 11/02 10:42. */
export const dateClock = (at_s) =>
  format(at_s, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });

function format(at_s, parts) {
  const locale = lang.value === "ja" ? "ja-JP" : "en-GB";
  return new Intl.DateTimeFormat(locale, { ...parts, hourCycle: "h23", timeZone: zone }).format(at_s * 1000);
}

/** A time that counts up by itself from a moment in Unix seconds. */
export function Since({ at, class: name }) {
  const seconds = Math.max(0, now.value - at);
  return html`<time class=${name ? `figure ${name}` : "figure"} role="timer">${duration(seconds)}</time>`;
}

/** A time that counts down to a moment in Unix seconds. */
export function Until({ at, class: name }) {
  const seconds = Math.max(0, Math.ceil(at - now.value));
  return html`<time class=${name ? `figure ${name}` : "figure"} role="timer">${duration(seconds)}</time>`;
}
