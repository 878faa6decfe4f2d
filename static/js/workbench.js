// The workbench: a suggestion is put into its text, or taken out again, or dismissed.
"use strict";

const lines = (text) => text.value.split("\n").map((line) => line.trim()).filter(Boolean);
const textOf = (offer) => document.getElementById(offer.dataset.into);

function showTaken() {
  for (const offer of document.querySelectorAll("[data-line]")) {
    offer.setAttribute("aria-pressed", lines(textOf(offer)).includes(offer.dataset.line));
    // For readers without scripts it takes its line by being sent; here that would take it twice.
    offer.removeAttribute("name");
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

// Who dismisses one by the keyboard goes on with the next, or with the text.
document.addEventListener("htmx:beforeSwap", (event) => {
  const offer = event.detail.target.closest(".offers li");
  if (!offer?.contains(document.activeElement)) return;
  const beside = (offer.nextElementSibling ?? offer.previousElementSibling)?.querySelector("[data-line]");
  (beside ?? textOf(offer.querySelector("[data-line]"))).focus();
});

document.addEventListener("input", showTaken);
document.addEventListener("htmx:oobAfterSwap", showTaken);
showTaken();
