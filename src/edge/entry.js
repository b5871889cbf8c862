// @ts-check
/** The Worker's entry: what the runtime calls, and the way into Rust. */
import { DurableObject } from "cloudflare:workers";
import makeGlue from "glue";
import { passBody } from "./body.js";
import module from "./index_bg.wasm";
import { Bystander, Instance } from "./instance.js";

/** @import { Reply } from "./errand.js" */

const instance = new Instance(() => {
  const glue = makeGlue();
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map(({ module }) => [module, glue]));
  const { exports } = new WebAssembly.Instance(module, imports);
  glue.__wbg_set_wasm(exports);
  /** @type {() => void} */ (exports.__wbindgen_start)();
  return glue;
});

/** What Rust reads of a request's head, a line each; a header that is not there is a line of one NUL. */
const names = ["Origin", "Content-Length", "If-None-Match", "Authorization", "Aui-User-Id", "Aui-Workspace-Id"];

/**
 * What begins beyond ASCII goes into Rust in one piece, anything else letter by letter, which for a token of 12 KB is an
 * eighth of its refusal.
 *
 * @param {Request} request
 */
function headOf({ method, url, headers }) {
  let head = `·\n${method}\n${url}`;
  for (const name of names) head += `\n${headers.get(name) ?? "\0"}`;
  return head;
}

/** Tells the operator of a breakdown. @param {unknown} error */
function note(error) {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(JSON.stringify({ event: "broken_down", reason }));
}

/**
 * The answer of a request that Rust broke down at, or was waiting when it did.
 *
 * @param {unknown} error
 */
function brokenDown(error) {
  note(error);
  const headers = { "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*" };
  return error instanceof Bystander
    ? Response.json({ error: "temporarily_unavailable" }, { status: 503, headers: { ...headers, "Retry-After": "2" } })
    : Response.json({ error: "Internal Server Error" }, { status: 500, headers });
}

/**
 * @template Answer
 * @param {() => Answer | Promise<Answer>} work
 * @param {(error: unknown) => Answer | Promise<Answer>} recover
 */
function attempt(work, recover) {
  try {
    const outcome = work();
    return outcome instanceof Promise ? outcome.catch(recover) : outcome;
  } catch (error) {
    return recover(error);
  }
}

/**
 * An answer when nothing more comes that it could miss.
 *
 * @param {Request} request
 * @param {Response | Promise<Response>} answer
 */
async function afterBody(request, answer) {
  const response = await answer;
  await passBody(request);
  return response;
}

export default {
  /**
   * @param {Request} request
   * @param {object} env
   * @param {{ waitUntil(promise: Promise<unknown>): void }} context
   */
  fetch(request, env, context) {
    /** @param {unknown} work */
    const background = (work) => {
      const done = Promise.resolve(instance.finish(work));
      context.waitUntil(done);
      return done;
    };
    const serve = () => instance.call((glue) => glue.serve(request, headOf(request), env, background));
    const answer = attempt(serve, (error) => {
      // Reading again harms nobody.
      const isRepeatable = error instanceof Bystander && request.method === "GET";
      return isRepeatable ? attempt(serve, brokenDown) : brokenDown(error);
    });
    const { bodyUsed, headers } = request;
    // To ask for the body makes a stream of it.
    const isPassed = bodyUsed || headers.get("Content-Length") === "0" || request.body === null;
    return isPassed ? answer : afterBody(request, answer);
  },
};

/**
 * A workspace's reply. A list that is too large to be made before it is sent is made as its reader comes for it.
 *
 * @param {Reply | import("glue").ListStream} outcome
 * @returns {Reply}
 */
function reply(outcome) {
  const { glue } = instance;
  if (!(outcome instanceof glue.ListStream)) return outcome;
  /** @param {ReadableByteStreamController} controller */
  const pull = (controller) => {
    const part = instance.enter(glue, () => outcome.next());
    if (part) controller.enqueue(part);
    else if (part === undefined) controller.close();
    else controller.error(new Error("the list breaks off"));
  };
  return instance.enter(glue, () => outcome.reply(new ReadableStream({ type: "bytes", pull }, { highWaterMark: 0 })));
}

/** The Durable Object that a workspace lives in. What it does is in `workspace.rs`. */
export class Workspace extends DurableObject {
  /** @type {{ glue: unknown, room: import("glue").Room } | undefined} */
  #kept;

  /** @param {import("glue").Glue} glue */
  #room(glue) {
    if (this.#kept?.glue !== glue) this.#kept = { glue, room: new glue.Room(this.ctx, this.env) };
    return this.#kept.room;
  }

  /**
   * Does an errand, see `errand.js`.
   *
   * @param {string} errand
   * @param {ArrayBuffer} [body]
   * @returns {Reply | Promise<Reply>}
   */
  serve(errand, body) {
    const serve = () => {
      const outcome = instance.call((glue) => this.#room(glue).serve(errand, body));
      return outcome instanceof Promise ? outcome.then(reply) : reply(outcome);
    };
    return attempt(serve, (error) => this.#reset(error));
  }

  async alarm() {
    const failed = await instance.call((glue) => this.#room(glue).alarm());
    // The platform rings again after an error only.
    if (failed) throw new Error("what the alarm rang for has failed");
  }

  /**
   * What was written in the turn that broke down is only a part of what was to be: the object starts over without it.
   *
   * @param {unknown} error
   * @returns {never}
   */
  #reset(error) {
    note(error);
    if (!(error instanceof Bystander)) this.ctx.abort("the workspace's instance has broken down");
    throw error;
  }
}
