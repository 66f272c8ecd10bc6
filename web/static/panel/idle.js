// Between calls: what is waiting where, how to begin the day, how to be ready again.
import { html, useSignal } from "../base/ui.js";
import { both, t } from "../base/i18n.js";
import { useKeys } from "../base/keys.js";
import { state } from "../base/live.js";
import { Since, Until } from "../base/time.js";
import { Button, Choice, Shape, shownState } from "../base/widgets.js";
import { callerText } from "./callcard.js";
import { startPhone, stopPhone, trouble, webDevice } from "./softphone.js";
import { act, agent, isBusy, lastCall, may, me, situation } from "./store.js";

function Lines() {
  const queues = Object.entries(state.value.queues);
  return html`<section class="lines"><h2>${t("idle.lines")}</h2><ul>${queues.map(([id, queue]) => html`<li key=${id}>
    <span class="strong">${both(queue.name)}</span>
    ${queue.waiting
      ? html`<span class="figure">${t("panel.people", { count: queue.waiting })}</span>
          <span class="soft">${t("panel.longest")} <${Since} at=${queue.longest_wait_from_s} /></span>`
      : html`<span class="soft">${t("idle.nobody_waits")}</span>`}
  </li>`)}</ul></section>`;
}

const shownReason = () => {
  const { reason } = agent.value;
  return reason && reason !== "no_answer" ? t(`reason.${reason}`) : "";
};

function Words() {
  const now = shownState(agent.value.state, agent.value.reason);
  return html`<div class=${`state idle-state state-${now}`}><${Shape} state=${now} />
    <div><p class="headline">${t(`idle.${now}`)}</p>
    <p class="soft">${t(`idle.${now}_help`, { reason: shownReason() })}</p></div></div>`;
}

/** Ready or away: calm words, and what waits. */
export function Idle() {
  return html`<section class="card idle" aria-label=${t("idle.title")}>
    <${Words} /><${Lines} />
  </section>`;
}

// What happens when the time is over, or when it is ended.
function afterwards() {
  const { wrap_up_until_s: until, next_state: next } = agent.value;
  if (!until) return t("idle.wrap_up_open_end");
  if (!next || next === "ready") return t("idle.wrap_up_help");
  return t("idle.wrap_up_then", { next: t(`state.${next}`) });
}

/** After a call: how long is left, and who it was. */
export function WrapUp() {
  const was = lastCall.value;
  const until = agent.value.wrap_up_until_s;
  return html`<section class="card idle wrap-up" aria-label=${t("state.wrap_up")}>
    <div class="call-head">
      <div><p class="soft">${t("idle.last_call")}</p>
        <p class="caller figure">${was ? callerText(was) : "–"}</p></div>
      ${until && html`<div class="call-clock state-wrap_up"><span class="state">${t("panel.left")}</span>
        <${Until} at=${until} class="huge" /></div>`}
    </div>
    <p class="soft">${afterwards()}</p>
    <${Lines} />
  </section>`;
}

/** The start of the day: with which telephone. */
export function LogIn() {
  const browser = may("softphone");
  const device = useSignal(browser ? webDevice() : "");
  const start = async () => {
    if (device.value === webDevice()) {
      // The microphone is asked for first: nobody is logged in with a telephone that cannot speak.
      await startPhone();
      if (trouble.value) return;
    }
    if (!(await act("login", device.value ? { device: device.value } : {}))) await stopPhone();
  };
  useKeys(t("login.title"), [
    { keys: "F2", text: t("login.start"), run: start, typing: true,
      when: () => situation.value === "logged_out" },
  ]);
  const own = me.value.device;
  const options = [
    ...(browser ? [[webDevice(), t("login.browser")]] : []),
    ["", own ? t("login.desk", { device: own }) : t("login.desk_phone")],
    ...(me.value.outside ? [[me.value.outside, t("login.outside")]] : []),
  ];
  return html`<section class="card idle login" aria-label=${t("login.title")}>
    <div class="stack"><p class="headline">${t("login.greeting", { name: agent.value.name })}</p>
      <p class="soft">${t("login.help")}</p></div>
    <${Choice} name="device" legend=${t("login.telephone")} value=${device.value} options=${options}
      onChange=${(each) => (device.value = each)} />
    ${trouble.value && html`<p class="trouble" role="alert">${t(`login.${trouble.value}`)}</p>`}
    <div><${Button} kind="main" large text=${t("login.start")} keys="F2" onClick=${start}
      disabled=${isBusy("login")} /></div>
    <${Lines} />
  </section>`;
}
