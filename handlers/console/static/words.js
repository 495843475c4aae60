// The sentences of these scripts in the reader's language; the page brings those that differ.
const words = JSON.parse(document.querySelector("meta[name=words]")?.content ?? "{}");

export function told(sentence, values) {
  const said = words[sentence] ?? sentence;
  return values ? filled(said, values) : said;
}

export function filled(said, values) {
  return said.replace(/\{(\w+)\}/gu, (name, key) => values[key] ?? name);
}
