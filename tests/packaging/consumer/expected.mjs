// @ts-check
/** What `use.js` says when the package works. */
export const expected = {
  title: "Packed",
  same: true,
  user: "usr_anon_",
  missing: 404,
  misconfigured: "ERR_MISSING_BASE_URL",
  tool: '{"a":1}',
  format: "ai-sdk/v6",
};

/** What `serve.js` says. */
export const expectedOfServer = {
  ...expected,
  caller: { userId: "usr_anon_", workspaceId: true, projectId: "proj_0test", anonymous: true },
  forged: null,
  unknown: 503,
};
