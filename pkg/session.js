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
 * @import { Wait } from "./wait.js"
 */
import { Arrival, Demand, TokenSession } from "./dist/assistant_cloud_bg.js";
import { createAuthState } from "./auth-state.js";
import { contentOf, decodeClaims, readClaims, readIssuedAt, subjectOf } from "./claims.js";
import { unlessAborted } from "./deadline.js";
import { CHANGED, INVALIDATED, NOBODY, SIGNED_OUT, retryLater } from "./ending.js";
import { CloudAuthError } from "./errors.js";
import { TOKEN_EXPIRED } from "./refusal.js";
import { scheduleRenewals } from "./renewal.js";
import { joinTabs } from "./tabs.js";
import { readRetryAfter, tokenRequest } from "./token-source.js";
import { createWait } from "./wait.js";

/** A session of which nothing has been asked yet. */
const ASLEEP = /** @type {TokenSession} */ ({ generation: 0, expiresAt: NaN, renewsAt: NaN, serverAhead: 0 });

/** Nothing to be used. @type {Authorization} */
const NONE = { token: "", headers: {}, generation: 0, serial: 0, until: 0 };

/**
 * @param {() => void} prepare makes the machine's code ready
 * @param {TokenSource} source
 * @param {(machine: TokenSession) => void} setLeeway tells the machine when the app wants a new token renewed
 * @param {string} scope what the session shares with other tabs, and under which name
 * @param {boolean} isOpen whether it takes a token from them without having had one of the same identity itself
 * @param {boolean} anonymous
 * @param {Listeners} listeners
 * @returns {Credential}
 */
