// A rectangle drawn with the mouse over a grid selects what it touches. Everything it does can be
// done by click and by keys as well.

import { cellsOf, controlOf } from "./grid-cells.js";

const SLACK = 6; // pixels within which it is a click
const EDGE = 32; // pixels from the edges of what is seen, where the page is scrolled along
const PACE = 18; // pixels a frame

/**
 * @param {import("./grid.js").Grid} grid
 * @param {(cells: Element[], isOn: boolean) => void} put
 */
export function startBand(grid, put) {
  const band = document.createElement("div");
  band.className = "band";
  band.hidden = true;
  let from = null;
  let before = new Map();
  let at = null; // where the pointer is, in the window
  let frame = 0;

  const move = (event) => {
    at = { x: event.clientX, y: event.clientY };
    const far = Math.max(Math.abs(at.x - from.x), Math.abs(at.y - from.top()));
    if (band.hidden && far < SLACK) return;
    event.preventDefault();
    if (band.hidden) begin();
  };

  const begin = () => {
    document.body.append(band);
    band.hidden = false;
    before = new Map();
    step();
  };

  /** Once a frame, for the page may be scrolled under a pointer that rests. */
  const step = () => {
    frame = requestAnimationFrame(step);
    const bottom = innerHeight - (document.getElementById("tools")?.offsetHeight ?? 0);
    if (at.y > bottom - EDGE) scrollBy({ top: PACE, behavior: "instant" });
    else if (at.y < EDGE) scrollBy({ top: -PACE, behavior: "instant" });
    paint();
  };

  const paint = () => {
    const y = from.top();
    const box = { left: Math.min(from.x, at.x), top: Math.min(y, at.y),
      right: Math.max(from.x, at.x), bottom: Math.max(y, at.y) };
    draw(band, box);
    for (const cell of cellsOf(grid)) {
      if (!before.has(cell)) before.set(cell, controlOf(cell).checked);
      controlOf(cell).checked = before.get(cell) || touches(cell, box);
    }
  };

  const end = () => {
    removeEventListener("pointermove", move);
    cancelAnimationFrame(frame);
    if (band.hidden) return;
    paint();
    band.hidden = true;
    band.remove();
    put([...before].filter(([cell, was]) => controlOf(cell).checked && !was).map(([cell]) => cell), true);
    // The click that ends it is none.
    addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", stop, { capture: true }), 0);
  };

  grid.form.addEventListener("pointerdown", (event) => {
    const isTool = event.target.closest(".tools, .open, .mark, button");
    if (event.pointerType !== "mouse" || event.button !== 0 || event.shiftKey || isTool) return;
    from = { x: event.clientX, top: anchored(event) };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end, { once: true });
  });
}

/** How high in the window the place is where it began, also after pages came above it. */
function anchored(event) {
  const cell = event.target.closest(".cell");
  const [within, below] = [event.clientY - (cell?.getBoundingClientRect().top ?? 0), event.clientY + scrollY];
  return () => (cell?.isConnected ? cell.getBoundingClientRect().top + within : below - scrollY);
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

function draw(band, box) {
  band.style.setProperty("left", `${box.left}px`);
  band.style.setProperty("top", `${box.top}px`);
  band.style.setProperty("width", `${box.right - box.left}px`);
  band.style.setProperty("height", `${box.bottom - box.top}px`);
}

function touches(cell, box) {
  const own = cell.getBoundingClientRect();
  return own.left < box.right && own.right > box.left && own.top < box.bottom && own.bottom > box.top;
}
