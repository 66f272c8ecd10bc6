// Links for displays on walls: made, shown once, revoked.
import { html, signal, useEffect } from "../base/ui.js";
import { del, get, post } from "../base/api.js";
import { t } from "../base/i18n.js";
import { dateClock } from "../base/time.js";
import { Button, Dialog, complain, say } from "../base/widgets.js";
import { screen } from "./store.js";

const links = signal(null);
const made = signal("");
const label = signal("");

async function load() {
  try {
    links.value = (await get("/api/wallboard/links")).links;
  } catch (error) {
    complain(error);
  }
}

async function make(event) {
  event.preventDefault();
  try {
    const { path } = await post("/api/wallboard/links", { label: label.value });
    const [page, secret] = path.split("#");
    made.value = `${location.origin}${page}${screen === "main" ? "" : `?screen=${screen}`}#${secret}`;
    label.value = "";
    await load();
  } catch (error) {
    complain(error);
  }
}

async function revoke(id) {
  try {
    await del(`/api/wallboard/links/${id}`);
    say(() => t("wallboard.revoked"));
    await load();
  } catch (error) {
    complain(error);
  }
}

const copy = () => navigator.clipboard?.writeText(made.value).then(() => say(() => t("wallboard.copied")), () => {});

const Made = () => html`<div class="made" role="status"><p>${t("wallboard.link_once")}</p>
  <input type="text" readonly value=${made.value} aria-label=${t("wallboard.link")}
    onFocus=${(event) => event.currentTarget.select()} />
  <${Button} text=${t("wallboard.copy")} onClick=${copy} /></div>`;

export function Links({ onClose }) {
  useEffect(() => {
    made.value = "";
    load();
  }, []);
  return html`<${Dialog} title=${t("wallboard.links")} onClose=${onClose} class="links">
    <div class="stack"><p>${t("wallboard.links_help")}</p>
      <form class="row" onSubmit=${make}>
        <label class="field"><span>${t("wallboard.label")}</span>
          <input type="text" maxlength="80" value=${label.value} data-first=""
            placeholder=${t("wallboard.label_example")}
            onInput=${(event) => (label.value = event.currentTarget.value)} /></label>
        <button type="submit" class="button main">${t("wallboard.make_link")}</button></form>
      ${made.value && html`<${Made} />`}
      ${links.value?.length === 0 && html`<p class="soft">${t("wallboard.no_links")}</p>`}
      <ul class="stack">${links.value?.map(({ id, label: name, created_s }) => html`<li class="row" key=${id}>
        <span>${name || t("wallboard.unnamed")} <span class="soft figure">${dateClock(created_s)}</span></span>
        <${Button} class="push" text=${t("wallboard.revoke")} onClick=${() => revoke(id)} /></li>`)}</ul>
    </div></${Dialog}>`;
}
