/** What a consumer writes, and what the compiler must refuse. Nothing here runs. */
import {
  AssistantCloud,
  CloudAPIError,
  CloudAuthError,
  CloudConfigError,
  CloudResponseError,
  readAnonymousRefreshToken,
  type AssistantCloudConfig,
  type AuthIdentity,
  type AuthState,
  type CloudAuthErrorCode,
  type CloudThread,
} from "assistant-cloud-edge";

const baseUrl = "https://cloud.test";
const authToken = async (): Promise<string | null> => null;

const signedIn = new AssistantCloud({ baseUrl, authToken, telemetry: false });
const visitor = new AssistantCloud({ baseUrl, anonymous: true, telemetry: { release: "1", tags: ["a"] } });
const backend = new AssistantCloud({ baseUrl, apiKey: "sk_aui_x", userId: "u", workspaceId: "w" });
export const any: AssistantCloudConfig[] = [{ baseUrl, anonymous: true }];

// @ts-expect-error a base URL is required
new AssistantCloud({ apiKey: "sk_aui_x", userId: "u", workspaceId: "w" });
// @ts-expect-error for a callback too
new AssistantCloud({ authToken });
// @ts-expect-error and for a visitor
new AssistantCloud({ anonymous: true });
// @ts-expect-error nobody to be
new AssistantCloud({ baseUrl });
// @ts-expect-error nothing at all
new AssistantCloud();
// @ts-expect-error a callback, not a token
new AssistantCloud({ baseUrl, authToken: "token" });
// @ts-expect-error a key speaks for a user
new AssistantCloud({ baseUrl, apiKey: "sk_aui_x", workspaceId: "w" });
// @ts-expect-error a visitor is a visitor
new AssistantCloud({ baseUrl, anonymous: false });
// @ts-expect-error misspelled
new AssistantCloud({ baseUrl, anonymous: true, telemetri: false });

export async function threads(): Promise<CloudThread | undefined> {
  const { threads } = await signedIn.threads.list({ is_archived: undefined, limit: 20 });
  const { thread_id } = await signedIn.threads.create({ last_message_at: new Date(), metadata: { a: "1" } });
  await signedIn.threads.update(thread_id, { title: "x" });
  await signedIn.threads.delete(thread_id);
  // @ts-expect-error a date, not its text
  await signedIn.threads.create({ last_message_at: "2026-01-01" });
  // @ts-expect-error not a filter
  await signedIn.threads.list({ archived: true });
  const time: number | undefined = threads[0]?.last_message_at.getTime();
  const title: string | undefined = threads[0]?.title;
  void [time, title];
  return threads[0];
}

export function listen(): () => void {
  visitor.auth.on("token", ({ source, expiresAt }) => {
    const from: "authToken" | "anonymous" | "refresh" | "response" | "otherTab" = source;
    void [from, expiresAt.toFixed()];
  });
  visitor.auth.on("identity", ({ userId, previous }) => {
    const both: (string | null)[] = [userId, previous.userId];
    void both;
  });
  visitor.auth.on("signedOut", ({ reason, previous }) => {
    const by: "signOut" | "otherTab" | "authToken" = reason;
    void [by, previous.userId];
  });
  visitor.auth.on("clockSkew", ({ skew }) => void skew.toFixed());
  // @ts-expect-error no such event
  visitor.auth.on("tokens", () => {});
  const state: AuthState = visitor.auth.state;
  const identity: AuthIdentity = state;
  void identity;
  // @ts-expect-error a snapshot
  state.userId = "eve";
  // @ts-expect-error always the same object
  visitor.threads = backend.threads;
  return visitor.auth.on("error", ({ error, background }) => void [error, background]);
}

export async function backendToken(): Promise<string> {
  backend.registerSdk({ name: "x", version: "1" });
  backend.telemetry.enabled = false;
  return (await backend.auth.tokens.create()).token;
}

export function explain(error: unknown): string | number | undefined {
  if (error instanceof CloudAPIError) return error.code ?? error.status;
  if (error instanceof CloudAuthError) {
    const code: CloudAuthErrorCode = error.code;
    return error.status ?? code;
  }
  if (error instanceof CloudConfigError || error instanceof CloudResponseError) return error.message;
  return readAnonymousRefreshToken(baseUrl) ?? undefined;
}

/** Two copies of the package, or another implementation of it, fit each other: nothing in it is private. */
export const other: AssistantCloud = {
  threads: signedIn.threads,
  auth: signedIn.auth,
  projects: signedIn.projects,
  runs: signedIn.runs,
  files: signedIn.files,
  events: signedIn.events,
  scores: signedIn.scores,
  telemetry: {},
  registerSdk() {},
};
