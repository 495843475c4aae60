// Dialogs. Each promise gives what the person answered, or null when they did not want to.
import { say } from "./says.js";
import { fragment } from "./wire.js";
import { told } from "./words.js";

export function confirmed(words, yes = told("Yes, do it")) {
  const dialog = document.getElementById("dialog-confirm");
  dialog.querySelector(".dialog-words").textContent = words;
  dialog.querySelector("[data-yes]").textContent = yes;
  return answered(dialog, (value) => (value === "yes" ? "" : null));
}

export function line(title, { label = told("In one line"), type = "text" } = {}) {
  const dialog = document.getElementById("dialog-line");
  const input = dialog.querySelector("input");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("[data-label]").textContent = label;
  input.type = type;
  input.value = "";
  const asked = answered(dialog, (value) => (value === "yes" ? input.value.trim() : null));
  input.focus();
  return asked;
}

export function member() {
  const dialog = document.getElementById("dialog-member");
  return answered(dialog, (value) => (value.startsWith("member:") ? value.slice(7) : null));
}

// Whom, by when and what, a line for each of the first two.
// `first` is chosen already.
export function question(first = "") {
  const dialog = document.getElementById("dialog-question");
  const form = dialog.querySelector("form");
  form.reset();
  const { whom, due, words } = form.elements;
  if (whom.querySelector(`option[value="${CSS.escape(first)}"]`)) whom.value = first;
  return answered(dialog, (value) => (value === "yes" ? [whom.value, due.value, words.value.trim()].join("\n") : null));
}

// What is ticked otherwise than it was, and new ones: a line for each, with a sign before it.
export async function labels(token) {
  const dialog = document.getElementById("dialog-labels");
  const choices = await fragment(`/fragments/labels/${token}`).catch(() => null);
  if (!choices) {
    say(told("The desk could not be reached. Press again."), "unsaved");
    return null;
  }
  dialog.querySelector("[data-choices]").replaceChildren(choices);
  return answered(dialog, (value) => (value === "yes" ? changedLabels(choices) : null));
}

function changedLabels(choices) {
  const changed = [...choices.querySelectorAll("[name=label]")].filter((one) => one.checked !== one.defaultChecked);
  const fresh = choices.querySelector("[name=new]").value.split(",");
  return [...changed.map((one) => (one.checked ? "+" : "-") + one.value), ...fresh.map((one) => `+${one}`)].join("\n");
}

// Shows what is shown once, until it is closed.
export function handedOver(words, value) {
  const dialog = document.getElementById("dialog-once");
  dialog.querySelector(".dialog-words").textContent = words;
  const input = dialog.querySelector("input");
  input.value = value;
  const closed = answered(dialog, () => (input.value = ""));
  input.select();
  return closed;
}

export function answered(dialog, read) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(read(dialog.returnValue)), { once: true });
  });
}

// Enter in a form would take its first button, which is the one that says no.
document.addEventListener("keydown", (event) => {
  const dialog = event.target.closest?.("dialog");
  if (event.key !== "Enter" || !dialog || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  dialog.querySelector("[data-yes]")?.click();
});
