// The difference of two pictures: at once as light where they differ, then as a map with boxes.

import { differenceWords, differsAllOver, TILE } from "./difference-worker.js";
import { pairOf, placed } from "./stage-layout.js";
import { showPart } from "./stage-zoom.js";
import { drawn } from "./zoom.js";

const LIVE = 1600;
const MAP = 1024;
const COLOURS = ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"];
const LEVELS = [6, 12, 24, 48, 96]; // from where on each colour is used, of 255

let worker = null;
let asked = 0;
/** @type {Map<number, (map: object) => void>} */
const answers = new Map();

/** The part of the reference that both pictures cover, in its pixels. */
export function overlap(first, second) {
  const box = (lies, size) => [lies.x, lies.y, lies.x + size.width * lies.sx, lies.y + size.height * lies.sy];
  const one = box(first.lies, first.size);
  const other = box(second.lies, second.size);
  const left = Math.max(one[0], other[0]);
  const top = Math.max(one[1], other[1]);
  return { x: left, y: top, width: Math.min(one[2], other[2]) - left,
    height: Math.min(one[3], other[3]) - top };
}

/** How large the common part is compared: as in the smaller picture, 1,024 at most. */
export function mapSize(part, first, second) {
  const wide = Math.min(1 / first.lies.sx, 1 / second.lies.sx, MAP / part.width, MAP / part.height);
  const high = Math.min(1 / first.lies.sy, 1 / second.lies.sy, MAP / part.width, MAP / part.height);
  return { width: Math.max(1, Math.round(part.width * wide)),
    height: Math.max(1, Math.round(part.height * high)) };
}

function sides(stage) {
  return pairOf(stage).map((picture) => ({
    picture, size: picture.size, lies: placed(stage, picture),
  }));
}

/** A part of the reference out of one picture, at a size of its own. */
function cut({ picture, size, lies }, part, to) {
  const image = picture.image;
  const across = image.naturalWidth / size.width; // a rendition may be smaller than the picture
  const down = image.naturalHeight / size.height;
  const clip = [((part.x - lies.x) / lies.sx) * across, ((part.y - lies.y) / lies.sy) * down,
    (part.width / lies.sx) * across, (part.height / lies.sy) * down].map(Math.round);
  return createImageBitmap(image, clip[0], clip[1], Math.max(1, clip[2]), Math.max(1, clip[3]), {
    resizeWidth: to.width, resizeHeight: to.height, resizeQuality: "high",
  });
}

function mapOf(first, second) {
  if (!worker) {
    worker = new Worker(new URL("./difference-worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => {
      answers.get(data.id)?.(data.map);
      answers.delete(data.id);
    });
  }
  const id = ++asked;
  return new Promise((done) => {
    answers.set(id, done);
    worker.postMessage({ id, first, second }, [first, second]);
  });
}

/** The map of the pair, and where on the reference it lies. */
async function compare(stage) {
  const [first, second] = sides(stage);
  await Promise.all([first, second].map((one) => one.picture.image.decode()));
  const part = overlap(first, second);
  const to = mapSize(part, first, second);
  const bitmaps = await Promise.all([cut(first, part, to), cut(second, part, to)]);
  return { map: await mapOf(...bitmaps), part, to };
}

function smallOf(image) {
  const scale = Math.min(1, LIVE / Math.max(image.naturalWidth, image.naturalHeight));
  return createImageBitmap(image, {
    resizeWidth: Math.max(1, Math.round(image.naturalWidth * scale)),
    resizeHeight: Math.max(1, Math.round(image.naturalHeight * scale)),
    resizeQuality: "high",
  });
}

function drawPicture(context, live, stage, { picture, size, lies }, density) {
  const at = drawn(stage.view, stage.reference.size, stage.pane, lies);
  context.drawImage(live.bitmaps.get(picture), at.x * density, at.y * density,
    size.width * at.sx * density, size.height * at.sy * density);
}

/** Both pictures with the one taken from the other; each pass doubles what is left. */
function drawLive(live, stage) {
  const { canvas, context, gain } = live;
  const density = Math.min(devicePixelRatio, LIVE / Math.max(stage.pane.width, stage.pane.height, 1));
  const width = Math.round(stage.pane.width * density);
  const height = Math.round(stage.pane.height * density);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const [first, second] = sides(stage);
  const part = onScreen(stage, overlap(first, second), density);
  context.globalCompositeOperation = "source-over";
  context.clearRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(part.x, part.y, part.width, part.height);
  context.clip();
  drawPicture(context, live, stage, first, density);
  context.globalCompositeOperation = "difference";
  drawPicture(context, live, stage, second, density);
  context.restore();
  context.globalCompositeOperation = "lighter";
  for (let pass = 0; pass < gain; pass++) context.drawImage(canvas, 0, 0);
  context.globalCompositeOperation = "source-over";
  if (live.found) drawMap(live, stage, density);
}

function onScreen(stage, part, density) {
  const lies = { x: part.x, y: part.y, sx: 1, sy: 1 };
  const at = drawn(stage.view, stage.reference.size, stage.pane, lies);
  return { x: at.x * density, y: at.y * density,
    width: part.width * at.sx * density, height: part.height * at.sy * density };
}

