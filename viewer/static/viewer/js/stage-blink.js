// Blink: another picture in the same place, as long as a key is held or until it is pressed again.

import { onKeys } from "./keys.js";
import { pairOf } from "./stage-layout.js";

const HELD = 300;
const HALF = 250; // two changes and back a second: below three flashes

function wantsCalm() {
  if (document.documentElement.dataset.motion === "less") return true;
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function clear(stage) {
  for (const one of stage.pictures) {
    one.frame.style.removeProperty("transform");
    one.figure.classList.remove("front", "under");
  }
}

/** Two frames change places; neither moves in the document, so nothing is loaded or decoded. */
function exchange(one, other) {
  const from = one.frame.getBoundingClientRect();
  const to = other.frame.getBoundingClientRect();
  const [x, y] = [to.left - from.left, to.top - from.top];
  one.frame.style.setProperty("transform", `translate(${x}px, ${y}px)`);
  other.frame.style.setProperty("transform", `translate(${-x}px, ${-y}px)`);
}

function partners(stage) {
  const [kept, other] = pairOf(stage);
  if (stage.active === kept || stage.active === other) return [kept, other];
  return [stage.active, kept];
}

function show(stage, on) {
  clear(stage);
  stage.panes.classList.toggle("blinking", on);
  if (!on) return;
  const [one, other] = partners(stage);
  if (!stage.stacked) {
    exchange(one, other);
    return;
  }
  const seen = stage.mode === "side" && stage.active === other ? other : one;
  const front = seen === one ? other : one;
  front.figure.classList.add("front");
  seen.figure.classList.add("under");
}

/** Gives a stage its blinking. */
export function startBlink(stage) {
  if (stage.pictures.length < 2) return;
  let on = false;
  let timer = 0;
  const set = (value) => show(stage, (on = value));
  const alternating = stage.tools?.querySelector('[data-stage="alternate"]');
  const stopAlternating = () => {
    clearInterval(timer);
    timer = 0;
    alternating?.setAttribute("aria-pressed", "false");
  };
  const alternate = () => {
    if (timer) {
      stopAlternating();
      set(false);
    } else if (!wantsCalm()) {
      timer = setInterval(() => set(!on), HALF);
      alternating?.setAttribute("aria-pressed", "true");
    }
  };
  if (alternating && wantsCalm()) alternating.disabled = true;

  const stop = onKeys(stage.element, { b: heldKey(() => on, set, stopAlternating) },
    { b: "Blink: the other picture in the same place, while held" });
  stage.tools?.addEventListener("click", (event) => {
    const name = event.target.closest("button[data-stage]")?.dataset.stage;
    if (name === "alternate") alternate();
    if (name !== "blink") return;
    stopAlternating();
    set(!on);
  }, { signal: stage.signal });
  stage.listeners.push(() => {
    stopAlternating();
    set(false);
  });
  stage.signal.addEventListener("abort", () => {
    stop();
    clearInterval(timer);
  });
}

/** A short press changes it for good, a long one while it lasts. */
function heldKey(isOn, set, begin) {
  let before = false;
  let since = 0;
  return {
    down: (event) => {
      begin();
      before = isOn();
      since = event.timeStamp;
      set(!before);
    },
    up: (event) => {
      if (event.timeStamp - since > HELD) set(before);
    },
  };
}
