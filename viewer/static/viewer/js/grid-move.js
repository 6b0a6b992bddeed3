// Keys in a grid: arrows go from picture to picture, with Shift they select on the way.

import { onKeys } from "./keys.js";
import { cellsOf, controlOf, nameOf } from "./grid-cells.js";

const WORDS = {
  ArrowLeft: "Picture before",
  ArrowRight: "Picture after",
  ArrowUp: "Nearest in the row above",
  ArrowDown: "Nearest in the row below",
  Home: "First of the page",
  End: "Last of the page",
  i: "Facts of the picture",
};

/** @param {import("./grid.js").Grid} grid */
export function startMoves(grid) {
  const moves = {
    ArrowLeft: (from) => beside(grid, from, -1),
    ArrowRight: (from) => beside(grid, from, 1),
    ArrowUp: (from) => across(grid, from, -1),
    ArrowDown: (from) => across(grid, from, 1),
    Home: (from) => from.parentElement.querySelector(".cell"),
    End: (from) => [...from.parentElement.querySelectorAll(".cell")].at(-1),
  };
  const map = { i: () => inform(grid) };
  for (const [key, find] of Object.entries(moves)) {
    map[key] = () => go(grid, find);
    if (grid.locked) map[`Shift+${key}`] = () => go(grid, find, true);
  }
  if (grid.locked) map.Escape = () => grid.selecting.none();
  onKeys(grid.root, map, grid.locked ? { ...WORDS, Escape: "Select none" } : WORDS);
  grid.root.addEventListener("focusin", (event) => focused(grid, event.target));
  grid.root.addEventListener("keydown", (event) => pressed(grid, event));
  rove(grid, grid.current ?? cellsOf(grid)[0]);
  new MutationObserver(() => settle(grid)).observe(grid.form, { childList: true, subtree: true });
}

async function inform(grid) {
  const { cell } = origin(grid);
  const link = cell?.querySelector("a.to, a.open");
  if (!link) return;
  const { openLink } = await import("./picture.js");
  openLink(link, "facts");
}

/** One picture only is on the way of Tab, with what belongs to it. */
function rove(grid, cell) {
  if (!cell) return;
  grid.current = cell;
  settle(grid);
}

function settle(grid) {
  if (!grid.current?.isConnected) grid.current = cellsOf(grid)[0] ?? null;
  for (const cell of cellsOf(grid)) {
    const wanted = cell === grid.current ? null : "-1";
    for (const one of cell.querySelectorAll("a, input, button")) {
      if (wanted === null) one.removeAttribute("tabindex");
      else if (one.getAttribute("tabindex") !== wanted) one.setAttribute("tabindex", wanted);
    }
  }
}

function focused(grid, target) {
  const cell = target.closest(".cell");
  if (cell && cell !== grid.current) rove(grid, cell);
}

/** Where keys start from: the picture with the focus, else one that is seen. */
function origin(grid) {
  const active = document.activeElement?.closest(".cell");
  if (active && grid.root.contains(active)) return { cell: active, isOn: true };
  const isSeen = (cell) => {
    const box = cell.getBoundingClientRect();
    return box.bottom > 60 && box.top < innerHeight - 60;
  };
  const known = grid.current && isSeen(grid.current) ? grid.current : null;
  return { cell: known ?? cellsOf(grid).find(isSeen) ?? cellsOf(grid)[0], isOn: false };
}

let going = false;

async function go(grid, find, selects = false) {
  if (going) return;
  const { cell, isOn } = origin(grid);
  if (!cell) return;
  going = true;
  try {
    const to = isOn ? await find(cell) : cell;
    if (!to) return;
    if (selects) grid.selecting.extend(cell, to);
    focus(to);
  } finally {
    going = false;
  }
}

function focus(cell) {
  controlOf(cell).focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", behavior: "instant" });
}

async function beside(grid, from, step) {
  const find = () => {
    const all = cellsOf(grid);
    return all[all.indexOf(from) + step];
  };
  await reach(grid, from, step, () => find());
  return find();
}

/** Loads the page beside one, if nothing is found without it. */
async function reach(grid, from, step, find) {
  const section = from.closest("section");
  const beyond = step > 0 ? section.nextElementSibling : section.previousElementSibling;
  const isEmpty = beyond?.matches("section.cells") && "empty" in beyond.dataset;
  if (!isEmpty && find()) return;
  await grid.pages.busy;
  if (isEmpty) await grid.pages.fill(beyond);
  else if (step > 0) await grid.pages.append();
  else await grid.pages.prepend();
}

async function across(grid, from, step) {
  const find = () => nearest(cellsOf(grid), from, step);
  const isLast = () => {
    const found = find();
    return found && found.closest("section") === from.closest("section") ? found : null;
  };
  await reach(grid, from, step, () => isLast() ?? find());
  return find();
}

/** The picture of the next row whose middle is nearest. */
function nearest(cells, from, step) {
  const box = from.getBoundingClientRect();
  const middle = box.left + box.width / 2;
  const rest = step > 0 ? cells.slice(cells.indexOf(from) + 1) : cells.slice(0, cells.indexOf(from)).reverse();
  const first = rest.find((cell) => {
    const other = cell.getBoundingClientRect();
    return step > 0 ? other.top >= box.bottom - 1 : other.bottom <= box.top + 1;
  });
  if (!first) return null;
  const row = first.getBoundingClientRect();
  let best = first;
  let least = Infinity;
  for (const cell of rest) {
    const other = cell.getBoundingClientRect();
    if (Math.abs(other.top - row.top) > 2) continue;
    const far = Math.abs(other.left + other.width / 2 - middle);
    if (far < least) [best, least] = [cell, far];
  }
  return best;
}

/** What the focused control would keep to itself: Enter opens, Space selects, in both modes. */
function pressed(grid, event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const target = event.target;
  const cell = target.closest?.(".cell");
  if (!cell || target !== controlOf(cell)) return;
  if (event.key === "Enter" && grid.locked) {
    event.preventDefault();
    cell.querySelector("a.open")?.click();
  } else if (event.key === " " && !grid.locked) {
    event.preventDefault();
    grid.selecting.begin(nameOf(cell));
  }
}
