// Selecting pictures: by click, with Shift, by a rectangle, by keys. The server keeps what is
// selected, so that it is still there after a reload, on other pages and when one comes back.

import { startBand } from "./grid-band.js";
import { cellsOf, controlOf, nameOf } from "./grid.js";
import { blank, csrf, say, show, startModules } from "./main.js";

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
    this.timer = 0;
    this.sent = Promise.resolve();
    this.anchor = null;
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
    const cell = box.closest(".cell");
    const cells = this.shift && this.anchor?.isConnected ? between(this.grid, this.anchor, cell) : [cell];
    this.anchor = cell;
    this.put(cells, box.checked);
  }

  /** Selects pictures, or no longer. */
  put(cells, isOn) {
    for (const cell of cells) {
      const box = controlOf(cell);
      box.checked = isOn;
      this.waiting.set(box.value, isOn);
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), WAIT);
  }

  /** Selects from one picture to another, as Shift with an arrow does. */
  extend(from, to) {
    this.anchor ??= from;
    if (!this.anchor.isConnected) this.anchor = from;
    const before = new Set(between(this.grid, this.anchor, from));
    const now = between(this.grid, this.anchor, to);
    this.put([...before].filter((cell) => !now.includes(cell)), false);
    this.put(now, true);
  }

  /** Tells the server what was clicked since. */
  flush() {
    clearTimeout(this.timer);
    if (!this.waiting.size) return this.sent;
    const names = (isOn) => [...this.waiting].filter(([, on]) => on === isOn).map(([name]) => name).join(",");
    const fields = { select: names(true), unselect: names(false) };
    this.waiting.clear();
    this.sent = this.sent.then(() => this.tell(fields));
    return this.sent;
  }

  async tell(fields) {
    const answer = await this.post(new URLSearchParams(fields), "selection");
    if (!answer) return;
    const said = await answer.json();
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
    await this.flush();
    const answer = await this.post(new URLSearchParams({ select_all: String(count) }), "selection");
    if (!answer) return;
    const said = await answer.json();
    if (!answer.ok) return show(said.words, "error");
    this.boxes(true);
    this.count(said.selected);
  }

  async none() {
    await this.flush();
    this.boxes(false);
    await this.tell({ select_none: "1" });
  }

  boxes(isOn) {
    for (const cell of cellsOf(this.grid)) controlOf(cell).checked = isOn;
  }

  /** A page that was filled again shows what was clicked meanwhile as well. */
  filled(section) {
    for (const [name, isOn] of this.waiting) {
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
    await this.flush();
    const body = new FormData(this.grid.form, button);
    body.delete("pick");
    const answer = await this.post(new URLSearchParams(body), "tools");
    if (!answer) return;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) return show(parsed.querySelector("main p")?.textContent.trim() ?? "That did not work.", "error");
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

/** Whoever opens the box of a tag to take off wants to type. */
function untags(event) {
  if (event.target.matches(".untag[open]")) event.target.querySelector("input[type=text]").focus();
}

function between(grid, one, other) {
  const all = cellsOf(grid);
  const [from, to] = [all.indexOf(one), all.indexOf(other)].sort((a, b) => a - b);
  return from < 0 ? [other] : all.slice(from, to + 1);
}
