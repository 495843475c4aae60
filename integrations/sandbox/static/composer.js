// Writing as one of the personas: a new comment, a reply, or a change of an earlier comment.

import { avatar, make } from "./elements.js";
import { press } from "./wire.js";

export class Composer {
  constructor(tell) {
    this.tell = tell;
    this.form = document.getElementById("composer");
    this.text = document.getElementById("text");
    this.target = document.getElementById("target");
    this.about = document.getElementById("about");
    this.aboutWords = document.getElementById("about-words");
    this.send = document.getElementById("send");
    this.under = document.getElementById("under");
    this.row = document.getElementById("personas");
    this.mode = { verb: "Comment" };
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    document.getElementById("about-cancel").addEventListener("click", () => this.write());
  }

  follow(snapshot) {
    if (!this.row.children.length) this.introduce(snapshot.personas);
    const signature = JSON.stringify(snapshot.posts.map((post) => post.id));
    if (signature === this.signature) return;
    this.signature = signature;
    const options = snapshot.posts.map((post) => make("option", { value: post.id }, short(post.text)));
    this.target.replaceChildren(...options);
  }

  introduce(personas) {
    personas.forEach((persona, index) => {
      const radio = make("input", { type: "radio", name: "persona", value: persona.id, cls: "unseen" });
      radio.checked = index === 0;
      radio.addEventListener("change", () => this.speak(persona));
      const first = persona.name.split(" ")[0];
      const label = make("label", { cls: "persona", title: `${persona.name}, @${persona.handle}, writes in ${persona.language}` }, radio, avatar(persona), make("span", { cls: "first" }, first), make("span", { cls: "tongue" }, persona.language));
      this.row.append(label);
    });
    this.speak(personas[0]);
  }

  speak(persona) {
    this.text.lang = persona.language;
    this.text.placeholder = `Say something as ${persona.name}…`;
  }

  write() {
    this.mode = { verb: "Comment" };
    this.about.hidden = true;
    this.under.hidden = false;
    this.row.parentElement.disabled = false;
    this.send.textContent = "Comment";
  }

  reply(id, name) {
    this.write();
    this.mode = { verb: "Reply", id };
    this.describe(`Replying to ${name}`, "Reply");
  }

  edit(id, name, text) {
    this.write();
    this.mode = { verb: "Edit", id };
    this.text.value = text;
    this.row.parentElement.disabled = true;
    this.describe(`Editing the comment of ${name}`, "Save");
  }

  describe(words, label) {
    this.about.hidden = false;
    this.aboutWords.textContent = words;
    this.under.hidden = true;
    this.send.textContent = label;
    this.form.scrollIntoView({ block: "nearest" });
    this.text.focus();
  }

  onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.form.requestSubmit();
    }
    if (event.key === "Escape") this.write();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.text.value;
    if (!text.trim()) return;
    const persona = new FormData(this.form).get("persona");
    const { verb, id } = this.mode;
    this.send.disabled = true;
    try {
      if (verb === "Edit") await press("edit", { target: id, text });
      else await press("comment", { persona, target: id ?? this.target.value, text });
      this.text.value = "";
      this.write();
    } catch (error) {
      this.tell(error.message);
    } finally {
      this.send.disabled = false;
    }
  }
}

function short(text) {
  const line = text.split("\n", 1)[0];
  return line.length > 44 ? `${line.slice(0, 43)}…` : line;
}
