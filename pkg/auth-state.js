// @ts-check
/**
 * What the app sees of a session: a snapshot that is replaced when something changes, and the events that say so.
 *
 * @import * as types from "./index.js"
 * @import { Claims } from "./claims.js"
 * @import { TokenSession } from "./dist/assistant_cloud_bg.js"
 * @import { Listeners } from "./listeners.js"
 */
import { readClaim } from "./claims.js";
import { CloudAuthError } from "./errors.js";

/** A difference between the clocks that is worth telling of, in ms: as much as a token is renewed ahead of its expiry. */
const SKEW_MS = 30_000;

/**
 * @param {() => TokenSession} machine
 * @param {() => boolean | null} isDurable
 * @param {boolean} anonymous
 * @param {Listeners} listeners
 */
export function createAuthState(machine, isDurable, anonymous, { emit }) {
  const nobody = { userId: null, workspaceId: null, anonymous };
  /** @type {types.AuthIdentity} */
  let identity = nobody;
  /** @type {Claims | null} */
  let claims = null;
  let clockSkew = 0;
  /** Whether the app has been told that the identity will not last. */
  let warned = false;
  /** Whether it has been told that nobody is signed in. */
  let departed = false;
  /** @type {types.AuthState} */
  let state;

  /** @param {types.AuthStatus} status */
  const publish = (status) => {
    state = Object.freeze({
      status,
      ...identity,
      claims,
      expiresAt: orNull(machine().expiresAt),
      renewsAt: orNull(machine().renewsAt),
      durable: isDurable(),
      clockSkew,
    });
  };

  /** @param {types.AuthIdentity} next @param {types.AuthStatus} status */
  const become = (next, status) => {
    const previous = identity;
    identity = next;
    publish(status);
    if (previous.userId !== identity.userId || previous.workspaceId !== identity.workspaceId) {
      emit({ type: "identity", ...identity, previous });
    }
    return previous;
  };

  const checkClock = () => {
    const skew = -machine().serverAhead;
    if (Math.abs(skew - clockSkew) < SKEW_MS) return;
    clockSkew = skew;
    publish(state.status);
    emit({ type: "clockSkew", skew });
  };

  publish("idle");
  return {
    current: () => state,
    checkClock,
    /** Publishes the dates of the token in hand anew. */
    redate: () => publish(state.status),
    pending: () => publish(claims ? "ready" : "pending"),

    /**
     * There is a token in hand.
     *
     * @param {Claims} next
     * @param {types.AuthTokenEvent["source"]} source
     * @param {boolean} isKnown whether it is for the identity that is known already. The server may know the user by
     *   other names than the provider; what it said of them last still holds while the provider's token is for the
     *   same one
     */
    adopt(next, source, isKnown) {
      claims = next;
      departed = false;
      become(
        isKnown ? identity : { userId: readClaim(next, "sub"), workspaceId: readClaim(next, "workspace_id"), anonymous },
        "ready",
      );
      const { expiresAt, renewsAt } = state;
      emit({ type: "token", source, claims: next, expiresAt: /** @type {number} */ (expiresAt), renewsAt });
      if (state.durable === false && !warned) {
        warned = true;
        const message = "The browser does not store the anonymous identity, which ends with this page";
        emit({ type: "error", error: new CloudAuthError("ERR_NOT_DURABLE", message), background: true });
      }
      checkClock();
    },

    /**
     * Nothing is known of the user any more.
     *
     * @param {types.AuthStatus} status
     * @param {types.AuthSignedOutEvent["reason"]} [reason]
     */
    forget(status, reason) {
      claims = null;
      const previous = become(nobody, status);
      if (reason && !departed) {
        departed = true;
        emit({ type: "signedOut", reason, previous });
      }
    },

    /** @param {unknown} error */
    fail(error) {
      const background = machine().expiresAt > Date.now();
      publish(background ? "ready" : "failed");
      emit({ type: "error", error, background });
    },
  };
}

/** @param {number} time */
function orNull(time) {
  return Number.isNaN(time) ? null : time;
}
