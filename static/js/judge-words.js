// What the outbox has to say: whether all is saved, what waits and why, what did not count.
"use strict";

const SAYS = {
  saved: () => "all saved",
  saving: (n) => `saving ${n}`,
  offline: (n) => `no connection: ${n} kept here`,
  failed: (n) => `not saved yet: ${n} kept here, trying again`,
  "signed-out": (n) => `signed out: ${n} kept here`,
  "somebody-else": (n) => `not sent: ${n} kept here`,
};
const KINDS = { saved: "right", saving: "" };

class Words {
  // Writes into the places of the page that are marked with data-say.
  constructor(signIn = "/sign-in/") {
    this.signIn = signIn;
    this.notices = new Map(); // what it is about → its line
  }

  place(name) {
    return document.querySelector(`[data-say="${name}"]`);
  }

  say(name, text) {
    const place = this.place(name);
    if (place && place.textContent !== text) place.textContent = text;
  }

  saving(outbox) {
    const chip = this.place("saving");
    const state = outbox.state, text = SAYS[state](outbox.waiting.length);
    if (chip && chip.textContent !== text) {
      chip.textContent = text;
      chip.className = `chip ${KINDS[state] ?? "doubt"}`;
    }
    this.explain(state, outbox.waiting.length);
    this.listRefused(outbox);
    const atRisk = outbox.waiting.length && !outbox.stored;
    if (atRisk) this.notice("storage", "doubt", "This browser keeps nothing: leave this page open until all is saved.");
    else this.withdraw("storage");
  }

  explain(state, count) {
    const answers = `${count} answer${count === 1 ? "" : "s"}`;
    if (state === "signed-out") {
      const link = document.createElement("a");
      Object.assign(link, { href: this.signIn, target: "_blank", rel: "noopener", textContent: "Sign in in another tab" });
      this.notice("session", "doubt", `You are signed out. ${answers} stay here. `, link, " and they are sent.");
    } else if (state === "somebody-else") {
      this.notice("session", "doubt", `Somebody else is signed in in this browser now. ${answers} stay here, and are sent when you are signed in again.`);
    } else this.withdraw("session");
  }

  listRefused(outbox) {
    if (!outbox.refused.length) return this.withdraw("refused");
    const list = document.createElement("ul");
    for (const { said, title, refused } of outbox.refused) {
      const line = document.createElement("li");
      line.textContent = `${said}: ${title}. ${refused}`;
      list.append(line);
    }
    const forget = document.createElement("button");
    Object.assign(forget, { type: "button", className: "quiet", textContent: "I have read it" });
    forget.addEventListener("click", () => outbox.forgetRefused());
    const n = outbox.refused.length;
    return this.notice("refused", "doubt", n === 1 ? "One answer did not count." : `${n} answers did not count.`, list, forget);
  }

  // What an earlier sitting has left, told where a queue is chosen.
  leftover(outbox) {
    const about = `left-${outbox.sitting}`, text = SAYS[outbox.state](outbox.waiting.length);
    if (outbox.waiting.length) this.notice(about, "doubt", `From an earlier sitting: ${text}.`);
    else this.withdraw(about);
  }

  notice(about, kind, ...parts) {
    const line = document.createElement("div");
    line.className = `notice ${kind}`;
    line.append(...parts);
    const before = this.notices.get(about);
    if (before?.textContent === line.textContent) return;
    if (before) before.replaceWith(line);
    else this.place("notices").append(line);
    this.notices.set(about, line);
  }

  withdraw(about) {
    this.notices.get(about)?.remove();
    this.notices.delete(about);
  }
}
