// A reporter for `node --test`: one line of JSON for every test that did not run, so that the table at the end can name
// it. An open "todo" counts too.
// @ts-check

/** @typedef {{ name: string, skip?: string | boolean, todo?: string | boolean }} Outcome */

/** @param {AsyncIterable<{ type: string, data: Outcome }>} events */
export default async function* skipped(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const why = data.skip ?? data.todo;
    if (why === undefined || why === false) continue;
    const reason = typeof why === "string" && why ? why : data.skip === undefined ? "to do" : "no reason given";
    yield `${JSON.stringify({ name: data.name, reason })}\n`;
  }
}
