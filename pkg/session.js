// @ts-check
/**
 * Drives the token session of src/token_session.rs, which decides, with the promises and events of the
 * page. The token's text stays here.
 *
 * @import * as types from "./index.js"
 * @import { Claims } from "./claims.js"
 * @import { Authorization, Credential } from "./credential.js"
 * @import { Listeners } from "./listeners.js"
 * @import { TokenSource } from "./token-source.js"
 */
import { Arrival, Demand, TokenSession } from "./dist/assistant_cloud_bg.js";
import { createAuthState } from "./auth-state.js";
import { decodeClaims, readIssuedAt, subjectOf } from "./claims.js";
import { unlessAborted } from "./deadline.js";
import { CloudAuthError } from "./errors.js";
import { TOKEN_EXPIRED } from "./refusal.js";
import { scheduleRenewals } from "./renewal.js";
import { joinTabs } from "./tabs.js";
import { readRetryAfter } from "./token-source.js";

/** By the numbers of the machine. @type {readonly types.AuthTokenRequest["reason"][]} */
const REASONS = ["missing", "expiring", "expired", "rejected"];

/** How the time of a generation has ended, for those who come too late. */
const INVALIDATED = /** @type {const} */ (["ERR_INVALIDATED", "The session was invalidated while the call was under way"]);
const SIGNED_OUT = /** @type {const} */ (["ERR_SIGNED_OUT", "The user has signed out"]);
const CHANGED = /** @type {const} */ (["ERR_IDENTITY_CHANGED", "The user changed while the call was under way"]);
const NOBODY = /** @type {const} */ (["ERR_NO_TOKEN", "Authorization failed"]);

/**
 * @param {TokenSource} source
 * @param {string} scope what the session shares with other tabs, and under which name
 * @param {boolean} isOpen whether it takes a token from them without having had one of the same identity itself
 * @param {boolean} anonymous
 * @param {Listeners} listeners
 * @returns {Credential}
 */
