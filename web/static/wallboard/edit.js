// The board laid out by hand: tiles added, moved, sized and taken away; news; kept on the server.
import { html, signal } from "../base/ui.js";
import { del, get, post } from "../base/api.js";
import { t } from "../base/i18n.js";
import { state } from "../base/live.js";
import { Button, complain, say } from "../base/widgets.js";
import { draft, screen } from "./store.js";

const kinds = signal([]);
const sizes = signal([]);

/** Begin with what is shown now. */
export async function beginEditing() {
  try {
    const known = await get("/api/wallboard/screens");
    kinds.value = known.kinds;
    sizes.value = known.sizes;
    draft.value = { ...state.value.layout };
  } catch (error) {
    complain(error);
  }
}

async function keep() {
  const { name, tiles, news, alarm_s } = draft.value;
  try {
    await post(`/api/wallboard/screens/${screen}`, { name, tiles, news, alarm_s });
    draft.value = null;
    say(() => t("wallboard.kept"));
  } catch (error) {
    complain(error);
  }
}

async function usualAgain() {
  try {
    await del(`/api/wallboard/screens/${screen}`);
    draft.value = null;
    say(() => t("wallboard.usual_again"));
  } catch (error) {
    if (error.code === "unknown_screen") draft.value = null;
    else complain(error);
  }
}

const change = (part) => (draft.value = { ...draft.value, ...part });
const tilesAre = (tiles) => change({ tiles });

function moved(place, by) {
  const tiles = [...draft.value.tiles];
  const [tile] = tiles.splice(place, 1);
  tiles.splice(place + by, 0, tile);
  tilesAre(tiles);
}

const without = (place) => tilesAre(draft.value.tiles.filter((_, each) => each !== place));
const sized = (place, size) =>
  tilesAre(draft.value.tiles.map((tile, each) => (each === place ? { ...tile, size } : tile)));

/** What stands on a tile while the board is laid out. */
export function TileControls({ tile, place }) {
  const name = t(`wallboard.kind.${tile.kind}`);
  const last = draft.value.tiles.length - 1;
  return html`<div class="controls" role="group" aria-label=${name}>
    <${Button} kind="plain" text=${t("wallboard.earlier")} disabled=${place === 0}
      onClick=${() => moved(place, -1)} />
    <${Button} kind="plain" text=${t("wallboard.later")} disabled=${place === last}
      onClick=${() => moved(place, 1)} />
    <label><span class="hidden">${t("wallboard.size")}</span>
      <select value=${tile.size} onChange=${(event) => sized(place, event.currentTarget.value)}>
        ${sizes.value.map((size) => html`<option value=${size} selected=${size === tile.size}>
          ${t(`wallboard.size.${size}`)}</option>`)}</select></label>
    <${Button} kind="plain" text=${t("wallboard.remove")} disabled=${last === 0}
      onClick=${() => without(place)} />
  </div>`;
}

/** The bar that stands above the board while it is laid out. */
export function EditBar() {
  const layout = draft.value;
  const added = kinds.value.filter((kind) => !layout.tiles.some((tile) => tile.kind === kind));
  const add = (event) => {
    const kind = event.currentTarget.value;
    if (kind) tilesAre([...layout.tiles, { kind, size: "quarter" }]);
    event.currentTarget.value = "";
  };
  return html`<form class="edit" onSubmit=${(event) => (event.preventDefault(), keep())}>
    <label class="wide"><span>${t("wallboard.news")}</span>
      <input type="text" maxlength="200" value=${layout.news} placeholder=${t("wallboard.news_example")}
        onInput=${(event) => change({ news: event.currentTarget.value })} /></label>
    <label><span>${t("wallboard.alarm_after")}</span>
      <input type="number" min="10" max="3600" step="10" required value=${layout.alarm_s}
        onInput=${(event) => change({ alarm_s: event.currentTarget.valueAsNumber })} /></label>
    <label><span>${t("wallboard.add")}</span><select onChange=${add} disabled=${!added.length}>
      <option value="">${t("wallboard.choose")}</option>
      ${added.map((kind) => html`<option value=${kind}>${t(`wallboard.kind.${kind}`)}</option>`)}
    </select></label>
    <div class="row push">
      <${Button} kind="plain" text=${t("wallboard.usual")} onClick=${usualAgain} />
      <${Button} text=${t("common.cancel")} onClick=${() => (draft.value = null)} />
      <button type="submit" class="button main">${t("wallboard.keep")}</button></div>
  </form>`;
}
