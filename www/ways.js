// @ts-check

/** @import { Choice } from "./clouds.js" */

/**
 * What this demo can offer: known once the server and the page's own configuration have answered.
 *
 * @typedef {object} Offer
 * @property {boolean} anonymous whether the server lets visitors without an account in
 * @property {string | null} endpoint of "my backend"
 * @property {boolean} provider whether the server takes tokens of identity providers
 */

const PERSONAS = ["alice", "bob", "team-alice", "team-bob"];

/** The choice of a way in. Kept in the URL's fragment, so that a reload or a link leads to the same one. */
export class Ways {
  #form;
  #onChoice;
  /** @type {Offer} */
  #offer = { anonymous: true, endpoint: null, provider: false };
  #current = "";

  /** @param {HTMLFormElement} form @param {(choice: Choice | null) => void} onChoice `null` while a token is still to be given */
  constructor(form, onChoice) {
    this.#form = form;
    this.#onChoice = onChoice;
    this.#check(...this.#fromAddress());
    form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.type === "radio") this.#chosen();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#value("way") === "provider") this.#handOver();
    });
  }

  /** @param {Offer} offer */
  open(offer) {
    this.#offer = offer;
    // Left to choose, so that there always is a choice, and the server's own refusal to see.
    if (!offer.anonymous) this.#note("anonymous", "Switched off on this server.");
    this.#enable("backend", offer.endpoint !== null, "Not here: this server runs without the demo's token endpoint.");
    this.#enable("provider", offer.provider, "Not yet: the server has no rule that says whose tokens to accept.");
    addEventListener("hashchange", () => {
      this.#check(...this.#fromAddress());
      this.#chosen();
    });
    this.#check(...this.#fromAddress());
    this.#chosen();
  }

  #chosen() {
    const way = this.#value("way");
    const persona = this.#value("persona");
    const address = way === "backend" ? `#backend/${persona}` : `#${way}`;
    this.#form.querySelectorAll(".way").forEach((detail) => {
      detail.toggleAttribute("data-chosen", detail.getAttribute("data-way") === way);
    });
    if (address === this.#current) return;
    this.#current = address;
    if (location.hash !== address) history.replaceState(null, "", address);

    if (way === "backend" && this.#offer.endpoint) this.#onChoice({ way, persona, endpoint: this.#offer.endpoint });
    else if (way === "provider") this.#onChoice(null);
    else this.#onChoice({ way: "anonymous" });
  }

  #handOver() {
    const field = /** @type {HTMLInputElement} */ (this.#form.querySelector("#provider-token"));
    const token = field.value.trim();
    field.value = "";
    if (token === "") field.focus();
    else this.#onChoice({ way: "provider", token });
  }

  /** @returns {[way: string, persona: string]} the first when the fragment names none that can be had */
  #fromAddress() {
    const [way = "", persona = ""] = location.hash.slice(1).split("/");
    return [way === "backend" || way === "provider" ? way : "anonymous", PERSONAS.includes(persona) ? persona : "alice"];
  }

  /** @param {string} way @param {string} persona */
  #check(way, persona) {
    const input = this.#input("way", way);
    (input.disabled ? this.#input("way", "anonymous") : input).checked = true;
    this.#input("persona", persona).checked = true;
  }

  /** @param {string} way @param {boolean} possible @param {string} why not */
  #enable(way, possible, why) {
    this.#input("way", way).disabled = !possible;
    if (!possible) this.#note(way, why);
  }

  /** @param {string} way @param {string} words */
  #note(way, words) {
    const note = this.#form.querySelector(`#note-${way}`);
    if (note) note.textContent = words;
  }

  /** @param {"way" | "persona"} group @param {string} value @returns {HTMLInputElement} */
  #input(group, value) {
    return /** @type {HTMLInputElement} */ (this.#form.querySelector(`input[name="${group}"][value="${value}"]`));
  }

  /** @param {"way" | "persona"} group @returns {string} */
  #value(group) {
    return /** @type {HTMLInputElement} */ (this.#form.querySelector(`input[name="${group}"]:checked`)).value;
  }
}
