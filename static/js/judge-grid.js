// A page's products at once: all are right until a letter, or a touch, says otherwise; Enter keeps
// the page.
"use strict";

const LETTERS = "asdfghjklqwertyiopzxcvbnm"; // u takes back

class JudgingGrid extends Judging {
  makeDeck() {
    return new GridDeck(this.root, this.outbox);
  }

  tiles() {
    return this.deck.cards();
  }

  shown() {
    this.clock.restart();
    this.letter();
    this.showParts();
  }

  letter() {
    this.tiles().forEach((tile, at) => (tile.querySelector(".letter").textContent = (LETTERS[at] ?? "").toUpperCase()));
  }

  pressed(event) {
    if (this.paused) return super.pressed(event);
    const at = LETTERS.indexOf(event.key.toLowerCase()), tile = at < 0 ? null : this.tiles()[at];
    if (event.key === "Enter" && !event.target.closest("a, button, summary")) this.act("page", event);
    else if (event.key.toLowerCase() === "u" && !event.repeat) this.act("undo");
    else if (tile && !event.repeat) this.flip(tile, event.shiftKey ? "put_off" : "wrong");
    else return undefined;
    return event.preventDefault();
  }

  flip(tile, name) {
    const box = tile.querySelector(`[name=${name}]`);
    box.checked = !box.checked;
    const said = { wrong: ["right", "wrong"], put_off: ["not put off", "put off"] }[name][Number(box.checked)];
    this.words.say("aloud", `${tile.dataset.title}: ${said}`);
  }

  act(action, event) {
    if (action === "undo") return this.undo();
    if (action === "page" && !this.paused && !event?.repeat && this.tiles().length) return this.commitPage();
    return undefined;
  }

  // All tiles' answers go together, and come back together.
  commitPage() {
    const tiles = this.tiles(), seconds = Math.round((this.clock.seconds / tiles.length) * 1000) / 1000;
    const group = tiles.map((tile) => {
      const seat = this.deck.seatOf(tile), fields = { seat, ...this.said(tile), seconds };
      return { token: this.outbox.put(fields, { said: this.wordsOf(tile), title: tile.dataset.title }).token, seat, card: tile };
    });
    this.taken.push({ group, page: this.deck.pageOf(tiles[0]) });
    for (const tile of tiles) this.deck.take(tile);
    const wrong = group.filter(({ card }) => card.querySelector("[name=wrong]").checked).length;
    this.toast(`${tiles.length} kept, ${wrong} of them wrong`);
    this.speak(`${tiles.length} products`, group.at(-1).token);
    this.pageDone(group.length);
  }

  pageDone(count) {
    const batches = Math.floor(this.answered / this.batch);
    this.count(count);
    if (Math.floor(this.answered / this.batch) > batches) return this.pause();
    return this.deck.advance();
  }

  said(tile) {
    if (tile.querySelector("[name=put_off]").checked) return { kind: "later" };
    return { kind: "grade", grade: tile.querySelector("[name=wrong]").checked ? 0 : 3 };
  }

  wordsOf(tile) {
    const { kind, grade } = this.said(tile);
    return kind === "later" ? "Later" : grade ? "Exact" : "Wrong";
  }

  undo() {
    const last = this.taken.pop();
    if (!last) return this.toast("There is nothing to take back.", false);
    const group = last.group ?? [last];
    this.toBeReturned = group.filter(({ card }) => card);
    // The newest first, as they would be taken back one by one.
    for (const one of [...group].reverse()) {
      this.sendUndo(one);
      if (!one.card) this.bringBack(one);
    }
    this.count(-group.length);
    this.leavePause();
    this.returnPage();
    return this.toast(`Taken back: ${group.length} product${group.length === 1 ? "" : "s"}`, false);
  }

  // The page that was taken back stands alone; what had come after it comes again.
  returnPage() {
    if (!this.toBeReturned.length) return;
    for (const tile of this.tiles()) tile.remove();
    for (const { card, seat } of this.toBeReturned) {
      this.deck.done.delete(seat);
      card.hidden = false;
      this.deck.place.append(card);
    }
    this.deck.left += this.toBeReturned.length;
    this.deck.show(this.tiles()[0]);
  }
}

class GridDeck extends Deck {
  get ahead() {
    return LETTERS.length - 1;
  }

  settle(card) {
    for (const image of card.querySelectorAll("img")) image.decode().catch(() => {});
  }

  // All cards of one page stand there together; the next page is fetched when it is done.
  advance() {
    this.show(this.cards()[0] ?? null);
    if (!this.current) this.refill();
  }

  show(card) {
    this.current = card;
    if (card) this.turnTo(this.pageOf(card), card);
    this.dispatchEvent(new Event("shown"));
  }

  turnTo(page) {
    for (const one of this.pages.children) one.hidden = one !== page;
    const here = new Set(this.cards().map(({ dataset }) => dataset.product));
    for (const anchor of page.querySelectorAll(".anchors [data-product]")) {
      anchor.hidden = here.has(anchor.dataset.product);
    }
  }
}
