// Microphone and speaker: which ones, how loud it is, and an echo to hear oneself.
import { html, kept, useEffect, useSignal } from "../base/ui.js";
import { t } from "../base/i18n.js";
import { Button, complain } from "../base/widgets.js";
import { chosenDevices, phone } from "./softphone.js";
import { inTalk } from "./store.js";

function Picker({ kind, devices, value, onChange }) {
  if (!devices.length) return null;
  return html`<label class="field"><span>${t(`devices.${kind}`)}</span>
    <select value=${value} onChange=${(event) => onChange(event.currentTarget.value)}>
      ${devices.map((each) => html`<option value=${each.id}>${each.label || t("devices.unnamed")}</option>`)}
    </select></label>`;
}

/** How loud the microphone is now, 0 to 1, as a bar with a meaning for those who cannot see it. */
function Level() {
  const loud = Math.round(Math.min(1, phone.value.level.value) * 100);
  return html`<div class="field"><span>${t("devices.level")}</span>
    <meter class="level" min="0" max="100" value=${loud} aria-label=${t("devices.level")}></meter></div>`;
}

export function Devices() {
  const known = useSignal({ inputs: [], outputs: [], ...chosenDevices() });
  const testing = useSignal(false);
  useEffect(() => {
    phone.value.devices().then((found) => (known.value = { ...known.value, ...found })).catch(complain);
  }, []);
  const choose = async (choice) => {
    known.value = { ...known.value, ...choice };
    for (const [kind, id] of Object.entries(choice)) kept.set(kind, id);
    await phone.value.choose(choice).catch(complain);
  };
  const echo = async () => {
    testing.value = true;
    await phone.value.echoTest().catch(complain);
    testing.value = false;
  };
  const { inputs, outputs, input, output } = known.value;
  return html`<${Picker} kind="input" devices=${inputs} value=${input}
      onChange=${(id) => choose({ input: id })} />
    <${Level} />
    <${Picker} kind="output" devices=${outputs} value=${output}
      onChange=${(id) => choose({ output: id })} />
    <${Button} text=${t(testing.value ? "devices.speak_now" : "devices.echo")} onClick=${echo}
      disabled=${testing.value || inTalk.value} />`;
}
