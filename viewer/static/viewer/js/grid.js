// A grid of pictures: pages that load themselves, keys, selecting, animations.

import { controlOf } from "./grid-cells.js";
import { startMoves } from "./grid-move.js";
import { startPages } from "./grid-pages.js";
import { startPlays } from "./grid-play.js";
import { startSelecting } from "./grid-select.js";
import { startSizes } from "./grid-sizes.js";
import { isPlain } from "./main.js";

/**
 * @typedef {object} Grid
 * @property {HTMLElement} root
 * @property {HTMLFormElement} form
 * @property {boolean} locked whether pictures are selected, not opened
 * @property {Element | null} current the cell that keys start from
 * @property {import("./grid-pages.js").Pages} pages
 * @property {import("./grid-select.js").Selecting} selecting
 */

/** @param {HTMLElement} root */
export function start(root) {
  if (toAnchor()) return;
  /** @type {Grid} */
  const grid = { root, form: root.querySelector("form"), locked: "locked" in root.dataset,
    current: root.querySelector("#at"), pages: null, selecting: null };
  grid.pages = startPages(grid);
  grid.selecting = startSelecting(grid);
  startMoves(grid);
  startPlays(grid);
  startSizes(grid);
  startOpening(grid);
  const at = root.querySelector("#at");
  if (at && document.activeElement === document.body) {
    controlOf(at)?.focus({ preventScroll: true }); // keys go on where one was
  }
}

/**
 * An anchor names a picture that may be on another page: asks again for the page that has it.
 * The server never gets to see anchors.
 */
function toAnchor() {
  const name = anchor();
  const address = new URL(location.href);
  if (!name || document.getElementById(name) || address.searchParams.has("at")) return false;
  address.hash = "";
  address.searchParams.delete("page");
  address.searchParams.set("at", name);
  location.replace(address);
  return true;
}

function anchor() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // not what a page of the viewer, or of the program before it, would write
  }
}

/** Pictures open over the page; the module for that comes with the first of them. */
function startOpening(grid) {
  grid.root.addEventListener("click", async (event) => {
    const link = event.target.closest('a[href*="/viewer/picture/"]');
    if (!link || event.defaultPrevented || !isPlain(event)) return;
    event.preventDefault();
    const { openLink } = await import("./picture.js");
    openLink(link);
  });
}
