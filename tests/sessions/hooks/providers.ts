/**
 * Auth libraries, as far as the README's examples use them: by their names and types, over one user who can be changed.
 * better-auth's types are its own; the others' are as in Clerk 6, Auth.js 5 and supabase-js 2.
 */
import { useSyncExternalStore } from "react";
import type { createAuthClient } from "better-auth/react";

/** Who is signed in: `undefined` while that is not known yet. */
let user: string | null | undefined;
const listeners = new Set<() => void>();

export function signIn(next: string | null) {
  user = next;
  document.cookie = `user=${next ?? ""}`;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
const useUser = () => useSyncExternalStore(subscribe, () => user);
const tokenOf = async (user: string) => (await fetch(`/token?user=${user}`, { cache: "no-store" })).text();

type ClerkUser = { isLoaded: false; userId: undefined } | { isLoaded: true; userId: string | null };
export const clerk: { session?: { getToken(options?: { skipCache?: boolean }): Promise<string | null> } | null } = {
  get session() {
    const signedIn = user;
    return signedIn ? { getToken: () => tokenOf(signedIn) } : null;
  },
};
export function useAuth(): ClerkUser {
  const userId = useUser();
  return userId === undefined ? { isLoaded: false, userId } : { isLoaded: true, userId };
}

interface AuthJsSession {
  user?: { name?: string | null; email?: string | null };
  expires: string;
}
type AuthJsUser = { data: AuthJsSession; status: "authenticated" } | { data: null; status: "unauthenticated" | "loading" };
export function useSession(): AuthJsUser {
  const email = useUser();
  if (email) return { data: { user: { email }, expires: "" }, status: "authenticated" };
  return { data: null, status: email === undefined ? "loading" : "unauthenticated" };
}

type BetterAuth = Pick<ReturnType<ReturnType<typeof createAuthClient>["useSession"]>, "data" | "isPending">;
export const authClient = {
  useSession(): BetterAuth {
    const id = useUser();
    return { data: id ? ({ user: { id } } as BetterAuth["data"]) : null, isPending: id === undefined };
  },
};

interface SupabaseSession {
  access_token: string;
  user: { id: string };
}
type SupabaseAnswer = Promise<{ data: { session: SupabaseSession | null }; error: Error | null }>;
const readSession = async (): SupabaseAnswer => ({
  data: { session: user ? { access_token: await tokenOf(user), user: { id: user } } : null },
  error: null,
});
export const supabase = {
  auth: {
    getSession: readSession,
    refreshSession: readSession,
    onAuthStateChange(listener: (event: string, session: SupabaseSession | null) => void) {
      const tell = async () => listener("SIGNED_IN", (await readSession()).data.session);
      const unsubscribe = subscribe(() => void tell());
      // Supabase tells a new listener of the session that there is.
      if (user !== undefined) void tell();
      return { data: { subscription: { unsubscribe } } };
    },
  },
};
