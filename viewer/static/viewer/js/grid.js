// A grid of pictures: pages that load themselves, keys, selecting, animations.

import { startMoves } from "./grid-move.js";
import { startPages } from "./grid-pages.js";
import { startPlays } from "./grid-play.js";
import { startSelecting } from "./grid-select.js";

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
  /** @type {Grid} */
  const grid = { root, form: root.querySelector("form"), locked: "locked" in root.dataset,
    current: root.querySelector("#at"), pages: null, selecting: null };
  grid.pages = startPages(grid);
  grid.selecting = startSelecting(grid);
  startMoves(grid);
  startPlays(grid);
  startSizes(grid);
  const at = root.querySelector("#at");
  if (at && document.activeElement === document.body) {
    controlOf(at)?.focus({ preventScroll: true }); // keys go on where one was
  }
}

/** The pictures that are in the page now. */
export function cellsOf(grid) {
  return [...grid.root.querySelectorAll(".cell")];
}

/** What of a cell takes the focus. */
export function controlOf(cell) {
  return cell.querySelector("a.to, input[name=pick]");
}

/** What a cell's picture is called in addresses. */
export function nameOf(cell) {
  const control = controlOf(cell);
  if (control instanceof HTMLInputElement) return control.value;
  return /picture\/([0-9a-f]{64})/.exec(control?.getAttribute("href") ?? "")?.[1] ?? "";
}

const SIZES = ["s", "m", "l"];

/** Higher and lower rows at once; the links do the same without a script. */
function startSizes(grid) {
  const smaller = document.getElementById("smaller");
  const larger = document.getElementById("larger");
  const to = (step) => (event) => {
    event.preventDefault();
    const at = SIZES.indexOf(grid.root.dataset.size) + step;
    if (SIZES[at] === undefined) return;
    const middle = grid.pages.middle();
    const before = middle?.getBoundingClientRect().top ?? 0;
    grid.root.dataset.size = SIZES[at];
    grid.pages.resized();
    if (middle) scrollBy({ top: middle.getBoundingClientRect().top - before, behavior: "instant" });
    grid.pages.remember({ size: SIZES[at] === "m" ? null : SIZES[at] });
    smaller?.toggleAttribute("aria-disabled", at === 0);
    larger?.toggleAttribute("aria-disabled", at === SIZES.length - 1);
  };
  smaller?.addEventListener("click", to(-1));
  larger?.addEventListener("click", to(1));
}
