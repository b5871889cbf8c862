// @ts-check
import { part } from "./parts.js";

/** Asks before something that cannot be undone. The focus starts on the way out. */
export class Confirm {
  #dialog;
  #name;
  #error;
  #remove;
  #keep;
  /** @type {() => Promise<string>} */
  #action = async () => "";
  #after = () => {};

  /** @param {ParentNode} root */
  constructor(root) {
    this.#dialog = part(root, "confirm", HTMLDialogElement);
    this.#name = part(root, "confirm-name", HTMLElement);
    this.#error = part(root, "confirm-error", HTMLElement);
    this.#remove = part(root, "remove", HTMLButtonElement);
    this.#keep = part(root, "keep", HTMLButtonElement);
    this.#keep.addEventListener("click", () => this.#dialog.close());
    this.#remove.addEventListener("click", () => void this.#confirmed());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    // Leaving while the server decides would hide what came of it.
    this.#dialog.addEventListener("cancel", (event) => {
      if (this.#remove.disabled) event.preventDefault();
    });
  }

  get open() {
    return this.#dialog.open;
  }

  /**
   * @param {string} name what goes
   * @param {() => Promise<string>} action resolves to why it failed, or to nothing
   * @param {() => void} after runs once the dialog is closed and has given the focus back
   */
  ask(name, action, after) {
    this.#name.textContent = name;
    this.#error.textContent = "";
    this.#action = action;
    this.#after = after;
    this.#dialog.showModal();
  }

  async #confirmed() {
    if (this.#remove.disabled) return;
    this.#wait(true);
    const failure = await this.#action();
    this.#wait(false);
    if (failure === "") {
      this.#dialog.close();
      this.#after();
    } else {
      this.#error.textContent = failure;
      this.#keep.focus();
    }
  }

  /** @param {boolean} waiting */
  #wait(waiting) {
    this.#remove.disabled = waiting;
    this.#keep.disabled = waiting;
  }
}
