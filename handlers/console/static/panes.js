// On a phone one pane shows at a time; switching must not load the sandbox again.
export function installPanes() {
  if (document.body.dataset.page !== "queue") return;
  for (const link of document.querySelectorAll("[data-pane-link]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.body.dataset.pane = link.dataset.paneLink;
      for (const other of document.querySelectorAll("[data-pane-link]")) {
        if (other === link) other.setAttribute("aria-current", "page");
        else other.removeAttribute("aria-current");
      }
      history.replaceState(null, "", link.href);
    });
  }
}
