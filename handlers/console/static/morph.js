// Makes one tree look like another while keeping the nodes, so that focus, scroll, open menus and
// what is being typed survive. An element with data-keep belongs to the page and is left alone.

export function morph(current, next) {
  const focused = document.activeElement;
  sync(current, next);
  if (focused && focused !== document.activeElement && focused.isConnected) {
    focused.focus({ preventScroll: true });
  }
}

function sync(current, next) {
  if (current.hasAttribute("data-keep")) {
    copyAttributes(current, next);
    return;
  }
  copyAttributes(current, next);
  syncChildren(current, next);
}

function copyAttributes(current, next) {
  for (const { name } of [...current.attributes]) {
    // What is open or closed is the person's; a busy button stays busy until its answer comes.
    if (name === "open" || name === "aria-busy" || next.hasAttribute(name)) continue;
    current.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== "open" && current.getAttribute(name) !== value) current.setAttribute(name, value);
  }
}

function syncChildren(current, next) {
  const keyed = new Map();
  for (const child of current.children) if (child.id) keyed.set(child.id, child);
  let cursor = current.firstChild;
  for (const wanted of [...next.childNodes]) {
    const match = wanted.id ? keyed.get(wanted.id) : null;
    if (match) {
      if (match === cursor) cursor = cursor.nextSibling;
      else place(current, match, cursor);
      keyed.delete(wanted.id);
      sync(match, wanted);
    } else if (cursor && !cursor.id && !wanted.id && isAlike(cursor, wanted)) {
      const node = cursor;
      cursor = cursor.nextSibling;
      if (node.nodeType === Node.ELEMENT_NODE) sync(node, wanted);
      else if (node.nodeValue !== wanted.nodeValue) node.nodeValue = wanted.nodeValue;
    } else {
      current.insertBefore(document.importNode(wanted, true), cursor);
    }
  }
  while (cursor) {
    const gone = cursor;
    cursor = cursor.nextSibling;
    gone.remove();
  }
  // What was skipped over before the cursor and has no place in the new tree.
  const wantedIds = new Set([...next.children].map((child) => child.id));
  for (const [id, child] of keyed) if (!wantedIds.has(id)) child.remove();
}

function place(parent, node, before) {
  // moveBefore keeps focus and frames where the browser has it.
  if (parent.moveBefore) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

function isAlike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName;
}
