// Begins: on the judging screen with its view, and wherever somebody chooses a queue with what an
// earlier sitting in this browser has left unsent.
"use strict";

// A tab that was doubled would count its answers with the same numbers: it gets a sitting of its
// own, with the same queue. Tabs of one browser hear each other.
function aloneInBrowser(root) {
  const channel = new BroadcastChannel("seestocks:sittings");
  const me = crypto.getRandomValues(new Uint32Array(1))[0], { sitting } = root.dataset;
  channel.addEventListener("message", ({ data }) => {
    if (data.sitting !== sitting || data.from === me) return;
    if (data.asks) channel.postMessage({ sitting, from: me });
    else root.querySelector("[data-again]").submit();
  });
  channel.postMessage({ sitting, from: me, asks: true });
}

// Nothing of another sitting is touched that is open in another tab: what comes twice counts once.
function sendLeftovers(user, words, current = "") {
  for (const sitting of Outbox.left(user).filter((one) => one !== current)) {
    const outbox = new Outbox({ user, sitting });
    if (!current) {
      outbox.addEventListener("change", () => words.leftover(outbox));
      words.leftover(outbox);
    }
  }
}

const judging = document.getElementById("judging");
const queues = document.getElementById("queues");
if (judging) {
  aloneInBrowser(judging);
  (judging.dataset.view === "grid" ? new JudgingGrid(judging) : new Judging(judging)).begin();
  sendLeftovers(judging.dataset.user, null, judging.dataset.sitting);
} else if (queues) sendLeftovers(queues.dataset.user, new Words());
