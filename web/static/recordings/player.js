// One recording: both sides as a waveform with its gaps, and a player that keys can work.
import { classes, html, signal, useEffect, useMemo, useRef, useSignal } from "../base/ui.js";
import { t } from "../base/i18n.js";
import { ApiError, get } from "../base/api.js";
import { useKeys } from "../base/keys.js";
import { duration, durationSpoken } from "../base/time.js";
import { Button, complain } from "../base/widgets.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const STEP_S = 5;

/** The recording that is shown, with why and whether it may be heard; null: none. */
export const opened = signal(null);

export const open = (one, reason, listen) => (opened.value = { ...one, reason, listen });
export const close = () => (opened.value = null);

/** The whole sound at once: one access, one entry in the operation log, and every place is near. */
async function fetchSound(id, reason, stop) {
  const answer = await fetch(`/api/recordings/${id}/audio?reason=${reason}`, {
    credentials: "same-origin", cache: "no-store", signal: stop,
  });
  if (!answer.ok) throw new ApiError(answer.status, (await answer.json().catch(() => ({}))).error);
  return URL.createObjectURL(await answer.blob());
}

/** Sound and waveform of a recording, for as long as it is shown. */
function useSound({ id, reason, listen }) {
  const found = useSignal({ url: "", wave: null });
  useEffect(() => {
    if (!listen) return undefined;
    const stop = new AbortController();
    let url = "";
    const both = Promise.all([
      fetchSound(id, reason, stop.signal).then((made) => (url = made)),
      get(`/api/recordings/${id}/waveform?reason=${reason}`, { signal: stop.signal }),
    ]);
    both.then(([, wave]) => (found.value = { url, wave }),
      (error) => stop.signal.aborted || complain(error));
    return () => {
      stop.abort();
      if (url) URL.revokeObjectURL(url);
    };
  }, [id]);
  return found.value;
}

// Loudness as ears take it: half of the height is a quarter of the level.
const height = (level) => Math.max(0.5, Math.sqrt(level / 255) * 48);
const bars = (side, middle) =>
  side.map((level, at) => `M${at + 0.5} ${middle - height(level) / 2}v${height(level)}`).join("");

