// Animations that one can stop: a still of the same size stands in for the moving picture.

const MUCH = "(prefers-reduced-motion: reduce)";

const begun = new WeakSet();
const isCalm = () => document.documentElement.dataset.motion === "less" || matchMedia(MUCH).matches;

/** Lets the button of a section pause and play; nothing moves at first where that is wished. */
export function still(section) {
  const image = section.querySelector(".picture-stage img");
  if (!image || begun.has(section)) return;
  begun.add(section);
  const trouble = section.querySelector(".picture-trouble");
  const failed = () => {
    section.querySelector(".picture-link").hidden = true;
    trouble.hidden = false;
  };
  if (image.complete && !image.naturalWidth && image.src) failed();
  image.addEventListener("error", failed);
  const button = section.querySelector(".picture-play");
  if (!button) return;
  const play = { section, image, button, canvas: null };
  button.addEventListener("click", () => (play.canvas ? move(play) : halt(play)));
  if (isCalm()) image.decode().then(() => play.canvas || halt(play), () => null);
}

function halt(play) {
  const canvas = document.createElement("canvas");
  canvas.width = play.image.naturalWidth;
  canvas.height = play.image.naturalHeight;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${play.image.alt}, paused`);
  canvas.style.cssText = play.image.style.cssText;
  canvas.getContext("2d").drawImage(play.image, 0, 0);
  play.image.replaceWith(canvas);
  play.canvas = canvas;
  label(play, "Play");
}

function move(play) {
  play.image.style.cssText = play.canvas.style.cssText;
  play.canvas.replaceWith(play.image);
  play.canvas = null;
  label(play, "Pause");
}

/** The button says what it will do next; its two signs stand beside each other. */
function label(play, words) {
  play.button.setAttribute("aria-label", words);
  play.button.classList.toggle("is-halted", words === "Play");
}
