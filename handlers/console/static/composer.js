// The composer: common words or words of its own for each account, pictures with descriptions,
// a time, and a preview that follows the typing.
import { showLength } from "./measure.js";
import { say, sayThere } from "./says.js";
import { order } from "./wire.js";
import { told } from "./words.js";

let form = null;

export function installComposer() {
  form = document.getElementById("composer");
  if (!form) return;
  form.addEventListener("input", redraw);
  form.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  document.getElementById("picture").addEventListener("change", (event) => addPictures(event.target));
  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-remove]")) return;
    event.target.closest("li").remove();
    redraw();
  });
  redraw();
}

function changed(event) {
  const target = event.target.closest(".target");
  if (target && event.target.matches("[data-own]")) {
    const own = target.querySelector(".own");
    own.hidden = !event.target.checked;
    const area = own.querySelector("textarea");
    if (!own.hidden && !area.value) area.value = form.elements.text.value;
    if (!own.hidden) area.focus();
  }
  if (event.target.name === "slot") form.querySelector("[name=when][value=slot]").checked = true;
  redraw();
}

function targets() {
  return [...form.querySelectorAll(".target")].filter((row) => row.querySelector("[name=account]:checked"));
}

function wordsFor(row) {
  const own = row.querySelector("[data-own]:checked") ? row.querySelector("[data-own-text]").value : null;
  return own ?? form.elements.text.value;
}

function pictures() {
  return [...form.querySelectorAll("#pictures li")].map((row) => ({
    hash: row.dataset.hash,
    alt_text: row.querySelector("input").value.trim(),
  }));
}

function redraw() {
  const previews = document.getElementById("previews");
  const shown = targets().map((row) => {
    const { limit, unit, name, network } = row.dataset;
    const preview = document.getElementById("preview-template").content.cloneNode(true).firstElementChild;
    preview.querySelector("b").textContent = name;
    preview.querySelector("header span").textContent = network;
    preview.querySelector("p").textContent = wordsFor(row) || "…";
    const count = preview.querySelector("footer");
    showLength(row.querySelector("[data-counter]"), wordsFor(row), Number(limit), unit);
    showLength(count, wordsFor(row), Number(limit), unit);
    for (const { hash, alt_text: alt } of pictures()) {
      const image = new Image();
      image.src = `/media/${hash}`;
      image.alt = alt;
      preview.querySelector(".preview-pictures").append(image);
    }
    return preview;
  });
  if (shown.length) previews.replaceChildren(...shown);
  else {
    const empty = document.createElement("p");
    empty.className = "soft";
    empty.textContent = told("Choose an account to see how it will read.");
    previews.replaceChildren(empty);
  }
}

async function addPictures(input) {
  for (const file of input.files) {
    if (file.size > 8 * 1024 * 1024) {
      say(told("{name} is larger than 8 MiB. Make it smaller and add it again.", { name: file.name }), "refused");
      continue;
    }
    const data = await asBase64(file);
    const outcome = await order("/orders/add_picture", { content_type: file.type, data });
    if (outcome.kind !== "done") {
      say(outcome.says, outcome.kind);
      continue;
    }
    const row = document.getElementById("picture-template").content.cloneNode(true).firstElementChild;
    row.dataset.hash = outcome.note;
    const picture = new Image();
    picture.alt = "";
    picture.src = `/media/${outcome.note}`;
    row.prepend(picture);
    document.getElementById("pictures").append(row);
    row.querySelector("input").focus();
  }
  input.value = "";
  redraw();
}

function asBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

function problem() {
  if (!targets().length) return told("Choose at least one account.");
  const empty = targets().find((row) => !wordsFor(row).trim());
  if (empty && !pictures().length) return told("Write something for {name}.", { name: empty.dataset.name });
  if (pictures().some((picture) => !picture.alt_text)) return told("Say for each picture what it shows.");
  const atTime = form.querySelector("[name=when][value=slot]").checked;
  if (atTime && !form.elements.slot.value) return told("Choose the date and time.");
  return "";
}

async function submit() {
  const line = document.getElementById("composer-problem");
  line.textContent = problem();
  line.hidden = !line.textContent;
  if (line.textContent) return;
  const atTime = form.querySelector("[name=when][value=slot]").checked;
  const body = {
    variants: targets().map((row) => ({ account: row.dataset.account, text: wordsFor(row) })),
    slot: atTime ? form.elements.slot.value : null,
    pictures: pictures(),
  };
  if (form.dataset.token) {
    body.token = form.dataset.token;
    body.revision = Number(form.dataset.revision);
  }
  const button = form.querySelector("[type=submit]");
  button.setAttribute("aria-busy", "true");
  const outcome = await order(`/orders/${form.dataset.order}`, body);
  button.removeAttribute("aria-busy");
  if (outcome.kind !== "done") {
    line.textContent = outcome.says;
    line.hidden = false;
    return;
  }
  sayThere(outcome.says, form.dataset.token ? `/cards/${form.dataset.token}` : "/?filter=posts");
}
