// How high the rows of a grid are, and that high ones show more than a thumbnail has.

const SIZES = ["s", "m", "l"];
const THUMB = 280; // the longer side of a thumbnail

/** @param {import("./grid.js").Grid} grid */
export function startSizes(grid) {
  startSteps(grid);
  new MutationObserver(() => sharpen(grid)).observe(grid.form, { childList: true, subtree: true });
  grid.root.addEventListener("error", (event) => fallBack(event.target), { capture: true });
  for (const image of grid.root.querySelectorAll("img")) {
    if (image.complete && !image.naturalWidth) fallBack(image); // failed before this ran
  }
}

/** Higher and lower rows at once; the links do the same without a script. */
function startSteps(grid) {
  const smaller = document.getElementById("smaller");
  const larger = document.getElementById("larger");
  const to = (step) => (event) => {
    event.preventDefault();
    const at = SIZES.indexOf(grid.root.dataset.size) + step;
    if (SIZES[at] === undefined) return;
    const middle = grid.pages.middle();
    const before = middle?.getBoundingClientRect().top ?? 0;
    grid.root.dataset.size = SIZES[at];
    sharpen(grid);
    grid.pages.resized();
    if (middle) scrollBy({ top: middle.getBoundingClientRect().top - before, behavior: "instant" });
    grid.pages.remember({ size: SIZES[at] === "m" ? null : SIZES[at] });
    smaller?.toggleAttribute("aria-disabled", at === 0);
    larger?.toggleAttribute("aria-disabled", at === SIZES.length - 1);
  };
  smaller?.addEventListener("click", to(-1));
  larger?.addEventListener("click", to(1));
}

/** What a picture is shown from; one that moves keeps its thumbnail. */
function sharpen(grid) {
  const isHigh = grid.root.dataset.size === "l";
  for (const image of grid.root.querySelectorAll(".cell :is(a.to, label) > img:only-of-type")) {
    const side = Math.max(image.getAttribute("width"), image.getAttribute("height"));
    if ("thumbOnly" in image.dataset || side <= THUMB) continue;
    const now = image.getAttribute("src");
    const [, kind, name] = /\/(thumb|show)\/(\w+)\//.exec(now) ?? [];
    const wanted = isHigh ? "show" : "thumb";
    if (kind === wanted) continue;
    image.src = now.replace(/\/(thumb|show)\/.*/, `/${wanted}/${name}/${isHigh ? "?side=480" : ""}`);
  }
}

/** Where a picture's file is missing or broken its thumbnail may still be there. */
function fallBack(image) {
  if (!(image instanceof HTMLImageElement) || !image.src.includes("/show/")) return;
  image.dataset.thumbOnly = "";
  image.src = image.getAttribute("src").replace(/\/show\/(\w+)\/.*/, "/thumb/$1/");
}
