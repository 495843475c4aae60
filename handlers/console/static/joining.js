// Connecting an account or a chat: look whose token it is, then connect exactly that one.
import { confirmed } from "./asking.js";
import { redrawPage } from "./redraw.js";
import { say, sayThere } from "./says.js";
import { order } from "./wire.js";
import { told } from "./words.js";

let shown = "";

// How soon the page notices that a new account was heard for the first time: no event tells it.
const HEARD_EVERY = 3000;

export function installJoining() {
  setInterval(() => {
    if (!document.hidden && document.querySelector("#connect [data-unheard]")) redrawPage()?.catch(() => {});
  }, HEARD_EVERY);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-join], button[data-channel], button[data-chat]");
    if (button) act(button);
  });
  const form = document.getElementById("joining");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look(form);
  });
  form.addEventListener("input", forget);
  document.querySelector("[data-connect]").addEventListener("click", (event) => connect(form, event.currentTarget));
}

// The buttons that are no form: make the key, disconnect, send a test card.
async function act(button) {
  const { join: name, channel, chat, fields, confirm } = button.dataset;
  const path = channel ? `/channels/${channel}` : chat ? `/chats/${chat}` : `/accounts/${name}`;
  if (confirm && (await confirmed(confirm, button.textContent.trim())) === null) return;
  const outcome = await busy(button, () => order(path, JSON.parse(fields)));
  say(outcome.says, outcome.kind);
  if (name === "key" && outcome.kind === "done") keyIsThere();
  await redrawPage()?.catch(() => {});
}

// What is typed into the form stays, so the page is not loaded again.
function keyIsThere() {
  document.getElementById("key")?.remove();
  document.querySelector("[data-locked]")?.remove();
  document.querySelector("[data-connect]")?.removeAttribute("disabled");
}

async function look(form) {
  const button = form.querySelector("button");
  forget();
  const outcome = await busy(button, () => order(`${place(form)}/look`, wish(form)));
  complain(form, outcome);
  if (outcome.found) show(outcome.found);
}

async function connect(form, button) {
  const body = { ...wish(form), remote_id: shown };
  const outcome = await busy(button, () => order(`${place(form)}/join`, body));
  complain(form, outcome);
  if (outcome.kind !== "done") return;
  // A page that is gone back to holds no token.
  form.reset();
  if (outcome.hook) return showHook(outcome);
  const { chat } = form.dataset;
  sayThere(outcome.says, chat ? `/connect#chat-${chat}` : `/connect#account-${outcome.note}`);
}

// The secret is told this once, so whoever connected goes on by themselves.
function showHook({ hook, says, note }) {
  const aside = document.getElementById("found");
  document.getElementById("hook-address").textContent = hook.address;
  document.getElementById("hook-secret").textContent = hook.secret;
  aside.querySelector("[data-on]").href = `/connect#account-${note}`;
  aside.querySelector("[data-before-hook]").hidden = true;
  aside.querySelector("[data-hook]").hidden = false;
  document.querySelector("section.hooks")?.remove();
  say(says);
}

function place(form) {
  return form.dataset.chat ? "/chats" : "/accounts";
}

function wish(form) {
  const answers = {};
  for (const one of form.elements) if (one.name) answers[one.name] = one.value;
  const { chat, network, account } = form.dataset;
  return chat ? { chat, answers } : { network, account, answers };
}

function complain(form, outcome) {
  const problems = outcome.problems ?? {};
  let first = null;
  for (const one of form.elements) {
    if (!one.name) continue;
    const says = problems[one.name] ?? "";
    const line = document.getElementById(`answer-${one.name}-wrong`);
    line.textContent = says;
    line.hidden = !says;
    if (says) one.setAttribute("aria-invalid", "true");
    else one.removeAttribute("aria-invalid");
    if (says) first ??= one;
  }
  const line = document.getElementById("joining-problem");
  line.textContent = outcome.kind === "done" ? "" : outcome.says;
  line.hidden = outcome.kind === "done";
  first?.focus();
}

function show(found) {
  const aside = document.getElementById("found");
  shown = found.remote_id;
  aside.querySelector("[data-name]").textContent = found.name;
  aside.querySelector("[data-id]").textContent = told("Its id there: {id}", { id: found.remote_id });
  for (const kind of ["can", "cannot"]) {
    const part = aside.querySelector(`[data-${kind}]`);
    part.hidden = !found[kind].length;
    part.querySelector("ul").replaceChildren(...found[kind].map(asLine));
  }
  aside.querySelector("[data-before]").hidden = true;
  aside.querySelector("[data-after]").hidden = false;
  aside.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function asLine(words) {
  const line = document.createElement("li");
  line.textContent = words;
  return line;
}

// Other words are another wish: what was shown does not stand any more.
function forget() {
  shown = "";
  const aside = document.getElementById("found");
  aside.querySelector("[data-before]").hidden = false;
  aside.querySelector("[data-after]").hidden = true;
}

async function busy(button, act) {
  if (button.getAttribute("aria-busy")) return { kind: "unsaved", says: told("It is on its way.") };
  button.setAttribute("aria-busy", "true");
  try {
    return await act();
  } finally {
    button.removeAttribute("aria-busy");
  }
}