/** The colour of a mean difference. */
export function colourOf(mean) {
  const level = LEVELS.findLastIndex((least) => mean >= least);
  return COLOURS[Math.max(level, 0)];
}

function drawMap(live, stage, density) {
  const { context, found: { map, part, to } } = live;
  const area = onScreen(stage, part, density);
  const [wide, high] = [(area.width * TILE) / to.width, (area.height * TILE) / to.height];
  context.globalAlpha = 0.55;
  for (let tile = 0; tile < map.means.length; tile++) {
    if (map.means[tile] <= map.limit) continue;
    context.fillStyle = colourOf(map.means[tile]);
    const x = tile % map.columns;
    context.fillRect(area.x + x * wide, area.y + Math.floor(tile / map.columns) * high, wide, high);
  }
  context.globalAlpha = 1;
  if (differsAllOver(map)) return;
  for (const box of map.boxes) {
    const at = [area.x + box.x * area.width, area.y + box.y * area.height,
      box.width * area.width, box.height * area.height];
    for (const [colour, line] of [["#000", 5], ["#fff", 2]]) {
      context.strokeStyle = colour;
      context.lineWidth = line * density;
      context.strokeRect(...at);
    }
  }
}

/** A box of the map as fractions of the reference. */
function boxOn(stage, { part }, box) {
  const { width, height } = stage.reference.size;
  return { x: (part.x + box.x * part.width) / width, y: (part.y + box.y * part.height) / height,
    width: (box.width * part.width) / width, height: (box.height * part.height) / height };
}

function legend() {
  const list = document.createElement("ol");
  list.className = "levels";
  list.setAttribute("aria-label", "Colours of the map: mean difference of 255");
  LEVELS.forEach((least, level) => {
    const item = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.style.setProperty("background", COLOURS[level]);
    item.append(swatch, `${least}${level === LEVELS.length - 1 ? "+" : ""}`);
    list.append(item);
  });
  return list;
}

function make(stage) {
  const canvas = document.createElement("canvas");
  canvas.className = "difference";
  canvas.setAttribute("role", "img");
  stage.panes.append(canvas);
  const tools = stage.tools?.querySelector(".difference-tools");
  const select = tools?.querySelector('[data-stage="gain"]');
  if (tools && !tools.querySelector(".levels")) tools.append(legend());
  return { canvas, context: canvas.getContext("2d"), gain: Number(select?.value || 2), tools, select,
    words: stage.tools?.querySelector(".difference-words"), bitmaps: new Map(), pair: "",
    found: null, place: -1, isAsked: false };
}

function put(live, words) {
  if (live.words) live.words.textContent = words;
  live.canvas.setAttribute("aria-label", `Difference: ${words}`);
}

/** Prepares what the present pair needs: small bitmaps first, then the map. */
async function prepare(live, stage) {
  const pair = pairOf(stage);
  const name = pair.map((one) => `${one.number}:${one.nudge.x}:${one.nudge.y}`).join();
  if (live.pair === name) return;
  Object.assign(live, { pair: name, found: null, place: -1, isAsked: false });
  put(live, "Comparing...");
  try {
    await Promise.all(pair.map(async (one) => {
      await one.image.decode();
      if (!live.bitmaps.has(one)) live.bitmaps.set(one, await smallOf(one.image));
    }));
    stage.redraw();
    const found = await compare(stage);
    if (live.pair !== name || stage.signal.aborted) return;
    live.found = found;
    put(live, differenceWords(found.map));
    if (live.isAsked) hop(live, stage);
  } catch {
    if (live.pair === name) put(live, "These pictures cannot be compared.");
  }
  stage.redraw();
}

/** Goes to the next place that differs; before they are known, to the first as soon as they are. */
function hop(live, stage) {
  live.isAsked = !live.found;
  const boxes = live.found && !differsAllOver(live.found.map) ? live.found.map.boxes : [];
  if (!boxes.length || stage.mode !== "diff") return;
  live.place = (live.place + 1) % boxes.length;
  showPart(stage, boxOn(stage, live.found, boxes[live.place]));
}

/** Gives a stage its difference, which is drawn in that view only. */
export function start(stage) {
  const live = make(stage);
  const isSeen = () => stage.mode === "diff";
  const changed = () => {
    live.canvas.hidden = !isSeen();
    if (isSeen()) prepare(live, stage);
  };
  stage.listeners.push(changed);
  stage.drawers.push(() => {
    if (isSeen() && pairOf(stage).every((one) => live.bitmaps.has(one))) drawLive(live, stage);
  });
  live.select?.addEventListener("change", () => {
    live.gain = Number(live.select.value);
    stage.redraw();
  }, { signal: stage.signal });
  stage.tools?.addEventListener("click", (event) => {
    if (event.target.closest('[data-stage="place"]')) hop(live, stage);
  }, { signal: stage.signal });
  stage.signal.addEventListener("abort", () => {
    for (const bitmap of live.bitmaps.values()) bitmap.close();
    live.bitmaps.clear();
  });
  changed();
}
