// Presses the sandbox's buttons. The header proves that this page asks and no other site.

class Refused extends Error {}

export async function press(name, body = {}) {
  const response = await fetch(`control/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Sandbox-Control": "1" },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.says ?? "The sandbox did not answer. Is it running?");
  return answer;
}

export function listen(onSnapshot, onState) {
  const focus = location.hash.slice(1);
  const source = new EventSource(focus ? `feed?focus=${encodeURIComponent(focus)}` : "feed");
  source.addEventListener("message", (event) => onSnapshot(JSON.parse(event.data)));
  source.addEventListener("open", () => onState(true));
  source.addEventListener("error", () => onState(false));
  return source;
}
