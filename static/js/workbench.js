// The workbench: a suggestion is put into its text, or taken out again.
"use strict";

const lines = (text) => text.value.split("\n").map((line) => line.trim()).filter(Boolean);
const textOf = (offer) => document.getElementById(offer.dataset.into);

function showTaken() {
  for (const offer of document.querySelectorAll("[data-line]")) {
    offer.setAttribute("aria-pressed", lines(textOf(offer)).includes(offer.dataset.line));
  }
}

document.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-line]");
  if (!offer) return;
  event.preventDefault();
  const text = textOf(offer), line = offer.dataset.line, now = lines(text);
  text.value = (now.includes(line) ? now.filter((one) => one !== line) : [...now, line]).join("\n");
  text.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("input", showTaken);
showTaken();
