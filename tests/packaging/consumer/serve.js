/** What an app's server does with the package beside what any app does: it looks whose request it has. */
import { CloudUnavailableError, authenticate } from "assistant-cloud-edge/server";
import { use } from "./use.js";

export async function serve(baseUrl) {
  const options = { baseUrl, projectId: "proj_0test" };
  const response = await fetch(`${baseUrl}/v1/auth/tokens/anonymous`, { method: "POST" });
  const { access_token } = await response.json();
  const request = (token) => new Request("https://app.test/api/chat", { headers: { Authorization: `Bearer ${token}` } });
  const caller = await authenticate(request(access_token), options);
  const nobody = () => Promise.reject(new Error("out of reach"));
  return {
    ...(await use(baseUrl)),
    caller: { ...caller, userId: caller.userId.slice(0, 9), workspaceId: caller.workspaceId === caller.userId },
    forged: await authenticate(request(`${access_token.slice(0, -8)}AAAAAAAA`), options),
    unknown: await authenticate(request(access_token), { ...options, clockTolerance: 1, fetch: nobody }).catch(
      (error) => error instanceof CloudUnavailableError && error.status,
    ),
  };
}
