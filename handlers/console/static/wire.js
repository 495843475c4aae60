// Requests to the desk. Every press has an id; one whose answer was lost keeps its id when it is
// pressed again, so that the desk knows it for the same press.
import { told } from "./words.js";
const csrf = document.querySelector("meta[name=csrf-token]").content;
// In the demo each tab acts as the one it shows, whatever another tab has chosen since.
const actAs = document.querySelector("meta[name=act-as]")?.content;
const who = actAs ? { "X-Act-As": actAs } : {};
const unanswered = new Map();

export async function order(path, body) {
  const key = path + JSON.stringify(body);
  const id = unanswered.get(key) ?? newId();
  unanswered.set(key, id);
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { ...who, "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify({ ...body, id }),
      signal: AbortSignal.timeout(patience(path)),
    });
  } catch {
    return { kind: "unsaved", says: told("The desk could not be reached. Press again."), note: "" };
  }
  if (response.status < 500) unanswered.delete(key);
  try {
    return await response.json();
  } catch {
    return { kind: "unsaved", says: told("The desk gave no answer. Press again."), note: "" };
  }
}

// A picture takes long to send, and a network may take long to say whose a token is.
function patience(path) {
  if (path.endsWith("picture")) return 60000;
  return path.startsWith("/accounts/") || path.startsWith("/channels/") ? 32000 : 10000;
}

// The HTML of a fragment; null when it is gone; throws when the desk cannot be reached.
export async function fragment(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(10000), headers: { ...who, Accept: "text/html" } });
  if (response.status === 404) return null;
  if (response.status === 401) {
    location.assign("/sign-in");
    return null;
  }
  if (!response.ok) throw new Error(`fragment: ${response.status}`);
  const holder = document.createElement("template");
  holder.innerHTML = await response.text();
  return holder.content.firstElementChild;
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // randomUUID exists in secure contexts alone; a desk on a plain address has this.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
