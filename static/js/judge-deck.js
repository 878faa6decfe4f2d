// The cards: one is shown, the next ones stand behind it in the document with their pictures
// decoded, and more are fetched before they run out.
"use strict";

const AHEAD = 20;
const MOST = 50; // that the server gives at once
const REFILL_AT = 10;
const STALE = 5 * 60 * 1000; // milliseconds; well below how long the server keeps seats for us

class Deck extends EventTarget {
  // Events: "shown" when another card stands there, "change" when there are more or fewer.
  constructor(root, outbox) {
    super();
    this.root = root;
    this.outbox = outbox;
    this.place = root.querySelector("[data-deck]");
    this.pages = root.querySelector("[data-pages]");
    this.address = root.dataset.cardsAddress;
    this.left = Number(root.dataset.left);
    this.stopped = root.dataset.stopped;
    this.done = new Set(); // seats that were answered here
    this.current = null;
    this.wanted = 0; // the seat whose card is to be shown as soon as it has come
    this.fetching = null;
    this.behind = () => this.refill();
    this.asked = performance.now();
    document.addEventListener("visibilitychange", () => document.hidden || this.comeBack());
  }

  // The server drew the first cards; those of them that wait in the outbox are answered.
  begin() {
    for (const card of this.cards()) {
      const seat = this.seatOf(card);
      if (this.outbox.has(seat)) this.done.add(seat), card.remove();
      else this.settle(card);
    }
    this.advance();
  }

  cards() {
    return [...this.place.children].filter((element) => element.dataset.seat);
  }

  seatOf(card) {
    return Number(card.dataset.seat);
  }

  pageOf(card) {
    return this.pages.querySelector(`:scope > [data-page="${card.dataset.page}"]`);
  }

  // Hidden, and its pictures ready to be shown in the very next frame.
  settle(card) {
    card.hidden = true;
    for (const image of card.querySelectorAll("img")) image.decode().catch(() => {}); // a broken one shows as such
  }

  advance() {
    this.show(this.cards().find((card) => !this.done.has(this.seatOf(card))) ?? null);
    const ahead = this.cards().length;
    if (!this.current) this.refill();
    else if (ahead <= REFILL_AT && ahead < this.left) this.refillSoon();
  }

  show(card) {
    if (this.current && this.current !== card) this.current.hidden = true;
    this.current = card;
    if (card) {
      card.hidden = false;
      this.turnTo(this.pageOf(card), card);
    }
    this.dispatchEvent(new Event("shown"));
  }

  turnTo(page, card) {
    for (const one of this.pages.children) one.hidden = one !== page;
    // A product is no example for itself.
    for (const anchor of page.querySelectorAll(".anchors [data-product]")) {
      anchor.hidden = anchor.dataset.product === card.dataset.product;
    }
  }

  take(card) {
    this.done.add(this.seatOf(card));
    this.left = Math.max(this.left - 1, 0);
    card.hidden = true;
    card.remove();
    if (this.current === card) this.current = null;
  }

  giveBack(card) {
    this.done.delete(this.seatOf(card));
    this.left += 1;
    this.place.prepend(card);
    this.show(card);
  }

  // There is time until the last card: the answer on its way goes first.
  refillSoon() {
    if (this.outbox.state !== "saving") return void this.refill();
    this.outbox.removeEventListener("arrived", this.behind);
    return this.outbox.addEventListener("arrived", this.behind, { once: true });
  }

  get ahead() {
    return AHEAD;
  }

  // Asks for more, one question after the other.
  refill() {
    if (this.fetching) {
      this.asksAgain = true; // the answer on its way may know nothing of what came since
      return this.fetching;
    }
    this.asksAgain = false;
    this.fetching = this.fetchCards().finally(() => {
      this.fetching = null;
      if (this.asksAgain && (this.wanted || !this.current)) this.refill();
      this.dispatchEvent(new Event("change"));
    });
    return this.fetching;
  }

  async fetchCards() {
    // What is on its way stands before this sitting still, as far as the server knows.
    const count = Math.min(this.ahead + this.outbox.waiting.length, MOST);
    const has = this.cards().map((card) => this.seatOf(card));
    let found;
    try {
      const response = await fetch(`${this.address}?count=${count}&has=${has}`, { headers: { Accept: "application/json" } });
      if (!response.ok || response.redirected) return;
      found = await response.json();
    } catch {
      return; // the outbox tells of the connection, and the next answer asks again
    }
    this.asked = performance.now();
    this.left = found.left;
    this.stopped = found.stopped;
    this.add(found);
    if (count < MOST) this.drop(new Set(found.seats));
    if (!this.current) this.show(this.cards()[0] ?? null);
  }

  add({ cards, pages }) {
    for (const page of pages) this.addPage(page);
    const here = new Set(this.cards().map((card) => this.seatOf(card)));
    for (const { seat, html } of cards) {
      if (here.has(seat) || this.done.has(seat)) continue;
      const card = this.parsed(html);
      this.settle(card);
      if (seat === this.wanted) this.showWanted(card);
      else this.place.append(card);
    }
  }

  // What was taken back and is not in the document comes from the server, before all else.
  want(seat) {
    this.done.delete(seat);
    this.wanted = seat;
  }

  showWanted(card) {
    this.wanted = 0;
    this.place.prepend(card);
    this.show(card);
  }

  // What the server does not keep for this sitting any more has gone to somebody else.
  drop(ours) {
    for (const card of this.cards()) {
      const seat = this.seatOf(card);
      if (!ours.has(seat) && !this.outbox.has(seat) && card !== this.current) card.remove();
    }
  }

  addPage({ id, html }) {
    const page = this.parsed(html);
    page.hidden = true;
    const before = this.pages.querySelector(`:scope > [data-page="${id}"]`);
    if (!before) this.pages.append(page);
    else if (before.hidden) before.replaceWith(page);
    for (const image of page.querySelectorAll("img")) image.decode().catch(() => {});
  }

  parsed(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  // Who comes back after minutes may find that what stood here went to somebody else.
  comeBack() {
    if (performance.now() - this.asked > STALE) this.refill();
  }
}
