// The dialogs of the judging screen: why one cannot tell, where a product belongs, and the keys.
"use strict";

// Resolves with what was chosen, or null when the dialog was closed without. It does so before
// the next key is heard, which is meant for what comes then. With `stays`, the dialog stays open.
function ask(dialog, listen, stays = false) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const finish = (value) => {
      over.abort();
      resolve(value);
    };
    const choose = (value) => {
      finish(value);
      if (!stays) dialog.close();
    };
    const on = (target, event, handle) => target.addEventListener(event, handle, { signal: over.signal });
    // The event comes late: after fast keys it may tell of the question before this one.
    on(dialog, "close", () => dialog.open || finish(null));
    on(dialog, "click", (event) => event.target.closest("[data-closes]") && dialog.close());
    if (!dialog.open) dialog.showModal();
    listen(on, choose);
  });
}

const plain = (event) => !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat && !event.isComposing;

function showKeys() {
  return ask(document.getElementById("keys-help"), () => {});
}

function step(dialog, name) {
  for (const part of dialog.querySelectorAll("[data-step]")) part.hidden = part.dataset.step !== name;
}

// Resolves with the reason, and a note where none of the reasons says it; or with null.
async function askWhy() {
  const dialog = document.getElementById("why");
  const reason = await askReason(dialog);
  if (reason !== "other") return reason && { reason };
  const note = await askNote(dialog);
  return note === null ? null : { reason, note };
}

// A reason is chosen by its number, by its first letter, or by a click.
function askReason(dialog) {
  const buttons = [...dialog.querySelectorAll(".choose")];
  step(dialog, "why");
  const listen = (on, choose) => {
    const take = (reason) => {
      choose(reason);
      if (reason !== "other") dialog.close();
    };
    on(dialog, "click", (event) => {
      const button = event.target.closest(".choose");
      if (button) take(button.value);
    });
    on(dialog, "keydown", (event) => {
      const button = buttons[event.key - 1] ?? buttons.find(({ value }) => value[0] === event.key.toLowerCase());
      if (!button || !plain(event)) return;
      event.preventDefault();
      take(button.value);
    });
  };
  return ask(dialog, listen, true);
}

function askNote(dialog) {
  const field = dialog.querySelector("#why-note");
  step(dialog, "note");
  field.value = "";
  return ask(dialog, (on, choose) => {
    field.focus();
    on(dialog.querySelector("[data-keeps]"), "click", () => choose(field.value.trim()));
    on(field, "keydown", (event) => {
      if (event.key !== "Enter" || !plain(event)) return;
      event.preventDefault();
      choose(field.value.trim());
    });
  });
}

// Where a product belongs, siblings first, then any category by its name; then its grade here.
class Picker {
  constructor(address, grades) {
    this.address = address;
    this.grades = grades; // key → grade
    this.dialog = document.getElementById("elsewhere");
    this.field = this.dialog?.querySelector("input");
    this.list = this.dialog?.querySelector("[role=listbox]");
    this.note = this.dialog?.querySelector("[data-say=places]");
  }

  async ask(siblings, page) {
    this.siblings = siblings;
    const place = await this.askWhere();
    if (!place) return null;
    const grade = await this.askGrade(place, page);
    return grade === null ? null : { ...place, grade };
  }

  askWhere() {
    step(this.dialog, "where");
    this.field.value = "";
    this.offer(this.siblings, "");
    const listen = (on, choose) => {
      this.field.focus();
      on(this.field, "input", () => this.look());
      on(this.field, "keydown", (event) => this.move(event, choose));
      on(this.list, "click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) choose(this.placeOf(option));
      });
    };
    return ask(this.dialog, listen, true);
  }

  askGrade(place, page) {
    step(this.dialog, "grade");
    this.dialog.querySelector("[data-say=place]").textContent = place.name;
    this.dialog.querySelector("[data-say=page]").textContent = page;
    return ask(this.dialog, (on, choose) => {
      const buttons = [...this.dialog.querySelectorAll("[data-step=grade] .key")];
      buttons[0].focus();
      for (const button of buttons) on(button, "click", () => choose(Number(button.value)));
      on(this.dialog, "keydown", (event) => {
        const grade = this.grades[event.key.toLowerCase()];
        if (event.key === "Enter" && event.repeat) event.preventDefault(); // still held from the list
        if (grade === undefined || !plain(event)) return;
        event.preventDefault();
        choose(grade);
      });
    });
  }

  // Siblings answer at once, the tree a moment later.
  look() {
    const typed = this.field.value.trim();
    const words = typed.toLowerCase();
    const near = this.siblings.filter(({ name }) => name.toLowerCase().includes(words));
    this.offer(near, typed && !near.length ? "Looking in the whole tree …" : "");
    clearTimeout(this.timer);
    if (typed) this.timer = setTimeout(() => this.search(typed, near), 120);
  }

  async search(typed, near) {
    let options;
    try {
      const response = await fetch(`${this.address}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } });
      ({ options } = await response.json());
    } catch {
      this.note.textContent = "The tree cannot be searched just now; the siblings can.";
      return;
    }
    if (this.field.value.trim() !== typed) return;
    const here = new Set(near.map(({ id }) => id));
    const all = [...near, ...options.filter(({ id }) => !here.has(id))];
    this.offer(all, all.length ? "" : "No category is called so.");
  }

  offer(places, note) {
    const chosen = this.list.querySelector("[aria-selected=true]")?.dataset.id;
    this.list.replaceChildren(...places.map((place) => this.option(place)));
    const options = [...this.list.children];
    this.select(options.find((option) => option.dataset.id === chosen) ?? options[0]);
    this.note.textContent = note;
  }

  option({ id, name, above }) {
    const option = document.createElement("li");
    option.id = `place-${id}`;
    option.dataset.id = id;
    option.setAttribute("role", "option");
    const label = document.createElement("span");
    label.textContent = name;
    option.append(label);
    if (above) {
      const path = document.createElement("span");
      Object.assign(path, { className: "faint small", textContent: above });
      option.append(path);
    }
    return option;
  }

  placeOf(option) {
    return { id: Number(option.dataset.id), name: option.firstChild.textContent };
  }

  select(option) {
    for (const one of this.list.children) one.setAttribute("aria-selected", one === option);
    if (!option) return this.field.removeAttribute("aria-activedescendant");
    this.field.setAttribute("aria-activedescendant", option.id);
    return option.scrollIntoView({ block: "nearest" });
  }

  move(event, choose) {
    const options = [...this.list.children];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && options.length) {
      event.preventDefault();
      this.select(options[(at + by + options.length) % options.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (options[at] && plain(event)) choose(this.placeOf(options[at]));
    }
  }
}
