// Where each picture of a set stands: as large as the window allows.

import { arrange, place } from "./zoom.js";

const GAP = 8;
const NARROW = 640;
const LEAST = 180;
/** @type {WeakMap<Element, number>} The height of captions as they were last, by stage. */
const captions = new WeakMap();

/** Whether there is room for one picture at a time only. */
export function isNarrow() {
  return innerWidth < NARROW;
}

/** Where a picture lies on the reference. */
export function placed(stage, picture) {
  return place(picture.size, stage.reference.size, picture.nudge);
}

/** The two pictures that are compared: the one kept on the left, and the one beside it. */
export function pairOf(stage) {
  const other = stage.candidate === stage.kept ? null : stage.candidate;
  return [stage.kept, other || stage.pictures.find((one) => one !== stage.kept) || stage.kept];
}

/** The pictures to show, and whether they lie one over the other. */
function cast(stage) {
  const { pictures, mode } = stage;
  const pair = [stage.kept, stage.candidate].filter((one, at, all) => all.indexOf(one) === at);
  if (mode === "over" || mode === "diff") return { shown: pair, stacked: true };
  if (mode === "sheet") return { shown: pictures, stacked: false };
  if (isNarrow()) return { shown: pictures.length > 4 ? pair : pictures, stacked: true };
  return { shown: pictures.length > 4 ? pair : pictures, stacked: false };
}

/** How high what follows the panes is, with its opened details closed, but for what else to see. */
function below(stage) {
  const main = stage.element.parentElement;
  const those = [stage.element, ...main.children].filter((one) => one.id !== "see-also");
  const seen = those.filter((one) => one.offsetHeight);
  const opened = [...main.querySelectorAll(":scope > details[open]")];
  const hidden = opened.map((one) => one.offsetHeight - one.querySelector("summary").offsetHeight);
  const margin = (one) => parseFloat(getComputedStyle(one).marginBottom) || 0;
  const end = Math.max(...seen.map((one) => one.getBoundingClientRect().bottom + margin(one)));
  const start = stage.panes.getBoundingClientRect().bottom;
  const padding = parseFloat(getComputedStyle(main).paddingBottom) || 0;
  const height = end - start + padding - hidden.reduce((sum, one) => sum + one, 0);
  return Math.min(Math.max(height, 0), innerHeight * 0.5);
}

function room(stage) {
  const top = stage.panes.getBoundingClientRect().top + scrollY;
  const height = innerHeight - Math.min(top, innerHeight * 0.4) - below(stage) - 1;
  return { width: stage.panes.clientWidth, height };
}

function captionHeight(stage) {
  const heights = stage.shown.map((one) => one.caption.offsetHeight);
  const found = Math.max(...heights, 0);
  if (found) captions.set(stage.element, found);
  return (found || captions.get(stage.element) || 72) + GAP;
}

function put(element, column, row) {
  element.style.setProperty("grid-column", column);
  element.style.setProperty("grid-row", row);
}

/** Stands the frames on the grid and their captions below them, in so many columns. */
function stand(stage, across) {
  stage.shown.forEach((picture, at) => {
    const column = (at % across) + 1;
    const row = Math.floor(at / across) * 2 + 1;
    put(picture.frame, stage.stacked ? "1 / -1" : column, stage.stacked ? 1 : row);
    const alone = stage.panes.classList.contains("alone");
    const under = across === 1 && !alone ? 2 + at : 2; // of two that lie over each other
    put(picture.caption, column, stage.stacked ? under : row + 1);
  });
}

function size(stage, columns, width, height) {
  stage.panes.style.setProperty("--columns", String(columns));
  stage.panes.style.setProperty("--frame-height", `${Math.round(height)}px`);
  stage.pane = { width: Math.round(width), height: Math.round(height) };
}

/** As many beside each other as can be told apart; few are as large as the window allows. */
function laySheet(stage) {
  const { width } = room(stage);
  const least = 16.25 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const most = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  const columns = Math.min(most, stage.pictures.length);
  const each = (width - GAP * (columns - 1)) / columns;
  const whole = (each * stage.reference.size.height) / stage.reference.size.width;
  stand(stage, columns);
  size(stage, columns, each, Math.min(Math.max(whole, LEAST), innerHeight * 0.45));
}