export function createSession(source, scope, isOpen, anonymous, listeners) {
  const machine = new TokenSession();
  const visible = createAuthState(machine, source.isDurable, anonymous, listeners);
  /** @type {string} */
  let token = "";
  /** The last token from the source, which the others may have; the one in hand may be one that the server gave for it. @type {import("./tabs.js").SharedToken | null} */
  let fetched = null;
  /** Whom the last token from the source was for. @type {string | null} */
  let subject = null;
  /** How the last generation ended. @type {readonly [types.CloudAuthErrorCode, string]} */
  let ending = INVALIDATED;
  /** @type {unknown} */
  let lastError;
  /** The fetch under way, as its waiters see it. @type {Promise<Authorization>} */
  let pending;
  /** @type {(granted: Authorization) => void} */
  let grant = () => {};
  /** Ends the wait for it. @type {(error: unknown) => void} */
  let abandon = () => {};
  /** The fetch for which the source itself has been asked, which then has the last word on who the user is. */
  let asking = 0;

  /** @returns {Authorization} */
  const authorization = () => ({
    headers: { Authorization: `Bearer ${token}` },
    generation: machine.generation,
    serial: machine.serial,
  });

  /**
   * Forgets all that was known of the user. The machine has done so already.
   *
   * @param {types.AuthStatus} status
   * @param {readonly [types.CloudAuthErrorCode, string]} how
   * @param {types.AuthSignedOutEvent["reason"]} [reason]
   */
  const forget = (status, how, reason) => {
    token = "";
    subject = fetched = null;
    ending = how;
    abandon(ended());
    visible.forget(status, reason);
    renewals.schedule();
  };

  const ended = () => new CloudAuthError(...ending);

  /** @param {unknown} error */
  const fail = (error) => {
    lastError = error;
    visible.fail(error);
    renewals.schedule();
    return error;
  };

  /**
   * @param {string} text
   * @param {number} requestedAt
   * @param {Claims} next
   * @param {types.AuthTokenEvent["source"]} from
   */
  const adopt = (text, requestedAt, next, from) => {
    token = text;
    fetched = { token, requestedAt };
    const known = subject;
    subject = subjectOf(next);
    const granted = authorization();
    visible.adopt(next, from, subject === known);
    renewals.schedule();
    return granted;
  };

  const isPaused = () => !Number.isNaN(machine.retryAt(Date.now()));

  const paused = () => {
    const retryAfter = Math.ceil((machine.retryAt(Date.now()) - Date.now()) / 1000);
    const message = `No token is asked for in the next ${retryAfter} s, after too many failures`;
    return new CloudAuthError("ERR_RETRY_LATER", message, { cause: lastError, retryAfter });
  };

  /** @param {types.AuthSignedOutEvent["reason"]} reason */
  const leave = (reason) => {
    tabs.acknowledge();
    source.forget(reason === "signOut");
    machine.signOut();
    forget("signedOut", SIGNED_OUT, reason);
  };

  /**
   * @param {number} ticket
   * @param {AbortSignal} signal
   * @returns {Promise<Authorization>}
   */
  const obtain = async (ticket, signal) => {
    for (;;) {
      // While this tab waited for its turn, another may have been told to come back later.
      if (isPaused() && machine.failed(ticket, Date.now(), NaN, 0)) throw fail(paused());
      let answer;
      let next;
      try {
        asking = ticket;
        const reason = REASONS[machine.reason] ?? "missing";
        answer = await source.ask({ reason, forceRefresh: machine.forceRefresh, signal }, tabs.hasEnded);
        next = answer && decodeClaims(answer.token);
      } catch (error) {
        if (machine.failed(ticket, Date.now(), readRetryAfter(error), Math.random() * 2 ** 32)) {
          tabs.send({ retryAt: machine.retryAt(Date.now()) });
          fail(error);
        }
        throw error;
      } finally {
        if (asking === ticket) asking = 0;
      }
      // What another tab has ended is not begun again by an answer that was on its way.
      if (tabs.hasEnded()) {
        leave("otherTab");
        throw ended();
      }
      if (!answer || !next) {
        if (machine.nobody(ticket)) forget("signedOut", NOBODY, "authToken");
        throw new CloudAuthError(...NOBODY);
      }
      const nextSubject = subjectOf(next);
      const other = subject !== null && subject !== nextSubject;
      const likeness = other ? 2 : answer.token === fetched?.token ? 0 : 1;
      const arrival = machine.arrived(ticket, Date.now(), readIssuedAt(next), next.exp, answer.requestedAt, likeness);
      if (arrival === Arrival.Again) continue;
      if (arrival === Arrival.Superseded) throw ended();
      if (other) {
        // Those who wait asked in the name of the last user.
        ending = CHANGED;
        abandon(ended());
      }
      if (arrival === Arrival.Expired) {
        if (other) forget("failed", CHANGED);
        throw fail(new CloudAuthError("ERR_TOKEN_EXPIRED", "The token that the server has called expired came again"));
      }
      const granted = adopt(/** @type {string} */ (answer.token), answer.requestedAt, next, answer.source);
      if (fetched) tabs.send(fetched);
      return granted;
    }
  };

  const fetchToken = () => {
    const { ticket } = machine;
    const controller = new AbortController();
    // Made before the source is asked, which may come back here at once with a request of its own.
    pending = new Promise((resolve, reject) => {
      grant = resolve;
      abandon = (error) => {
        reject(error);
        controller.abort(error);
      };
    });
    const [granted, abandoned] = [grant, abandon];
    tabs
      .takeTurns(() => machine.ticket !== ticket, () => obtain(ticket, controller.signal))
      .then((result) => result && granted(result), abandoned);
    // The events tell of a renewal that fails with nobody waiting.
    pending.catch(() => {});
    visible.pending();
  };

  const live = {
    renewsAt: () => machine.renewsAt,
    expiresAt: () => machine.expiresAt,
    /** Does what the machine says. @returns {Authorization | Promise<Authorization>} */
    next() {
      const answer = machine.demand(Date.now());
      if (answer === Demand.Renew || answer === Demand.Fetch) fetchToken();
      if (answer === Demand.SignedOut) throw new CloudAuthError(...SIGNED_OUT);
      if (answer === Demand.Pause) throw paused();
      return answer === Demand.Use || answer === Demand.Renew ? authorization() : pending;
    },
    renew: () => void (async () => live.next())().catch(() => {}),
    reconsider: () => machine.reconsider(),
    pause: () => tabs.close(),
    resume() {
      if (tabs.hasEnded()) leave("otherTab");
    },
    /** Another tab has had an answer. @param {string} text @param {number} asked */
    share(text, asked) {
      // This tab's own source has the last word on who its user is.
      if (asking || text === fetched?.token) return;
      const next = decodeClaims(text);
      const nextSubject = subjectOf(next);
      if (subject === null ? !isOpen : subject !== nextSubject) return;
      if (!machine.shared(Date.now(), readIssuedAt(next), next.exp, asked)) return;
      grant(adopt(text, asked, next, "otherTab"));
    },
    /** What another tab may have for the asking. */
    spare: () => (machine.expiresAt > Date.now() ? fetched : null),
    /** @param {number} until */
    heardPause: (until) => machine.heardPause(until),
    leave,
  };
  const tabs = joinTabs(scope, isOpen, live);
  const renewals = scheduleRenewals(live);

  return {
    state: visible.current,
    generation: () => machine.generation,
    async authorize(signal) {
      const { generation } = machine;
      const granted = await unlessAborted(live.next(), signal);
      if (granted.generation !== generation) throw ended();
      return granted;
    },
    confirm(generation) {
      if (generation !== machine.generation) throw ended();
    },
    readResponse(response, { generation }, sentAt) {
      const date = Date.parse(response.headers.get("Date") ?? "");
      if (date) {
        machine.dated(sentAt, Date.now(), date);
        visible.checkClock();
        if (token && visible.current().expiresAt !== machine.expiresAt) {
          visible.redate();
          renewals.schedule();
        }
      }
      const match = /^Bearer (\S+)/.exec(response.headers.get("Authorization") ?? "");
      if (!match?.[1]) return;
      let next;
      try {
        next = decodeClaims(match[1]);
      } catch {
        // The server has done what it was asked to. A token that makes no sense is no reason to say otherwise.
        return;
      }
      if (machine.handedOver(generation, Date.now(), readIssuedAt(next), next.exp, sentAt)) {
        token = match[1];
        visible.adopt(next, "response", false);
        renewals.schedule();
      }
    },
    isWorthRepeating({ serial }, error) {
      const repeat = machine.rejected(serial, Date.now(), error === TOKEN_EXPIRED);
      visible.checkClock();
      return repeat;
    },
    invalidate() {
      machine.invalidate();
      forget("idle", INVALIDATED);
    },
    signOut() {
      tabs.signOut();
      leave("signOut");
    },
    dispose() {
      machine.invalidate();
      forget("idle", INVALIDATED);
      renewals.stop();
      tabs.close();
    },
  };
}
