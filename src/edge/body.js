// @ts-check
/** Reading a body, as `request.rs` has it read, and letting one pass that nobody reads. */

/** How much of an unread body passes at most, in bytes, and for how long, in milliseconds. */
const MAX_PASSED = 33_554_432;
const PATIENCE = 1_000;

/**
 * Reads a body whose length is known. The runtime lets no more through than was announced.
 *
 * @param {Request} request
 */
export const readWhole = (request) => request.arrayBuffer();

/**
 * Reads a body of at most `limit` bytes, whose length nobody has announced.
 *
 * @param {Request} request
 * @param {number} limit
 * @returns {Promise<ArrayBuffer | undefined>} undefined for one that is longer
 */
export async function readBounded(request, limit) {
  if (!request.body) return new ArrayBuffer();
  const reader = request.body.getReader();
  const body = await readAll(reader, limit);
  if (!body) await pass(reader, MAX_PASSED - limit);
  return body;
}

/**
 * Reads to the end, or until there is more than `limit` bytes.
 *
 * @param {ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>} reader
 * @param {number} limit
 * @returns {Promise<ArrayBuffer | undefined>} undefined where there is more
 */
export async function readAll(reader, limit) {
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks).arrayBuffer();
    length += value.length;
    if (length > limit) return;
    chunks.push(value);
  }
}

/**
 * Lets the rest of a request pass that is answered already: a client that is still sending when the connection ends
 * never sees the answer. One that sends too much, or too slowly, is not waited for.
 *
 * @param {Request} request
 */
export async function passBody({ body, bodyUsed, headers }) {
  if (body === null || bodyUsed) return;
  const announced = headers.get("Content-Length");
  if (announced === "0" || Number(announced) > MAX_PASSED) return;
  await pass(body.getReader(), MAX_PASSED);
}

/**
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {number} limit in bytes
 */
async function pass(reader, limit) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  const read = async () => {
    for (let left = limit; left > 0;) {
      const { done, value } = await reader.read();
      if (done) return;
      left -= value.length;
    }
  };
  await Promise.race([read().catch(() => {}), late]);
  clearTimeout(timer);
  reader.cancel().catch(() => {});
}
