// @ts-check
import { cloudFor } from "./clouds.js";
import { copyOf } from "./parts.js";
import { isUnreachable, reasonFor } from "./reasons.js";
import { Threads } from "./threads.js";
import { Token } from "./token.js";

/** @import { Choice } from "./clouds.js" */

/** Everything on the page that belongs to one identity: its client, its token, its threads. */
export class Room {
  #end = new AbortController();
  #cloud;
  #token;
  #threads;
  #onUnreachable;

  /** @param {HTMLElement} place @param {Choice} choice @param {() => void} onUnreachable */
  constructor(place, choice, onUnreachable) {
    const copy = copyOf("room-template");
    this.#onUnreachable = onUnreachable;
    this.#token = new Token(copy, {
      load: () => void this.#threads.load(),
      refresh: () => this.retry(),
      changed: () => {
        this.#threads.clear();
        void this.#threads.load();
      },
      unreachable: onUnreachable,
      tick: (now) => this.#threads.tick(now),
    });
    this.#cloud = cloudFor(choice, (what) => this.#token.note(what));
    this.#threads = new Threads(copy, this.#cloud, (error, outcome) => this.#explain(error, outcome), this.#end.signal);
    this.#token.watch(this.#cloud.auth);
    document.addEventListener("visibilitychange", () => document.hidden || this.retry(), { signal: this.#end.signal });

    // The previous room goes with everything in it before this one asks for anything.
    place.replaceChildren(copy);
    void this.#threads.load();
  }

  /** Ends the room. What is still on its way finds nobody. */
  close() {
    this.#end.abort();
    this.#token.close();
    this.#cloud.auth.invalidate();
  }

  /** Loads again, as when the server is back. */
  retry() {
    void (this.#threads.failed ? this.#threads.load() : this.#threads.refresh());
  }

  /** @param {unknown} error @param {string} outcome @returns {string} */
  #explain(error, outcome) {
    if (isUnreachable(error)) this.#onUnreachable();
    // The reason is already beside the token, where it belongs.
    if (this.#token.explains(error)) return `${outcome} They need a token first.`;
    return `${outcome} ${reasonFor(error)}`;
  }
}
