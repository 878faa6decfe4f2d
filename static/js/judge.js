// Judging one product at a time, alone or between two siblings: one key, and the next product
// stands there in the same frame.
"use strict";

const GRADES = { wrong: 0, related: 1, acceptable: 2, exact: 3 };
const OF_TWO = ["first", "second", "neither"];
const TOAST = 5000; // milliseconds
const TOLD = 15000;
const SPOKEN_AFTER = 700; // milliseconds after which nobody waits to hear that it is saved

// Seconds since a product stood there; time in which the page was out of sight does not count.
class Clock {
  constructor() {
    this.restart();
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.hiddenAt = performance.now();
      else if (this.hiddenAt) this.since += performance.now() - this.hiddenAt;
    });
  }

  restart() {
    this.since = performance.now();
    this.hiddenAt = 0;
  }

  get seconds() {
    return Math.round(performance.now() - this.since) / 1000;
  }
}

class Judging {
  constructor(root) {
    const { user, sitting, sequence, batch, answered, signIn, searchAddress } = root.dataset;
    this.root = root;
    this.form = root.querySelector("form.judge");
    this.words = new Words(signIn);
    this.keys = JSON.parse(document.getElementById("judging-keys").textContent);
    this.taken = JSON.parse(document.getElementById("judging-taken").textContent);
    this.batch = Number(batch);
    this.answered = Number(answered);
    this.paused = false;
    this.clock = new Clock();
    this.began = { at: performance.now(), answered: this.answered };
    this.outbox = new Outbox({ user, sitting, sequence: Number(sequence) });
    this.deck = this.makeDeck();
    this.picker = new Picker(searchAddress, this.gradesByKey());
    for (const { answer } of this.outbox.waiting) this.remember(answer);
  }

  makeDeck() {
    return new Deck(this.root, this.outbox);
  }

  begin() {
    this.outbox.addEventListener("change", () => this.words.saving(this.outbox));
    this.outbox.addEventListener("arrived", ({ detail }) => this.heard(detail));
    this.deck.addEventListener("shown", () => this.shown());
    this.deck.addEventListener("change", () => this.showParts());
    document.addEventListener("keydown", (event) => this.press(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.act(event.submitter?.value);
    });
    this.root.addEventListener("click", ({ target }) => {
      if (target.closest("[data-undo]")) this.act("undo");
      else if (target.closest("[data-go-on]")) this.goOn();
      else if (target.closest("[data-opens]")) showKeys();
    });
    this.root.querySelector("[data-opens]").hidden = false;
    warnBeforeLoss(this.outbox);
    this.words.saving(this.outbox);
    this.deck.begin();
    this.showCount();
    this.deck.refill();
  }

  gradesByKey() {
    return Object.fromEntries(Object.entries(GRADES).map(([name, grade]) => [this.keys[name], grade]));
  }

