// K, S, F and N: a verdict on the active picture, by the radios that stand below it.

import { onKeys } from "./keys.js";
import { say } from "./main.js";
import { submit } from "./stage-queue.js";

const VERDICTS = { k: "keep", s: "skip", f: "false", n: "new" };
const WORDS = {
  k: "Keep the active picture", s: "Skip (hide) the active picture",
  f: "The active picture is not a duplicate", n: "Ask about the active picture again",
};

/**
 * What every member of a set shows after one verdict: of two, both are `false` or neither.
 * @param {Object<string, string>} shown verdicts by name
 */
export function after(shown, name, verdict) {
  const found = { ...shown, [name]: verdict };
  const names = Object.keys(found);
  if (names.length !== 2) return found;
  const other = names.find((one) => one !== name);
  if (verdict === "false") found[other] = "false";
  else if (found[other] === "false") found[other] = "new";
  return found;
}

function radios(picture) {
  // Those of its places say something else.
  return [...picture.caption.querySelectorAll('.verdict:not(.of-place) input[type="radio"]')];
}

function shownBy(stage) {
  const pairs = stage.pictures.map((one) => [one.name, radios(one).find((r) => r.checked)?.value]);
  return Object.fromEntries(pairs);
}

function check(stage, verdicts) {
  for (const one of stage.pictures) {
    for (const radio of radios(one)) radio.checked = radio.value === verdicts[one.name];
  }
}

function decide(stage, verdict) {
  const form = document.getElementById("verdicts");
  if (!form) return;
  const name = stage.active.name;
  if (!radios(stage.active).length) return;
  const now = after(shownBy(stage), name, verdict);
  check(stage, now);
  submit(form, null, (field) => Object.hasOwn(now, field) || !isPlace(form, field));
}

/** Fields of places are left out: a verdict on a picture says nothing of where it is. */
function isPlace(form, field) {
  const found = form.elements.namedItem(field);
  const first = found instanceof RadioNodeList ? found[0] : found;
  return first instanceof HTMLInputElement && first.type === "radio";
}

/** Of two, a click on one radio moves the other as well, so that the form can be saved. */
function follow(stage) {
  stage.element.addEventListener("change", (event) => {
    const picture = stage.pictures.find((one) => radios(one).includes(event.target));
    if (picture) check(stage, after(shownBy(stage), picture.name, event.target.value));
  }, { signal: stage.signal });
}

/** Enter accepts what is suggested; where nothing is, it says so instead of doing nothing. */
function startEnter(stage) {
  const none = document.getElementById("no-suggestion");
  if (!none) return;
  const stop = onKeys(stage.element, {
    Enter: () => {
      none.classList.add("said");
      say("Nothing is suggested for this set: choose one of the buttons.");
    },
  });
  stage.signal.addEventListener("abort", stop);
}

/** Gives a stage its letters, where its pictures have verdicts at all. */
export function startVerdicts(stage, mayDecide) {
  startEnter(stage);
  if (!stage.pictures.some((one) => radios(one).length)) return;
  follow(stage);
  const map = {};
  for (const [key, verdict] of Object.entries(VERDICTS)) {
    map[key] = () => {
      if (mayDecide()) decide(stage, verdict);
    };
  }
  const stop = onKeys(stage.element, map, WORDS);
  stage.signal.addEventListener("abort", stop);
}
