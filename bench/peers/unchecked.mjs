// @ts-check
/**
 * What bounds a verification on this runtime: a handler that reads the headers that one needs, checks nothing, and
 * answers as the Worker and its peer do, headers and all. Everybody is let through or, with `REFUSES` set, refused, with
 * a line in the log.
 */

const ALLOWED = {
  "Access-Control-Expose-Headers": "Authorization, Retry-After, X-Request-Id, Date",
  "Cache-Control": "no-store",
  "Content-Type": "application/json",
  Vary: "Origin",
};
const ACCEPTED = '{"error":"PDF conversion is not available on this deployment"}';
const REFUSED = "Invalid JWT token";

export default {
  /** @param {Request} request @param {any} env */
  fetch({ headers }, env) {
    const [origin, credential] = [headers.get("Origin"), headers.get("Authorization")];
    const id = crypto.randomUUID();
    if (env.REFUSES) console.error(JSON.stringify({ event: "credential_refused", request: id, reason: REFUSED }));
    const body = env.REFUSES ? JSON.stringify({ error: REFUSED }) : ACCEPTED;
    const status = env.REFUSES ? 403 : 501;
    const allowed = { ...ALLOWED, "Access-Control-Allow-Origin": origin ?? "", "X-Request-Id": id };
    return credential ? new Response(body, { status, headers: allowed }) : new Response(null, { status: 401 });
  },
};

/** The configuration that every Worker here is started with names such a class. */
export class Workspace {}
