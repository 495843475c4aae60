// Copy buttons: what stands in the element that they name goes to the clipboard.
import { say } from "./says.js";
import { told } from "./words.js";

export function installCopying() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) copy(document.getElementById(button.dataset.copy));
  });
}

async function copy(element) {
  const text = element.value ?? element.textContent;
  try {
    await navigator.clipboard.writeText(text);
    say(told("Copied."));
  } catch {
    // Without a secure address there is no clipboard: it is chosen, so that the keys copy it.
    if (element.select) element.select();
    else getSelection().selectAllChildren(element);
    say(told("It is chosen now: copy it with the keyboard."), "other");
  }
}
