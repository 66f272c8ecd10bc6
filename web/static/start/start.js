// Where somebody with several roles begins: one of the screens.
import { html, useLayoutEffect, useRef } from "../base/ui.js";
import { session } from "../base/api.js";
import { loadCentre } from "../base/centre.js";
import { t } from "../base/i18n.js";
import { screenName } from "../base/nav.js";
import { start } from "../base/page.js";
import { Button, complain, goodbye } from "../base/widgets.js";

function Screen() {
  const first = useRef();
  useLayoutEffect(() => {
    loadCentre().catch(complain);
    first.current?.focus();
  }, []);
  return html`<div class="start">
    <main><h1>${t("start.title")}</h1>
      <ul class="stack">${(session.value?.pages ?? []).map((path, at) => html`<li key=${path}>
        <a class="card" href=${path} ref=${at ? null : first}><span class="strong">${t(`nav.${screenName(path)}`)}</span>
          <span class="soft">${t(`start.${screenName(path)}`)}</span></a></li>`)}</ul>
      <${Button} kind="plain" text=${t("common.sign_out")} onClick=${goodbye} /></main>
  </div>`;
}

start(Screen, { title: "start.title" });
