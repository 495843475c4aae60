// One stream of events for this tab while it is looked at: a browser has few connections to one
// place, and a hidden tab needs none. Events say that something changed, redraws ask what.
import { redrawHappened } from "./drawer.js";
import { noticeStep } from "./hints.js";
import { redrawPage } from "./redraw.js";
import { told } from "./words.js";

const AT_MOST_EVERY = 350;
let stream = null;
let last = null;
let timer = null;
let lastDraw = 0;
let running = false;
let again = false;

export function installLive() {
  if (!document.getElementById("live")) return;
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", () => open());
  if (!document.hidden) open();
  setInterval(countDown, 1000);
}

function open() {
  if (stream) return;
  const missed = last !== null;
  stream = new EventSource(missed ? `/events?last=${last}` : "/events");
  stream.addEventListener("open", () => show("on", told("Live")));
  stream.addEventListener("error", lost);
  stream.addEventListener("message", (message) => {
    last = message.lastEventId;
    noticeStep(JSON.parse(message.data).kind);
    soon();
  });
  stream.addEventListener("resync", (message) => {
    last = message.lastEventId;
    soon();
  });
  // What happened between drawing this page and the first event of the stream.
  stream.addEventListener("open", soon);
}

function lost() {
  show("off", told("Reconnecting"));
  if (stream?.readyState !== EventSource.CLOSED) return;
  stream = null;
  setTimeout(() => document.hidden || open(), 3000);
}

function close() {
  stream?.close();
  stream = null;
}

function show(state, words) {
  const live = document.getElementById("live");
  if (live.dataset.live === state) return;
  live.dataset.live = state;
  live.title = words;
  live.querySelector(".live-words").textContent = words;
}

function soon() {
  again = true;
  if (timer || running) return;
  timer = setTimeout(draw, Math.max(60, lastDraw + AT_MOST_EVERY - Date.now()));
}

async function draw() {
  timer = null;
  again = false;
  running = true;
  lastDraw = Date.now();
  try {
    await Promise.all([redrawPage(), redrawHappened()]);
  } catch {
    setTimeout(soon, 2000);
  } finally {
    running = false;
  }
  if (again) soon();
}

// A moment soon to come, in the line of a card at work, is counted down.
function countDown() {
  for (const time of document.querySelectorAll('[data-light="working"] .state-words time')) {
    const seconds = Math.round((Number(time.dataset.at) - Date.now()) / 1000);
    if (seconds > 0 && seconds <= 90) time.textContent = told("in {seconds} s", { seconds });
  }
}
