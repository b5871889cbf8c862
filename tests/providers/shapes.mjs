// @ts-check
/**
 * What the tokens of hosted providers look like, by their documentation. They cannot run here, so a local key server
 * signs for them: the issuer and the claims are theirs, the keys are not.
 */
import { randomBytes, randomUUID } from "node:crypto";

const now = () => Math.floor(Date.now() / 1_000);

/**
 * @typedef {object} Shape
 * @property {import("../security/provider-key.mjs").Algorithm} algorithm
 * @property {object} rule one line of `AUTH_RULES`, as its README says; a test adds the name and where the keys are
 * @property {object} [header] beside the algorithm and the key's name
 * @property {() => Record<string, any>} claims of a good token
 * @property {Record<string, object>} refused changes of the claims, with which a token is refused
 * @property {string} user whose token it is
 * @property {{ template: string, id: string, missing: object }} [organization] a workspace by organization, and the
 *   changes by which a token has none
 */

/** Session tokens, version 2: https://clerk.com/docs/backend-requests/resources/session-tokens @type {Shape} */
const clerk = {
  algorithm: "RS256",
  rule: { provider: "clerk", domain: "clerk.chat.example.com", authorized_parties: ["https://chat.example.com"] },
  header: { cat: "cl_B7d4PD111AAA", kid: "ins_2aQ", typ: "JWT" },
  user: "user_2bGQ4Kp7dR",
  claims: () => ({
    azp: "https://chat.example.com",
    exp: now() + 60,
    fva: [7, -1],
    iat: now(),
    iss: "https://clerk.chat.example.com",
    jti: randomBytes(10).toString("hex"),
    nbf: now() - 10,
    o: { id: "org_2dFw", rol: "admin", slg: "example" },
    org_id: "org_2dFw",
    sid: "sess_2bGQ4",
    sts: "active",
    sub: "user_2bGQ4Kp7dR",
    v: 2,
  }),
  refused: {
    "of a page that is not ours": { azp: "https://evil.example.com" },
    "of no page": { azp: undefined },
    "of another instance": { iss: "https://clerk.other.example.com" },
    "of a development instance": { iss: "https://chat-1.clerk.accounts.dev" },
    "that a sibling domain was named in": { azp: "https://chat.example.com.evil.test" },
  },
  organization: { template: "{/o/id}", id: "org_2dFw", missing: { o: undefined } },
};

/** Access tokens, Auth0 profile: https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles @type {Shape} */
const auth0 = {
  algorithm: "RS256",
  rule: { provider: "auth0", domain: "chat.eu.auth0.com", audience: "https://chat.example.com/api" },
  user: "auth0|6553da60a54af58e29493993",
  claims: () => ({
    iss: "https://chat.eu.auth0.com/",
    sub: "auth0|6553da60a54af58e29493993",
    aud: ["https://chat.example.com/api", "https://chat.eu.auth0.com/userinfo"],
    azp: "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja",
    exp: now() + 86_400,
    iat: now(),
    scope: "openid profile email",
    org_id: "org_9ybsU1dN2dKfDkBi",
    permissions: ["chat"],
  }),
  refused: {
    "without the slash that ends its issuer": { iss: "https://chat.eu.auth0.com" },
    "for another API of the tenant": { aud: ["https://billing.example.com/api", "https://chat.eu.auth0.com/userinfo"] },
    "that is an ID token": { aud: "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja", nonce: "n" },
    "of another tenant": { iss: "https://other.eu.auth0.com/" },
  },
  organization: { template: "{org_id}_{sub}", id: "org%5F9ybsU1dN2dKfDkBi_auth0|6553da60a54af58e29493993", missing: { org_id: undefined } },
};

/** Access tokens: https://supabase.com/docs/guides/auth/jwt-fields @type {Shape} */
const supabase = {
  algorithm: "ES256",
  rule: { provider: "supabase", domain: "abcdefghijklmnopqrst.supabase.co" },
  user: "123e4567-e89b-12d3-a456-426614174000",
  claims: () => ({
    iss: "https://abcdefghijklmnopqrst.supabase.co/auth/v1",
    aud: "authenticated",
    exp: now() + 3_600,
    iat: now(),
    sub: "123e4567-e89b-12d3-a456-426614174000",
    role: "authenticated",
    aal: "aal1",
    session_id: randomUUID(),
    email: "ada@example.com",
    phone: "",
    is_anonymous: false,
    app_metadata: { provider: "email", providers: ["email"], org: "org_1" },
    user_metadata: {},
    amr: [{ method: "password", timestamp: now() }],
  }),
  refused: {
    "that is a project's public key": { aud: "anon", role: "anon", sub: undefined },
    "of another project": { iss: "https://zyxwvutsrqponmlkjihg.supabase.co/auth/v1" },
    "of the service role": { aud: undefined, role: "service_role", sub: undefined },
  },
  organization: { template: "{/app_metadata/org}", id: "org_1", missing: { app_metadata: {} } },
};

