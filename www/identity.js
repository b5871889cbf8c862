// @ts-check
import { part } from "./parts.js";
import { countdown } from "./times.js";

/** @import { AuthState } from "/package/index.js" */

/** Who the server takes us for, and how long the token still lasts. */
export class Identity {
  #box;
  #label;
  #clock;
  #bar;
  #renew;
  #error;
  #user;
  #workspace;
  /** When the token in hand arrived: the full width of the bar. */
  #arrived = 0;
  #fraction = -1;

  /** @param {ParentNode} root @param {() => void} onRenew */
  constructor(root, onRenew) {
    this.#label = part(root, "countdown-label", HTMLElement);
    this.#clock = part(root, "clock", HTMLElement);
    this.#bar = part(root, "bar", HTMLElement);
    this.#renew = part(root, "renew", HTMLButtonElement);
    this.#error = part(root, "identity-error", HTMLElement);
    this.#user = part(root, "user", HTMLElement);
    this.#workspace = part(root, "workspace", HTMLElement);
    this.#box = /** @type {HTMLElement} */ (this.#clock.closest(".countdown"));
    this.#renew.addEventListener("click", onRenew);
  }

  /** @param {string} words why there is no token; empty when there is one */
  fail(words) {
    this.#error.textContent = words;
  }

  arrive() {
    this.#arrived = Date.now();
    this.fail("");
  }

  /** @param {AuthState} state @param {number} now */
  show(state, now) {
    const due = state.renewsAt ?? state.expiresAt;
    const left = due === null ? 0 : due - now;
    const counting = state.status === "ready" && due !== null && left > 0;

    this.#box.dataset.state = counting ? "counting" : state.status;
    write(this.#label, labelFor(state, counting));
    write(this.#clock, counting ? countdown(left) : "–:––");
    write(this.#renew, state.status === "failed" || state.status === "signedOut" ? "Try again" : "Renew now");
    this.#renew.disabled = state.status === "idle" || state.status === "pending";
    this.#drain(counting ? left / Math.max(left, due - this.#arrived) : 0);

    if (state.userId !== null) write(this.#user, state.userId);
    if (state.workspaceId !== null) write(this.#workspace, state.workspaceId);
    if (state.userId === null && (state.status === "failed" || state.status === "signedOut")) {
      write(this.#user, "None");
      write(this.#workspace, "None");
    }
  }

  /** @param {number} fraction of the token's time that is left */
  #drain(fraction) {
    if (Math.abs(fraction - this.#fraction) < 0.001 && fraction !== 0) return;
    this.#bar.toggleAttribute("data-rising", fraction > this.#fraction);
    this.#bar.style.transform = `scaleX(${fraction.toFixed(4)})`;
    this.#fraction = fraction;
  }
}

/** @param {AuthState} state @param {boolean} counting @returns {string} */
function labelFor(state, counting) {
  if (counting) return state.renewsAt === null ? "Token runs out in" : "Renews in";
  if (state.status === "signedOut") return "Signed out";
  if (state.status === "failed") return "No token";
  return state.status === "ready" ? "Renewing the token" : "Asking for a token";
}

/** @param {HTMLElement} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
