/** What an app does with the package, wherever it runs. It says what came of it, and a test compares that. */
import { AssistantCloud, CloudAPIError, CloudConfigError, createRunTelemetryToolCall } from "assistant-cloud-edge";
import { aiSDKV6FormatAdapter } from "assistant-cloud-edge/ai-sdk";

export async function use(baseUrl) {
  const cloud = new AssistantCloud({ baseUrl: `${baseUrl}/`, anonymous: true });
  const { thread_id } = await cloud.threads.create({ title: "Packed", last_message_at: new Date(0) });
  const { threads } = await cloud.threads.list({ limit: 1 });
  return {
    title: threads[0].title,
    same: threads[0].id === thread_id,
    user: cloud.auth.state.userId.slice(0, 9),
    missing: await cloud.threads.get("thread_0none").catch((error) => error instanceof CloudAPIError && error.status),
    misconfigured: codeOf(() => new AssistantCloud({ anonymous: true })),
    tool: createRunTelemetryToolCall({ toolName: "t", toolCallId: "c", args: { a: 1 } }).tool_args,
    format: aiSDKV6FormatAdapter.format,
  };
}

function codeOf(attempt) {
  try {
    attempt();
  } catch (error) {
    return error instanceof CloudConfigError && error.code;
  }
}