/** ID tokens: https://firebase.google.com/docs/auth/admin/verify-id-tokens @type {Shape} */
const firebase = {
  algorithm: "RS256",
  rule: { provider: "firebase", project: "chat-4711" },
  user: "XyZ0123456789abcdefghijklmno",
  claims: () => ({
    iss: "https://securetoken.google.com/chat-4711",
    aud: "chat-4711",
    auth_time: now() - 600,
    user_id: "XyZ0123456789abcdefghijklmno",
    sub: "XyZ0123456789abcdefghijklmno",
    iat: now() - 60,
    exp: now() + 3_540,
    email: "ada@example.com",
    email_verified: true,
    firebase: { identities: { email: ["ada@example.com"] }, sign_in_provider: "password" },
  }),
  refused: {
    "of another project": { iss: "https://securetoken.google.com/other", aud: "other" },
    "of another project's issuer": { iss: "https://securetoken.google.com/other" },
    "for another project": { aud: "other" },
    "of a sign-in that is yet to come": { auth_time: now() + 3_600 },
    "of nobody": { sub: "" },
    "that is a session cookie": { iss: "https://session.firebase.google.com/chat-4711" },
  },
};

/** Session JWTs: https://stytch.com/docs/guides/sessions/using-jwts @type {Shape} */
const stytch = {
  algorithm: "RS256",
  rule: { provider: "stytch", project: "project-live-c60c0abe-c25a-4472-a9ed-320c6667d317" },
  user: "user-live-fde03dd1-fff7-4b3c-9b31-ead3fbc224de",
  claims: () => ({
    aud: ["project-live-c60c0abe-c25a-4472-a9ed-320c6667d317"],
    exp: now() + 300,
    "https://stytch.com/session": {
      id: "session-live-4444",
      started_at: "2026-01-01T00:00:00Z",
      last_accessed_at: "2026-01-01T00:00:00Z",
      expires_at: "2027-01-01T00:00:00Z",
      attributes: { user_agent: "", ip_address: "" },
      authentication_factors: [{ type: "magic_link", delivery_method: "email" }],
    },
    "https://stytch.com/organization": { organization_id: "organization-live-1", slug: "example" },
    iat: now(),
    iss: "stytch.com/project-live-c60c0abe-c25a-4472-a9ed-320c6667d317",
    nbf: now(),
    sub: "user-live-fde03dd1-fff7-4b3c-9b31-ead3fbc224de",
  }),
  refused: {
    "of another project": { iss: "stytch.com/project-live-0", aud: ["project-live-0"] },
    "of the test environment": { iss: "stytch.com/project-test-c60c0abe-c25a-4472-a9ed-320c6667d317" },
    "for another project": { aud: ["project-live-0"] },
    "whose issuer is spelled as an address": { iss: "https://stytch.com/project-live-c60c0abe-c25a-4472-a9ed-320c6667d317" },
  },
  organization: {
    template: "{/https:~1~1stytch.com~1organization/organization_id}",
    id: "organization-live-1",
    missing: { "https://stytch.com/organization": {} },
  },
};

/** Access tokens: https://docs.kinde.com/build/tokens/about-access-tokens @type {Shape} */
const kinde = {
  algorithm: "RS256",
  rule: { provider: "kinde", domain: "chat.kinde.com", audience: "chat:api" },
  user: "kp_a1b2c3d4e5f6",
  claims: () => ({
    aud: ["chat:api"],
    azp: "dee7f3c57b3c47e8b96edde2c7ecab7d",
    exp: now() + 86_400,
    feature_flags: { theme: { t: "s", v: "pink" } },
    iat: now(),
    iss: "https://chat.kinde.com",
    jti: randomUUID(),
    org_code: "org_0123456789",
    permissions: ["view:stats"],
    scp: ["openid", "profile", "email", "offline"],
    sub: "kp_a1b2c3d4e5f6",
  }),
  refused: {
    "for no API, as they are without one": { aud: [] },
    "for another API": { aud: ["billing:api"] },
    "that is an ID token": { aud: ["https://chat.kinde.com"], at_hash: "VZ6cU0Ay0RKB5EosbWuTCQ" },
    "of another business": { iss: "https://other.kinde.com" },
  },
  organization: { template: "{org_code}", id: "org_0123456789", missing: { org_code: undefined } },
};

/** @type {Record<string, Shape>} */
export const shapes = { clerk, auth0, supabase, firebase, stytch, kinde };
