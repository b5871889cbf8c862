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
  /** Whether the token in hand has had a time for its renewal; without one now, it is being renewed. */
  #renewable = false;
  #retrying = false;

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
    this.#renew.addEventListener("click", () => {
      if (this.#renew.ariaDisabled !== "true") onRenew();
    });
  }

  /** @param {string} words why there is no token, or no new one @param {boolean} background whether it is tried again */
  fail(words, background) {
    this.#error.textContent = words;
    this.#retrying = background;
  }

  arrive() {
    this.#arrived = Date.now();
    this.#renewable = false;
    this.fail("", false);
  }

  /** @param {AuthState} state @param {number} now */
  show(state, now) {
    this.#renewable ||= state.renewsAt !== null;
    const due = this.#renewable ? state.renewsAt : state.expiresAt;
    const left = due === null ? 0 : due - now;
    const counting = state.status === "ready" && due !== null && left > 0;

    this.#box.dataset.state = counting ? "counting" : state.status;
    write(this.#label, this.#labelFor(state, counting));
    write(this.#clock, state.status === "ready" ? countdown(left) : "–:––");
    write(this.#renew, state.status === "failed" || state.status === "signedOut" ? "Try again" : "Renew now");
    // Not `disabled`, which would take the focus away from whoever just pressed it.
    this.#renew.ariaDisabled = String(state.status === "idle" || state.status === "pending");
    this.#drain(counting ? left / Math.max(left, due - this.#arrived) : 0);

    if (state.userId !== null) write(this.#user, state.userId);
    if (state.workspaceId !== null) write(this.#workspace, state.workspaceId);
    if (state.userId === null && (state.status === "failed" || state.status === "signedOut")) {
      write(this.#user, "None");
      write(this.#workspace, "None");
    }
  }

  /** @param {AuthState} state @param {boolean} counting @returns {string} */
  #labelFor({ status }, counting) {
    if (counting && this.#retrying) return "Tries again in";
    if (counting) return this.#renewable ? "Renews in" : "Runs out in";
    if (status === "signedOut") return "Signed out";
    if (status === "failed") return "No token";
    return status === "ready" ? "Renewing the token" : "Asking for a token";
  }

  /** @param {number} fraction of the token's time that is left */
  #drain(fraction) {
    if (Math.abs(fraction - this.#fraction) < 0.001 && fraction !== 0) return;
    this.#bar.toggleAttribute("data-rising", fraction > this.#fraction);
    this.#bar.style.transform = `scaleX(${fraction.toFixed(4)})`;
    this.#fraction = fraction;
  }
}

/** @param {HTMLElement} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
