/** Messages, runs, files, events, scores and projects, as a consumer writes them. Nothing here runs. */
import type { AssistantStream } from "assistant-stream";
import * as official from "assistant-cloud";
import {
  AssistantCloud,
  AssistantCloudScores,
  CloudMessagePersistence,
  CloudRunReporter,
  type AssistantCloudEvent,
  type AssistantCloudEventKind,
  type AssistantCloudRunReport,
  type CloudRunReportBody,
  type AssistantCloudScoreBody,
  type AssistantCloudTelemetryConfig,
  type AssistantCloudThreadMessageFeedbackResponse,
  type CloudMessage,
  type CloudMessageCreateBody,
  type GeneratePresignedDownloadUrlResponse,
} from "assistant-cloud-edge";

const cloud = new AssistantCloud({ baseUrl: "https://cloud.test", apiKey: "sk_aui_x", userId: "u", workspaceId: "w" });

export async function messages(): Promise<CloudMessage[]> {
  const { list, create, update, feedback } = cloud.threads.messages;
  const content = { role: "user", parts: [{ type: "text", text: "x" }] };
  const { message_id } = await create("t", { parent_id: null, format: "aui/v0", content, external_id: "e", parent_external_id: "p" });
  await update("t", message_id, { content });
  const { comment }: AssistantCloudThreadMessageFeedbackResponse = await feedback("t", message_id, { type: "positive", comment: undefined });
  const stored: string | null | undefined = comment;
  // @ts-expect-error one or the other
  await feedback("t", message_id, { type: "neutral" });
  // @ts-expect-error the parent must be named, or that there is none
  await create("t", { format: "aui/v0", content });
  // @ts-expect-error an object
  await create("t", { parent_id: null, format: "aui/v0", content: "text" });
  // @ts-expect-error what JSON cannot say
  await update("t", message_id, { content: { at: new Date() } });
  // @ts-expect-error both ids
  await update(message_id, { content });
  const { messages } = await list("t", { format: "ai-sdk/v6", limit: 200, after: undefined });
  const created: number | undefined = messages[0]?.created_at.getTime();
  const externalId: string | null | undefined = messages[0]?.external_id;
  // @ts-expect-error a new content, not a change in the old one
  if (messages[0]) messages[0].content["role"] = "system";
  void [stored, created, externalId];
  return messages;
}

export async function claim(refresh_token: string): Promise<number> {
  // @ts-expect-error the token must be named
  await cloud.threads.claim(refresh_token);
  return (await cloud.threads.claim({ refresh_token })).moved;
}

export async function title(): Promise<AssistantStream> {
  // @ts-expect-error no other assistant
  await cloud.runs.stream({ thread_id: "t", assistant_id: "mine", messages: [] });
  return cloud.runs.stream({ thread_id: "t", assistant_id: "system/thread_title", messages: [{ any: 1 }] });
}

export async function report(): Promise<string> {
  const { api, headers, body } = cloud.runs.__internal_getAssistantOptions("a");
  const options: [string, Record<string, string>, string] = [api, await headers(), body.thread_id];
  const run: CloudRunReportBody = { thread_id: "t", status: "incomplete", outcome_type: "timeout", cost_details: { total: 0.1 } };
  // @ts-expect-error no such status
  await cloud.runs.report({ thread_id: "t", status: "done" });
  void options;
  return (await cloud.runs.report(run)).run_id;
}

export async function files(): Promise<GeneratePresignedDownloadUrlResponse> {
  const { publicUrl, key } = await cloud.files.generatePresignedUploadUrl({ filename: "a.png" });
  const { urls } = await cloud.files.pdfToImages({ file_url: publicUrl, file_blob: undefined });
  const all: string[] = [...urls, ...(key === undefined ? [] : [key])];
  // @ts-expect-error by key or by address
  await cloud.files.generatePresignedDownloadUrl({});
  void all;
  return cloud.files.generatePresignedDownloadUrl({ url: publicUrl });
}

export function events(kind: AssistantCloudEventKind): void {
  const { track, dispose } = cloud.events;
  const event: AssistantCloudEvent = { kind, thread_id: undefined, value: 1, props: { a: "x", b: 1, c: true } };
  track(event);
  dispose();
  // @ts-expect-error no such event
  track({ kind: "page_viewed" });
  // @ts-expect-error only what is flat
  track({ kind, props: { deep: {} } });
}

export async function scores(): Promise<number | null> {
  // @ts-expect-error the client makes it
  new AssistantCloudScores({});
  const body: AssistantCloudScoreBody = { name: "x", data_type: "boolean", value: true, thread_id: "t", message_id: undefined };
  // @ts-expect-error a score has a type
  await cloud.scores.create({ name: "x", value: 1 });
  return (await cloud.scores.create(body)).value;
}

export async function projects(): Promise<Date | undefined> {
  const { threads } = await cloud.projects.threads.list({ is_archived: true });
  const { messages } = await cloud.projects.threads.messages.list("t", { limit: 1 });
  // @ts-expect-error a project's threads are read only
  await cloud.projects.threads.delete("t");
  return messages[0]?.created_at ?? threads[0]?.created_at;
}

export const telemetry: AssistantCloudTelemetryConfig = {
  events: false,
  messages: false,
  beforeReport: (report) => (report.status === "error" ? null : { ...report, model_id: "m" }),
};

/** Beside the official package, our client fits where its own is asked for. */
export function toOfficial(ours: AssistantCloud): official.AssistantCloud {
  return ours;
}
export const persistence: official.CloudMessagePersistence = new CloudMessagePersistence(cloud);
export const reporter: CloudRunReporter = new official.CloudRunReporter(cloud);

/** What the official client gives fits where ours is asked for. */
export function fromOfficial(theirs: official.AssistantCloud): Omit<AssistantCloud, "auth"> {
  return theirs;
}

/** Types that assistant-ui's packages take from the official one. */
export const kinds: official.AssistantCloudEventKind[] = [] as AssistantCloudEventKind[];
export const body: CloudMessageCreateBody = { parent_id: null, format: "aui/v0", content: {} as official.CloudMessage["content"] };
export const message: official.CloudMessage = {} as CloudMessage;
