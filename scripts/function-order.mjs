// @ts-check
/**
 * The order of a WASM module's functions in which it compresses best. gzip finds again what it has seen in the last
 * 32 KB, and a linker has no reason to put functions that are alike near each other.
 */

/** How far gzip looks back, in bytes, with some room for what lies between. */
const WINDOW = 28_000;
/** How long a piece of code is that two functions are compared by, in bytes. */
const PIECE = 7;
/** Pieces of more functions than this say nothing about any two of them. */
const COMMON = 400;

const SECTION = { custom: 0, import: 2, code: 10 };
const KIND = { function: 0, table: 1, memory: 2, global: 3, tag: 4 };

/** Reads a module front to back. */
class Reader {
  /** @param {Uint8Array} bytes @param {number} [position] */
  constructor(bytes, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get isAtEnd() {
    return this.position >= this.bytes.length;
  }

  /** An unsigned LEB128 number. */
  number() {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = this.bytes[this.position++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Bytes after their length. */
  block() {
    const length = this.number();
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** The smallest and, where there is one, the largest size of a table or memory. */
  limits() {
    const hasMost = this.number() & 1;
    this.number();
    if (hasMost) this.number();
  }
}

/** @param {Uint8Array} section how many functions it imports */
function importedFunctions(section) {
  const reader = new Reader(section);
  let functions = 0;
  for (let left = reader.number(); left > 0; left--) {
    reader.block();
    reader.block();
    const kind = reader.number();
    if (kind === KIND.function) {
      functions += 1;
      reader.number();
    } else if (kind === KIND.table) {
      reader.number();
      reader.limits();
    } else if (kind === KIND.memory) {
      reader.limits();
    } else if (kind === KIND.global) {
      reader.position += 2;
    } else if (kind === KIND.tag) {
      reader.position += 1;
      reader.number();
    } else {
      throw new Error(`an import of kind ${kind}`);
    }
  }
  return functions;
}

/** The pieces of a function's code, as numbers. @param {Uint8Array} code */
function piecesOf(code) {
  const pieces = new Set();
  for (let start = 0; start + PIECE <= code.length; start++) {
    let hash = 0;
    for (let index = start; index < start + PIECE; index++) hash = (Math.imul(hash, 31) + code[index] + 1) | 0;
    pieces.add(hash);
  }
  return pieces;
}

/** The indices of functions, each after those that have most in common with it. @param {Uint8Array[]} functions */
function order(functions) {
  /** @type {Map<number, number[]>} */
  const owners = new Map();
  functions.forEach((code, index) => {
    for (const piece of piecesOf(code)) {
      const list = owners.get(piece);
      if (list) list.push(index);
      else owners.set(piece, [index]);
    }
  });
  const telling = [...owners.values()].filter(({ length }) => length > 1 && length < COMMON);
  /** @type {number[][]} */
  const pieces = functions.map(() => []);
  telling.forEach((list, piece) => list.forEach((index) => pieces[index].push(piece)));
  const weights = telling.map(({ length }) => Math.log(functions.length / length));

  const inWindow = new Uint32Array(telling.length);
  /** How much a function has in common with the window. */
  const shared = new Float64Array(functions.length);
  /** @param {number} index @param {1 | -1} change */
  const move = (index, change) => {
    for (const piece of pieces[index]) {
      const before = inWindow[piece];
      inWindow[piece] += change;
      if (before === 0 || inWindow[piece] === 0) {
        for (const owner of telling[piece]) shared[owner] += change * weights[piece];
      }
    }
  };
  const left = new Set(functions.keys());
  /** @type {number[]} */
  const ordered = [];
  let [first, size] = [0, 0];
  while (left.size > 0) {
    let [best, most] = [-1, -1];
    for (const index of left) {
      const worth = shared[index] / functions[index].length ** 0.5;
      if (worth > most) [best, most] = [index, worth];
    }
    left.delete(best);
    ordered.push(best);
    move(best, 1);
    size += functions[best].length;
    for (; size > WINDOW; first++) {
      move(ordered[first], -1);
      size -= functions[ordered[first]].length;
    }
  }
  return ordered;
}

/** @param {number} value @returns {number[]} LEB128 */
const leb = (value) => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 0x80))]);

/** @param {string | number[]} content with its length before it */
const block = (content) => [...leb(content.length), ...(typeof content === "string" ? Buffer.from(content) : content)];

/**
 * The module with names for its functions, by which `wasm-opt --reorder-functions-by-name` gives them their order.
 *
 * @param {Uint8Array} module without names
 */
export function nameInOrder(module) {
  const reader = new Reader(module, 8);
  let imported = 0;
  /** @type {Uint8Array[]} */
  const functions = [];
  while (!reader.isAtEnd) {
    const kind = reader.number();
    const section = reader.block();
    if (kind === SECTION.import) imported = importedFunctions(section);
    if (kind !== SECTION.code) continue;
    const code = new Reader(section);
    for (let left = code.number(); left > 0; left--) functions.push(code.block());
  }
  /** @type {string[]} */
  const names = [];
  order(functions).forEach((index, place) => (names[index] = String(place).padStart(6, "0")));
  const map = [...leb(names.length), ...names.flatMap((name, index) => [...leb(imported + index), ...block(name)])];
  const content = [...block("name"), 1, ...block(map)];
  return Buffer.concat([module, Buffer.from([SECTION.custom, ...block(content)])]);
}
