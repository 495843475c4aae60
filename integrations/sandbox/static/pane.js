// The sandbox pane: one stream of snapshots in, presses of buttons out.

import { Composer } from "./composer.js";
import { goToNamed, show, tick } from "./feed.js";
import { ring } from "./phone.js";
import { listen, press } from "./wire.js";

const MEANINGS = {
  outage: "Outage: the API answers 503. The desk keeps what was approved and sends it when this ends.",
  lose_next_answer: "The next reply will be published, but its answer will be lost. The desk must find it, not send it twice: the card says how.",
  lose_next_reply: "The next reply will be lost before the network has it. The desk must prove that it is not there, then send it once more. That takes half a minute.",
  slow_ms: "Slow: every answer takes three seconds.",
  token_dead: "The token is dead: the desk pauses the account and asks for a new one.",
  hooks: "Webhooks stopped: news now comes by polling alone.",
};

const LOSSES = { lose_next_answer: "lose_answer", lose_next_reply: "lose_request" };

const feed = document.getElementById("feed");
const health = document.getElementById("health");
const meaning = document.getElementById("meaning");
const viral = document.getElementById("viral");
const switches = [...document.querySelectorAll("[data-fault]")];
const composer = new Composer(say);
let said = "";

function say(words) {
  said = words;
  meaning.textContent = words;
}

function isOn(button, faults) {
  const { fault } = button.dataset;
  if (fault in LOSSES) return faults.pending.includes(LOSSES[fault]);
  const value = Boolean(faults[fault]);
  return "inverted" in button.dataset ? !value : value;
}

function showFaults(faults) {
  for (const button of switches) button.setAttribute("aria-pressed", String(isOn(button, faults)));
  const on = switches.filter((button) => isOn(button, faults)).map((button) => MEANINGS[button.dataset.fault]);
  const words = on.join(" ") || said;
  if (meaning.textContent !== words) meaning.textContent = words;
  if (on.length) said = "";
  const isDown = faults.outage || faults.token_dead;
  showHealth(faults.outage ? "API is down" : faults.token_dead ? "Token refused" : on.length ? "API with trouble" : "API is up", isDown ? "bad" : on.length ? "odd" : "good");
}

function showHealth(words, state) {
  if (health.textContent !== words) health.textContent = words;
  health.dataset.state = state;
}

async function pressed(name, body) {
  try {
    await press(name, body);
  } catch (error) {
    say(error.message);
  }
}

for (const button of document.querySelectorAll("[data-press]")) {
  button.addEventListener("click", () => pressed(button.dataset.press));
}

for (const button of switches) {
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const turnOn = button.getAttribute("aria-pressed") !== "true";
    const { fault, on } = button.dataset;
    let value = "inverted" in button.dataset ? !turnOn : turnOn;
    if (on) value = turnOn ? Number(on) : 0;
    pressed("faults", { [fault]: value });
  });
}

feed.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  const { act, id, name } = button.dataset;
  if (act === "Reply") composer.reply(id, name);
  if (act === "Edit") composer.edit(id, name, document.querySelector(`#${id} .text`).textContent);
  if (act === "Delete") pressed("delete", { target: id });
});

listen(
  (snapshot) => {
    composer.follow(snapshot);
    show(feed, snapshot);
    ring(snapshot.phone, snapshot.now);
    showFaults(snapshot.faults);
    viral.setAttribute("aria-pressed", String(snapshot.viral));
    viral.textContent = snapshot.viral ? "Calm it down" : "Viral complaint";
  },
  (isConnected) => {
    if (!isConnected) showHealth("Connecting…", "odd");
  },
);
setInterval(() => tick(feed), 5000);
addEventListener("hashchange", goToNamed);
if (innerWidth < 520) document.getElementById("stir").open = false;
