// @ts-check
/**
 * The Worker's entry with faults in what the platform gives it, one a request, as the header `X-Fault` says. Nothing
 * of the Worker itself is another: what it imports, the clock and its binding, fails as the platform's own can. Runs in
 * workerd, not in Node.
 */
// @ts-ignore: built
import worker, { Workspace as Original } from "./index.js";
// @ts-ignore: written by workerd.mjs
import trapModule from "./trap.wasm";

/** Ends in the trap that a panic ends in. */
const trap = /** @type {() => never} */ (new WebAssembly.Instance(trapModule).exports.trap);

const { now } = Date;

/**
 * Calls something with another clock, up to its first wait.
 *
 * @template T
 * @param {() => number} clock
 * @param {() => T} work
 */
function withClock(clock, work) {
  Date.now = clock;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}

/** A clock that ends in a trap when it is read again, which an object does when it has written. */
function trapLater() {
  let isRead = false;
  return () => {
    if (isRead) {
      // An object that breaks down is ended on the spot: nothing that was to come after is.
      Date.now = now;
      trap();
    }
    isRead = true;
    return now();
  };
}

/** An error as the platform throws it when an object cannot be reached. @param {object} members */
const objectError = (members) => Object.assign(new Error("Durable Object is overloaded. Too many requests queued."), members);

/**
 * The binding, whose objects fail the first times.
 *
 * @param {any} namespace
 * @param {object} members of the error
 * @param {number} failures
 * @param {{ calls: number }} count
 */
const failing = (namespace, members, failures, count) => ({
  /** @param {string} name */
  getByName(name) {
    const stub = namespace.getByName(name);
    return {
      /** @param {any[]} parts */
      async serve(...parts) {
        count.calls++;
        if (count.calls <= failures) throw objectError(members);
        return stub.serve(...parts);
      },
    };
  },
});

/**
 * The binding, whose objects are told of a fault of their own.
 *
 * @param {any} namespace
 * @param {string} fault
 */
const faulty = (namespace, fault) => ({
  /** @param {string} name */
  getByName(name) {
    const stub = namespace.getByName(name);
    /** @param {string} errand @param {ArrayBuffer} [body] */
    const serve = (errand, body) => stub.serve(errand, body, fault);
    return { serve };
  },
});

/** @type {Record<string, (request: Request, env: any, context: any) => Promise<Response>>} */
const faults = {
  /** Rust breaks down in the Worker. */
  async trap(request, env, context) {
    return withClock(trap, () => worker.fetch(request, env, context));
  },
  /** Rust breaks down in the workspace's object. */
  async "object-trap"(request, env, context) {
    return worker.fetch(request, { ...env, WORKSPACE: faulty(env.WORKSPACE, "trap") }, context);
  },
  /** The object throws. */
  async "object-exception"(request, env, context) {
    return worker.fetch(request, { ...env, WORKSPACE: faulty(env.WORKSPACE, "exception") }, context);
  },
  overloaded: (request, env, context) => askFailing(request, env, context, { overloaded: true }, Infinity),
  retryable: (request, env, context) => askFailing(request, env, context, { retryable: true }, 1),
  /** Counts what goes on when the client has left. */
  async "counted-work"(request, env, context) {
    let kept = 0;
    /** @param {Promise<unknown>} work */
    const waitUntil = (work) => {
      kept++;
      context.waitUntil(work);
    };
    return told(await worker.fetch(request, env, { waitUntil }), "X-Kept-Work", kept);
  },
  /** As within one turn of the platform: the clock does not move until the answer is there. */
  async "frozen-clock"(request, env, context) {
    const moment = now();
    let reads = 0;
    Date.now = () => {
      reads++;
      return moment;
    };
    try {
      return told(await worker.fetch(request, env, context), "X-Clock-Reads", reads);
    } finally {
      Date.now = now;
    }
  },
};

/** @param {Request} request @param {any} env @param {any} context @param {object} members @param {number} failures */
async function askFailing(request, env, context, members, failures) {
  const count = { calls: 0 };
  const binding = failing(env.WORKSPACE, members, failures, count);
  return told(await worker.fetch(request, { ...env, WORKSPACE: binding }, context), "X-Object-Calls", count.calls);
}

/** @param {Response} response @param {string} name @param {number} value */
function told(response, name, value) {
  const copy = new Response(response.body, response);
  copy.headers.set(name, String(value));
  return copy;
}

export class Workspace extends Original {
  /** @param {string} errand @param {ArrayBuffer} [body] @param {string} [fault] */
  serve(errand, body, fault) {
    if (fault === "exception") throw new Error("the object is reset");
    return fault === "trap" ? withClock(trapLater(), () => super.serve(errand, body)) : super.serve(errand, body);
  }
}

export default {
  /** @param {Request} request @param {any} env @param {any} context */
  fetch(request, env, context) {
    const fault = faults[request.headers.get("X-Fault") ?? ""];
    return (fault ?? worker.fetch)(request, env, context);
  },
};
