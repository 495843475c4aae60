// Buttons on cards: ask what must be asked, send one press, say what came of it, redraw.
import { confirmed, labels, line, member, question } from "./asking.js";
import { openEditor } from "./editor.js";
import { goOn } from "./redraw.js";
import { say } from "./says.js";
import { order } from "./wire.js";
import { told } from "./words.js";

export function installActing() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-press]");
    if (button) press(button);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-press]");
    if (!form) return;
    event.preventDefault();
    write(form);
  });
}

// A form that stands open on the page is a press of which the words are asked already.
async function write(form) {
  const button = form.querySelector("[type=submit]");
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  try {
    const outcome = await send(form.closest("[data-token]"), form.dataset.press, form.elements.entry.value);
    if (outcome.kind === "done") form.reset();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function press(button) {
  if (button.getAttribute("aria-busy")) return;
  const card = button.closest("[data-token]");
  const { press: data, ask, confirm } = button.dataset;
  button.closest("details")?.removeAttribute("open");
  if (ask === "draft") return openEditor(card, send);
  const words = button.textContent.trim();
  if (confirm && (await confirmed(confirm, words)) === null) return;
  const entry = await entryFor(ask, button);
  if (entry === null) return;
  button.setAttribute("aria-busy", "true");
  try {
    await send(card, data, entry);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function entryFor(ask, button) {
  const words = button.textContent.trim();
  if (ask === "line") return line(words.replace(/…|\.{3}$/u, ""), { label: button.title || told("In one line") });
  if (ask === "reason") return line(words.replace(/…|\.{3}$/u, ""), { label: told("Why, if you like") });
  if (ask === "link") return line(words, { label: told("Its address, if you have it"), type: "url" });
  if (ask === "member") return member();
  if (ask === "question") return question(button.dataset.first);
  if (ask === "labels") return labels(button.closest("[data-token]").dataset.token);
  return "";
}

async function send(card, data, entry) {
  const outcome = await order("/act", { data, entry });
  say(outcome.says, outcome.kind);
  // A redraw that fails is made up for by the next event; the press itself is answered.
  if (outcome.kind !== "unsaved") await goOn(card.dataset.token, outcome.kind === "done").catch(() => {});
  return outcome;
}
