// Forms that are one order to the desk, on whatever page they stand.
import { sendOrder } from "./ordering.js";
import { sayThere } from "./says.js";

export function installForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-order]");
    if (!form || form.id === "composer") return;
    event.preventDefault();
    submit(form);
  });
}

async function submit(form) {
  const button = form.querySelector("button:not([type=button])");
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const outcome = await sendOrder(form.dataset.order, fieldsOf(form));
  button.removeAttribute("aria-busy");
  if (outcome.kind !== "done") return;
  if (form.dataset.then) sayThere(outcome.says, form.dataset.then);
  else form.reset();
}

// What is ticked goes under the name of its aspect; an aspect without a tick is left open.
function fieldsOf(form) {
  const fields = {};
  for (const one of form.elements) {
    if (!one.name) continue;
    if (one.dataset.aspect === undefined) fields[one.name] = one.value;
    else if (one.checked) ((fields.chosen ??= {})[one.dataset.aspect] ??= []).push(one.value);
  }
  return fields;
}
