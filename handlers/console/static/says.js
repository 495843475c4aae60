// What people are told: a line at the bottom, and quietly to screen readers.
const SHOWN = { done: 6000, other: 14000 };

export function say(words, kind = "done") {
  const toasts = document.getElementById("toasts");
  const toast = document.createElement("div");
  toast.className = kind === "done" ? "toast" : "toast is-trouble";
  const line = document.createElement("p");
  line.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.setAttribute("aria-label", "Close this message");
  close.innerHTML = '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#close"/></svg>';
  close.addEventListener("click", () => toast.remove());
  toast.append(line, close);
  toasts.append(toast);
  while (toasts.children.length > 3) toasts.firstElementChild.remove();
  setTimeout(() => toast.remove(), SHOWN[kind] ?? SHOWN.other);
}

let waiting = [];
export function announce(words) {
  waiting.push(words);
  if (waiting.length > 1) return;
  setTimeout(() => {
    const many = waiting.length > 3;
    document.getElementById("announcer").textContent = many ? `${waiting.length} new cards` : waiting.join(". ");
    waiting = [];
  }, 800);
}
