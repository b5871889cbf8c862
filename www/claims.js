// @ts-check
import { part } from "./parts.js";
import { clockTime, distance } from "./times.js";

/** In the order a person asks: who, where, from whom, until when. Others follow as they come. */
const NAMES = new Map([
  ["sub", "User"],
  ["workspace_id", "Workspace"],
  ["project_id", "Project"],
  ["iss", "Issuer"],
  ["aud", "Audience"],
  ["iat", "Issued"],
  ["nbf", "Good from"],
  ["exp", "Good until"],
  ["jti", "Token id"],
]);
const TIMES = new Set(["iat", "nbf", "exp"]);

/** The payload of the token in hand, as a table. */
export class Claims {
  #body;
  #empty;
  /** @type {Readonly<Record<string, unknown>> | null} */
  #shown = null;
  /** @type {{ cell: HTMLElement, time: number }[]} */
  #times = [];

  /** @param {ParentNode} root */
  constructor(root) {
    this.#body = part(root, "claims", HTMLTableSectionElement);
    this.#empty = part(root, "claims-empty", HTMLElement);
  }

  /** @param {Readonly<Record<string, unknown>> | null} claims @param {number} now */
  show(claims, now) {
    if (claims !== this.#shown) {
      this.#shown = claims;
      this.#times = [];
      this.#body.replaceChildren(...this.#rows(claims ?? {}));
      this.#empty.hidden = claims !== null;
    }
    for (const { cell, time } of this.#times) {
      const words = distance(time, now);
      if (cell.textContent !== words) cell.textContent = words;
    }
  }

  /** @param {Readonly<Record<string, unknown>>} claims */
  *#rows(claims) {
    const known = [...NAMES.keys()].filter((name) => name in claims);
    const others = Object.keys(claims).filter((name) => !NAMES.has(name));
    for (const name of [...known, ...others]) {
      const row = document.createElement("tr");
      row.dataset.claim = name;
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = name;
      const label = NAMES.get(name);
      if (label) head.append(small(label));
      row.append(head, this.#cell(name, claims[name]));
      yield row;
    }
  }

  /** @param {string} name @param {unknown} value */
  #cell(name, value) {
    const cell = document.createElement("td");
    if (TIMES.has(name) && typeof value === "number") {
      const time = value * 1000;
      const words = small("");
      cell.append(clockTime(time), words);
      this.#times.push({ cell: words, time });
    } else {
      const code = document.createElement("code");
      code.textContent = typeof value === "string" ? value : JSON.stringify(value);
      cell.append(code);
    }
    return cell;
  }
}

/** @param {string} text */
function small(text) {
  const element = document.createElement("small");
  element.textContent = text;
  return element;
}
