// The brand's posts with their threads, kept in step with the newest snapshot.

import { ago, arrange, avatar, make, time } from "./elements.js";

const posts = new Map();
const comments = new Map();
let isFirst = true;
let now = Date.now();

export function show(feed, snapshot) {
  now = snapshot.now;
  const seen = new Set();
  arrange(feed, snapshot.posts.map((post) => showPost(post, snapshot.brand, seen)));
  for (const id of [...comments.keys()]) if (!seen.has(id)) comments.delete(id);
  feed.setAttribute("aria-busy", "false");
  if (isFirst) goToNamed();
  isFirst = false;
}

export function tick(feed) {
  now += 5000;
  for (const element of feed.querySelectorAll("time")) element.textContent = ago(Number(element.dataset.moment), now);
}

export function goToNamed() {
  const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!named) return;
  named.classList.add("is-named");
  named.scrollIntoView({ block: "center" });
}

function showPost(post, brand, seen) {
  const entry = posts.get(post.id) ?? newPost(post, brand);
  posts.set(post.id, entry);
  const shown = post.threads.reduce((sum, thread) => sum + 1 + thread.replies.length, 0);
  entry.count.textContent = `${post.total.toLocaleString()} ${post.total === 1 ? "comment" : "comments"}`;
  entry.more.hidden = post.total <= shown;
  entry.more.textContent = `${(post.total - shown).toLocaleString()} older comments are not shown here.`;
  arrange(entry.threads, post.threads.map((thread) => showThread(thread, seen)));
  return entry.element;
}

function newPost(post, brand) {
  const count = make("span", { cls: "count" });
  const threads = make("ol", { cls: "threads" });
  const more = make("p", { cls: "more", hidden: "" });
  const pictures = post.pictures.map((picture) => make("img", { src: `media/${picture.id}`, alt: picture.alt, loading: "lazy" }));
  const element = make(
    "article",
    { cls: "panel post", id: post.id, tabindex: "0", "aria-label": `Post of ${brand.name}` },
    make("header", { cls: "byline" }, avatar(brand), make("div", {}, name(brand), make("p", { cls: "when" }, `@${brand.handle} · `, time(post.published_at, now)))),
    make("p", { cls: "text" }, post.text),
    pictures.length ? make("div", { cls: "pictures" }, ...pictures) : null,
    make("p", { cls: "tally" }, count),
    threads,
    more,
  );
  return { element, count, threads, more };
}

function showThread(thread, seen) {
  const { replies, ...root } = thread;
  const key = `thread ${root.id}`;
  seen.add(key);
  const entry = comments.get(key) ?? { element: make("li", { cls: "thread" }), replies: make("ol", { cls: "replies" }) };
  comments.set(key, entry);
  arrange(entry.replies, replies.filter((reply) => !reply.deleted).map((reply) => showComment(reply, seen, "li")));
  entry.replies.hidden = entry.replies.children.length === 0;
  arrange(entry.element, [showComment(root, seen, "div"), entry.replies]);
  return entry.element;
}

function showComment(comment, seen, tag) {
  seen.add(comment.id);
  const signature = JSON.stringify(comment);
  const known = comments.get(comment.id);
  if (known?.signature === signature) return known.element;
  const element = newComment(comment, tag);
  if (!known && !isFirst) element.classList.add("is-new");
  if (known?.element.classList.contains("is-named")) element.classList.add("is-named");
  known?.element.replaceWith(element);
  comments.set(comment.id, { element, signature });
  return element;
}

function newComment(comment, tag) {
  const isBrand = comment.author.role === "brand";
  const cls = ["comment", isBrand ? "is-brand" : "", comment.hidden ? "is-hidden" : "", comment.deleted ? "is-deleted" : ""].join(" ").trim();
  if (comment.deleted) return make(tag, { cls, id: comment.id }, make("p", { cls: "text" }, "This comment was deleted."));
  return make(
    tag,
    { cls, id: comment.id },
    avatar(comment.author),
    make(
      "div",
      { cls: "bubble" },
      make("p", { cls: "who" }, name(comment.author), marks(comment)),
      make("p", { cls: "text", dir: "auto", lang: comment.author.language }, comment.text),
    ),
    make("p", { cls: "acts" }, time(comment.published_at, now), comment.edited ? make("span", {}, "edited") : null, ...acts(comment, isBrand)),
  );
}

function name(user) {
  const parts = [make("b", {}, user.name)];
  if (user.role === "brand") parts.push(make("span", { cls: "badge" }, "Brand"));
  else if (user.followers >= 10000) parts.push(make("span", { cls: "reach" }, `${(user.followers / 1000).toFixed(1)}k followers`));
  return make("span", { cls: "name" }, ...parts);
}

function marks(comment) {
  const words = [];
  if (comment.spam) words.push("marked as spam");
  else if (comment.hidden) words.push("hidden by the brand");
  if (comment.liked) words.push("♥ liked by the brand");
  return words.length ? make("span", { cls: "marks" }, words.join(" · ")) : null;
}

function acts(comment, isBrand) {
  const who = comment.author.name;
  const act = (verb, label) => make("button", { type: "button", cls: "quiet", data: { act: verb, id: comment.id, name: who, author: comment.author.id }, "aria-label": label }, verb);
  const buttons = [act("Reply", `Reply to ${who}`)];
  if (!isBrand) buttons.push(act("Edit", `Edit the comment of ${who}`), act("Delete", `Delete the comment of ${who}`));
  return buttons;
}
