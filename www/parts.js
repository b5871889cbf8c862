// @ts-check

/**
 * A part of a template by its `data-part` name, checked once here so that no panel has to guess.
 *
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} name
 * @param {{ new (): T, readonly name: string }} kind
 * @returns {T}
 */
export function part(root, name, kind) {
  const found = root.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} named ${name}`);
  return found;
}

/**
 * @param {string} id
 * @returns {DocumentFragment} a fresh copy of a template
 */
export function copyOf(id) {
  const template = document.getElementById(id);
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`The page has no template ${id}`);
  return document.importNode(template.content, true);
}
