// The desk page: accounts, pauses, and work that was given up.
import { answered, confirmed } from "./asking.js";
import { redrawPage } from "./redraw.js";
import { say } from "./says.js";
import { order } from "./wire.js";

export function installDesk() {
  if (document.body.dataset.page !== "desk") return;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-order], [data-dialog]");
    if (!button) return;
    if (button.dataset.dialog) pauseOrUnpause(button.dataset.dialog);
    else give(button);
  });
  document.getElementById("dialog-pause").addEventListener("change", describe);
}

async function give(button) {
  const { order: name, fields, confirm } = button.dataset;
  if (confirm && (await confirmed(confirm, button.textContent.trim())) === null) return;
  await sendOrder(name, JSON.parse(fields));
}

async function pauseOrUnpause(what) {
  const dialog = document.getElementById("dialog-pause");
  const form = dialog.querySelector("form");
  dialog.dataset.what = what;
  dialog.querySelector("h2").textContent = what === "pause" ? "Pause publishing" : "Let it go out again";
  dialog.querySelector("[data-for]").hidden = what !== "pause";
  dialog.querySelector("[data-yes]").textContent = what === "pause" ? "Pause" : "Unpause";
  describe();
  const said = await answered(dialog, (value) => (value === "yes" ? readPause(form, what) : null));
  if (!said) return;
  if (!said.kinds.length) return say("Choose replies, planned posts or both.", "refused");
  await sendOrder(what, said);
}

function readPause(form, what) {
  const data = new FormData(form);
  const body = { kinds: data.getAll("kinds"), account: data.get("account") || null };
  if (what === "pause") body.reason = data.get("reason").trim();
  return body;
}

// Names what is held, before the yes.
function describe() {
  const dialog = document.getElementById("dialog-pause");
  const form = dialog.querySelector("form");
  const { kinds } = readPause(form, "unpause");
  const things = kinds.map((kind) => (kind === "replies" ? "replies" : "planned posts")).join(" and ");
  const where = form.elements.account.selectedOptions[0].textContent;
  const words = !things
    ? "Choose replies, planned posts or both."
    : dialog.dataset.what === "pause"
      ? `No ${things.replace(" and ", " and no ")} will leave from: ${where}. What is already on its way cannot be held; you will be told what it is.`
      : `Approved ${things} will go out again from: ${where}. Posts whose time has passed by more than their grace stay back.`;
  document.getElementById("pause-words").textContent = words;
}

async function sendOrder(name, fields) {
  const outcome = await order(`/orders/${name}`, fields);
  say(outcome.says, outcome.kind);
  await redrawPage().catch(() => {});
}
