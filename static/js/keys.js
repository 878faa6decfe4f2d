// The keyboard, where links alone do not carry it: "/" to search, arrows from page to page,
// Escape to close what was opened. The tree's own keys are in tree.js.
"use strict";

let opener = null;

// A chosen radio button or box holds the focus, yet nobody types there.
const typing = (element) => element.matches("input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    const close = document.querySelector("[data-close]");
    if (close) close.click();
    else if (typing(event.target)) event.target.blur();
  } else if (event.key === "/" && !typing(event.target)) {
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.closest("details")?.setAttribute("open", "");
    search.focus();
    search.select();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.matches("[type=radio]") && event.key.startsWith("Arrow")) return;
  if (!typing(event.target)) document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});

// A table of products: up and down from reason to reason.
document.addEventListener("keydown", (event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const rows = [...document.querySelectorAll("[data-rows] [data-row]")];
  const here = rows.indexOf(document.activeElement?.closest("tr")?.querySelector("[data-row]"));
  const next = rows[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (here < 0 || !next) return;
  event.preventDefault();
  next.focus();
});

// The drawer: closing it is a matter of this page alone, and the reader goes on where they were.
document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close]");
  const drawer = close?.closest(".drawer");
  if (!drawer) return;
  event.preventDefault();
  drawer.replaceChildren();
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
  opener?.scrollIntoView({ block: "nearest" });
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (!event.detail.target.matches(".drawer")) return;
  opener?.setAttribute("aria-expanded", "false");
  opener = event.detail.requestConfig.elt;
  opener.setAttribute("aria-expanded", "true");
  event.detail.target.querySelector("[data-close]").focus();
  // The grid makes room for the drawer: what was opened stays in sight.
  opener.scrollIntoView({ block: "nearest" });
});
