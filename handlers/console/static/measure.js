// Length as a network counts it. The desk has the last word; this is for the eye while typing.
import { told } from "./words.js";
const segmenter = globalThis.Intl?.Segmenter ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

function lengthOf(text, unit) {
  const clean = text.normalize("NFC").trim();
  if (/byte/i.test(unit)) return new TextEncoder().encode(clean).length;
  if (/grapheme/i.test(unit) && segmenter) return [...segmenter.segment(clean)].length;
  return [...clean].length;
}

export function showLength(counter, text, limit, unit) {
  const used = lengthOf(text, unit);
  const over = limit > 0 && used > limit;
  const things = /byte/i.test(unit) ? told("bytes") : told("characters");
  const words = over
    ? told("{count} {unit} too many", { count: used - limit, unit: things })
    : limit > 0
      ? told("{used} of {limit} {unit}", { used, limit, unit: things })
      : told("{used} {unit}", { used, unit: things });
  if (counter.textContent !== words) counter.textContent = words;
  counter.classList.toggle("is-over", over);
  return !over;
}
