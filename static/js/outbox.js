// What was answered and has not arrived yet. It is kept in the browser, sent in order behind the
// person's back, one request at a time, and again until it has arrived: each answer bears a token
// and its number in the sitting, so that the server counts it once however often it comes.
"use strict";

const ANSWERS_AT_ONCE = 50;
const WAITS = [1, 2, 4, 8, 15, 30]; // seconds between tries, the last for ever
const PATIENCE = 20; // seconds until a request counts as lost
const OUTBOX = "seestocks:outbox";

function newToken() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Not on plain http beyond this machine.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// The cookie of now: whoever signs in again gets another.
const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

class Outbox extends EventTarget {
  // Events: "change" when `state` may have, "arrived" with what the server said of answers.
  constructor({ user, sitting, sequence = 0 }) {
    super();
    this.sitting = sitting;
    this.place = `${OUTBOX}:${user}:${sitting}`;
    this.stored = true; // whether the browser keeps what waits
    this.trouble = ""; // why nothing is sent: offline, failed, signed-out, somebody-else
    this.tries = 0;
    this.sending = false;
    const kept = this.read();
    this.waiting = kept.waiting;
    this.refused = kept.refused;
    this.next = (this.waiting.at(-1)?.answer.sequence ?? sequence) + 1;
    for (const event of ["online", "focus"]) addEventListener(event, () => this.tryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.tryNow());
    this.later(0);
  }

  // The sittings of this person in this browser of which something still waits.
  static left(user) {
    const mine = `${OUTBOX}:${user}:`;
    const found = [];
    try {
      for (let at = 0; at < localStorage.length; at += 1) {
        const place = localStorage.key(at);
        if (place.startsWith(mine)) found.push(place.slice(mine.length));
      }
    } catch {
      return []; // the browser keeps nothing
    }
    return found;
  }

  get state() {
    if (!this.waiting.length) return "saved";
    return this.trouble || "saving";
  }

  put(fields, words) {
    const answer = { token: newToken(), sequence: this.next, ...fields };
    this.next += 1;
    this.waiting.push({ answer, words });
    this.keep();
    this.changed();
    this.later(0);
    return answer;
  }

  has(seat) {
    return this.waiting.some(({ answer }) => answer.seat === seat);
  }

  forgetRefused() {
    this.refused = [];
    this.keep();
    this.changed();
  }

  tryNow() {
    if (this.waiting.length && !this.sending) this.later(0);
  }

  later(seconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), seconds * 1000);
  }

  async send() {
    if (this.sending || !this.waiting.length) return;
    this.sending = true;
    const answers = this.waiting.slice(0, ANSWERS_AT_ONCE).map(({ answer }) => answer);
    this.changed();
    const trouble = await this.deliver(answers);
    this.sending = false;
    this.trouble = trouble;
    this.tries = trouble ? this.tries + 1 : 0;
    this.changed();
    if (this.waiting.length) this.later(trouble ? this.pause() : 0);
  }

  // Not all browsers come back in the same second when a server is up again.
  pause() {
    return WAITS[Math.min(this.tries, WAITS.length) - 1] * (0.75 + Math.random() / 2);
  }

  async deliver(answers) {
    let response, said;
    try {
      response = await fetch(`/api/judging/sittings/${this.sitting}/answers/`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ answers }),
        credentials: "same-origin",
        keepalive: true, // also when the page is left behind
        signal: AbortSignal.timeout(PATIENCE * 1000),
      });
      said = await response.json();
    } catch {
      return response ? "failed" : "offline";
    }
    return this.heard(response.status, said, answers);
  }

  // Does what an answer of the server asks for; returns what is still in the way.
  heard(status, said, answers) {
    if (status === 200) this.arrived(said, answers);
    else if (status === 409 && said.expects) this.renumber(0, said.expects);
    else if (status === 422 && "index" in said) this.setAside(said);
    else if (status === 401) return "signed-out";
    else if (status === 403) return /csrf/i.test(said.detail) ? "failed" : "somebody-else";
    else return "failed";
    return "";
  }

  arrived(said, answers) {
    const words = new Map(this.waiting.map((one) => [one.answer.token, one.words]));
    const told = said.results.map((result) => ({ ...result, words: words.get(result.token) }));
    const here = new Set(answers.map(({ token }) => token));
    this.waiting = this.waiting.filter(({ answer }) => !here.has(answer.token));
    this.refused.push(...told.filter(({ refused }) => refused).map(({ words, refused }) => ({ ...words, refused })));
    this.keep();
    this.dispatchEvent(new CustomEvent("arrived", { detail: { results: told, notice: said.notice } }));
  }

  // The server misses a number: what waits goes on from there, each with the token it has.
  renumber(from, sequence) {
    this.waiting.slice(from).forEach(({ answer }, at) => (answer.sequence = sequence + at));
    this.next = (this.waiting.at(-1)?.answer.sequence ?? sequence - 1) + 1;
    this.keep();
  }

  // An answer that makes no sense to the server must not stop those behind it.
  setAside({ index, detail }) {
    const [{ answer, words }] = this.waiting.splice(index, 1);
    this.refused.push({ ...words, refused: detail });
    this.renumber(index, answer.sequence);
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.place) ?? "{}");
      return { waiting: kept.waiting ?? [], refused: kept.refused ?? [] };
    } catch {
      return { waiting: [], refused: [] };
    }
  }

  keep() {
    const { waiting, refused } = this;
    try {
      if (waiting.length || refused.length) localStorage.setItem(this.place, JSON.stringify({ waiting, refused }));
      else localStorage.removeItem(this.place);
      this.stored = true;
    } catch {
      this.stored = false;
    }
  }
}

// Nothing is lost by leaving, unless the browser keeps nothing.
function warnBeforeLoss(outbox) {
  addEventListener("beforeunload", (event) => {
    if (outbox.waiting.length && !outbox.stored) event.preventDefault();
  });
}
