// @ts-check
/**
 * What users do, told to the server in batches (contract 1.6, 20). Telemetry: no failure of it reaches the app.
 *
 * @import * as types from "./index.js"
 * @import { Credential } from "./credential.js"
 * @import { Transport } from "./transport.js"
 * @import { Implementation } from "./types/nominal.js"
 */
import { CREATE_EVENTS } from "./endpoint.js";
import { trimEvent } from "./event.js";

/** So many are sent without waiting for more. */
const FULL = 20;

/** The most that a server takes at once. */
const MAX_BATCH = 50;

/** How long the first of a batch waits for others. */
const DELAY_MS = 2_000;

/** How long a batch that failed waits before each further attempt. */
const RETRY_DELAYS_MS = [250, 1_000];

/**
 * @typedef {object} Batch
 * @property {types.AssistantCloudEvent[]} events
 * @property {number} generation the identity whose they are
 */

/** A class, because the official one is exported as such. */
export class AssistantCloudEvents {
  /**
   * @param {Transport} transport
   * @param {Credential} credential
   * @param {() => boolean} isEnabled asked anew each time
   */
  constructor(transport, credential, isEnabled) {
    const { track, dispose } = createEvents(transport, credential, isEnabled);
    this.track = track;
    this.dispose = dispose;
  }
}

/**
 * @param {Transport} transport
 * @param {Credential} credential
 * @param {() => boolean} isEnabled
 * @returns {Implementation<types.AssistantCloudEvents>}
 */
function createEvents({ request }, credential, isEnabled) {
  /** @type {types.AssistantCloudEvent[]} */
  let buffer = [];
  /** Whose the buffer is. */
  let generation = 0;
  /** The batch that waits for its next attempt. @type {Batch | null} */
  let held = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let draining = false;
  let listening = false;

  const take = () => ({ events: buffer.splice(0, MAX_BATCH), generation });

  /** @param {Batch} batch */
  const send = (batch) =>
    request(CREATE_EVENTS, {
      body: { events: batch.events },
      keepalive: true,
      generation: batch.generation,
    });

  const stopTimer = () => {
    clearTimeout(timer);
    timer = undefined;
  };

  /** Sends one batch after the other until there is nothing left. */
  const drain = async () => {
    stopTimer();
    if (draining) return;
    draining = true;
    while (buffer.length > 0 && isEnabled()) await deliver(take());
    draining = false;
    buffer = [];
    stopTimer();
    unlisten();
  };

  /** @param {Batch} batch */
  const deliver = async (batch) => {
    for (const delay of [...RETRY_DELAYS_MS, null]) {
      try {
        return await send(batch);
      } catch (error) {
        if (delay === null || isFinal(error)) return;
      }
      held = batch;
      await new Promise((resolve) => setTimeout(resolve, delay));
      const gone = held !== batch;
      held = null;
      if (gone || !isEnabled()) return;
    }
  };

  /** The page may not come back: everything goes out now, whatever is under way, and once. */
  const leave = () => {
    stopTimer();
    const batches = held ? [held] : [];
    held = null;
    while (buffer.length > 0) batches.push(take());
    if (isEnabled()) for (const batch of batches) send(batch).catch(() => {});
    if (!draining) unlisten();
  };

  const seen = () => {
    if (document.visibilityState === "hidden") leave();
  };

  // Only while there is something to send, so that the page does not keep a client that the app has let go of.
  const listen = () => {
    if (listening || typeof window !== "object" || typeof document !== "object") return;
    listening = true;
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", seen);
  };

  const unlisten = () => {
    if (!listening) return;
    listening = false;
    window.removeEventListener("pagehide", leave);
    document.removeEventListener("visibilitychange", seen);
  };

  return {
    track(event) {
      if (!isEnabled()) return;
      // What the last user did is not told in the name of the next one.
      if (generation !== credential.generation()) buffer = [];
      generation = credential.generation();
      listen();
      buffer.push(trimEvent(event));
      if (buffer.length >= FULL) drain();
      else timer ??= setTimeout(drain, DELAY_MS);
    },

    dispose() {
      leave();
      unlisten();
    },
  };
}

/**
 * Whether another attempt could only fail again: the server refuses these events, or their user is gone.
 *
 * @param {any} error
 */
function isFinal(error) {
  const { status, code } = error ?? {};
  return (
    (status >= 400 && status < 500 && status !== 429) || code === "ERR_NO_TOKEN" || code === "ERR_INVALIDATED"
  );
}
