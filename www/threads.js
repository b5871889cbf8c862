// @ts-check
import { Confirm } from "./confirm.js";
import { part } from "./parts.js";
import { ThreadRow } from "./thread.js";

/** @import { AssistantCloud, CloudThread } from "/package/index.js" */

const PAGE = 20;
// What the server gives at most in one answer.
const LARGEST_PAGE = 100;

/** The threads of one workspace. Lives as long as its room: what arrives after that is dropped. */
export class Threads {
  #cloud;
  #explain;
  #ended;
  #list;
  #empty;
  #more;
  #trouble;
  #error;
  #announcement;
  #confirm;
  #shelf;
  /** @type {Map<string, ThreadRow>} */
  #rows = new Map();
  #archived = false;
  /** Counts the loads, so that an answer to an older question is dropped. */
  #turn = 0;

  /**
   * @param {ParentNode} root
   * @param {AssistantCloud} cloud
   * @param {(error: unknown, outcome: string) => string} explain
   * @param {AbortSignal} ended
   */
  constructor(root, cloud, explain, ended) {
    this.#cloud = cloud;
    this.#explain = explain;
    this.#ended = ended;
    this.#list = part(root, "list", HTMLUListElement);
    this.#empty = part(root, "empty", HTMLElement);
    this.#more = part(root, "more", HTMLButtonElement);
    this.#trouble = part(root, "list-trouble", HTMLElement);
    this.#error = part(root, "list-error", HTMLElement);
    this.#announcement = part(root, "announcement", HTMLElement);
    this.#confirm = new Confirm(root);

    this.#more.addEventListener("click", () => void this.#loadMore());
    part(root, "retry", HTMLButtonElement).addEventListener("click", () => void this.load());
    this.#shelf = part(root, "shelf", HTMLFieldSetElement);
    this.#shelf.addEventListener("change", () => {
      this.#archived = this.#choiceOfShelf("archived").checked;
      this.clear();
      void this.load();
    });
    this.#prepareCreate(root);
  }

  get failed() {
    return !this.#trouble.hidden;
  }

  /** Takes every thread off the page, at once. */
  clear() {
    this.#turn += 1;
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#empty.hidden = true;
    this.#more.hidden = true;
    this.#fail("");
  }

  /** Loads what is shown, or the first page. */
  async load() {
    const turn = (this.#turn += 1);
    const wanted = Math.min(Math.max(this.#rows.size, PAGE), LARGEST_PAGE - 1);
    this.#list.setAttribute("aria-busy", "true");
    try {
      const page = await this.#page(wanted);
      if (turn !== this.#turn || this.#ended.aborted) return;
      this.#fail("");
      this.#show(page, wanted);
    } catch (error) {
      if (turn !== this.#turn || this.#ended.aborted) return;
      this.#list.querySelectorAll(".ghost-row").forEach((ghost) => ghost.remove());
      this.#fail(this.#explain(error, "The threads could not be loaded."));
    }
    this.#list.setAttribute("aria-busy", "false");
  }

  /** Loads again in the background, unless that would take a thread out of someone's hands. */
  refresh() {
    const editing = [...this.#rows.values()].some((row) => row.editing);
    const busy = this.#list.getAttribute("aria-busy") === "true";
    return editing || busy || this.#confirm.open ? this.#touch() : this.load();
  }

  /** @param {number} now */
  tick(now) {
    for (const row of this.#rows.values()) row.tick(now);
  }

  /** A request whose answer is not shown, because the token wants one to renew itself by. */
  async #touch() {
    await this.#page(1).catch(() => {});
  }

  /** One more than is shown, to know whether there are more. @param {number} count @param {string} [after] */
  async #page(count, after) {
    const query = { is_archived: this.#archived, limit: count + 1, ...(after ? { after } : {}) };
    return (await this.#cloud.threads.list(query)).threads;
  }

  async #loadMore() {
    const turn = this.#turn;
    const last = [...this.#rows.keys()].at(-1);
    if (this.#more.ariaDisabled === "true") return;
    this.#more.ariaDisabled = "true";
    try {
      const page = await this.#page(PAGE, last);
      if (turn !== this.#turn || this.#ended.aborted) return;
      const shown = [...this.#rows.values()].map((row) => row.thread);
      const known = this.#rows.size;
      this.#show([...shown, ...page.filter(({ id }) => !this.#rows.has(id))], known + PAGE);
      this.#fail("");
      this.#announce(`${this.#rows.size - known} more threads.`);
      if (this.#more.hidden) [...this.#rows.values()].at(known)?.focus("shelve");
    } catch (error) {
      if (turn !== this.#turn || this.#ended.aborted) return;
      this.#fail(this.#explain(error, "There are more threads, but they could not be loaded."));
    } finally {
      this.#more.ariaDisabled = null;
    }
  }

  /** @param {CloudThread[]} threads in their order, perhaps one too many @param {number} count */
  #show(threads, count) {
    const now = Date.now();
    const shown = threads.slice(0, count);
    /** @type {Map<string, ThreadRow>} */
    const rows = new Map();
    for (const thread of shown) {
      const row = this.#rows.get(thread.id) ?? this.#row(thread);
      row.show(thread, now);
      rows.set(thread.id, row);
    }
    this.#rows = rows;

    const elements = [...rows.values()].map((row) => row.element);
    for (const child of [...this.#list.children]) if (!elements.some((element) => element === child)) child.remove();
    // Only what is out of place moves, because an element that moves loses the focus.
    elements.forEach((element, index) => {
      const there = this.#list.children[index] ?? null;
      if (there !== element) this.#list.insertBefore(element, there);
    });
    this.#more.hidden = threads.length <= count;
    this.#empty.hidden = rows.size > 0;
    this.#empty.textContent = this.#archived ? "Nothing is archived." : "No threads yet. The first one starts with a name.";
  }

  /** @param {CloudThread} thread */
  #row(thread) {
    return new ThreadRow(thread, {
      rename: async (row, title) => {
        await this.#cloud.threads.update(row.thread.id, { title });
        row.show({ ...row.thread, title }, Date.now());
        this.#announce(`Renamed to ${title}.`);
      },
      shelve: async (row) => {
        const is_archived = !row.thread.is_archived;
        await this.#cloud.threads.update(row.thread.id, { is_archived });
        this.#drop(row, "shelve");
        this.#announce(is_archived ? `Archived ${row.name}.` : `Brought back ${row.name}.`);
      },
      remove: (row) => this.#askToDelete(row),
      explain: this.#explain,
    });
  }

  /** @param {ThreadRow} row */
  #askToDelete(row) {
    const remove = async () => {
      try {
        await this.#cloud.threads.delete(row.thread.id);
        return "";
      } catch (error) {
        return this.#explain(error, "The thread was not deleted.");
      }
    };
    this.#confirm.ask(row.name, remove, () => {
      this.#drop(row, "delete");
      this.#announce(`Deleted ${row.name}.`);
    });
  }

  /**
   * Takes a row off and hands the focus on, so that the keyboard does not fall back to the top of the page.
   *
   * @param {ThreadRow} row
   * @param {"shelve" | "delete"} button
   */
  #drop(row, button) {
    if (this.#ended.aborted || !this.#rows.delete(row.thread.id)) return;
    const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
    const focused = row.element.contains(document.activeElement);
    row.element.remove();
    if (focused) {
      const neighbor = [...this.#rows.values()].find(({ element }) => element === next);
      if (neighbor) neighbor.focus(button);
      else this.#shelf.querySelector("input")?.focus();
    }
    if (this.#rows.size === 0) void this.load();
  }

  /** @param {ParentNode} root */
  #prepareCreate(root) {
    const form = part(root, "create", HTMLFormElement);
    const field = part(root, "new-title", HTMLInputElement);
    const button = part(root, "create-button", HTMLButtonElement);
    const error = part(root, "create-error", HTMLElement);
    field.addEventListener("input", () => (error.textContent = ""));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const title = field.value.trim();
      if (title === "") return field.focus();
      if (button.disabled) return;
      button.disabled = true;
      error.textContent = "";
      try {
        await this.#cloud.threads.create({ title, last_message_at: new Date() });
        if (this.#ended.aborted) return;
        field.value = "";
        this.#announce(`Created ${title}.`);
        if (this.#archived) this.#turnToActive();
        await this.load();
      } catch (failure) {
        error.textContent = this.#explain(failure, "The thread was not created.");
      } finally {
        button.disabled = false;
        field.focus();
      }
    });
  }

  /** A new thread is not archived: show it. */
  #turnToActive() {
    this.#archived = false;
    this.#choiceOfShelf("active").checked = true;
    this.clear();
  }

  /** @param {"active" | "archived"} shelf @returns {HTMLInputElement} */
  #choiceOfShelf(shelf) {
    return /** @type {HTMLInputElement} */ (this.#shelf.querySelector(`[value="${shelf}"]`));
  }

  /** @param {string} words */
  #fail(words) {
    this.#trouble.hidden = words === "";
    this.#error.textContent = words;
  }

  /** @param {string} words said to a screen reader */
  #announce(words) {
    this.#announcement.textContent = words;
  }
}
