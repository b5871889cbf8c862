// @ts-check
/** What becomes of the requests when the WASM instance that serves them breaks down, shown with a tiny one that does. */
import assert from "node:assert/strict";
import { it } from "node:test";

import { Bystander, Instance } from "../../src/edge/instance.js";

/**
 * A module with a counter, `count`, which goes up by one and is returned, and `trap`, which ends in `unreachable`:
 *
 * (module
 *   (global (mut i32) (i32.const 0))
 *   (func (export "count") (result i32) (global.set 0 (i32.add (global.get 0) (i32.const 1))) (global.get 0))
 *   (func (export "trap") unreachable))
 */
const bytes = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version
  0x01, 0x08, 0x02, 0x60, 0x00, 0x01, 0x7f, 0x60, 0x00, 0x00, // types: () -> i32, () -> ()
  0x03, 0x03, 0x02, 0x00, 0x01, // functions
  0x06, 0x06, 0x01, 0x7f, 0x01, 0x41, 0x00, 0x0b, // global
  0x07, 0x10, 0x02, 0x05, 0x63, 0x6f, 0x75, 0x6e, 0x74, 0x00, 0x00, 0x04, 0x74, 0x72, 0x61, 0x70, 0x00, 0x01, // exports
  0x0a, 0x11, 0x02, 0x0b, 0x00, 0x23, 0x00, 0x41, 0x01, 0x6a, 0x24, 0x00, 0x23, 0x00, 0x0b, 0x03, 0x00, 0x00, 0x0b,
]);
const module = new WebAssembly.Module(bytes);

/** A task that goes on with `next` once `promise` has settled. */
class Task {
  /** @param {unknown} promise @param {(value: unknown, failed: boolean) => unknown} next */
  constructor(promise, next) {
    this.promise = promise;
    this.resume = next;
  }
}

function start() {
  let made = 0;
  const instance = new Instance(() => {
    made++;
    const { count, trap } = new WebAssembly.Instance(module).exports;
    return { Task, count: /** @type {() => number} */ (count), trap: /** @type {() => never} */ (trap) };
  });
  return { instance, made: () => made };
}

it("an instance keeps its memory from call to call", () => {
  const { instance, made } = start();
  assert.equal(instance.call((rust) => rust.count()), 1);
  assert.equal(instance.call((rust) => rust.count()), 2);
  assert.equal(made(), 1);
});

it("a trap fails its own call, and the next one has a new instance", () => {
  const { instance, made } = start();
  instance.call((rust) => rust.count());
  assert.throws(() => instance.call((rust) => rust.trap()), WebAssembly.RuntimeError);
  assert.equal(instance.call((rust) => rust.count()), 1);
  assert.equal(made(), 2);
});

it("a task goes on with what its promises come to, good or bad", async () => {
  const { instance } = start();
  const task = new Task(Promise.resolve("first"), (value, failed) => {
    assert.deepEqual([value, failed], ["first", false]);
    task.promise = Promise.reject("second");
    task.resume = (value, failed) => [value, failed];
  });
  const work = instance.call(() => task);
  assert.deepEqual(await work, ["second", true]);
});

it("whoever was waiting in an instance that has broken down fails, and is told apart from who broke it", async () => {
  const { instance, made } = start();
  const { promise, resolve } = Promise.withResolvers();
  let resumed = false;
  const waiting = instance.call(() => new Task(promise, () => (resumed = true)));
  const breaking = instance.call((rust) => new Task(undefined, () => rust.trap()));
  await assert.rejects(breaking, WebAssembly.RuntimeError);
  resolve(undefined);
  await assert.rejects(waiting, Bystander);
  assert.equal(resumed, false);
  assert.equal(instance.call((rust) => rust.count()), 1);
  assert.equal(made(), 2);
});

it("a panic that has unwound fails its own call, and nobody else's", async () => {
  const { instance, made } = start();
  const { promise, resolve } = Promise.withResolvers();
  instance.call((rust) => rust.count());
  const waiting = instance.call((rust) => new Task(promise, () => rust.count()));
  const panic = Object.assign(new Error("a panic"), { name: "PanicError" });
  assert.throws(() => instance.call(() => { throw panic; }), panic);
  resolve(undefined);
  assert.equal(await waiting, 2);
  assert.equal(made(), 1);
});

it("an instance that cannot be made fails its call only", () => {
  let fails = false;
  const instance = new Instance(() => {
    if (fails) throw new RangeError("out of memory");
    return { Task, trap: () => { throw new WebAssembly.RuntimeError("unreachable"); } };
  });
  fails = true;
  assert.throws(() => instance.call((rust) => rust.trap()), WebAssembly.RuntimeError);
  assert.throws(() => instance.call(() => 1), RangeError);
  fails = false;
  assert.equal(instance.call(() => 1), 1);
});
