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
import { decodeClaims, readClaim, readIssuedAt, subjectOf } from "./claims.js";
import { CloudAuthError } from "./errors.js";
import { scheduleRenewals } from "./renewal.js";

/**
 * @param {TokenSource} source
 * @param {boolean} anonymous
 * @param {Listeners} listeners
 * @returns {Credential}
 */
export function createSession(source, anonymous, listeners) {
  const machine = new TokenSession();
  /** @type {string} */
  let token = "";
  /** @type {Claims | null} */
  let claims = null;
  /** Whom the last token from the source was for. @type {string | null} */
  let subject = null;
  /** @type {types.AuthIdentity} */
  let identity = { userId: null, workspaceId: null, anonymous };
  /** @type {types.AuthState} */
  let state;
  /** The fetch under way, as its waiters see it. @type {Promise<Authorization>} */
  let pending;
  /** Ends the wait for it. @type {(error: unknown) => void} */
  let abandon = () => {};

  /** @returns {Authorization} */
  const authorization = () => ({
    headers: { Authorization: `Bearer ${token}` },
    generation: machine.generation,
  });

  /** @param {types.AuthStatus} status */
  const publish = (status) => {
    state = Object.freeze({
      status,
      ...identity,
      claims,
      expiresAt: orNull(machine.expiresAt),
      renewsAt: orNull(machine.renewsAt),
    });
  };

  /**
   * @param {Claims} next
   * @param {types.AuthTokenEvent["source"]} from
   * @param {types.AuthIdentity} who
   */
  const adopt = (next, from, who) => {
    claims = next;
    const previous = identity;
    identity = who;
    publish("ready");
    const { expiresAt, renewsAt } = state;
    announceIdentity(previous);
    listeners.emit({
      type: "token",
      source: from,
      claims: next,
      expiresAt: /** @type {number} */ (expiresAt),
      renewsAt,
    });
    renewals.schedule();
  };

  /** @param {types.AuthIdentity} previous */
  const announceIdentity = (previous) => {
    if (previous.userId !== identity.userId || previous.workspaceId !== identity.workspaceId) {
      listeners.emit({ type: "identity", ...identity, previous });
    }
  };

  /**
   * Forgets all that was known of the user. The machine has done so already.
   *
   * @param {types.AuthStatus} status
   */
  const forget = (status) => {
    const previous = identity;
    token = "";
    claims = subject = null;
    identity = { userId: null, workspaceId: null, anonymous };
    publish(status);
    announceIdentity(previous);
    renewals.schedule();
  };

  /** @param {unknown} error */
  const fail = (error) => {
    const background = machine.expiresAt > Date.now();
    if (state.status !== "signedOut") publish(background ? "ready" : "failed");
    listeners.emit({ type: "error", error, background });
    renewals.schedule();
    return error;
  };

  /** @param {number} ticket */
  const obtain = async (ticket) => {
    let grant;
    let next;
    try {
      grant = await source();
      next = grant && decodeClaims(grant.token);
    } catch (error) {
      if (machine.failed(ticket, Date.now())) fail(error);
      throw error;
    }
    if (!grant || !next) {
      const error = new CloudAuthError("ERR_NO_TOKEN", "Authorization failed");
      if (machine.signedOut(ticket)) {
        forget("signedOut");
        fail(error);
      }
      throw error;
    }
    const nextSubject = subjectOf(next);
    const other = subject !== null && subject !== nextSubject;
    const { requestedAt } = grant;
    switch (machine.arrived(ticket, Date.now(), readIssuedAt(next), next.exp, requestedAt, other)) {
      case Arrival.Superseded:
        throw invalidated();
      case Arrival.Expired:
        if (other) forget("failed");
        throw fail(
          new CloudAuthError("ERR_TOKEN_EXPIRED", "The token was expired when it arrived, by this device's clock"),
        );
    }
    token = /** @type {string} */ (grant.token);
    // The server may know the user by other names than the provider; what it said of them last still holds
    // while the provider's token is for the same one.
    const who = subject === nextSubject ? identity : identityOf(next, anonymous);
    subject = nextSubject;
    const granted = authorization();
    adopt(next, grant.source, who);
    return granted;
  };

  const fetchToken = () => {
    const { ticket } = machine;
    /** @type {(granted: Authorization) => void} */
    let grant = () => {};
    // Made before the source is asked, which may come back here at once with a request of its own.
    pending = new Promise((resolve, reject) => {
      grant = resolve;
      abandon = reject;
    });
    obtain(ticket).then(grant, abandon);
    // The events tell of a renewal that fails with nobody waiting.
    pending.catch(() => {});
    publish(claims ? "ready" : "pending");
  };

  const live = {
    renewsAt: () => machine.renewsAt,
    expiresAt: () => machine.expiresAt,
    /** Does what the machine says. */
    demand() {
      const answer = machine.demand(Date.now());
      if (answer === Demand.Renew || answer === Demand.Fetch) fetchToken();
      return answer === Demand.Use || answer === Demand.Renew ? authorization() : pending;
    },
  };
  const renewals = scheduleRenewals(live);
  publish("idle");

  return {
    state: () => state,
    generation: () => machine.generation,
    authorize: async () => live.demand(),
    confirm(generation) {
      if (generation !== machine.generation) throw invalidated();
    },
    readResponse(response, { generation }, requestedAt) {
      const match = /^Bearer (\S+)/.exec(response.headers.get("Authorization") ?? "");
      if (!match?.[1]) return;
      let next;
      try {
        next = decodeClaims(match[1]);
      } catch {
        // The server has done what it was asked to. A token that makes no sense is no reason to say otherwise.
        return;
      }
      if (machine.handedOver(generation, Date.now(), readIssuedAt(next), next.exp, requestedAt)) {
        token = match[1];
        adopt(next, "response", identityOf(next, anonymous));
      }
    },
    invalidate() {
      machine.invalidate();
      abandon(invalidated());
      forget("idle");
    },
  };
}

/**
 * @param {Claims} claims
 * @param {boolean} anonymous
 * @returns {types.AuthIdentity}
 */
function identityOf(claims, anonymous) {
  return {
    userId: readClaim(claims, "sub"),
    workspaceId: readClaim(claims, "workspace_id"),
    anonymous,
  };
}

function invalidated() {
  return new CloudAuthError("ERR_INVALIDATED", "The session was invalidated while the call waited for a token");
}

/** @param {number} time */
function orNull(time) {
  return Number.isNaN(time) ? null : time;
}
