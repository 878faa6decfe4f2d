// Begins: on the judging screen with its view, and wherever somebody chooses a queue with what an
// earlier sitting in this browser has left unsent.
"use strict";

const REPLY = 400; // milliseconds within which other tabs answer

// Calls `found` with each sitting that is open in another tab: tabs of one browser hear each other.
function listen(sitting, found) {
  const channel = new BroadcastChannel("seestocks:sittings");
  channel.addEventListener("message", ({ data }) => {
    if (data.sitting) found(data.sitting);
    else if (sitting) channel.postMessage({ sitting });
  });
  channel.postMessage({ asks: true });
}

// What sittings that are open nowhere have left behind is sent from here.
function sendLeftovers(user, words, open) {
  for (const sitting of Outbox.left(user).filter((one) => !open.has(one))) {
    const outbox = new Outbox({ user, sitting });
    outbox.addEventListener("change", () => words.leftover(outbox));
    words.leftover(outbox);
  }
}

function start(root) {
  const { user, sitting = "", view } = root.dataset, open = new Set([sitting]);
  let words = new Words(), settled = false;
  listen(sitting, (other) => {
    // A tab that was doubled would count its answers with the same numbers: it gets a sitting of
    // its own, with the same queue.
    if (other === sitting && !settled) root.querySelector("[data-again]").submit();
    open.add(other);
  });
  if (sitting) {
    const judging = view === "grid" ? new JudgingGrid(root) : new Judging(root);
    judging.begin();
    words = judging.words;
  }
  setTimeout(() => {
    settled = true;
    sendLeftovers(user, words, open);
  }, REPLY);
}

start(document.getElementById("judging") ?? document.getElementById("queues"));
