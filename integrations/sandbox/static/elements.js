// Elements from data. Texts from outside only ever become text nodes.

export function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  const { cls, data, ...rest } = options;
  if (cls) element.className = cls;
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(rest)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function avatar(user) {
  const initials = user.name
    .split(" ")
    .map((word) => [...word][0])
    .slice(0, 2)
    .join("");
  const cls = `avatar hue-${user.hue}${user.role === "brand" ? " is-brand" : ""}`;
  return make("span", { cls, "aria-hidden": "true" }, initials);
}

export function ago(moment, now) {
  const seconds = Math.max(0, Math.round((now - moment) / 1000));
  if (seconds < 10) return "now";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export function time(moment, now) {
  const iso = new Date(moment).toISOString();
  return make("time", { datetime: iso, title: new Date(moment).toLocaleString(), data: { moment } }, ago(moment, now));
}

// Brings `parent`'s children to `wanted` (elements in order), moving as little as possible.
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((element, index) => {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
  });
}
