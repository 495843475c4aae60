// What people are told: a line at the bottom, and quietly to screen readers.
import { told } from "./words.js";

const SHOWN = { done: 6000, other: 14000, code: 120000 };

export function say(words, kind = "done") {
  const toasts = document.getElementById("toasts");
  const toast = document.createElement("div");
  toast.className = kind === "done" || kind === "code" ? "toast" : "toast is-trouble";
  const line = document.createElement("p");
  line.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.setAttribute("aria-label", told("Close this message"));
  close.innerHTML = '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#close"/></svg>';
  close.addEventListener("click", () => toast.remove());
  toast.append(line, close);
  toasts.append(toast);
  while (toasts.children.length > 3) toasts.firstElementChild.remove();
  setTimeout(() => toast.remove(), SHOWN[kind] ?? SHOWN.other);
}

// Said on the page that comes next, because this one is left.
export function sayThere(words, href) {
  sessionStorage.setItem("said", words);
  location.assign(href);
}

export function installSaying() {
  const words = sessionStorage.getItem("said");
  sessionStorage.removeItem("said");
  if (words) say(words);
}

let waiting = [];
export function announce(words) {
  waiting.push(words);
  if (waiting.length > 1) return;
  setTimeout(() => {
    const many = waiting.length > 3;
    document.getElementById("announcer").textContent = many ? told("{count} new cards", { count: waiting.length }) : waiting.join(". ");
    waiting = [];
  }, 800);
}
