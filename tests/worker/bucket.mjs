// @ts-check
/**
 * An R2 bucket in memory, as a service of the same workerd: it speaks the protocol that the runtime's own R2 binding
 * speaks to the platform, so that between the Worker and its bucket nothing is of our making. Runs in workerd, not in
 * Node.
 */

/** @typedef {{ version: string, etag: string, uploaded: number, httpFields: object, bytes: Uint8Array }} Stored */

/** @type {Map<string, Stored>} */
const objects = new Map();

/** @param {Uint8Array} bytes */
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * @param {number} status
 * @param {number} v4code R2's own number
 * @param {string} message
 * @param {string} [metadata]
 */
function fail(status, v4code, message, metadata = "") {
  const headers = { "cf-r2-error": JSON.stringify({ version: 1, v4code, message }) };
  const size = String(new TextEncoder().encode(metadata).length);
  return new Response(metadata || null, { status, headers: { ...headers, "cf-r2-metadata-size": size } });
}

/** @param {string} name @param {Stored} stored @param {{ offset: number, length: number }} [range] */
function describe(name, { bytes, ...fields }, range = { offset: 0, length: bytes.length }) {
  const checksums = { 0: fields.etag };
  return JSON.stringify({ name, size: bytes.length, ...fields, customFields: [], range, checksums });
}

/** @param {string} metadata @param {Uint8Array} [bytes] */
function answer(metadata, bytes = new Uint8Array()) {
  const head = new TextEncoder().encode(metadata);
  return new Response(new Blob([head, /** @type {any} */ (bytes)]), {
    headers: { "cf-r2-metadata-size": String(head.length), "Content-Type": "application/json" },
  });
}

/** @param {any} request @param {Stored | undefined} stored */
function get({ object, range, onlyIf }, stored) {
  if (!stored) return fail(404, 10007, "The specified key does not exist.");
  const known = (onlyIf?.etagDoesNotMatch ?? []).some((/** @type {any} */ tag) => tag.value === stored.etag);
  if (known) return fail(412, 10031, "At least one of the pre-conditions did not hold.", describe(object, stored));
  if (!range) return answer(describe(object, stored), stored.bytes);
  const size = stored.bytes.length;
  const suffix = range.suffix === undefined ? undefined : Math.min(Number(range.suffix), size);
  const offset = suffix === undefined ? Number(range.offset ?? 0) : size - suffix;
  const length = Math.min(suffix ?? Number(range.length ?? size - offset), size - offset);
  if (length <= 0) return fail(416, 10039, "The requested range is not satisfiable");
  return answer(describe(object, stored, { offset, length }), stored.bytes.slice(offset, offset + length));
}

export default {
  /** @param {Request} request */
  async fetch(request) {
    const header = request.headers.get("cf-r2-request");
    if (header) {
      const asked = JSON.parse(header);
      return get(asked, objects.get(asked.object));
    }
    const body = new Uint8Array(await request.arrayBuffer());
    const start = Number(request.headers.get("cf-r2-metadata-size"));
    const asked = JSON.parse(new TextDecoder().decode(body.subarray(0, start)));
    if (asked.method === "delete") {
      for (const name of asked.objects ?? [asked.object]) objects.delete(name);
      return answer("{}");
    }
    const { object, httpFields = {} } = asked;
    const bytes = body.slice(start);
    const etag = hex(new Uint8Array(await crypto.subtle.digest("MD5", bytes)));
    const stored = { version: crypto.randomUUID(), etag, uploaded: Date.now(), httpFields, bytes };
    objects.set(object, stored);
    return answer(describe(object, stored));
  },
};
