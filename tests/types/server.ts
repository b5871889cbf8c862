/** A server of one's own, as a consumer writes it. Nothing here runs. */
import { authenticate, CloudConfigError, CloudUnavailableError } from "assistant-cloud-edge/server";
import type { AuthenticatedCaller, AuthenticateOptions } from "assistant-cloud-edge/server";

const options: AuthenticateOptions = { baseUrl: "https://cloud.test", projectId: "p", audience: undefined, fetch };

export async function route(request: Request): Promise<Response> {
  const caller = await authenticate(request, options);
  // @ts-expect-error perhaps nobody
  void caller.userId;
  if (!caller) return new Response("Unauthorized", { status: 401 });
  const { userId, workspaceId, projectId, anonymous }: AuthenticatedCaller = caller;
  return Response.json({ userId, workspaceId, projectId, anonymous });
}

/** As Node has a request, as Next has its headers, and as a test makes one up. */
export const callers = (incoming: { headers: { authorization?: string; host: string } }, headers: Promise<Headers>) => [
  authenticate(incoming, options),
  headers.then((headers) => authenticate(headers, options)),
  authenticate({ authorization: "Bearer x" }, { ...options, clockTolerance: 5 }),
];

export function status(error: unknown): 503 | 500 {
  if (error instanceof CloudConfigError) return 500;
  return error instanceof CloudUnavailableError ? error.status : 500;
}

// @ts-expect-error whose tokens?
void authenticate(new Request("https://app.test"), { projectId: "p" });
// @ts-expect-error of which project?
void authenticate(new Request("https://app.test"), { baseUrl: "https://cloud.test" });
// @ts-expect-error a token alone is no request
void authenticate("token", options);
