// @ts-check
import { copyOf, part } from "./parts.js";
import { ago } from "./times.js";

/**
 * @import { CloudThread } from "/package/index.js"
 *
 * @typedef {object} ThreadActions what a row asks the list to do; each rejects when it could not be done
 * @property {(row: ThreadRow, title: string) => Promise<void>} rename
 * @property {(row: ThreadRow) => Promise<void>} shelve archive, or bring back
 * @property {(row: ThreadRow) => void} remove ask first, then delete
 * @property {(error: unknown, outcome: string) => string} explain
 */

/** One thread of the list. */
export class ThreadRow {
  element;
  #actions;
  #title;
  #time;
  #text;
  #form;
  #field;
  #buttons;
  #edit;
  #shelve;
  #delete;
  #error;
  #busy = false;

  /** @param {CloudThread} thread @param {ThreadActions} actions */
  constructor(thread, actions) {
    const copy = copyOf("thread-template");
    this.element = /** @type {HTMLElement} */ (copy.firstElementChild);
    this.#actions = actions;
    this.#title = part(copy, "title", HTMLElement);
    this.#time = part(copy, "time", HTMLTimeElement);
    this.#text = /** @type {HTMLElement} */ (this.#title.parentElement);
    this.#form = part(copy, "rename", HTMLFormElement);
    this.#field = part(copy, "field", HTMLInputElement);
    this.#buttons = part(copy, "actions", HTMLElement);
    this.#edit = part(copy, "edit", HTMLButtonElement);
    this.#shelve = part(copy, "shelve", HTMLButtonElement);
    this.#delete = part(copy, "delete", HTMLButtonElement);
    this.#error = part(copy, "row-error", HTMLElement);
    this.thread = thread;

    this.#edit.addEventListener("click", () => this.#open());
    this.#text.addEventListener("dblclick", () => this.#open());
    this.#shelve.addEventListener("click", () => void this.#run("It stays where it was.", () => actions.shelve(this)));
    this.#delete.addEventListener("click", () => actions.remove(this));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
    part(copy, "cancel", HTMLButtonElement).addEventListener("click", () => this.#close());
    this.#form.addEventListener("keydown", (event) => {
      // An input method uses Escape to drop its own suggestion.
      if (event.key === "Escape" && !event.isComposing) this.#close();
    });
    this.show(thread, Date.now());
  }

  /** The name as a person would say it. */
  get name() {
    return this.thread.title || "Untitled thread";
  }

  get editing() {
    return !this.#form.hidden;
  }

  /** @param {CloudThread} thread @param {number} now */
  show(thread, now) {
    this.thread = thread;
    this.#title.textContent = this.name;
    this.#title.title = this.name;
    this.#title.toggleAttribute("data-untitled", !thread.title);
    this.#time.dateTime = thread.last_message_at.toISOString();

    const verb = thread.is_archived ? "Bring back" : "Archive";
    name(this.#edit, "Rename", this.name);
    name(this.#shelve, verb, this.name);
    name(this.#delete, "Delete", this.name);
    part(this.#shelve, "shelve-icon", SVGUseElement).setAttribute(
      "href",
      thread.is_archived ? "#icon-restore" : "#icon-archive",
    );
    this.tick(now);
  }

  /** @param {number} now */
  tick(now) {
    const words = ago(this.thread.last_message_at.getTime(), now);
    if (this.#time.textContent !== words) this.#time.textContent = words;
  }

  /** Puts the focus on the same button of another row, after this one is gone. @param {"shelve" | "delete"} which */
  focus(which) {
    (which === "shelve" ? this.#shelve : this.#delete).focus();
  }

  #open() {
    if (this.#busy || this.editing) return;
    this.#field.value = this.thread.title;
    this.#toggle(true);
    this.#field.focus();
    this.#field.select();
  }

  #close() {
    if (this.#busy) return;
    this.#toggle(false);
    this.#error.textContent = "";
    this.#edit.focus();
  }

  /** @param {boolean} editing */
  #toggle(editing) {
    this.#form.hidden = !editing;
    this.#text.hidden = editing;
    this.#buttons.hidden = editing;
  }

  async #save() {
    const title = this.#field.value.trim();
    if (title === this.thread.title) return this.#close();
    if (title === "") {
      this.#error.textContent = "A thread needs a name.";
      return;
    }
    if (await this.#run("It keeps its old name.", () => this.#actions.rename(this, title))) this.#close();
    else this.#field.focus();
  }

  /**
   * Does one thing at a time to this thread, and says in words when it failed.
   *
   * @param {string} outcome what that means for the thread
   * @param {() => Promise<void>} action
   * @returns {Promise<boolean>} whether it worked
   */
  async #run(outcome, action) {
    if (this.#busy) return false;
    this.#busy = true;
    this.#error.textContent = "";
    this.element.setAttribute("aria-busy", "true");
    try {
      await action();
      return true;
    } catch (error) {
      this.#error.textContent = this.#actions.explain(error, outcome);
      return false;
    } finally {
      this.#busy = false;
      this.element.removeAttribute("aria-busy");
    }
  }
}

/** @param {HTMLElement} button @param {string} verb @param {string} thread */
function name(button, verb, thread) {
  button.title = verb;
  button.setAttribute("aria-label", `${verb} “${thread}”`);
}