function layStacked(stage) {
  const columns = isNarrow() ? 1 : stage.shown.length;
  stand(stage, columns);
  size(stage, columns, 1, LEAST);
  const { width, height } = room(stage);
  const least = isNarrow() ? innerHeight * 0.45 : LEAST; // there the page scrolls below a fixed bar
  const wanted = Math.max(height - captionHeight(stage), least);
  const whole = (width * stage.reference.size.height) / stage.reference.size.width;
  size(stage, columns, width, isNarrow() ? Math.max(Math.min(wanted, whole), LEAST) : wanted);
}

function laySide(stage) {
  const count = stage.shown.length;
  const space = room(stage);
  const least = { width: space.width, height: Math.max(space.height, LEAST) };
  let best = arrange(count, stage.reference.size, least, captionHeight(stage), GAP);
  stand(stage, best.across);
  size(stage, best.across, best.width, Math.max(best.height, LEAST));
  // Captions wrap otherwise in another number of columns: once more with their height now.
  best = arrange(count, stage.reference.size, least, captionHeight(stage), GAP);
  stand(stage, best.across);
  size(stage, best.across, best.width, Math.max(best.height, LEAST));
}

/** Lays out the pictures of a stage, and says which are seen. */
export function lay(stage) {
  const { shown, stacked } = cast(stage);
  stage.shown = shown;
  stage.stacked = stacked;
  const alone = stacked && stage.mode === "side";
  stage.panes.classList.toggle("stacked", stacked);
  stage.panes.classList.toggle("alone", alone);
  const strip = stage.element.querySelector(".strip");
  if (strip) strip.hidden = stage.mode === "sheet" || (stage.pictures.length <= 4 && !alone);
  for (const one of stage.pictures) {
    one.figure.classList.toggle("away", !shown.includes(one));
    one.figure.classList.toggle("behind", alone && one !== stage.active);
    // A sheet of hundreds comes as one scrolls.
    if (stage.mode !== "sheet" && shown.includes(one)) one.image.removeAttribute("loading");
  }
  if (stage.mode === "sheet") laySheet(stage);
  else if (stacked) layStacked(stage);
  else laySide(stage);
  measure(stage);
}

/** Panes are as large as they became: the sums above do not know borders and zoomed text. */
function measure(stage) {
  const seen = stage.shown.find((one) => one.frame.clientWidth) || stage.shown[0];
  stage.pane = {
    width: seen.frame.clientWidth || stage.pane.width,
    height: seen.frame.clientHeight || stage.pane.height,
  };
}

const LETTERS = { new: "N", false: "F", keep: "K", skip: "S" };

function stripItem(picture, choose, isSmall) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  const label = document.createElement("span");
  const words = picture.figure.dataset.verdict;
  label.textContent = `${picture.number} ${LETTERS[words] || ""}`;
  if (picture.figure.dataset.thumb && !isSmall) {
    const thumb = document.createElement("img");
    thumb.loading = "lazy";
    thumb.alt = "";
    thumb.src = picture.figure.dataset.thumb;
    button.append(thumb);
  }
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.textContent = `: look at picture ${picture.number}, ${words}`;
  button.append(label, spoken);
  button.addEventListener("click", () => choose(picture));
  item.append(button);
  return item;
}

/** On a small screen the bar has one button that keeps a picture: the one that is seen. */
function markKeepers(stage) {
  for (const form of document.querySelectorAll("main form:has(> button[name=quick])")) {
    const action = form.querySelector("button[name=quick]").value;
    const keep = action === "accept" ? stage.element.dataset.keep : form.elements.keep?.value;
    form.classList.toggle("not-this", Boolean(keep) && Number(keep) !== stage.active.number);
  }
}

/** The film strip below the stage: all pictures of a set; of a small one only where one is seen. */
export function stripFor(stage, choose) {
  const isSmall = stage.pictures.length <= 4;
  const strip = document.createElement("ol");
  strip.className = isSmall ? "strip dots" : "strip";
  strip.setAttribute("aria-label", "All pictures of the set");
  strip.append(...stage.pictures.map((one) => stripItem(one, choose, isSmall)));
  stage.panes.after(strip);
  stage.listeners.push(() => {
    stage.pictures.forEach((picture, at) => {
      const button = strip.children[at].firstElementChild;
      if (picture === stage.active) {
        button.setAttribute("aria-current", "true");
        // Only the strip scrolls, never the page with it.
        strip.scrollLeft = button.offsetLeft - (strip.clientWidth - button.offsetWidth) / 2;
      } else button.removeAttribute("aria-current");
      strip.children[at].classList.toggle("kept", picture === stage.kept);
    });
    markKeepers(stage);
  });
}
