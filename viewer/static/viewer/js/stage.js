// The stage: the pictures of one set, seen side by side, one over the other, or as their difference.
//
// The page is a complete form without it. This module makes the stage from the figures it finds,
// gives it its keys, and says when keys may decide; its parts lay out, zoom, blink and compare.

import { arm, disarm, isArmed, onKeys } from "./keys.js";
import { start as startIt } from "./difference.js";
import { isPlain } from "./main.js";
import { fitted, fitZoom, referenceOf } from "./zoom.js";
import { startBlink } from "./stage-blink.js";
import { lay, placed, stripFor } from "./stage-layout.js";
import { startOver } from "./stage-over.js";
import { startQueue } from "./stage-queue.js";
import { startVerdicts } from "./stage-verdicts.js";
import { look, startZoom } from "./stage-zoom.js";

export const MODES = ["side", "over", "diff", "sheet"];

/** How the set that was shown last was looked at: kept while the same set is shown again. */
let last = null;

function pictureOf(figure) {
  const { picture, width, height, name } = figure.dataset;
  return {
    number: Number(picture),
    name,
    figure,
    frame: figure.querySelector(".frame"),
    image: figure.querySelector(".shot"),
    caption: figure.querySelector("figcaption"),
    size: { width: Number(width) || 1, height: Number(height) || 1 },
    nudge: { x: 0, y: 0 },
  };
}

function make(element) {
  const pictures = [...element.querySelectorAll(".pane")].map(pictureOf);
  const ends = new AbortController();
  const stage = {
    element,
    name: element.dataset.set,
    panes: element.querySelector(".panes"),
    tools: document.querySelector(".stage-tools"),
    pictures,
    reference: pictures[referenceOf(pictures.map((one) => one.size))],
    kept: pictures.find((one) => String(one.number) === element.dataset.keep) || pictures[0],
    active: pictures[0],
    candidate: pictures[1] || pictures[0],
    shown: [],
    stacked: false,
    mode: MODES.includes(element.dataset.view) ? element.dataset.view : "side",
    pane: { width: 1, height: 1 },
    view: { x: 0.5, y: 0.5, zoom: 1 },
    isFitted: true,
    signal: ends.signal,
    listeners: [],
    stop: () => {
      note(stage);
      ends.abort();
    },
  };
  stage.redraw = redrawer(stage);
  stage.changed = () => stage.listeners.forEach((listener) => listener());
  return stage;
}

/** However much comes in, everything is drawn once a frame. */
function redrawer(stage) {
  let asked = 0;
  stage.drawers = [];
  return () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      if (!stage.signal.aborted) stage.drawers.forEach((draw) => draw());
    });
  };
}

/** Makes a picture the one that letters decide, and that stands beside the reference. */
export function choose(stage, picture) {
  if (!picture) return;
  stage.active = picture;
  if (picture !== stage.kept) stage.candidate = picture;
  compared(stage);
}

/** The address names the two that are compared, where there are others. */
function compared(stage) {
  relay(stage);
  if (stage.pictures.length < 3) return;
  stage.isChosen = true;
  writeAddress(stage);
}

/** Begins with the two that the address names. */
function fromAddress(stage) {
  const wanted = new URL(location.href).searchParams.get("with")?.split(",").map(Number) || [];
  const [kept, other] = wanted.map((number) => stage.pictures.find((one) => one.number === number));
  if (!kept || !other || kept === other) return;
  Object.assign(stage, { kept, candidate: other, active: other, isChosen: true });
}

/** Another way of looking; the address says so, for reload and bookmarks. */
export function changeMode(stage, mode) {
  if (mode === "sheet" && stage.pictures.length < 3) return;
  if (stage.pictures.length < 2) return;
  stage.mode = mode;
  stage.element.dataset.view = mode;
  stage.isFitted = true;
  writeAddress(stage);
  relay(stage);
}

