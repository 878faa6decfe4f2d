// Writing a text: Ctrl or Command with Enter saves the draft.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest("[data-write]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[value=draft]"));
});
