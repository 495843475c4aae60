// Redraws from committed state: the page asks for what it shows and changes only what differs.
import { cardChanged } from "./editor.js";
import { morph } from "./morph.js";
import { announce } from "./says.js";
import { fragment } from "./wire.js";
import { told } from "./words.js";

const STAY_AT_MOST = 8;
const staying = new Set();

export function redrawPage() {
  const { page } = document.body.dataset;
  if (page === "queue") return redrawQueue();
  if (page === "item") return redrawItem();
  if (page === "week") return redrawWeek();
  if (page === "desk") return redrawWhole("desk", "/fragments/desk");
  if (page === "connect") return redrawWhole("connect", "/fragments/connect");
}

export async function redrawCard(token) {
  const shown = document.getElementById(`card-${token}`);
  if (!shown) return;
  if (document.body.dataset.page === "item") return redrawItem();
  staying.add(token);
  const next = await fragment(`/fragments/card/${token}`);
  if (next && shown.isConnected) morphCards([shown], () => morph(shown, next));
}

// What others do redraws the post that is looked at; only the reader's own press brings the next.
async function redrawWeek() {
  const shown = document.querySelector("#week .card");
  if (shown) await redrawCard(shown.dataset.token);
}

// After a press: the post as it stands now, or the next one where the week is gone through.
export async function goOn(token, isDone) {
  const week = document.getElementById("week");
  if (!week || !isDone) return redrawCard(token);
  return redrawWhole("week", `/fragments/week${week.dataset.here}`);
}

async function redrawItem() {
  const item = document.getElementById("item");
  const next = await fragment(`/fragments/item/${item.dataset.token}`);
  if (next) morphCards([...item.querySelectorAll(".card")], () => morph(item, next));
}

async function redrawWhole(id, path) {
  const shown = document.getElementById(id);
  const next = shown && (await fragment(path));
  if (next) morph(shown, next);
}

async function redrawQueue() {
  const queue = document.getElementById("queue");
  const { filter, pageNumber, label } = queue.dataset;
  const next = await fragment(`/fragments/queue?filter=${filter}&page=${pageNumber}&label=${encodeURIComponent(label)}`);
  if (!next) return;
  await keepPlaces(queue, next);
  const before = new Set(cardsOf(queue).map((card) => card.id));
  morphCards(cardsOf(queue), () => morph(queue, next));
  for (const card of cardsOf(queue)) {
    if (before.has(card.id)) continue;
    card.classList.add("is-new");
    announce(told("New: {what}", { what: card.dataset.fallback }));
  }
}

// A card that left this list stays where it was for a while, so that whoever looked at it sees
// what became of it; one that is being written in always stays.
async function keepPlaces(queue, next) {
  const wanted = new Set(cardsOf(next).map((card) => card.id));
  const gone = cardsOf(queue).filter((card) => !wanted.has(card.id));
  const kept = gone.filter((card) => card.querySelector(".editor") || staying.has(card.dataset.token));
  for (const card of kept.slice(-STAY_AT_MOST)) {
    const now = await fragment(`/fragments/card/${card.dataset.token}`);
    if (!now) continue;
    const list = next.querySelector("#cards");
    list.querySelector("#empty")?.remove();
    let above = card.previousElementSibling;
    while (above && !list.querySelector(`#${CSS.escape(above.id)}`)) above = above.previousElementSibling;
    if (above) list.querySelector(`#${CSS.escape(above.id)}`).after(now);
    else list.prepend(now);
  }
}

function morphCards(cards, act) {
  const before = new Map(cards.map((card) => [card, card.dataset.revision]));
  act();
  for (const [card, revision] of before) if (card.isConnected) cardChanged(card, revision);
}

function cardsOf(root) {
  return [...root.querySelectorAll(".card")];
}