function writeAddress(stage) {
  const address = new URL(location.href);
  if (stage.mode === "side") address.searchParams.delete("view");
  else address.searchParams.set("view", stage.mode);
  const [one, other] = [stage.kept.number, stage.candidate.number];
  if (stage.isChosen && one !== other) address.searchParams.set("with", `${one},${other}`);
  history.replaceState(history.state, "", address);
}

/** Lays everything out anew, after a change of mode, of the active picture, or of the window. */
export function relay(stage) {
  for (const part of stage.tools?.querySelectorAll(".difference-tools, .difference-words") || []) {
    part.hidden = stage.mode !== "diff";
  }
  lay(stage);
  if (stage.isFitted) stage.view = fitted(stage.reference.size, stage.pane);
  for (const one of stage.pictures) one.figure.toggleAttribute("data-active", one === stage.active);
  note(stage);
  stage.changed();
  stage.redraw();
}

/** Remembers how a set is looked at. */
function note(stage) {
  const { x, y, zoom } = stage.view;
  last = { name: stage.name, active: stage.active.number, candidate: stage.candidate.number,
    kept: stage.kept.number, mode: stage.mode,
    near: stage.isFitted ? null : { x, y, times: zoom / fitZoom(stage.reference.size, stage.pane) } };
}

function step(stage, by) {
  const at = stage.pictures.indexOf(stage.active);
  choose(stage, stage.pictures[(at + by + stage.pictures.length) % stage.pictures.length]);
}

function cycle(stage) {
  const many = stage.pictures.length > 4;
  const modes = many ? MODES : MODES.slice(0, 3);
  changeMode(stage, modes[(modes.indexOf(stage.mode) + 1) % modes.length]);
}

function toggleDifference(stage) {
  changeMode(stage, stage.mode === "diff" ? "side" : "diff");
}

function pin(stage) {
  if (stage.active === stage.kept) return;
  const before = stage.kept;
  stage.kept = stage.active;
  stage.candidate = before;
  compared(stage);
}

function bindKeys(stage) {
  const map = {};
  const words = {};
  if (stage.pictures.length > 1) {
    Object.assign(map, {
      ArrowLeft: () => step(stage, -1),
      ArrowRight: () => step(stage, 1),
      Home: () => choose(stage, stage.pictures[0]),
      End: () => choose(stage, stage.pictures.at(-1)),
    });
    Object.assign(words, {
      ArrowLeft: "Previous picture of the set", ArrowRight: "Next picture of the set",
      Home: "First picture of the set", End: "Last picture of the set",
    });
  }
  if (opener(stage.active)) {
    Object.assign(map, { t: () => open(stage, "tag"), "Shift+t": () => open(stage, "untag") });
    Object.assign(words, { t: "Tag the active picture", "Shift+t": "Take a tag off the active picture" });
  }
  const stop = onKeys(stage.element, map, words);
  stage.signal.addEventListener("abort", stop);
}

function opener(picture) {
  return picture.caption.querySelector("a.open-picture");
}

/** The active picture in full screen, where it is tagged and judged by the same keys. */
async function open(stage, then = "", link = opener(stage.active)) {
  const { openLink } = await import("./picture.js");
  openLink(link, then);
}

function bindOpeners(stage) {
  stage.element.addEventListener("click", (event) => {
    const link = event.target.closest("a.open-picture");
    if (!link || !isPlain(event) || event.defaultPrevented) return;
    event.preventDefault();
    open(stage, "", link);
  }, { signal: stage.signal });
}

const ACTIONS = {
  cycle,
  pin,
  view: (stage, button) => {
    if (button.dataset.value === "diff") toggleDifference(stage);
    else changeMode(stage, button.dataset.value);
  },
};

function bindTools(stage) {
  if (!stage.tools) return;
  stage.tools.hidden = false;
  stage.tools.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-stage]");
    ACTIONS[button?.dataset.stage]?.(stage, button);
  }, { signal: stage.signal });
  stage.listeners.push(() => {
    for (const button of stage.tools.querySelectorAll('[data-stage="view"]')) {
      button.setAttribute("aria-pressed", String(button.dataset.value === stage.mode));
    }
  });
}

