// The first minute in the demo: steps that tick themselves off, and go away when told to.
const HIDDEN = "hints:hidden";
const DONE = "hints:done";
const STEPS = {
  item_received: ["write"],
  draft_saved: ["write", "draft"],
  approval_given: ["write", "draft", "approve"],
  publication_queued: ["write", "draft", "approve"],
  publication_published: ["write", "draft", "approve", "published"],
};

export function installHints() {
  const hints = document.getElementById("hints");
  document.getElementById("hints-again")?.addEventListener("click", () => {
    localStorage.removeItem(HIDDEN);
    localStorage.removeItem(DONE);
    document.getElementById("dialog-help").close();
    if (hints) show();
    else location.assign("/");
  });
  if (!hints) return;
  document.getElementById("hints-close").addEventListener("click", () => {
    localStorage.setItem(HIDDEN, "yes");
    hints.hidden = true;
  });
  show();
}

export function noticeStep(kind) {
  if (!STEPS[kind] || !document.getElementById("hints")) return;
  const done = new Set([...recall(), ...STEPS[kind]]);
  localStorage.setItem(DONE, [...done].join(" "));
  mark();
}

function show() {
  document.getElementById("hints").hidden = localStorage.getItem(HIDDEN) === "yes";
  mark();
}

function mark() {
  const done = recall();
  for (const step of document.querySelectorAll("#hints [data-step]")) {
    step.toggleAttribute("data-done", done.has(step.dataset.step));
  }
}

function recall() {
  return new Set((localStorage.getItem(DONE) ?? "").split(" ").filter(Boolean));
}
