// A rectangle drawn with the mouse over a grid selects what it touches. Everything it does can be
// done by click and by keys as well.

const SLACK = 6; // pixels within which it is a click

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

  const move = (event) => {
    const to = { x: event.clientX, y: event.clientY };
    const box = { left: Math.min(from.x, to.x), top: Math.min(from.y - scrollY, to.y),
      right: Math.max(from.x, to.x), bottom: Math.max(from.y - scrollY, to.y) };
    if (band.hidden && box.right - box.left < SLACK && box.bottom - box.top < SLACK) return;
    if (band.hidden) begin(event);
    draw(band, box);
    for (const [cell, was] of before) boxOf(cell).checked = was || touches(cell, box);
    event.preventDefault();
  };

  const begin = () => {
    document.body.append(band);
    band.hidden = false;
    before = new Map([...grid.root.querySelectorAll(".cell")].map((cell) => [cell, boxOf(cell).checked]));
  };

  const end = () => {
    removeEventListener("pointermove", move);
    from = null;
    if (band.hidden) return;
    band.hidden = true;
    band.remove();
    put([...before].filter(([cell, was]) => boxOf(cell).checked && !was).map(([cell]) => cell), true);
    // The click that ends it is none.
    addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", stop, { capture: true }), 0);
  };

  grid.form.addEventListener("pointerdown", (event) => {
    const isTool = event.target.closest(".tools, .open, .mark, button");
    if (event.pointerType !== "mouse" || event.button !== 0 || event.shiftKey || isTool) return;
    from = { x: event.clientX, y: event.clientY + scrollY };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end, { once: true });
  });
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

function boxOf(cell) {
  return cell.querySelector("input[name=pick]");
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