export function createSession(prepare, source, setLeeway, scope, isOpen, anonymous, listeners) {
  let machine = ASLEEP;
  /** @type {ReturnType<typeof joinTabs>} */
  let tabs;
  /** @type {ReturnType<typeof scheduleRenewals>} */
  let renewals;
  /** A page that only makes a client pays nothing for all this. */
  const wake = () => {
    if (machine !== ASLEEP) return;
    prepare();
    machine = new TokenSession();
    tabs = joinTabs(scope, isOpen, live);
    renewals = scheduleRenewals(live);
  };
  const visible = createAuthState(() => machine, source.isDurable, anonymous, listeners);
  /** @type {string} */
  let token = "";
  /** The last token from the source, which the others may have; the one in hand may be one that the server gave for it. @type {import("./tabs.js").SharedToken | null} */
  let fetched = null;
  /** Whom the last token from the source was for. @type {string | null} */
  let subject = null;
  /** What that token says, as far as the next one would say it again. */
  let content = "";
  /** How the last generation ended. @type {readonly [types.CloudAuthErrorCode, string]} */
  let ending = INVALIDATED;
  /** @type {unknown} */
  let lastError;
  /** The fetch under way. @type {Wait<Authorization> | undefined} */
  let wait;
  /** The fetch for which the source itself has been asked, which then has the last word on who the user is. */
  let asking = 0;
  /** What the token in hand authorizes, kept while the machine has nothing else to say. */
  let granted = NONE;
  const authorization = () =>
    (granted = {
      token,
      headers: { Authorization: `Bearer ${token}` },
      generation: machine.generation,
      serial: machine.serial,
      until: machine.renewsAt,
    });

  /**
   * Forgets all that was known of the user. The machine has done so already.
   *
   * @param {types.AuthStatus} status @param {typeof ending} how @param {types.AuthSignedOutEvent["reason"]} [reason]
   */
  const forget = (status, how, reason) => {
    token = "";
    granted = NONE;
    subject = fetched = null;
    ending = how;
    wait?.abandon(ended());
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

  /** @param {string} text @param {number} requestedAt @param {Claims} next @param {types.AuthTokenEvent["source"]} from */
  const adopt = (text, requestedAt, next, from) => {
    token = text;
    fetched = { token, requestedAt };
    const known = subject;
    subject = subjectOf(next);
    content = contentOf(next);
    setLeeway(machine);
    const result = authorization();
    visible.adopt(next, from, subject === known);
    renewals.schedule();
    return result;
  };

  const isPaused = () => !Number.isNaN(machine.retryAt(Date.now()));
  const paused = () => retryLater(machine.retryAt(Date.now()), lastError);

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
        answer = await source.ask(tokenRequest(machine, fetched?.token, signal), tabs.hasEnded);
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
        wait?.abandon(ended());
      }
      if (arrival === Arrival.Expired) {
        if (other) forget("failed", CHANGED);
        throw fail(new CloudAuthError("ERR_TOKEN_EXPIRED", "A token that has expired came, and came again"));
      }
      const result = adopt(/** @type {string} */ (answer.token), answer.requestedAt, next, answer.source);
      if (fetched) tabs.send(fetched);
      return result;
    }
  };

  const fetchToken = () => {
    const { ticket } = machine;
    // Made before the source is asked, which may come back here at once with a request of its own.
    /** @type {Wait<Authorization>} */
    const own = (wait = createWait());
    tabs
      .takeTurns(() => machine.ticket !== ticket, () => obtain(ticket, own.signal))
      .then((result) => result && own.grant(result), own.abandon);
    visible.pending();
  };

  const live = {
    renewsAt: () => machine.renewsAt,
    expiresAt: () => machine.expiresAt,
    /** Does what the machine says. @returns {Authorization | Promise<Authorization>} */
    next() {
      const now = Date.now();
      if (now < granted.until) return granted;
      wake();
      const answer = machine.demand(now);
      if (answer === Demand.Renew || answer === Demand.Fetch) fetchToken();
      if (answer === Demand.SignedOut) throw new CloudAuthError(...SIGNED_OUT);
      if (answer === Demand.Pause) throw paused();
      return answer === Demand.Use || answer === Demand.Renew ? authorization() : /** @type {Wait<Authorization>} */ (wait).outcome;
    },
    renew: () => void (async () => live.next())().catch(() => {}),
    reconsider: () => machine.reconsider(),
    pause: () => tabs.close(),
    resume() {
      tabs.rejoin();
      if (tabs.hasEnded()) leave("otherTab");
    },
    /** Another tab has had an answer. @param {string} text @param {number} asked */
    share(text, asked) {
      // This tab's own source has the last word on who its user is.
      if (asking || text === fetched?.token) return;
      const next = readClaims(text);
      if (!next || (subject === null ? !isOpen : content !== contentOf(next))) return;
      if (!machine.shared(Date.now(), readIssuedAt(next), next.exp, asked)) return;
      const result = adopt(text, asked, next, "otherTab");
      wait?.grant(result);
    },
    /** What another tab may have for the asking. */
    spare: () => (machine.expiresAt > Date.now() ? fetched : null),
    heardPause: (/** @type {number} */ until) => machine.heardPause(until),
    leave,
  };

  return {
    state: visible.current,
    generation: () => machine.generation,
    peek: () => (Date.now() < granted.until ? granted : null),
    async authorize(signal) {
      signal?.throwIfAborted();
      const { generation } = machine;
      const next = live.next();
      if (next === granted) return granted;
      const result = await unlessAborted(next, signal);
      if (result.generation !== generation) throw ended();
      return result;
    },
    confirm(generation) {
      if (generation !== machine.generation) throw ended();
    },
    readResponse(response, { generation }, sentAt) {
      const date = Date.parse(response.headers.get("Date") ?? "");
      if (date) {
        machine.dated(sentAt, Date.now(), date);
        granted = NONE;
        visible.checkClock();
        if (token && visible.current().expiresAt !== machine.expiresAt) {
          visible.redate();
          renewals.schedule();
        }
      }
      const match = response.headers.get("Authorization")?.match(/^Bearer (\S+)/);
      if (!match?.[1]) return;
      // The server has done what it was asked to. A token that makes no sense is no reason to say otherwise.
      const next = readClaims(match[1]);
      if (!next) return;
      if (machine.handedOver(generation, Date.now(), readIssuedAt(next), next.exp, sentAt)) {
        token = match[1];
        granted = NONE;
        setLeeway(machine);
        visible.adopt(next, "response", false);
        renewals.schedule();
      }
    },
    isWorthRepeating({ serial }, error) {
      const repeat = machine.rejected(serial, Date.now(), error === TOKEN_EXPIRED);
      granted = NONE;
      visible.checkClock();
      return repeat;
    },
    invalidate() {
      wake();
      machine.invalidate();
      forget("idle", INVALIDATED);
    },
    signOut() {
      wake();
      tabs.signOut();
      leave("signOut");
    },
    dispose() {
      wake();
      machine.invalidate();
      forget("idle", INVALIDATED);
      renewals.stop();
      tabs.close();
    },
  };
}
