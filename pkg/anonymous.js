// @ts-check
/**
 * Where the tokens of a visitor without an account come from (contract 3.2 to 3.4): the refresh token in
 * storage, or a new identity. Clients of one page share a request; tabs wait for each other.
 *
 * @import { Grant, TokenSource } from "./token-source.js"
 * @import { RefreshToken } from "./refresh-token.js"
 */
import { RefreshOutcome, Words, classifyRefresh } from "./dist/assistant_cloud_bg.js";
import { TOKEN_DEADLINE_MS, withDeadline } from "./deadline.js";
import { CREATE_ANONYMOUS_TOKEN, REFRESH_TOKEN, lineOf } from "./endpoint.js";
import { CloudAuthError } from "./errors.js";
import { uncached } from "./next-cache.js";
import { REFRESH_TOKEN_REFUSALS } from "./refusal.js";
import { expiryOf, localStorageOrNull, readRefreshToken, removeRefreshToken, writeRefreshToken } from "./refresh-token.js";
import { readJson, readNonEmptyString, readRecord } from "./response.js";

/**
 * What the clients of one page have in common for one server.
 *
 * @typedef {object} Place
 * @property {Promise<Grant> | null} request the one under way
 * @property {RefreshToken | null} latest the refresh token that was used or given last. Where storage does not take it,
 *   a page keeps one identity at least
 * @property {boolean | null} durable whether it is in storage; `null` before there was one
 */

/**
 * The places, by storage, or by page where storage is refused. Elsewhere nothing is shared: a server that renders for
 * many visitors must not make one of them.
 *
 * @type {WeakMap<object, Map<string, Place>>}
 */
const places = new WeakMap();

/** @returns {Place} */
const newPlace = () => ({ request: null, latest: null, durable: null });

/**
 * @param {object} owner
 * @param {string} baseUrl
 * @returns {Place}
 */
function placeOf(owner, baseUrl) {
  const ofOwner = places.get(owner) ?? new Map();
  const place = ofOwner.get(baseUrl) ?? newPlace();
  places.set(owner, ofOwner.set(baseUrl, place));
  return place;
}

/**
 * @param {string} baseUrl normalized
 * @returns {TokenSource}
 */
export function anonymousSource(baseUrl) {
  const own = newPlace();
  const place = () => {
    const owner = localStorageOrNull() ?? globalThis.document;
    return owner ? placeOf(owner, baseUrl) : own;
  };

  return {
    // Nobody who gives up ends the request. Others may wait for it, and the refresh token that it brings may be the only
    // one that is good from then on.
    ask(_request, hasEnded) {
      const here = place();
      if (here.request) return here.request;

      /** @param {RefreshToken} refreshToken */
      const keep = (refreshToken) => {
        // The visitor has left while this was on its way, here or in another tab.
        if (here.request !== shared || hasEnded()) return false;
        here.latest = refreshToken;
        return (here.durable = writeRefreshToken(baseUrl, refreshToken));
      };

      const request = async () => {
        // Read here, with the lock in hand: another tab may just have stored its answer.
        const stored = readRefreshToken(baseUrl) ?? (await readArriving(baseUrl));
        if (stored) {
          here.latest = stored;
          here.durable = true;
        }
        return (here.latest && (await refresh(baseUrl, here.latest, keep))) ?? create(baseUrl, keep);
      };
      const locked = localStorageOrNull() ? withLock(`assistant-cloud:anonymous-auth:${baseUrl}`, request) : request();
      /** @type {Promise<Grant>} */
      const shared = locked.finally(() => {
        if (here.request === shared) here.request = null;
      });
      return (here.request = shared);
    },
    forget(isOurs) {
      const here = place();
      // What is there when the news of another tab's sign-out comes late may be the next visitor's.
      if (isOurs || readRefreshToken(baseUrl)?.token === here.latest?.token) removeRefreshToken(baseUrl);
      Object.assign(here, newPlace());
    },
    isDurable: () => place().durable,
  };
}

/**
 * Runs `run` while no other tab runs its own. Goes alone when the browser refuses the lock, or when its
 * holder, perhaps a frozen tab, takes longer than a token may.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
function withLock(name, run) {
  const locks = globalThis.navigator?.locks;
  if (!locks) return run();
  return new Promise((resolve, reject) => {
    let begun = false;
    const begin = async () => {
      if (begun) return;
      begun = true;
      clearTimeout(timer);
      await run().then(resolve, reject);
    };
    const timer = setTimeout(begin, TOKEN_DEADLINE_MS);
    locks.request(name, begin).catch(begin);
  });
}

/**
 * How long a tab says that it has stored an identity, and how long another one waits for it, in ms. Twice as long as
 * browsers take to pass it on: a tab of Firefox that reads storage again and again sees for 1 s what was there at
 * first, one of Chromium for some milliseconds.
 */
const ARRIVAL_MS = 2_000;
/** How often a tab looks whether it has arrived, in ms. */
const LOOK_MS = 20;

/** @param {string} baseUrl */
const announcement = (baseUrl) => `assistant-cloud:anonymous-stored:${baseUrl}`;

