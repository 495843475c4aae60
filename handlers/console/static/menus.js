// Menus are details elements: one open at a time, closed by Escape or a click elsewhere, and
// opened towards the side where there is room.
export function installMenus() {
  document.addEventListener("toggle", opened, true);
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(menu, event.key === "ArrowDown" ? 1 : -1);
    }
  });
}

function opened(event) {
  const menu = event.target;
  if (!menu.matches?.("details.menu") || !menu.open) return;
  for (const other of document.querySelectorAll("details.menu[open]")) if (other !== menu) other.open = false;
  const list = menu.querySelector(".menu-list");
  list.classList.remove("is-right", "is-up");
  const box = list.getBoundingClientRect();
  const frame = (menu.closest(".scroll") ?? document.documentElement).getBoundingClientRect();
  list.classList.toggle("is-right", box.right > frame.right - 8);
  list.classList.toggle("is-up", box.bottom > Math.min(frame.bottom, innerHeight) - 8);
}

function move(menu, by) {
  const items = [...menu.querySelectorAll(".menu-list button, .menu-list a")];
  const at = items.indexOf(document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
}
