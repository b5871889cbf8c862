// @ts-check
import { Claims } from "./claims.js";
import { Identity } from "./identity.js";
import { Log } from "./log.js";
import { isNotDurable, isSignedOut, isUnreachable, reasonFor } from "./reasons.js";
import { clockTime } from "./times.js";

/**
 * @import { AssistantCloudAuth, AuthErrorEvent, AuthIdentityEvent, AuthTokenEvent } from "/package/index.js"
 *
 * @typedef {object} TokenNeeds what the panel asks of the page around it
 * @property {() => void} load ask the server for what the page shows, and thereby for a token
 * @property {() => void} refresh the same in the background, because the token has run out
 * @property {() => void} changed what is on the page belongs to somebody else now
 * @property {() => void} unreachable nobody answered
 * @property {(now: number) => void} [tick] four times a second
 */

/** The token of one client: whom it makes us, how long it lasts, and what has happened to it. */
export class Token {
  #end = new AbortController();
  /** @type {AssistantCloudAuth | undefined} */
  #auth;
  #needs;
  #log;
  #identity;
  #claims;
  /** How many tokens there have been. */
  #tokens = 0;
  /** What the last failure to get a token was; the waiting request rejects with the same. @type {unknown} */
  #failure;
  /** Whose things are on the page. */
  #owner = "";
  /** The expiry that was already noticed. */
  #ranOut = 0;

  /** @param {ParentNode} root @param {TokenNeeds} needs */
  constructor(root, needs) {
    this.#needs = needs;
    this.#log = new Log(root);
    this.#claims = new Claims(root);
    this.#identity = new Identity(root, () => this.#renew());
  }

  /** @param {AssistantCloudAuth} auth of the client whose token this is */
  watch(auth) {
    this.#auth = auth;
    const listeners = [
      auth.on("token", (event) => this.#arrived(event)),
      auth.on("identity", (event) => this.#identified(event)),
      auth.on("signedOut", () => this.#signedOut()),
      auth.on("error", (event) => this.#failed(event)),
    ];
    const timer = setInterval(() => this.#tick(), 250);
    this.#end.signal.addEventListener("abort", () => {
      clearInterval(timer);
      listeners.forEach((stop) => stop());
    });
    this.#tick();
  }

  /** Ends the panel. What is still on its way finds nobody. */
  close() {
    this.#end.abort();
  }

  /** @param {string} what is being asked, for the list of events */
  note(what) {
    if (!this.#end.signal.aborted) this.#log.add(what, "asked");
  }

  /** @param {unknown} error @returns {boolean} whether its reason stands beside the token already */
  explains(error) {
    return error === this.#failure || isSignedOut(error);
  }

  #tick() {
    if (!this.#auth) return;
    const now = Date.now();
    const { state } = this.#auth;
    this.#identity.show(state, now);
    this.#claims.show(state.claims, now);
    this.#needs.tick?.(now);

    // The client renews ahead of time while the page is looked at. Where that failed until the token ran out, it waits
    // for the next request, and a page that counts down to that moment makes it.
    const { expiresAt } = state;
    if (expiresAt !== null && now >= expiresAt && expiresAt !== this.#ranOut && !document.hidden) {
      this.#ranOut = expiresAt;
      this.#needs.refresh();
    }
  }

  #renew() {
    this.#log.add("Let go of the token, to ask for another", "noted");
    this.#auth?.invalidate();
    this.#needs.load();
    this.#tick();
  }

  /** @param {AuthTokenEvent} event */
  #arrived(event) {
    const renewed = this.#tokens > 0;
    this.#tokens += 1;
    this.#failure = undefined;
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
      this.#needs.changed();
    }
    this.#owner = owner;
  }

  #signedOut() {
    this.#log.add("Nobody is signed in", "noted");
    this.#identity.fail("Nobody is signed in.", false);
    this.#tick();
  }

  /** @param {AuthErrorEvent} event */
  #failed({ error, background }) {
    const reason = reasonFor(error);
    // It tells of an identity that will not be found again after a reload; no call has failed.
    if (isNotDurable(error)) {
      this.#log.add(reason, "noted");
      return;
    }
    this.#failure = error;
    if (isUnreachable(error)) this.#needs.unreachable();
    this.#log.add(background ? `Not renewed, the token in hand is still good. ${reason}` : `No token. ${reason}`, "failed");
    this.#identity.fail(background ? `The token could not be renewed yet. ${reason}` : reason, background);
    this.#tick();
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
    case "otherTab":
      return renewed ? "Renewed: another tab had a new token" : "Another tab had a token";
    case "authToken":
      return renewed ? "Renewed: a new token arrived" : "The token arrived";
  }
}
