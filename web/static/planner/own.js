// Files of one's own, scenarios and rosters: opened here, checked by the server, kept nowhere but in this
// page.
import { html, signal, useRef } from "../base/ui.js";
import { lang, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { post } from "../base/api.js";
import { Button, complain, say } from "../base/widgets.js";
import { assumed, choose, own, OWN, takeScenario } from "./store.js";

// As the server bounds it: letters, and what so many letters can weigh.
const CHARS_MAX = 60_000;
const BYTES_MAX = 3 * CHARS_MAX;
const CHECK_MS = 20_000;

async function read(file) {
  if (file.size > BYTES_MAX) return null;
  const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  return text.length > CHARS_MAX ? null : text;
}

/** Read a file and have it checked: what the server says of it with {file, text}, or null. wrong: the signal
 *  that gets its faults. */
async function opened(file, path, wrong) {
  wrong.value = null;
  let text;
  try {
    text = await read(file);
  } catch {
    return say(() => t("planner.own_no_text", { file: file.name }), "error");
  }
  if (!text) return say(() => t(text === null ? "planner.own_large" : "planner.own_empty", { file: file.name }), "error");
  const name = file.name.slice(-80);
  try {
    const found = await post(path, { own: text, own_name: name }, { deadline_ms: CHECK_MS });
    say(() => t("planner.own_open", { file: name }));
    return { ...found, file: name, text };
  } catch (error) {
    if (error.faults?.length) wrong.value = { file: name, faults: error.faults };
    else complain(error);
  }
}

const Faults = ({ wrong }) => html`<div class="notice warning faults" role="alert">
  <strong>${t("planner.own_wrong", { file: wrong.value.file, count: wrong.value.faults.length })}</strong>
  <ul>${wrong.value.faults.map(({ path, message, ja }) => html`<li>
    <code>${path}</code> ${lang.value === "ja" ? ja || message : message}</li>`)}</ul>
  <${Button} text=${t("common.close")} onClick=${() => (wrong.value = null)} />
</div>`;

/** A button that opens a file; path: who checks it, found: told what it is, wrong: see opened(). */
export function Opener({ text, keys, path, found, wrong, children }) {
  const input = useRef();
  const pick = () => input.current.click();
  useKeys(t("planner.title"), [{ keys, text, run: pick }]);
  const chosen = async ({ currentTarget }) => {
    const [file] = currentTarget.files;
    const made = file && (await opened(file, path, wrong));
    if (made) found(made);
    if (input.current) input.current.value = "";
  };
  return html`<div class="row">
      <${Button} text=${text} keys=${keys} onClick=${pick} />${children}
      <input type="file" hidden accept=".toml,application/toml,text/plain" ref=${input} onChange=${chosen} />
    </div>
    ${wrong.value && html`<${Faults} wrong=${wrong} />`}`;
}

const wrong = signal(null);

function take(found) {
  own.value = found;
  choose(OWN);
}

/** Open a scenario, and save what the sliders mean as one. */
export function OwnFile() {
  useKeys(t("planner.title"), [
    { keys: "T", text: t("planner.take"), run: takeScenario, when: () => Boolean(assumed.value) },
  ]);
  return html`<div class="stack own">
    <${Opener} text=${t("planner.own")} keys="O" path="/api/studies/check" found=${take} wrong=${wrong}>
      <${Button} text=${t("planner.take")} keys="T" onClick=${takeScenario} /></${Opener}>
    <p class="small soft">${t("planner.own_text")}</p>
  </div>`;
}
