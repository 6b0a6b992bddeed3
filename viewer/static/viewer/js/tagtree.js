// Moving tags in their tree: by dragging a row onto another, or by its button and then a row.
//
// Both end in the form `move`, so the page comes back from the server as it is now.

import { say } from "./main.js";

/** @typedef {{tree: HTMLElement, form: HTMLFormElement, top: HTMLElement,
 *   moving: HTMLElement | null, target: HTMLElement | null}} Tree */

/** @param {HTMLElement} element */
export function start(element) {
  const form = document.getElementById("move");
  const top = document.querySelector(".tag-top");
  if (!(form instanceof HTMLFormElement) || !top) return;
  /** @type {Tree} */
  const tree = { tree: element, form, top, moving: null, target: null };
  for (const row of element.querySelectorAll("li")) row.draggable = true;
  for (const place of [element, top]) {
    place.addEventListener("dragover", (event) => onOver(tree, event));
    place.addEventListener("drop", (event) => onDrop(tree, event));
  }
  element.addEventListener("dragstart", (event) => onGrab(tree, event));
  element.addEventListener("dragend", () => stop(tree));
  element.addEventListener("click", (event) => onClick(tree, event));
  element.addEventListener("keydown", (event) => onKey(tree, event));
  top.addEventListener("click", (event) => onTop(tree, event));
  top.addEventListener("keydown", (event) => onKey(tree, event));
  comeBack(element);
}

/** After a move the focus is on the tag that was moved. */
function comeBack(element) {
  const row = /^#tag-\d+$/.test(location.hash) && element.querySelector(location.hash);
  if (row) linkOf(row).focus({ preventScroll: false });
}

const linkOf = (row) => row.querySelector(":scope > .tag-row > a");
const nameOf = (row) => linkOf(row).textContent;

function rowOf(tree, target) {
  const found = target instanceof Element ? target.closest("[data-tag]") : null;
  return found === tree.top || tree.tree.contains(found) ? found : null;
}

/** Whether the tag that is moved may hang there: not below itself, and not where it is. */
function mayHang(tree, row) {
  return Boolean(tree.moving && row && !tree.moving.contains(row)
    && row.dataset.tag !== tree.moving.dataset.parent);
}

function begin(tree, row) {
  stop(tree);
  tree.moving = row;
  row.classList.add("is-moving");
  tree.top.querySelector("[data-moving]").textContent = `Moving ${nameOf(row)}: onto which tag?`;
  tree.top.querySelector("[data-to-top]").disabled = row.dataset.parent === "0";
  tree.top.hidden = false;
}

function stop(tree) {
  aim(tree, null);
  tree.moving?.classList.remove("is-moving");
  tree.moving = null;
  tree.top.hidden = true;
}

function aim(tree, row) {
  tree.target?.classList.remove("is-target");
  tree.target = row;
  row?.classList.add("is-target");
}

function hang(tree, row) {
  if (!mayHang(tree, row)) return;
  const { tag } = tree.moving.dataset;
  tree.form.action = new URL(`../${tag}/`, location.href).pathname;
  tree.form.elements.namedItem("parent").value = row.dataset.tag;
  tree.form.elements.namedItem("next").value = `${location.pathname}#tag-${tag}`;
  tree.form.requestSubmit();
}

// Dragging

function onGrab(tree, event) {
  const row = rowOf(tree, event.target);
  if (!row) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", nameOf(row));
  // A page that changes while a drag begins ends it in some browsers.
  setTimeout(() => begin(tree, row));
}

function onOver(tree, event) {
  const row = rowOf(tree, event.target);
  const may = mayHang(tree, row);
  aim(tree, may ? row : null);
  if (may) event.preventDefault();
}

function onDrop(tree, event) {
  event.preventDefault();
  hang(tree, rowOf(tree, event.target));
}

// Button, then row

function onClick(tree, event) {
  const row = rowOf(tree, event.target);
  if (!row) return;
  if (event.target.closest(".tag-move")) return pick(tree, row);
  if (!tree.moving) return;
  event.preventDefault();
  if (mayHang(tree, row)) hang(tree, row);
  else say("It cannot hang there.");
}

function pick(tree, row) {
  if (tree.moving === row) return stop(tree);
  begin(tree, row);
  linkOf(row).focus();
  say(`Moving ${nameOf(row)}. Arrows choose a tag, Enter moves it there, Escape stops.`);
}

function onTop(tree, event) {
  if (event.target.closest("[data-to-top]")) hang(tree, tree.top);
  if (event.target.closest("[data-stop]")) letGo(tree);
}

function letGo(tree) {
  const { moving } = tree;
  stop(tree);
  linkOf(moving).focus();
}

// Keys

function onKey(tree, event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const does = { ArrowDown: next, ArrowUp: previous, m: take, Escape: leave, Enter: put }[event.key];
  if (!does || !does(tree, rowOf(tree, event.target), event.target)) return;
  event.preventDefault();
  event.stopPropagation();
}

const next = (tree, row) => step(tree, row, 1);
const previous = (tree, row) => step(tree, row, -1);

/** The focus goes to the next line; while a tag is moved, to the next it may hang on. */
function step(tree, row, by) {
  const rows = [tree.top, ...tree.tree.querySelectorAll("li")];
  const fits = (one) => (tree.moving ? mayHang(tree, one) : one !== tree.top);
  let at = rows.indexOf(row) + by;
  while (rows[at] && !fits(rows[at])) at += by;
  if (!rows[at]) return true;
  if (tree.moving) aim(tree, rows[at]);
  (rows[at] === tree.top ? tree.top.querySelector("[data-to-top]") : linkOf(rows[at])).focus();
  return true;
}

function take(tree, row) {
  if (!row || row === tree.top) return false;
  pick(tree, row);
  return true;
}

function leave(tree) {
  if (!tree.moving) return false;
  letGo(tree);
  return true;
}

function put(tree, row, focused) {
  if (!tree.moving || !focused.matches(".tag-row > a")) return false;
  hang(tree, row);
  return true;
}
