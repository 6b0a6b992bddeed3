// Selecting pictures: by click, with Shift, by a rectangle, by keys. The server keeps what is
// selected, so that it is still there after a reload, on other pages and when one comes back.

import { startBand } from "./grid-band.js";
import { cellsOf, controlOf, nameOf } from "./grid-cells.js";
import { blank, csrf, say, show, startModules } from "./main.js";

/** @typedef {{name: string, page: number}} Spot a picture, and the page of the grid it is on */

const WAIT = 60; // milliseconds in which clicks are told together

/** @param {import("./grid.js").Grid} grid */
export function startSelecting(grid) {
  return new Selecting(grid);
}

export class Selecting {
  constructor(grid) {
    this.grid = grid;
    /** @type {Map<string, boolean>} */
    this.waiting = new Map();
    /** What the server is being told: pages that were asked for before do not know of it. */
    this.flying = new Map();
    this.timer = 0;
    this.sent = Promise.resolve();
    /** @type {Spot | null} */
    this.anchor = null;
    /** A range that is looked up: what is done with the selection waits for it. */
    this.ranging = Promise.resolve();
    this.shift = false;
    if (!grid.locked) return;
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: "kept", value: "1" });
    grid.form.append(kept);
    grid.form.addEventListener("click", (event) => this.clicked(event));
    grid.form.addEventListener("change", (event) => this.changed(event));
    grid.form.addEventListener("submit", (event) => this.submitted(event));
    grid.form.addEventListener("dragstart", (event) => event.preventDefault());
    grid.form.addEventListener("toggle", untags, { capture: true });
    startBand(grid, (cells, isOn) => this.put(cells, isOn));
  }

  clicked(event) {
    this.shift = event.shiftKey;
  }

  changed(event) {
    const box = event.target;
    if (box.name !== "pick") return;
    const to = spotOf(box.closest(".cell"));
    if (this.shift && this.anchor) this.ranging = this.range(this.anchor, to, box.checked);
    else this.put([box.closest(".cell")], box.checked);
    this.anchor = to;
  }

  /** Selects all from one picture to another, also those on pages that are emptied in between. */
  async range(from, to, isOn) {
    this.mark([to.name], isOn);
    try {
      this.mark(await this.between(from, to), isOn);
    } catch {
      show("Not all between the two could be selected: try again.", "error");
    }
    this.later();
  }

  /** The names from one picture to another. */
  async between(from, to) {
    const [first, last] = [from.page, to.page].sort((one, other) => one - other);
    const here = new Map(this.grid.pages.filled().map((one) => [Number(one.dataset.page), one]));
    const names = [];
    for (let page = first; page <= last; page += 1) {
      const section = here.get(page) ?? (await this.grid.pages.fetch(page));
      names.push(...[...section.querySelectorAll(".cell")].map(nameOf));
    }
    const at = [from.name, to.name].map((name) => names.indexOf(name)).sort((a, b) => a - b);
    return at[0] < 0 ? [to.name] : names.slice(at[0], at[1] + 1);
  }

  /** Selects pictures, or no longer. */
  put(cells, isOn) {
    this.mark(cells.map(nameOf), isOn);
    this.later();
  }

  mark(names, isOn) {
    for (const name of names) this.waiting.set(name, isOn);
    for (const cell of cellsOf(this.grid)) {
      if (this.waiting.has(nameOf(cell))) controlOf(cell).checked = this.waiting.get(nameOf(cell));
    }
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), WAIT);
  }

  /** Selects from one picture to another, as Shift with an arrow does. */
  extend(from, to) {
    this.anchor ??= spotOf(from);
    const known = cellsOf(this.grid).find((cell) => nameOf(cell) === this.anchor.name);
    if (!known) this.anchor = spotOf(from);
    const anchor = known ?? from;
    const before = new Set(between(this.grid, anchor, from));
    const now = between(this.grid, anchor, to);
    this.put([...before].filter((cell) => !now.includes(cell)), false);
    this.put(now, true);
  }

  /** Tells the server what was clicked since. */
  flush() {
    clearTimeout(this.timer);
    if (!this.waiting.size) return this.sent;
    const names = (isOn) => [...this.waiting].filter(([, on]) => on === isOn).map(([name]) => name).join(",");
    const fields = { select: names(true), unselect: names(false) };
    const flying = (this.flying = new Map([...this.flying, ...this.waiting]));
    this.waiting.clear();
    this.sent = this.sent.then(() => this.tell(fields)).finally(() => {
      if (this.flying === flying) flying.clear();
    });
    return this.sent;
  }

  async tell(fields) {
    const answer = await this.post(new URLSearchParams(fields), "selection");
    if (!answer) return;
    const said = await heard(answer);
    if (answer.ok) this.count(said.selected);
    else show(said.words, "error");
  }

  async post(body, part, address = this.grid.form.action) {
    const headers = { "X-CSRFToken": csrf(), "X-Part": part };
    const answer = await fetch(address, { method: "POST", body, headers, cache: "no-store" }).catch(() => null);
    if (!answer) show("The viewer does not answer. Is it still running in the shell?", "error");
    else if (answer.status === 423 || answer.status === 403) return blank();
    return answer;
  }

  count(number) {
    const shown = this.grid.form.querySelector(".selected-count strong");
    if (shown) shown.textContent = number.toLocaleString("en");
    say(number === 1 ? "1 picture selected" : `${number} pictures selected`);
  }

  /** All of the view, also those on pages that are not loaded; the server counts again. */
  async all(count) {
    await this.settled();
    const answer = await this.post(new URLSearchParams({ select_all: String(count) }), "selection");
    if (!answer) return;
    const said = await heard(answer);
    if (!answer.ok) return show(said.words, "error");
    await this.grid.pages.busy?.catch(() => null); // a page on its way may not know of it
    this.boxes(true);
    this.count(said.selected);
  }

  /** When the server knows of everything that was selected. */
  async settled() {
    await this.ranging;
    await this.flush();
  }

  async none() {
    await this.settled();
    this.boxes(false);
    await this.tell({ select_none: "1" });
  }

  boxes(isOn) {
    for (const cell of cellsOf(this.grid)) controlOf(cell).checked = isOn;
  }

  /** A page that was filled again shows what was clicked meanwhile as well. */
  filled(section) {
    for (const [name, isOn] of [...this.flying, ...this.waiting]) {
      const box = section.querySelector(`input[value="${name}"]`);
      if (box) box.checked = isOn;
    }
  }

  /** Space on a picture that is only looked at: locks the page and selects it. */
  async begin(name) {
    const locked = new URL(this.grid.root.dataset.lock, location.href);
    locked.searchParams.set("at", name);
    const answer = await this.post(new URLSearchParams({ select: name }), "selection", locked);
    if (answer?.ok) location.assign(`${locked}#at`);
  }

  submitted(event) {
    event.preventDefault();
    const button = event.submitter;
    if (button?.name === "select_all") return this.all(Number(button.value));
    if (button?.name === "select_none") return this.none();
    this.operate(button);
  }

  /** Tags, untags or trashes what is selected, and shows the pictures as they are then. */
  async operate(button) {
    await this.settled();
    const body = new FormData(this.grid.form, button);
    body.delete("pick");
    const answer = await this.post(new URLSearchParams(body), "tools");
    if (!answer) return;
    if (!answer.ok) return show((await heard(answer)).words, "error");
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const from = this.grid.current && nameOf(this.grid.current);
    this.swap(parsed, "messages");
    const tools = this.swap(parsed, "tools");
    if (!tools || tools.dataset.count === "0") return location.reload();
    await this.grid.pages.refresh(Number(tools.dataset.count), Number(tools.dataset.pages));
    this.back(from);
  }

  swap(parsed, id) {
    const fresh = parsed.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) return fresh;
    old.replaceWith(document.adoptNode(fresh));
    startModules(fresh);
    if (id === "messages") say(fresh.textContent.trim());
    return fresh;
  }

  /** The focus goes back to the picture it was on. */
  back(name) {
    const cells = cellsOf(this.grid);
    const cell = cells.find((one) => nameOf(one) === name) ?? cells[0];
    controlOf(cell)?.focus({ preventScroll: true });
  }
}

/** What an answer says; where it is a page, as that of an album that is gone, its words. */
async function heard(answer) {
  if (answer.headers.get("Content-Type")?.startsWith("application/json")) return answer.json();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { words: page.querySelector("main p")?.textContent.trim() || "That did not work." };
}

/** Whoever opens the box of a tag to take off wants to type. */
function untags(event) {
  if (event.target.matches(".untag[open]")) event.target.querySelector("input[type=text]").focus();
}

/** @returns {Spot} */
function spotOf(cell) {
  return { name: nameOf(cell), page: Number(cell.closest("section").dataset.page) };
}

function between(grid, one, other) {
  const all = cellsOf(grid);
  const [from, to] = [all.indexOf(one), all.indexOf(other)].sort((a, b) => a - b);
  return from < 0 ? [other] : all.slice(from, to + 1);
}
