// Holding, releasing and deleting a recording: always with a reason, never by one press.
import { html, useSignal } from "../base/ui.js";
import { t } from "../base/i18n.js";
import { del, post } from "../base/api.js";
import { Button, Choice, complain, Dialog, say } from "../base/widgets.js";

const HOLDERS = ["supervisor", "administrator"];
const HOLD = ["dispute", "disclosure", "investigation", "authority"];
const RELEASE = ["settled", "withdrawn", "mistake"];
const DELETE = ["request_of_person", "order", "mistake"];

function Why({ kind, reasons, onDone, onClose }) {
  const chosen = useSignal(reasons[0]);
  const shown = reasons.map((each) => [each, t(`recordings.${kind}.${each}`)]);
  return html`<${Dialog} title=${t(`recordings.${kind}`)} onClose=${onClose}>
    <div class="stack">
      <p>${t(`recordings.${kind}_help`)}</p>
      <${Choice} name="why" legend=${t(`recordings.why_${kind}`)} value=${chosen.value} options=${shown}
        onChange=${(value) => (chosen.value = value)} />
      <div class="row">
        <${Button} kind=${kind === "delete" ? "stop" : "main"} text=${t(`recordings.${kind}`)}
          onClick=${() => onDone(chosen.value)} />
        <${Button} text=${t("common.cancel")} onClick=${onClose} />
      </div>
    </div></${Dialog}>`;
}

/** What these roles may do with the recording; changed(id, row or null) is told of what came of it. */
export function Custody({ one, roles, changed }) {
  const asking = useSignal("");
  const path = `/api/recordings/${one.id}`;
  const done = async (work) => {
    asking.value = "";
    try {
      await work();
    } catch (error) {
      complain(error);
    }
  };
  const hold = (reason) => done(async () => changed(one.id, await post(`${path}/hold`, { reason })));
  const release = (reason) => done(async () => changed(one.id, await post(`${path}/release`, { reason })));
  const remove = (reason) => done(async () => {
    const proof = await del(path, { reason });
    changed(one.id, null);
    say(() => t("recordings.deleted", { number: proof.number }));
  });
  const held = one.held;
  return html`<div class="row custody">
    ${held && html`<span class="tag tag-held">${t("recordings.held_by", {
      by: held.by, reason: t(`recordings.hold.${held.reason}`),
    })}</span>`}
    ${roles.some((each) => HOLDERS.includes(each)) && (held
      ? html`<${Button} text=${t("recordings.release")} onClick=${() => (asking.value = "release")} />`
      : html`<${Button} text=${t("recordings.hold")} onClick=${() => (asking.value = "hold")} />`)}
    ${roles.includes("administrator") && !held && html`<${Button} kind="stop" text=${t("recordings.delete")}
      onClick=${() => (asking.value = "delete")} />`}
    ${asking.value === "hold" && html`<${Why} kind="hold" reasons=${HOLD} onDone=${hold}
      onClose=${() => (asking.value = "")} />`}
    ${asking.value === "release" && html`<${Why} kind="release" reasons=${RELEASE} onDone=${release}
      onClose=${() => (asking.value = "")} />`}
    ${asking.value === "delete" && html`<${Why} kind="delete" reasons=${DELETE} onDone=${remove}
      onClose=${() => (asking.value = "")} />`}
  </div>`;
}
