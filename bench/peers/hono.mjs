// @ts-check
/**
 * What a user would write in the place of the Worker: Hono for the routes, `jose` for the tokens, a Durable Object
 * asked by RPC for the data. Each by its own documentation, with the checks and the answers of the Worker.
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";

import * as tokens from "./tokens.mjs";

export { Workspace } from "./workspace.mjs";

const MAX_CONTENT = 1_048_576;

/** @type {Hono<{ Bindings: any, Variables: { caller: tokens.Caller } }>} */
const app = new Hono();

app.use(
  cors({
    origin: (origin) => origin,
    allowHeaders: ["Authorization", "Content-Type", "Aui-Sdk", "Aui-User-Id", "Aui-Workspace-Id"],
    allowMethods: ["GET", "POST", "PUT", "DELETE", "OPTIONS"],
    exposeHeaders: ["Authorization", "Retry-After", "X-Request-Id", "Date"],
    maxAge: 7_200,
  }),
);

const NO_STORE = { "Cache-Control": "no-store" };
const TOO_LARGE = { error: "Request body is too large" };
const PRIVATE = { "Cache-Control": "private, no-store" };

/**
 * The answer to a request that is refused. It has a name, by which the operator finds the log's line of it.
 *
 * @param {import("hono").Context} c
 * @param {import("hono/utils/http-status").ContentfulStatusCode} status
 * @param {{ error: string, details?: string[] }} body
 */
function refuse(c, status, body) {
  const request = crypto.randomUUID();
  if ((status === 401 || status === 403) && body.error !== tokens.MISSING) {
    console.error(JSON.stringify({ event: "credential_refused", request, reason: body.error }));
  }
  return c.json(body, status, { ...NO_STORE, "X-Request-Id": request });
}

app.notFound((c) => refuse(c, 404, { error: "Not Found" }));
app.onError((error, c) => {
  if (error instanceof tokens.Refusal) {
    const { message, details, status } = error;
    return refuse(c, status, details ? { error: message, details } : { error: message });
  }
  console.error(error);
  return refuse(c, 500, { error: "Internal Server Error" });
});

/** @param {string} detail @returns {never} */
function invalid(detail) {
  throw new tokens.Refusal(400, "Schema validation error", [detail]);
}

const limit = (/** @type {number} */ maxSize) =>
  bodyLimit({ maxSize, onError: (c) => refuse(c, 413, TOO_LARGE) });

/** @param {import("hono").Context} c @returns {Promise<Record<string, any>>} */
async function body(c) {
  const value = await c.req.json().catch(() => {
    throw new tokens.Refusal(400, "Malformed JSON");
  });
  if (value === null || typeof value !== "object" || Array.isArray(value)) invalid("body: must be an object");
  return value;
}

/** A text of 1 to 255 characters. @param {unknown} value @param {string} name */
function text(value, name) {
  if (typeof value === "string" && value.length >= 1 && value.length <= 255) return value;
  return invalid(`${name}: must be a string of 1 to 255 characters`);
}

const optionalText = (/** @type {unknown} */ value, /** @type {string} */ name) =>
  value === undefined || value === null ? undefined : text(value, name);

/**
 * The rows of a page and where it begins.
 *
 * @param {import("hono").Context} c
 * @param {number} most
 * @param {number} standard
 */
function page(c, most, standard) {
  const { limit, after } = c.req.query();
  if (limit !== undefined && !/^\d+$/.test(limit)) invalid(`limit: must be a whole number from 1 to ${most}`);
  const rows = limit === undefined ? standard : Number(limit);
  if (rows < 1 || rows > most) invalid(`limit: must be a whole number from 1 to ${most}`);
  if (after !== undefined && after.length > 255) invalid("after: must be an id");
  return { limit: rows, after };
}

/** The caller's Durable Object. @param {import("hono").Context} c @param {string} workspace */
function objectOf(c, workspace) {
  const project = c.env.PROJECT_ID;
  return c.env.WORKSPACE.getByName(`${project.length}:${project}:${workspace}`);
}

app.get("/healthz", async (c) => c.json({ ok: true, credentials: await tokens.credentials(c.env) }, 200, NO_STORE));

app.post("/v1/auth/tokens", async (c) => {
  const key = tokens.credential(c.req.header("Authorization"));
  if (!key.startsWith("sk_aui_")) throw new tokens.Refusal(403, "This endpoint may only be accessed from the backend");
  const [user, workspace] = [c.req.header("Aui-User-Id"), c.req.header("Aui-Workspace-Id")];
  const caller = await tokens.authenticateBackend(c.env, key, user, workspace);
  return c.json({ token: await tokens.issue(c.env, caller) }, 200, NO_STORE);
});