function Wave({ wave, at_s, total_s, onSeek }) {
  const points = Math.max(1, wave.operator.length);
  const paths = useMemo(() => [bars(wave.operator, 25), bars(wave.caller, 75)], [wave]);
  const x = (ms) => (ms / wave.duration_ms) * points;
  const seek = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    onSeek(((event.clientX - box.left) / box.width) * total_s);
  };
  const said = t("recordings.place_said", { at: durationSpoken(at_s), total: durationSpoken(total_s) });
  const moves = { ArrowLeft: -STEP_S, ArrowRight: STEP_S, PageDown: -60, PageUp: 60 };
  const key = (event) => {
    const to = event.key === "Home" ? 0 : event.key === "End" ? total_s : at_s + (moves[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    onSeek(to);
  };
  return html`<div class="wave" role="slider" tabindex="0" aria-label=${t("recordings.place")}
      aria-valuemin="0" aria-valuemax=${Math.round(total_s)} aria-valuenow=${Math.round(at_s)}
      aria-valuetext=${said} onClick=${seek} onKeyDown=${key}>
    <span class="side">${t("recordings.operator")}</span><span class="side">${t("recordings.caller_side")}</span>
    <svg viewBox=${`0 0 ${points} 100`} preserveAspectRatio="none" aria-hidden="true">
      ${wave.gaps.map((gap) => html`<rect class=${`gap gap-${gap.kind}`} x=${x(gap.from_ms)} y="0"
        width=${Math.max(points / 400, x(gap.to_ms) - x(gap.from_ms))} height="100" />`)}
      <path class="operator" d=${paths[0]} /><path class="caller" d=${paths[1]} />
      <line class="here" x1=${(at_s / total_s) * points} x2=${(at_s / total_s) * points} y1="0" y2="100" />
    </svg>
  </div>`;
}

function Gaps({ gaps, onSeek }) {
  if (!gaps.length) return null;
  return html`<ul class="gaps">${gaps.map((gap) => html`<li>
    <button type="button" class=${`tag tag-${gap.kind}`} onClick=${() => onSeek(gap.from_ms / 1000)}>
      <span class="figure">${duration(gap.from_ms / 1000)}</span> ${t("recordings.gap_lasted", {
        kind: t(`recordings.gap.${gap.kind}`), duration: durationSpoken(gap.lasted_ms / 1000),
      })}</button></li>`)}</ul>`;
}

const onButton = () => !document.activeElement?.matches("button, a, summary, select, input, [role=slider]");

/** The player of a recording; without the right to listen only what is known of it. */
export function Player({ one }) {
  const sound = useSound(one);
  const audio = useRef();
  const at = useSignal(0);
  const playing = useSignal(false);
  const speed = useSignal(1);
  const total_s = one.duration_ms / 1000;
  const seek = (to_s) => {
    at.value = Math.min(total_s, Math.max(0, to_s));
    if (audio.current) audio.current.currentTime = at.value;
  };
  const toggle = () => {
    if (!sound.url) return;
    if (audio.current.paused) audio.current.play().catch(() => complain(new ApiError(0, { code: "sound" })));
    else audio.current.pause();
  };
  const faster = (by) => {
    const next = SPEEDS[SPEEDS.indexOf(speed.value) + by];
    if (!next) return;
    speed.value = next;
    audio.current.playbackRate = next;
  };
  useEffect(() => {
    if (sound.url) toggle();
  }, [sound.url]);
  useKeys(t("recordings.keys_player"), one.listen ? [
    { keys: " ", text: t("recordings.play"), run: toggle, when: onButton },
    { keys: "ArrowLeft", text: t("recordings.back"), run: () => seek(at.value - STEP_S), when: onButton },
    { keys: "ArrowRight", text: t("recordings.forward"), run: () => seek(at.value + STEP_S), when: onButton },
    { keys: ",", text: t("recordings.slower"), run: () => faster(-1) },
    { keys: ".", text: t("recordings.faster"), run: () => faster(1) },
    { keys: "P", text: t("recordings.play"), run: toggle },
  ] : []);
  if (!one.listen) return html`<p class="soft">${t("recordings.no_listening")}</p>`;
  return html`<div class=${classes("stack", !sound.url && "loading")} aria-busy=${!sound.url}>
    <audio ref=${audio} src=${sound.url || undefined} preload="auto"
      onTimeUpdate=${() => (at.value = audio.current.currentTime)}
      onPlay=${() => (playing.value = true)} onPause=${() => (playing.value = false)}
      onLoadedData=${() => (audio.current.playbackRate = speed.value)} />
    <div class="row">
      <${Button} kind="main" keys="P" disabled=${!sound.url} onClick=${toggle}
        text=${t(!sound.url ? "recordings.loading" : playing.value ? "recordings.stop" : "recordings.play")} />
      <span class="figure clock">${duration(at.value)} / ${duration(total_s)}</span>
      <span class="row push" role="group" aria-label=${t("recordings.speed")}>
        <span class="soft small">${t("recordings.speed")}</span>
        <${Button} kind="plain" text="−" keys="," aria-label=${t("recordings.slower")}
          disabled=${speed.value === SPEEDS[0]} onClick=${() => faster(-1)} />
        <output class="figure">×${speed.value}</output>
        <${Button} kind="plain" text="＋" keys="." aria-label=${t("recordings.faster")}
          disabled=${speed.value === SPEEDS.at(-1)} onClick=${() => faster(1)} />
      </span>
    </div>
    ${sound.wave ? html`<${Wave} wave=${sound.wave} at_s=${at.value} total_s=${total_s} onSeek=${seek} />`
      : html`<div class="wave" />`}
    <${Gaps} gaps=${one.gaps} onSeek=${seek} />
  </div>`;
}
