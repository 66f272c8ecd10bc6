// What the page of people knows and does: the list, who is looked at, and the acts.
import { computed, signal } from "../base/ui.js";
import { get, post, session } from "../base/api.js";
import { t } from "../base/i18n.js";
import { dateClock } from "../base/time.js";
import { complain, say } from "../base/widgets.js";

/** {people, roles, agents, second_factor_for} as the server tells it; null before. */
export const known = signal(null);
/** What is searched for: a piece of a name, and a role or "". */
export const wanted = signal({ text: "", role: "" });
/** What is open: {what: "add"} or {what, user} with what "person", "edit" or an act; null: nothing. */
export const open = signal(null);
/** A link that was just made, {user, url}: shown once. */
export const link = signal(null);
export const shut = () => (open.value = null);

export const roleText = (role) => t(`role.${role}`);
export const rolesText = (person) => person.roles.map(roleText).join(t("people.and"));
export const isMe = (person) => person.user === session.value?.person;
export const thePerson = computed(() =>
  known.value?.people.find((each) => each.user === open.value?.user));

/** How the account stands: "disabled", "locked", "new" (never signed in), or "fine". */
export function standing(person) {
  if (person.disabled) return "disabled";
  if (person.locked_until_s) return "locked";
  return person.signed_in_s ? "fine" : "new";
}

export const standingText = (person) =>
  t(`people.is_${standing(person)}`, {
    until: person.locked_until_s ? dateClock(person.locked_until_s) : "",
  });

/** The people who fit what is searched for, by name. */
export const found = computed(() => {
  const { text, role } = wanted.value;
  const piece = text.trim().toLowerCase();
  return (known.value?.people ?? []).filter((each) =>
    (!role || each.roles.includes(role)) &&
    [each.user, each.name, each.agent ?? ""].some((word) => word.toLowerCase().includes(piece)));
});

export async function load() {
  try {
    known.value = await get("/api/people");
  } catch (error) {
    complain(error);
  }
}

// The second {when} decides whether an act is offered; sure: it is asked about first.
export const ACTS = {
  unlock: { path: "unlock", keys: "U", when: (person) => person.locked_until_s },
  enable: { path: "enable", keys: "B", when: (person) => person.disabled },
  link: { path: "link", keys: "L", when: (person) => !person.disabled, sure: true },
  reset: { path: "password/reset", keys: "P", when: (person) => !person.disabled, sure: true },
  factor: { path: "second-factor/remove", keys: "F", when: (person) => person.second_factor, sure: true },
  sessions: { path: "sessions/end", keys: "S", when: (person) => person.sessions > 0, sure: true },
  disable: { path: "disable", keys: "X", when: (person) => !person.disabled, sure: true },
};

const address = (user, path) => `/api/people/${encodeURIComponent(user)}/${path}`;

/** Do one of ACTS to a person, and show what came of it. */
export async function act(person, name) {
  const { user } = person;
  try {
    const answer = await post(address(user, ACTS[name].path));
    open.value = { what: "person", user };
    if (answer.path) showLink(user, answer.path);
    else say(() => t(`people.said_${name}`, { name: person.name }));
  } catch (error) {
    complain(error);
  }
  await load();
}

function showLink(user, path) {
  link.value = { user, url: new URL(path, location.href).href };
  open.value = { what: "shown_link", user };
}

/** Add somebody, and make the link to begin with; throws an ApiError. */
export async function add(body) {
  const { user } = await post("/api/people", body);
  await load();
  try {
    showLink(user, (await post(address(user, "link"))).path);
  } catch (error) {
    open.value = { what: "person", user };
    complain(error);
  }
}

/** Change name, roles or operator; throws an ApiError. */
export async function change(user, { name, roles, agent }) {
  await post(address(user, "change"), { name, roles, agent });
  await load();
  open.value = { what: "person", user };
  say(() => t("people.said_change", { name }));
}
