// Pages of a grid that load themselves near the view, and are emptied far from it.
//
// Each page is a section with an address of its own, which the address bar follows. At most seven
// are filled; an empty one keeps its height. The one with the focus is never emptied.

import { blank, show, startModules } from "./main.js";

const MOST = 7;
const NEAR = 1200; // pixels below or above the view that are loaded before they are seen
const QUIET = 200; // milliseconds after the last scrolling

/** @param {import("./grid.js").Grid} grid */
export function startPages(grid) {
  return new Pages(grid);
}

export class Pages {
  constructor(grid) {
    this.grid = grid;
    this.last = Number(grid.root.dataset.pages);
    this.own = new URL(location.href);
    this.busy = null;
    this.asked = false;
    this.up = false;
    this.seen = scrollY;
    this.width = grid.root.clientWidth;
    this.timer = 0;
    history.scrollRestoration = "manual";
    this.land();
    addEventListener("scroll", () => this.scrolled(), { passive: true });
    grid.root.addEventListener("focusin", () => this.moved());
    addEventListener("wheel", (event) => event.deltaY < 0 && this.wants(true), { passive: true });
    new ResizeObserver(() => this.resized()).observe(grid.root);
    this.later();
  }

  /** The sections in order, filled or empty. */
  sections() {
    return [...this.grid.form.querySelectorAll("section.cells")];
  }

  /** Those that hold pictures. */
  filled() {
    return this.sections().filter((one) => !("empty" in one.dataset));
  }

  land() {
    const at = this.grid.current;
    if (!at) return;
    at.scrollIntoView({ block: "center", behavior: "instant" });
    if (location.hash === "#at") at.querySelector("a.to, input[name=pick]")?.focus({ preventScroll: true });
    this.seen = scrollY;
  }

  scrolled() {
    if (scrollY !== this.seen) this.up = scrollY < this.seen;
    this.seen = scrollY;
    this.later();
    this.moved();
  }