/**
 * Tells the other tabs that there is an identity in storage. Browsers pass what is stored on to the processes of
 * other tabs only after a while, so a tab that gets the lock next may still see nothing there, and would make
 * a second person of its visitor. Who holds which lock is known everywhere at once.
 *
 * @param {string} baseUrl
 */
function announce(baseUrl) {
  const locks = globalThis.navigator?.locks;
  // Firefox does not keep a page for the way back that holds a lock as it is left, even when `pagehide` lets go of it.
  // It does so no sooner because just then, on the way to the next page, a second tab may be the one that sees nothing.
  const hold = () => new Promise((resolve) => setTimeout(resolve, ARRIVAL_MS));
  // A browser that has no `query` would have nobody to tell.
  if (typeof locks?.query === "function") {
    locks.request(announcement(baseUrl), { mode: "shared" }, hold).catch(() => {});
  }
}

/**
 * The refresh token that another tab has just stored, once this one sees it. `null` when there is none.
 *
 * @param {string} baseUrl
 * @returns {Promise<RefreshToken | null>}
 */
async function readArriving(baseUrl) {
  const locks = globalThis.navigator?.locks;
  if (typeof locks?.query !== "function" || !localStorageOrNull()) return null;
  const { held } = await locks.query().catch(() => ({ held: [] }));
  if (!held?.some(({ name }) => name === announcement(baseUrl))) return null;
  for (let waited = 0; waited < ARRIVAL_MS; waited += LOOK_MS) {
    const stored = readRefreshToken(baseUrl);
    if (stored) return stored;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return null;
}

/**
 * The next token of the stored identity, or `null` when the server says that it is gone.
 *
 * @param {string} baseUrl
 * @param {RefreshToken} stored
 * @param {(refreshToken: RefreshToken) => void} keep
 * @returns {Promise<Grant | null>}
 */
async function refresh(baseUrl, stored, keep) {
  const field = "refresh auth token response";
  const requestedAt = Date.now();
  const body = await withDeadline("refresh token request", async (signal) => {
    const init = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: stored.token }),
      signal,
    };
    const response = await fetch(baseUrl + lineOf(REFRESH_TOKEN).path, uncached(init));
    if (response.ok) return readJson(response, field);
    const { status } = response;
    switch (classifyRefresh(status, await readRefusal(response), expiryOf(stored), Date.now())) {
      case RefreshOutcome.Replace:
        return null;
      case RefreshOutcome.Unavailable:
        throw new CloudAuthError(
          "ERR_REFRESH_FAILED",
          `Assistant Cloud token refresh failed with status ${status}`,
          { status, retryAfter: readRetryAfter(response) },
        );
      default:
        throw new CloudAuthError(
          "ERR_REFRESH_REFUSED",
          `Assistant Cloud token refresh was refused with status ${status}, but not for good: the anonymous identity is kept`,
          { status },
        );
    }
  });
  if (!body) return null;
  const token = readNonEmptyString(body.access_token, `${field}.access_token`);
  if (body.refresh_token != null) keep(readRefreshTokenField(body, field));
  return { token, source: "refresh", requestedAt };
}

/**
 * A new identity. The one in storage is written over only here, with its replacement in hand.
 *
 * @param {string} baseUrl
 * @param {(refreshToken: RefreshToken) => boolean} keep
 * @returns {Promise<Grant>}
 */
async function create(baseUrl, keep) {
  const field = "anonymous auth token response";
  const requestedAt = Date.now();
  const body = await withDeadline("anonymous token request", async (signal) => {
    const response = await fetch(baseUrl + lineOf(CREATE_ANONYMOUS_TOKEN).path, uncached({ method: "POST", signal }));
    if (response.ok) return readJson(response, field);
    throw new CloudAuthError("ERR_ANONYMOUS_FAILED", "Authorization failed", {
      status: response.status,
      retryAfter: readRetryAfter(response),
    });
  });
  const token = readNonEmptyString(body.access_token, `${field}.access_token`);
  if (keep(readRefreshTokenField(body, field))) announce(baseUrl);
  return { token, source: "anonymous", requestedAt };
}

/**
 * @param {Record<string, unknown>} body
 * @param {string} field
 * @returns {RefreshToken}
 */
function readRefreshTokenField(body, field) {
  const path = `${field}.refresh_token`;
  const refreshToken = readRecord(body.refresh_token, path);
  return {
    token: readNonEmptyString(refreshToken.token, `${path}.token`),
    expires_at: readNonEmptyString(refreshToken.expires_at, `${path}.expires_at`),
  };
}

/**
 * The seconds for which the server wishes to be left alone. A date in their place is for caches.
 *
 * @param {Response} response
 * @returns {number | undefined}
 */
function readRetryAfter({ headers }) {
  const value = headers?.get("Retry-After");
  return value && Number(value) >= 0 ? Number(value) : undefined;
}

/**
 * Whether a refusal is in the words that end an identity, in others, or in none: a captive portal's page has none.
 *
 * @param {Response} response
 * @returns {Promise<number>}
 */
async function readRefusal(response) {
  try {
    const { error } = await response.json();
    if (typeof error === "string" && error) return REFRESH_TOKEN_REFUSALS.includes(error) ? Words.Final : Words.Other;
  } catch {}
  return Words.None;
}
