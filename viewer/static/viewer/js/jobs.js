// Says how far jobs are, seldom enough to be listened to, and at once when one has ended.

import { say } from "./main.js";

const SELDOM = 5_000;

/** @param {Element} within */
function words(within) {
  return [...within.querySelectorAll("[data-said]")].map((each) => each.dataset.said);
}

/** @param {HTMLElement} element */
export function start(element) {
  let said = performance.now();
  let before = words(element);
  element.addEventListener("htmx:afterSwap", () => {
    const now = words(element);
    if (now.length < before.length) say("A job has ended.");
    else if (performance.now() - said >= SELDOM && now.length > 0) say(now.join(". "));
    else return void (before = now);
    said = performance.now();
    before = now;
  });
}
