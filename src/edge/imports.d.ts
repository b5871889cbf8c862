/** What `entry.js` imports that is not written by hand. */

/** The functions of Rust, made anew for every instance. */
declare module "glue" {
  import type { Reply } from "./errand.js";
  import type { Task } from "./instance.js";

  export interface Room {
    serve(errand: string, body: ArrayBuffer | undefined): unknown;
    alarm(): unknown;
  }

  export interface ListStream {
    next(): Uint8Array | null | undefined;
    reply(stream: ReadableStream): Reply;
  }

  export interface Glue {
    ListStream: new (...args: never[]) => ListStream;
    Task: new (...args: never[]) => Task;
    Room: new (state: unknown, env: unknown) => Room;
    serve(request: Request, head: string, env: unknown, background: (work: unknown) => Promise<unknown>): unknown;
    __wbg_set_wasm(exports: WebAssembly.Exports): void;
  }

  export default function makeGlue(): Glue & WebAssembly.ModuleImports;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "cloudflare:workers" {
  export class DurableObject {
    protected readonly ctx: { abort(reason: string): void };
    protected readonly env: unknown;
    constructor(ctx: unknown, env: unknown);
  }
}
