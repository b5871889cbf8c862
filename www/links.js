// @ts-check

/** Whoever one is on one page, one is on the other: the links between them take the address's fragment along. */
export function keepIdentity() {
  for (const link of document.querySelectorAll("a[data-keep]")) {
    if (link instanceof HTMLAnchorElement) link.addEventListener("click", () => (link.hash = location.hash));
  }
}
