// Buttons beside no card: accounts, pauses, people, and work that was given up.
import { answered, confirmed } from "./asking.js";
import { sendOrder } from "./ordering.js";
import { say } from "./says.js";
import { filled, told } from "./words.js";

export function installDesk() {
  const pause = document.getElementById("dialog-pause");
  if (!pause) return;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-order], button[data-dialog]");
    if (!button) return;
    if (button.dataset.dialog) pauseOrUnpause(button.dataset.dialog, button.dataset.account);
    else give(button);
  });
  pause.addEventListener("change", describe);
}

async function give(button) {
  button.closest("details")?.removeAttribute("open");
  const { order: name, fields, confirm } = button.dataset;
  if (confirm && (await confirmed(confirm, button.textContent.trim())) === null) return;
  const outcome = await sendOrder(name, JSON.parse(fields));
  if (button.dataset.opens) openCard(outcome);
}

// The card that asks once.
function openCard(outcome) {
  if (outcome.kind === "done" && outcome.note) location.assign(`/cards/${outcome.note}`);
}

async function pauseOrUnpause(what, account = "") {
  const dialog = document.getElementById("dialog-pause");
  const form = dialog.querySelector("form");
  dialog.dataset.what = what;
  form.elements.account.value = account;
  dialog.querySelector("h2").textContent = what === "pause" ? told("Pause publishing") : told("Let it go out again");
  dialog.querySelector("[data-for]").hidden = what !== "pause";
  dialog.querySelector("[data-yes]").textContent = what === "pause" ? told("Pause…") : told("Unpause…");
  describe();
  const said = await answered(dialog, (value) => (value === "yes" ? readPause(form, what) : null));
  if (!said) return;
  if (!said.kinds.length) return say(told("Choose replies, planned posts or both."), "refused");
  openCard(await sendOrder(what, said));
}

function readPause(form, what) {
  const data = new FormData(form);
  const body = { kinds: data.getAll("kinds"), account: data.get("account") || null };
  if (what === "pause") body.reason = data.get("reason").trim();
  return body;
}

const HELD = {
  pause: {
    replies: told("No replies will leave from: {where}."),
    posts: told("No planned posts will leave from: {where}."),
    "replies,posts": told("No replies and no planned posts will leave from: {where}."),
  },
  unpause: {
    replies: told("Approved replies will go out again from: {where}."),
    posts: told("Approved planned posts will go out again from: {where}."),
    "replies,posts": told("Approved replies and planned posts will go out again from: {where}."),
  },
};
const REST = {
  pause: told("What is already on its way cannot be held; you will be told what it is."),
  unpause: told("Posts whose time has passed are asked about, one by one."),
};

// Names what is held, before the yes.
function describe() {
  const dialog = document.getElementById("dialog-pause");
  const form = dialog.querySelector("form");
  const { kinds } = readPause(form, "unpause");
  const where = form.elements.account.selectedOptions[0].textContent;
  document.getElementById("pause-words").textContent = kinds.length
    ? `${filled(HELD[dialog.dataset.what][kinds.join()], { where })} ${REST[dialog.dataset.what]}`
    : told("Choose replies, planned posts or both.");
}
