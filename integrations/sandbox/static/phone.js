// The telephone of whoever is on call: what rang lately, the newest first.

import { arrange, make, time } from "./elements.js";

const phone = document.getElementById("phone");
const list = document.getElementById("calls");
const known = new Map();

export function ring(calls, now) {
  phone.hidden = calls.length === 0;
  arrange(list, calls.map((call) => row(call, now)));
}

function row(call, now) {
  const signature = `${call.key} ${call.state}`;
  const kept = known.get(call.key);
  if (kept?.signature === signature) return kept.element;
  const cls = call.state ? "call" : "call is-ringing";
  const who = make("b", {}, call.name || "Whoever is there");
  const element = make("li", { cls }, make("p", {}, "📟 ", who, " · ", time(call.at, now)), make("p", {}, call.summary), call.state ? make("p", { cls: "soft" }, call.state) : null);
  known.set(call.key, { element, signature });
  return element;
}
