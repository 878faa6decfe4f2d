// What folds on narrow screens stands open on wide ones: by CSS where that can open it, else by this.
"use strict";

if (!CSS.supports("selector(::details-content)")) {
  const unfold = () => {
    if (!matchMedia("(width > 48rem)").matches) return;
    for (const fold of document.querySelectorAll(".folds-narrow")) fold.open = true;
  };
  unfold();
  document.addEventListener("htmx:load", unfold);
}
