// The inline editor. Words that are being written survive redraws, closing and loading again;
// the revision that is sent is the one the card shows at the moment of the press.
import { showLength } from "./measure.js";
import { told } from "./words.js";

const kept = (card) => `draft:${card.dataset.token}`;

export function openEditor(card, send) {
  const host = card.querySelector(".card-editor");
  if (host.firstElementChild) return host.querySelector("textarea").focus();
  host.append(document.getElementById("editor-template").content.cloneNode(true));
  const form = host.firstElementChild;
  const area = form.querySelector("textarea");
  const draft = card.querySelector(".card-draft");
  area.value = recall(card) ?? draft?.dataset.text ?? "";
  form.querySelector("[data-approve]").textContent = card.querySelector(".card-actions")?.dataset.approveLabel ?? told("Approve");
  if (recall(card) !== null) note(form, told("These are your words from before, not yet saved."));

  const measure = () => {
    const limits = card.querySelector(".card-draft")?.dataset ?? {};
    showLength(form.querySelector("[data-counter]"), area.value, Number(limits.limit ?? 0), limits.unit ?? "characters");
  };
  area.addEventListener("input", () => {
    remember(card, area.value);
    measure();
  });
  measure();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    finish(card, form, "approve", send);
  });
  form.querySelector("[data-save]").addEventListener("click", () => finish(card, form, "save", send));
  form.querySelector("[data-close]").addEventListener("click", () => closeEditor(card));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      closeEditor(card);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      finish(card, form, "approve", send);
    }
  });
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
}

async function finish(card, form, what, send) {
  const data = card.querySelector(".card-actions")?.dataset[what];
  if (!data) return note(form, told("This card cannot be edited any more. Your words are kept here to copy."));
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  const outcome = await send(card, data, form.elements.text.value);
  for (const button of buttons) button.disabled = false;
  if (outcome.kind !== "done") return;
  forget(card);
  closeEditor(card);
}

function closeEditor(card) {
  card.querySelector(".card-editor").replaceChildren();
  card.focus({ preventScroll: true });
}

// A redraw came while somebody was writing: say so, and keep what they wrote.
export function cardChanged(card, before) {
  const form = card.querySelector(".editor");
  if (!form || before === card.dataset.revision) return;
  const open = card.querySelector(".card-actions")?.dataset.approve;
  note(
    form,
    open
      ? told("This card changed while you were writing. Look above before you send; your words are kept.")
      : told("Somebody finished this card. Your words are kept here to copy."),
  );
  form.querySelector("[data-approve]").disabled = !open;
  form.querySelector("[data-save]").disabled = !open;
}

function note(form, words) {
  const line = form.querySelector(".editor-note");
  line.textContent = words;
  line.hidden = false;
}

function recall(card) {
  return sessionStorage.getItem(kept(card));
}
function remember(card, words) {
  sessionStorage.setItem(kept(card), words);
}
function forget(card) {
  sessionStorage.removeItem(kept(card));
}
