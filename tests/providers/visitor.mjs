// @ts-check
/** A browser as far as an HTTP server can tell: it keeps cookies and follows redirects. */

export class Visitor {
  /** By origin, then by name. @type {Map<string, Map<string, string>>} */
  jars = new Map();

  /** The `Cookie` header for an address. @param {string} url */
  cookies(url) {
    const jar = this.jars.get(new URL(url).hostname) ?? new Map();
    return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** All cookie values, which are secret. @returns {string[]} */
  get secrets() {
    return [...this.jars.values()].flatMap((jar) => [...jar.values()]);
  }

  /**
   * One request, with cookies.
   *
   * @param {string} url
   * @param {{ method?: string, headers?: Record<string, string>, json?: unknown, form?: Record<string, string> }} [options]
   */
  async send(url, { method = "GET", headers = {}, json, form } = {}) {
    const cookies = this.cookies(url);
    const body = form ? new URLSearchParams(form) : json === undefined ? undefined : JSON.stringify(json);
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: {
        ...(cookies && { Cookie: cookies }),
        ...(json !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      body,
    });
    const jar = this.jars.get(new URL(url).hostname) ?? new Map();
    this.jars.set(new URL(url).hostname, jar);
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(/;\s*/);
      const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
      const gone = value === "" || attributes.some((text) => /^max-age=0$/i.test(text) || /^expires=Thu, 01 Jan 1970/i.test(text));
      if (gone) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /**
   * A request and all that it redirects to, until an address that this test waits for.
   *
   * @param {string} url
   * @param {(url: URL) => boolean} [isEnd]
   * @param {Parameters<Visitor["send"]>[1]} [options] of the first request
   */
  async follow(url, isEnd = () => false, options) {
    let response = await this.send(url, options);
    for (let hop = 0; hop < 20; hop++) {
      const location = response.headers.get("Location");
      if (!location || response.status < 300 || response.status >= 400) return { response, url };
      url = new URL(location, url).href;
      if (isEnd(new URL(url))) return { response, url };
      response = await this.send(url);
    }
    throw new Error(`too many redirects, the last one to ${url}`);
  }
}