/** The active picture while it waits for a verdict, else the next that does. */
function undecidedFrom(stage) {
  const at = stage.pictures.indexOf(stage.active);
  const order = [...stage.pictures.slice(at), ...stage.pictures.slice(0, at)];
  return order.find((one) => one.figure.dataset.verdict === "new");
}

/** Another set is looked at in the same way; the same one is shown as it was. */
function resume(stage) {
  if (!last) return;
  const possible = stage.pictures.length > 4 || last.mode !== "sheet";
  if (possible && stage.pictures.length > 1 && stage.mode !== last.mode) {
    stage.mode = last.mode;
    writeAddress(stage);
  }
  stage.element.dataset.view = stage.mode;
  const isSame = last.name === stage.name;
  if (isSame || "keepZoom" in document.documentElement.dataset) stage.near = last.near;
  if (!isSame) return;
  const find = (number) => stage.pictures.find((one) => one.number === number);
  stage.kept = find(last.kept) || stage.kept;
  stage.active = find(last.active) || stage.active;
  if (stage.pictures.length > 2) stage.active = undecidedFrom(stage) || stage.active;
  const other = stage.active === stage.kept ? find(last.candidate) : stage.active;
  stage.candidate = other || stage.candidate;
}

/** As near to the pictures as before, once it is known how large they can be shown. */
function lookAgain(stage) {
  if (!stage.near) return;
  const { x, y, times } = stage.near;
  look(stage, { x, y, zoom: times * fitZoom(stage.reference.size, stage.pane) });
  note(stage);
}

function isNear(frame) {
  const box = frame.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}

/** Waits until what is shown has been decoded and painted. */
export async function painted(stage) {
  // What is not near the view yet is neither loaded nor waited for.
  const seen = stage.shown.filter((one) => one.image.loading !== "lazy" || isNear(one.frame));
  await Promise.all(seen.map((one) => one.image.decode().catch(() => null)));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}

async function armWhenPainted(stage) {
  disarm();
  await painted(stage);
  if (stage.signal.aborted) return;
  arm();
  stage.element.dataset.painted = "yes";
}

function watchSize(stage) {
  let width = innerWidth;
  let height = innerHeight;
  addEventListener("resize", () => {
    if (innerWidth === width && innerHeight === height) return;
    [width, height] = [innerWidth, innerHeight];
    relay(stage);
  }, { signal: stage.signal });
}

function markShapes(stage) {
  for (const one of stage.pictures) {
    if (placed(stage, one).alike) continue;
    one.frame.classList.add("cropped");
    const chips = one.caption.querySelector(".chips");
    if (!chips || chips.querySelector('[data-fact^="shape"]')) continue;
    const chip = document.createElement("li");
    chip.className = "chip fact";
    chip.dataset.fact = "shape";
    chip.textContent = "shapes differ: cropped?";
    chips.append(chip);
  }
}

/** Starts the difference only where it is looked at. */
function startDifference(stage) {
  let begun = false;
  stage.listeners.push(() => {
    if (stage.mode !== "diff" || begun) return;
    begun = true;
    startIt(stage);
  });
}

/** Makes a stage of the section. */
export function start(element) {
  const stage = make(element);
  element.classList.add("live");
  if (!stage.pictures.length) {
    startQueue(stage);
    arm();
    return;
  }
  fromAddress(stage);
  resume(stage);
  if (stage.pictures.length > 1) stripFor(stage, (picture) => choose(stage, picture));
  markShapes(stage);
  bindTools(stage);
  bindKeys(stage);
  bindOpeners(stage);
  startZoom(stage, { choose: (picture) => choose(stage, picture), step: (by) => step(stage, by) });
  startBlink(stage);
  startOver(stage);
  startDifference(stage);
  startVerdicts(stage, isArmed);
  startQueue(stage);
  watchSize(stage);
  relay(stage);
  lookAgain(stage);
  armWhenPainted(stage);
}