/** @param {any} env @param {tokens.RefreshToken} refresh @param {number} expiresAt */
async function identity(env, refresh, expiresAt) {
  const token = await tokens.sealRefreshToken(env, refresh);
  return {
    refresh_token: { token, expires_at: new Date(expiresAt).toISOString() },
    access_token: await tokens.issue(env, tokens.anonymous(refresh.identity)),
  };
}

app.post("/v1/auth/tokens/anonymous", async (c) => {
  const first = { identity: crypto.getRandomValues(new Uint8Array(16)), counter: 0, issuedAt: Date.now() };
  return c.json(await identity(c.env, first, first.issuedAt + 30 * 24 * 60 * 60 * 1_000), 200, NO_STORE);
});

app.post("/v1/auth/tokens/refresh", limit(4_096), async (c) => {
  const presented = await tokens.openRefreshToken(c.env, (await body(c)).refresh_token);
  const { workspace } = tokens.anonymous(presented.identity);
  const { counter, issuedAt } = presented;
  const family = await objectOf(c, workspace).renew({ counter, issuedAt });
  if (!family) throw new tokens.Refusal(403, "Invalid refresh token");
  const next = { identity: presented.identity, counter: family.counter, issuedAt: family.rotatedAt };
  return c.json(await identity(c.env, next, family.expiresAt), 200, NO_STORE);
});

app.use("/v1/*", async (c, next) => {
  const credential = tokens.credential(c.req.header("Authorization"));
  if (credential.startsWith("sk_aui_")) {
    const [user, workspace] = [c.req.header("Aui-User-Id"), c.req.header("Aui-Workspace-Id")];
    c.set("caller", await tokens.authenticateBackend(c.env, credential, user, workspace));
    return next();
  }
  if (!credential.includes(".")) throw new tokens.Refusal(403, "Unsupported authorization value");
  const { caller, handOver } = await tokens.authenticateToken(c.env, credential);
  c.set("caller", caller);
  await next();
  if (handOver && c.res.ok) c.header("Authorization", `Bearer ${handOver}`);
});

app.post("/v1/files/pdf-to-images", limit(16_384), (c) =>
  refuse(c, 501, { error: "PDF conversion is not available on this deployment" }));

app.get("/v1/threads", async (c) => {
  const { is_archived = "false", external_id } = c.req.query();
  if (is_archived !== "true" && is_archived !== "false") invalid("is_archived: must be true or false");
  const externalId = optionalText(external_id, "external_id");
  const query = { ...page(c, 100, 20), isArchived: is_archived === "true", externalId };
  const { workspace } = c.var.caller;
  const threads = await objectOf(c, workspace).listThreads(workspace, query);
  return c.body(threads, 200, { "Content-Type": "application/json", ...PRIVATE });
});

app.post("/v1/threads", limit(65_536), async (c) => {
  const { last_message_at, title, metadata, external_id } = await body(c);
  const lastMessageAt = Date.parse(text(last_message_at, "last_message_at"));
  if (Number.isNaN(lastMessageAt)) invalid("last_message_at: must be an ISO date and time");
  if (metadata && (typeof metadata !== "object" || Array.isArray(metadata))) invalid("metadata: must be an object");
  const { user, workspace } = c.var.caller;
  const thread_id = await objectOf(c, workspace).createThread(user, {
    lastMessageAt,
    title: optionalText(title, "title"),
    metadata: metadata ? JSON.stringify(metadata) : null,
    externalId: optionalText(external_id, "external_id"),
  });
  return c.json({ thread_id }, 201, PRIVATE);
});

app.get("/v1/threads/:thread/messages", async (c) => {
  optionalText(c.req.query("format"), "format");
  const query = page(c, 200, 200);
  const messages = await objectOf(c, c.var.caller.workspace).listMessages(c.req.param("thread"), query);
  return c.body(messages.body, 200, { "Content-Type": "application/json", ...PRIVATE });
});

app.post("/v1/threads/:thread/messages", limit(MAX_CONTENT + 16_384), async (c) => {
  const { parent_id, parent_external_id, format, content, external_id } = await body(c);
  if (parent_id !== null && typeof parent_id !== "string") invalid("parent_id: must be a message id or null");
  if (content === null || typeof content !== "object" || Array.isArray(content)) invalid("content: must be an object");
  const stored = JSON.stringify(content);
  if (stored.length > MAX_CONTENT) return refuse(c, 413, TOO_LARGE);
  const { user, workspace } = c.var.caller;
  const { status, id, error } = await objectOf(c, workspace).appendMessage(user, c.req.param("thread"), {
    parentId: parent_id?.startsWith("msg_") ? parent_id : null,
    parentExternalId: optionalText(parent_external_id, "parent_external_id"),
    format: text(format, "format"),
    role: typeof content.role === "string" ? content.role : null,
    externalId: optionalText(external_id, "external_id"),
    content: stored,
  });
  return error ? c.json({ error }, status, NO_STORE) : c.json({ message_id: id }, status, PRIVATE);
});

export default app;