  /** One is somewhere else now; the address says so once it is quiet. */
  moved() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.remember(), QUIET);
  }

  wants(up) {
    this.up = up;
    this.later();
  }

  later() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.update();
    });
  }

  /** The section that is looked at. */
  here() {
    const line = innerHeight * 0.4;
    const all = this.sections();
    return all.find((one) => one.getBoundingClientRect().bottom > line) ?? all.at(-1);
  }

  /** The picture in the middle of the view, or the first in it. */
  middle() {
    const cells = [...this.grid.root.querySelectorAll(".cell")];
    const within = cells.filter((cell) => {
      const box = cell.getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight;
    });
    return within.find((cell) => cell.getBoundingClientRect().bottom > innerHeight / 2) ?? within[0];
  }

  async update() {
    if (this.busy || !this.grid.root.isConnected) return;
    this.mark();
    this.trim();
    const work = this.next();
    if (!work) return;
    this.busy = work();
    try {
      await this.busy;
      this.busy = null;
      this.trim();
      this.grid.root.classList.remove("stuck");
      this.later();
    } catch {
      this.busy = null;
      this.grid.root.classList.add("stuck"); // the links are still there
    }
  }

  /** What is to be loaded now, if anything. */
  next() {
    const all = this.sections();
    const near = (one) => {
      const box = one.getBoundingClientRect();
      return box.top < innerHeight + NEAR && box.bottom > -NEAR;
    };
    const empty = all.find((one) => "empty" in one.dataset && near(one));
    if (empty) return () => this.fill(empty);
    const [first, last] = [all[0], all.at(-1)];
    const below = last.getBoundingClientRect().bottom < innerHeight + NEAR;
    if (below && Number(last.dataset.page) < this.last) return () => this.append();
    const above = this.up && first.getBoundingClientRect().top > -NEAR;
    return above && Number(first.dataset.page) > 1 ? () => this.prepend() : null;
  }

  /** Loads the page after the last one. */
  async append() {
    const last = this.sections().at(-1);
    const number = Number(last.dataset.page) + 1;
    if (number > this.last) return false;
    last.after(await this.fetch(number));
    this.ways();
    return true;
  }

  /** Loads the page before the first one; what is seen stays where it is. */
  async prepend() {
    const first = this.sections()[0];
    const number = Number(first.dataset.page) - 1;
    if (number < 1) return false;
    const section = await this.fetch(number);
    this.keeping(first.firstElementChild, () => {
      first.before(section);
      this.ways();
    });
    return true;
  }

  async fill(section) {
    const fresh = await this.fetch(Number(section.dataset.page));
    const below = section.getBoundingClientRect().top < 0 ? section.nextElementSibling : section;
    this.keeping(below ?? section, () => {
      const list = section.firstElementChild;
      list.replaceChildren(...fresh.firstElementChild.childNodes);
      list.style.removeProperty("height");
      delete section.dataset.empty;
    });
    this.grid.selecting?.filled(section);
  }

  keeping(element, change) {
    const before = element.getBoundingClientRect().top;
    change();
    const moved = element.getBoundingClientRect().top - before;
    if (moved) scrollBy({ top: moved, behavior: "instant" });
    this.seen = scrollY;
  }

  async fetch(number) {
    const answer = await fetch(this.addressOf(number), { headers: { "X-Part": "cells" }, cache: "no-store" });
    if (answer.status === 423 || answer.status === 403) return blank();
    if (!answer.ok) throw new Error(`page ${number}: ${answer.status}`);
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const section = document.adoptNode(parsed.querySelector("section.cells"));
    startModules(section);
    return section;
  }

  addressOf(number, changes = {}) {
    if (this.isHere()) this.own = new URL(location.href);
    const address = new URL(this.own);
    address.hash = "";
    const wanted = { at: null, page: number > 1 ? String(number) : null, ...changes };
    for (const [name, value] of Object.entries(wanted)) {
      if (value === null) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    return address;
  }

  /** Whether the address is that of the grid, not of a picture that is shown over it. */
  isHere() {
    return location.pathname === this.own.pathname;
  }

  /** Empties what is too much, the farthest first. */
  trim() {
    const here = Number(this.here().dataset.page);
    const far = (one) => Math.abs(Number(one.dataset.page) - here);
    const filled = this.filled();
    const free = filled.filter((one) => !one.contains(document.activeElement));
    free.sort((one, other) => far(other) - far(one));
    for (const section of free.slice(0, Math.max(0, filled.length - MOST))) {
      const list = section.firstElementChild;
      list.style.setProperty("height", `${list.getBoundingClientRect().height}px`);
      list.replaceChildren();
      section.dataset.empty = "";
    }
  }

  /** Empty pages are as high as they would be at another width or height of rows, about. */
  resized() {
    const [filled, empty] = [this.filled()[0], this.sections().filter((one) => "empty" in one.dataset)];
    const width = this.grid.root.clientWidth;
    if (filled && empty.length && width !== this.width) {
      const height = filled.firstElementChild.getBoundingClientRect().height;
      for (const one of empty) one.firstElementChild.style.setProperty("height", `${height}px`);
    }
    this.width = width;
    this.later();
  }

  /** The links to the pages before and after what is loaded. */
  ways() {
    const all = this.sections();
    for (const [rel, number] of [
      ["prev", Number(all[0].dataset.page) - 1],
      ["next", Number(all.at(-1).dataset.page) + 1],
    ]) {
      const link = this.grid.form.querySelector(`a[rel=${rel}]`);
      if (!link) continue;
      link.href = this.addressOf(number).href;
      for (const node of link.childNodes) {
        if (node.nodeType === Node.TEXT_NODE && node.textContent.trim()) node.textContent = ` Page ${number} `;
      }
      link.parentElement.hidden = number < 1 || number > this.last;
    }
  }

  /** Marks the page that is looked at in the list of pages. */
  mark() {
    const here = Number(this.here().dataset.page);
    const links = [...this.grid.root.querySelectorAll(".scrubber a")];
    const now = links.findLast((one) => Number(one.dataset.page) <= here);
    for (const link of links) {
      if (link === now) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** Writes where one is into the address, so that reload, back and bookmarks lead here again. */
  remember(changes = {}) {
    if (!this.isHere()) return;
    const section = this.here();
    const focused = this.focused();
    const cell = focused ?? this.first();
    const isTop = !cell || (scrollY < 80 && !focused && section.dataset.page === "1");
    const at = isTop ? null : cellName(cell);
    const size = new URL(location.href).searchParams.get("size");
    const address = this.addressOf(Number((cell?.closest("section") ?? section).dataset.page), { size, at, ...changes });
    if (address.href !== location.href) history.replaceState(history.state, "", address);
    this.grid.form.action = address.href;
  }

  /** The picture that has the focus, unless one scrolled away from it. */
  focused() {
    const cell = document.activeElement?.closest?.(".cell");
    if (!cell || !this.grid.root.contains(cell)) return null;
    const box = cell.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight ? cell : null;
  }

  first() {
    return [...this.grid.root.querySelectorAll(".cell")].find(
      (cell) => cell.getBoundingClientRect().top >= 0,
    );
  }

  /** Shows the pictures anew that may look otherwise now; pages that are gone go. */
  async refresh(count, last) {
    this.last = last;
    this.grid.root.dataset.count = String(count);
    for (const section of this.sections()) {
      if (Number(section.dataset.page) > last) section.remove();
    }
    try {
      for (const section of this.filled()) await this.renew(section);
    } catch {
      show("Some pictures could not be shown anew: load the page again.", "error");
    }
    this.ways();
    this.later();
  }

  /** Takes over a page's cells as they are now; pictures that are there already stay. */
  async renew(section) {
    const fresh = await this.fetch(Number(section.dataset.page));
    const known = new Map([...section.querySelectorAll(".cell")].map((cell) => [cellName(cell), cell]));
    for (const cell of fresh.querySelectorAll(".cell")) {
      const old = known.get(cellName(cell))?.querySelectorAll("img") ?? [];
      cell.querySelectorAll("img").forEach((image, at) => old[at]?.src === image.src && image.replaceWith(old[at]));
    }
    section.firstElementChild.replaceChildren(...fresh.firstElementChild.childNodes);
    this.grid.selecting?.filled(section);
  }
}

function cellName(cell) {
  const control = cell.querySelector("a.to, input[name=pick]");
  return control?.value ?? /picture\/([0-9a-f]{64})/.exec(control?.getAttribute("href") ?? "")?.[1] ?? "";
}
