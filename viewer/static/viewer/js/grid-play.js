// Animations in a grid where motion is not wanted by itself: a button plays and stops each.

const less = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {import("./grid.js").Grid} grid */
export function startPlays(grid) {
  const update = () => marks(grid, less.matches || document.documentElement.dataset.motion === "less");
  update();
  less.addEventListener("change", update);
  new MutationObserver(update).observe(grid.form, { childList: true, subtree: true });
  grid.root.addEventListener("click", (event) => {
    const button = event.target.closest("button.play");
    if (!button) return;
    event.preventDefault();
    const plays = button.closest(".cell").classList.toggle("playing");
    button.setAttribute("aria-pressed", String(plays));
  });
}

function marks(grid, areButtons) {
  for (const mark of grid.root.querySelectorAll(areButtons ? "span.play" : "button.play")) {
    const made = document.createElement(areButtons ? "button" : "span");
    made.className = "play";
    if (areButtons) {
      const image = mark.closest(".cell").querySelector("img");
      made.type = "button";
      made.setAttribute("aria-pressed", "false");
      made.setAttribute("aria-label", `Play ${image?.alt ?? ""}`.trim());
    } else {
      made.setAttribute("aria-hidden", "true");
    }
    mark.replaceWith(made);
  }
}
