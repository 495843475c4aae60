// The keyboard, as in mail programs. Nothing happens while somebody types or a dialog is open,
// and a key that is held down acts once.
import { toggleDrawer } from "./drawer.js";

export function installKeys() {
  document.getElementById("help-open")?.addEventListener("click", help);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => current()?.querySelector(".card-actions .primary")?.click(),
  e: () => current()?.querySelector('.card-actions [data-name="edit"], .card-actions [data-name="edit_post"]')?.click(),
  n: () => current()?.querySelector('.card-actions [data-name="no_reply"]')?.click(),
  o: () => current()?.querySelector(".card-number")?.click(),
  w: () => toggleDrawer(),
  "?": help,
};

function help() {
  document.getElementById("dialog-help").showModal();
}

function cards() {
  return [...document.querySelectorAll("main .card")];
}

function current() {
  return document.activeElement?.closest(".card") ?? null;
}

function step(by) {
  const all = cards();
  if (!all.length) return;
  const at = all.indexOf(current());
  const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  all[to].focus({ preventScroll: true });
  all[to].scrollIntoView({ block: "nearest" });
}

function isTyping(target) {
  return Boolean(target.closest?.("input, textarea, select, [contenteditable]"));
}
