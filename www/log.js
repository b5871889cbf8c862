// @ts-check
import { part } from "./parts.js";
import { clockTime } from "./times.js";

// A page left open for a day renews some 300 times; the last hours are enough to look at.
const KEPT = 60;

/** The running list of token events, newest first. */
export class Log {
  #list;

  /** @param {ParentNode} root */
  constructor(root) {
    this.#list = part(root, "log", HTMLOListElement);
  }

  /** @param {string} what @param {"asked" | "arrived" | "renewed" | "failed" | "noted"} kind */
  add(what, kind) {
    const item = document.createElement("li");
    item.dataset.kind = kind;
    const time = document.createElement("time");
    const now = new Date();
    time.dateTime = now.toISOString();
    time.textContent = clockTime(now.getTime());
    const text = document.createElement("span");
    text.textContent = what;
    item.append(time, text);

    // A reader who scrolled down keeps the place.
    const top = this.#list.scrollTop;
    const height = this.#list.scrollHeight;
    this.#list.prepend(item);
    while (this.#list.childElementCount > KEPT) this.#list.lastElementChild?.remove();
    if (top > 0) this.#list.scrollTop = top + this.#list.scrollHeight - height;
  }
}
