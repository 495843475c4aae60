// What just happened: a drawer that follows the events while it is open.
import { morph } from "./morph.js";
import { fragment } from "./wire.js";

export function installDrawer() {
  document.getElementById("happened-open")?.addEventListener("click", () => toggleDrawer());
  document.getElementById("happened-close")?.addEventListener("click", () => toggleDrawer(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !drawer().hidden && !document.querySelector("dialog[open]")) toggleDrawer(false);
  });
}

export function toggleDrawer(open = drawer().hidden) {
  const opener = document.getElementById("happened-open");
  drawer().hidden = !open;
  opener.setAttribute("aria-expanded", String(open));
  if (!open) return opener.focus();
  document.getElementById("happened-close").focus();
  redrawHappened().catch(() => {});
}

export async function redrawHappened() {
  if (!drawer() || drawer().hidden) return;
  const next = await fragment("/fragments/just-happened");
  const shown = document.getElementById("happened-list");
  if (next && shown) morph(shown, next);
  else if (next) document.getElementById("happened-lines").replaceChildren(next);
}

function drawer() {
  return document.getElementById("happened");
}