  // Keys

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // A dialog that a key has just closed has heard that key.
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const inField = event.target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (inField) return;
    // A button keeps being pressed while Enter or Space is held on it.
    if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
    if (event.key === "?") return void showKeys();
    this.pressed(event);
  }

  pressed(event) {
    if (this.paused && event.key === "Enter" && !event.target.closest("a, button")) return this.goOn();
    const action = this.actionOf(event);
    if (!action) return undefined;
    event.preventDefault();
    if (!event.repeat) this.act(action); // a key that is held down judges one product
    return undefined;
  }

  actionOf(event) {
    if (event.shiftKey && event.key.length === 1 && /[a-z]/i.test(event.key)) return undefined;
    const names = [...this.form.querySelectorAll(".keys .key")].map(({ value }) => value);
    // On keyboards of other scripts, the letter that stands on the same key.
    const pressed = [event.key.toLowerCase()];
    if (!/^[ -~]$/.test(event.key)) pressed.push(event.code.replace(/^Key/, "").toLowerCase());
    return names.find((name) => pressed.includes(this.keys[name]));
  }

  act(action) {
    if (action === "undo") return this.undo();
    if (this.paused || !this.deck.current) return undefined;
    if (action in GRADES) return this.commit({ kind: "grade", grade: GRADES[action] }, this.label(action));
    if (OF_TWO.includes(action)) return this.commit({ kind: action }, this.label(action));
    if (action === "later") return this.commit({ kind: "later" }, "Later");
    if (action === "cannot_tell") return this.sayWhy();
    if (action === "elsewhere") return this.sayWhere();
    return undefined;
  }

  label(action) {
    return this.form.querySelector(`.key[value=${action}] span`).textContent;
  }

  async sayWhy() {
    const card = this.deck.current, why = await askWhy();
    if (why && this.deck.current === card) this.commit({ kind: "cannot_tell", ...why }, "Can’t tell");
  }

  async sayWhere() {
    const card = this.deck.current, page = this.deck.pageOf(card);
    const options = [...page.querySelector("[data-siblings]").content.children];
    const siblings = options.map(({ value, textContent }) => ({ id: Number(value), name: textContent }));
    const found = await this.picker.ask(siblings, page.dataset.name);
    if (!found || this.deck.current !== card) return;
    this.commit({ kind: "grade", grade: found.grade, belongs_to: found.id }, `Belongs in ${found.name}`);
  }

  // One answer

  commit(fields, said) {
    const card = this.deck.current, seat = this.deck.seatOf(card), { title } = card.dataset;
    const answer = this.outbox.put({ seat, ...fields, seconds: this.clock.seconds }, { said, title });
    this.taken.push({ token: answer.token, seat, card });
    this.deck.take(card);
    this.toast(`${said}: ${title}`);
    this.speak(said, answer.token);
    this.count(1);
    if (this.answered % this.batch) this.deck.advance();
    else this.pause();
  }

  // Answers that were kept before this page was loaded are taken back like those of it.
  remember({ kind, token, seat, undoes }) {
    if (kind === "undo") this.taken = this.taken.filter((one) => one.token !== undoes);
    else if (!this.taken.some((one) => one.token === token)) this.taken.push({ token, seat });
  }

  undo() {
    const last = this.taken.pop();
    if (!last) return this.toast("There is nothing to take back.", false);
    this.sendUndo(last);
    this.count(-1);
    this.leavePause();
    this.bringBack(last);
    return this.toast(`Taken back${last.card ? `: ${last.card.dataset.title}` : ""}`, false);
  }

  sendUndo({ token, seat, card }) {
    this.outbox.put({ kind: "undo", seat, undoes: token }, { said: "Undo", title: card?.dataset.title ?? "", undone: seat });
  }

  bringBack({ card, seat }) {
    if (card) this.deck.giveBack(card);
    else this.deck.want(seat); // it comes when the server has heard of it
  }

  heard({ results, notice }) {
    for (const { token, refused, told, words } of results) {
      if (refused && words?.undone) this.keepAnswered(words.undone);
      else if (refused) this.taken = this.taken.filter((one) => one.token !== token);
      if (told) this.tell(told, words);
    }
    this.spoken?.(results);
    if (notice) this.words.notice("notice", "doubt", notice);
    if (this.deck.wanted || notice || !this.deck.current) this.deck.refill();
  }

  // What could not be taken back is answered still.
  keepAnswered(seat) {
    const card = this.deck.cards().find((one) => this.deck.seatOf(one) === seat);
    if (!card) return;
    const stood = card === this.deck.current;
    this.deck.take(card);
    this.count(1);
    if (stood) this.deck.advance();
  }

  tell({ grade, explanation, right }, words) {
    const known = Object.keys(GRADES)[grade];
    const verdict = right ? "Yes, as it is known" : "It is known otherwise";
    this.words.notice("told", right ? "" : "doubt", `${verdict}: ${words?.title ?? "the product"} is ${known}. ${explanation}`);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.words.withdraw("told"), TOLD);
  }

  // What is to be seen and heard

  shown() {
    this.clock.restart();
    const card = this.deck.current;
    if (card) this.nameTheTwo(this.deck.pageOf(card).dataset);
    this.showParts();
  }

  nameTheTwo({ first, second }) {
    if (!first) return;
    this.form.querySelector(".key[value=first] span").textContent = first;
    this.form.querySelector(".key[value=second] span").textContent = second;
  }

  showParts() {
    const empty = !this.deck.current;
    const parts = { over: empty && !this.paused, pause: this.paused };
    this.form.hidden = empty || this.paused;
    for (const [name, wanted] of Object.entries(parts)) {
      this.root.querySelector(`[data-part=${name}]`).hidden = !wanted;
    }
    this.root.querySelector("[data-part=over] [data-undo]").hidden = !this.taken.length;
    if (parts.over) this.sayOver();
  }

  sayOver() {
    const offline = ["offline", "failed", "signed-out"].includes(this.outbox.state);
    const words = this.deck.fetching ? "More is coming …" : this.deck.stopped || "Nothing is left here.";
    this.words.say("over", offline ? "The next products cannot be fetched just now." : words);
  }

  count(by) {
    this.answered += by;
    this.showCount();
  }

  showCount() {
    const full = this.answered && this.answered % this.batch === 0;
    const now = full ? this.batch : ((this.answered % this.batch) + this.batch) % this.batch;
    this.words.say("answered", String(now));
    this.root.querySelector("progress").value = now;
  }

  toast(text, canUndo = true) {
    const toast = this.root.querySelector("[data-part=toast]");
    this.words.say("toast", text);
    toast.querySelector("[data-undo]").hidden = !canUndo;
    toast.hidden = false;
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => (toast.hidden = true), TOAST);
  }

  // "Saved" is said when it is; who waits longer hears that it is kept.
  speak(said, token) {
    const finish = (verb) => {
      clearTimeout(this.speaking);
      this.spoken = null;
      const card = this.deck.current;
      const next = card ? ` Next: ${card.dataset.title} on ${this.deck.pageOf(card).dataset.name}.` : "";
      this.words.say("aloud", `${verb}: ${said.toLowerCase()}.${next}`);
    };
    clearTimeout(this.speaking);
    this.spoken = (results) => results.some((one) => one.token === token) && finish("Saved");
    this.speaking = setTimeout(() => finish("Kept in this browser"), SPOKEN_AFTER);
  }

  // The end of a batch

  pause() {
    this.paused = true;
    const seconds = (performance.now() - this.began.at) / 1000, count = this.answered - this.began.answered;
    const spent = seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
    this.words.say("pause", `${this.batch} of ${this.batch}: the batch is done.`);
    this.words.say("pause-more", `${count} answers in ${spent}, ${(seconds / Math.max(count, 1)).toFixed(1)} s each.`);
    this.showParts();
    this.words.place("pause").focus();
    if (this.deck.cards().length <= REFILL_AT) this.deck.refill();
  }

  goOn() {
    if (!this.leavePause()) return;
    this.began = { at: performance.now(), answered: this.answered };
    this.words.say("answered", "0");
    this.root.querySelector("progress").value = 0;
    this.deck.advance();
    this.deck.place.focus({ preventScroll: true });
  }

  leavePause() {
    const was = this.paused;
    this.paused = false;
    return was;
  }
}
