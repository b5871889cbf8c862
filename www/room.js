// @ts-check
import { Claims } from "./claims.js";
import { cloudFor } from "./clouds.js";
import { Identity } from "./identity.js";
import { Log } from "./log.js";
import { copyOf } from "./parts.js";
import { isUnreachable, reasonFor } from "./reasons.js";
import { Threads } from "./threads.js";
import { clockTime } from "./times.js";

/**
 * @import { AuthErrorEvent, AuthIdentityEvent, AuthTokenEvent } from "/package/index.js"
 * @import { Choice } from "./clouds.js"
 */

/** Everything on the page that belongs to one identity: its client, its token, its threads. */
export class Room {
  #end = new AbortController();
  #cloud;
  #log;
  #identity;
  #claims;
  #threads;
  #onUnreachable;
  /** How many tokens this room has had. */
  #tokens = 0;
  /** What the last failure to get a token was; the waiting request rejects with the same. @type {unknown} */
  #authFailure;
  /** Whose threads are on the page. */
  #owner = "";
  /** The expiry that was already noticed. */
  #ranOut = 0;

  /** @param {HTMLElement} place @param {Choice} choice @param {() => void} onUnreachable */
  constructor(place, choice, onUnreachable) {
    const copy = copyOf("room-template");
    this.#onUnreachable = onUnreachable;
    this.#log = new Log(copy);
    this.#claims = new Claims(copy);
    this.#identity = new Identity(copy, () => this.#renew());
    this.#cloud = cloudFor(choice, (what) => {
      if (!this.#end.signal.aborted) this.#log.add(what, "asked");
    });
    this.#threads = new Threads(copy, this.#cloud, (error, outcome) => this.#explain(error, outcome), this.#end.signal);

    const { auth } = this.#cloud;
    const listeners = [
      auth.on("token", (event) => this.#arrived(event)),
      auth.on("identity", (event) => this.#identified(event)),
      auth.on("error", (event) => this.#failed(event)),
    ];
    const timer = setInterval(() => this.#tick(), 250);
    this.#end.signal.addEventListener("abort", () => {
      clearInterval(timer);
      listeners.forEach((stop) => stop());
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.retry(), { signal: this.#end.signal });

    // The previous room goes with everything in it before this one asks for anything.
    place.replaceChildren(copy);
    void this.#threads.load();
    this.#tick();
  }

  /** Ends the room. What is still on its way finds nobody. */
  close() {
    this.#end.abort();
    this.#cloud.auth.invalidate();
  }

  /** Loads again, as when the server is back. */
  retry() {
    void (this.#threads.failed ? this.#threads.load() : this.#threads.refresh());
  }

  #tick() {
    const now = Date.now();
    const { state } = this.#cloud.auth;
    this.#identity.show(state, now);
    this.#claims.show(state.claims, now);
    this.#threads.tick(now);

    // The client renews ahead of time while the page is looked at. Where that failed until the token ran out, it waits
    // for the next request, and a page that counts down to that moment makes it.
    const { expiresAt } = state;
    if (expiresAt !== null && now >= expiresAt && expiresAt !== this.#ranOut && !document.hidden) {
      this.#ranOut = expiresAt;
      this.retry();
    }
  }

  #renew() {
    this.#log.add("Let go of the token, to ask for another", "noted");
    this.#cloud.auth.invalidate();
    void this.#threads.load();
    this.#tick();
  }

  /** @param {AuthTokenEvent} event */
  #arrived(event) {
    const renewed = this.#tokens > 0;
    this.#tokens += 1;
    this.#authFailure = undefined;
    this.#identity.arrive();
    const until = clockTime(event.expiresAt);
    this.#log.add(`${sentenceFor(event.source, renewed)}, good until ${until}`, renewed ? "renewed" : "arrived");
    this.#tick();
  }

  /** @param {AuthIdentityEvent} event */
  #identified({ userId, workspaceId }) {
    if (userId === null) return;
    const owner = JSON.stringify([userId, workspaceId]);
    // A provider's token names no workspace: the server's first answer does, and that is no change of identity.
    if (this.#owner && this.#owner !== owner && this.#owner !== JSON.stringify([userId, null])) {
      this.#log.add("The identity is another one now", "noted");
      this.#threads.clear();
      void this.#threads.load();
    }
    this.#owner = owner;
  }

  /** @param {AuthErrorEvent} event */
  #failed({ error, background }) {
    this.#authFailure = error;
    const reason = reasonFor(error);
    if (isUnreachable(error)) this.#onUnreachable();
    this.#log.add(background ? `Not renewed, the token in hand is still good. ${reason}` : `No token. ${reason}`, "failed");
    this.#identity.fail(background ? `The token could not be renewed yet. ${reason}` : reason, background);
    this.#tick();
  }

  /** @param {unknown} error @param {string} outcome @returns {string} */
  #explain(error, outcome) {
    if (isUnreachable(error)) this.#onUnreachable();
    // The reason is already beside the token, where it belongs.
    if (error === this.#authFailure) return `${outcome} They need a token first.`;
    return `${outcome} ${reasonFor(error)}`;
  }
}

/** @param {AuthTokenEvent["source"]} source @param {boolean} renewed @returns {string} */
function sentenceFor(source, renewed) {
  switch (source) {
    case "anonymous":
      return "A new anonymous identity arrived";
    case "refresh":
      return renewed ? "Renewed: a new token for the same visitor" : "Welcome back: a token for the visitor of before";
    case "response":
      return renewed ? "The server exchanged it for a workspace token" : "A workspace token arrived with the answer";
    case "authToken":
      return renewed ? "Renewed: a new token arrived" : "The token arrived";
  }
}
