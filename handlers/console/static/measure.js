// Length as a network counts it. The desk has the last word; this is for the eye while typing.
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
  const things = /byte/i.test(unit) ? "bytes" : "characters";
  const words = over ? `${used - limit} ${things} too many` : limit > 0 ? `${used} of ${limit} ${things}` : `${used} ${things}`;
  if (counter.textContent !== words) counter.textContent = words;
  counter.classList.toggle("is-over", over);
  return !over;
}
