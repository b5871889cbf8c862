// @ts-check
/**
 * The WASM instance, and its replacement when it breaks down.
 *
 * Rust ends in a trap what it cannot go on with, and leaves its memory as it was at that moment. Such an instance is
 * never called again: the request that broke it fails, those that were waiting in it fail, and the next one gets a new
 * instance. Nothing is lost but what an isolate remembers. Where panics unwind, those that were waiting go on.
 */

/**
 * Rust's side of something that takes time. See `task.rs`.
 *
 * @typedef {{ readonly promise: unknown, resume(value: unknown, failed: boolean): unknown }} Task
 */

/** A request that was waiting in an instance when another one broke it. */
export class Bystander extends Error {}

/** @template {{ Task: new (...args: never[]) => Task }} Glue the functions of an instance */
export class Instance {
  #make;
  /** @type {Glue | undefined} */
  #glue;

  /** @param {() => Glue} make starts a new instance */
  constructor(make) {
    this.#make = make;
    this.#glue = make();
  }

  /** The functions of the instance that works now. */
  get glue() {
    return (this.#glue ??= this.#make());
  }

  /**
   * Calls Rust.
   *
   * @param {(glue: Glue) => unknown} work gives a value, or a task that comes to one
   * @returns {any} the value, or a promise of it
   */
  call(work) {
    const { glue } = this;
    return this.#finish(glue, this.#enter(glue, work));
  }

  /**
   * Sees to its end what Rust has begun and does not wait for itself.
   *
   * @param {unknown} outcome a value or a task of the present instance
   */
  finish(outcome) {
    return this.#finish(this.glue, outcome);
  }

  /**
   * @param {Glue} glue
   * @param {unknown} outcome
   */
  #finish(glue, outcome) {
    return outcome instanceof glue.Task ? this.#complete(glue, outcome) : outcome;
  }

  /**
   * @param {Glue} glue
   * @param {Task} task
   */
  async #complete(glue, task) {
    for (;;) {
      let value;
      let failed = false;
      try {
        value = await task.promise;
      } catch (error) {
        value = error;
        failed = true;
      }
      const outcome = this.#enter(glue, () => task.resume(value, failed));
      if (outcome !== undefined) return outcome;
    }
  }

  /**
   * @param {Glue} glue
   * @param {(glue: Glue) => unknown} work
   */
  #enter(glue, work) {
    if (glue !== this.#glue) throw new Bystander("the instance that this was waiting in has broken down");
    try {
      return work(glue);
    } catch (error) {
      // What Rust throws itself is a panic that has unwound its stack, in a Worker built with `--panic-unwind`. Anything
      // else that comes out of it has passed over its frames and left its stack as it was.
      if (!(error instanceof Error && error.name === "PanicError")) this.#glue = undefined;
      throw error;
    }
  }
}
