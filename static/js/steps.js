// J and K walk down and up a list; Enter opens, as on any link.
"use strict";

document.addEventListener("keydown", (event) => {
  const by = { j: 1, k: -1 }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea, [contenteditable]")) return;
  const steps = [...document.querySelectorAll("[data-steps] [data-step]")];
  if (!steps.length) return;
  event.preventDefault();
  const at = steps.indexOf(document.activeElement);
  steps[at < 0 ? 0 : Math.min(Math.max(at + by, 0), steps.length - 1)].focus();
});
