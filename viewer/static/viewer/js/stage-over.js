// The slider: two pictures one over the other, the upper one cut off at a divider.

import { pairOf } from "./stage-layout.js";

function make() {
  const input = document.createElement("input");
  input.type = "range";
  input.className = "divider";
  input.min = "0";
  input.max = "100";
  input.value = "50";
  input.setAttribute("aria-label", "Divider between the pictures");
  return input;
}

function cut(stage, input) {
  const [upper, lower] = pairOf(stage);
  const left = Number(input.value);
  input.setAttribute("aria-valuetext",
    `${upper.number}: ${left} %, ${lower.number}: ${100 - left} %`);
  for (const one of stage.pictures) {
    const clipped = stage.mode === "over" && one === upper;
    one.figure.classList.toggle("upper", clipped);
    if (clipped) one.frame.style.setProperty("clip-path", `inset(0 ${100 - left}% 0 0)`);
    else one.frame.style.removeProperty("clip-path");
    one.figure.classList.toggle("right", stage.mode === "over" && one === lower);
  }
}

/** Gives a stage its slider, which is seen in that view only. */
export function startOver(stage) {
  if (stage.pictures.length < 2) return;
  const input = make();
  input.hidden = true;
  stage.panes.append(input);
  input.addEventListener("input", () => cut(stage, input), { signal: stage.signal });
  stage.listeners.push(() => {
    input.hidden = stage.mode !== "over";
    cut(stage, input);
  });
}
