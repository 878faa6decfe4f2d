// The tree's keys: arrows, Home and End, and letters that find the next line that begins so, in
// lines that fold out and in columns. Without them the same links are clicked.
"use strict";

const PAUSE = 800; // milliseconds, after which letters begin anew
let letters = "";
let typedAt = 0;
let enter = null; // the column to go into when it has come

const shown = (element) => element.offsetParent !== null;
const lines = (current) => {
  const place = current?.closest("[data-columns] .column") ?? document.querySelector("#tree");
  return [...place.querySelectorAll("[data-tree] .name, .step")].filter(shown);
};

function go(current, find) {
  const all = lines(current);
  find(all, all.indexOf(current))?.focus();
}

function openColumn(current) {
  enter = current.id;
  current.click();
}

function intoColumn(current) {
  const next = current.closest(".column").nextElementSibling?.querySelector(".step");
  if (current.hasAttribute("aria-current")) next?.focus();
  else openColumn(current);
}

function outOfColumn(current) {
  const before = current.closest(".column").previousElementSibling;
  before?.querySelector("[aria-current]")?.focus();
}

function unfold(current) {
  const toggle = current.closest(".node").querySelector(".unfold");
  if (toggle?.getAttribute("aria-expanded") === "false") toggle.click();
  else if (toggle) go(current, (all, at) => all[at + 1]);
}

function fold(current) {
  const toggle = current.closest(".node").querySelector(".unfold");
  if (toggle?.getAttribute("aria-expanded") === "true") toggle.click();
  else current.closest("ul")?.closest("li")?.querySelector(".name")?.focus();
}

function type(current, letter) {
  const now = Date.now();
  letters = now - typedAt > PAUSE ? letter : letters + letter;
  typedAt = now;
  go(current, (all, at) => {
    const from = letters.length > 1 ? at : at + 1; // more letters may keep the line
    const order = [...all.slice(Math.max(from, 0)), ...all.slice(0, Math.max(from, 0))];
    return order.find((line) => line.textContent.trim().toLowerCase().startsWith(letters));
  });
}

const keys = {
  ArrowDown: (current) => go(current, (all, at) => all[at + 1]),
  ArrowUp: (current) => go(current, (all, at) => all[at - 1]),
  Home: (current) => go(current, (all) => all[0]),
  End: (current) => go(current, (all) => all.at(-1)),
  ArrowRight: (current) => (current.matches(".step") ? intoColumn(current) : unfold(current)),
  ArrowLeft: (current) => (current.matches(".step") ? outOfColumn(current) : fold(current)),
  Enter: (current) => location.assign(current.dataset.page ?? current.href),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const line = event.target.closest(".step") ?? event.target.closest("[data-tree] .node");
  const current = line?.matches(".node") ? line.querySelector(".name") : line;
  const begins = event.target === document.body && /^\p{L}$/u.test(event.key);
  if (!current && !begins) return;
  if (event.key === "Enter" && event.target !== current) return;
  const letter = /^[\p{L}\p{N}]$/u.test(event.key) || (event.key === " " && letters && Date.now() - typedAt < PAUSE);
  if (!(event.key in keys) && !letter) return;
  event.preventDefault();
  if (event.key in keys) keys[event.key](current);
  else type(current, event.key.toLowerCase());
});

// What was opened last stands at the right, in sight.
function toTheRight() {
  const columns = document.querySelector("[data-columns]");
  if (columns) columns.scrollLeft = columns.scrollWidth;
}

document.addEventListener("htmx:afterSettle", () => {
  const opened = enter && document.getElementById(enter);
  enter = null;
  toTheRight();
  if (!opened) return;
  const next = opened.closest(".column").nextElementSibling;
  (next?.querySelector(".step") ?? opened).focus();
});
toTheRight();
