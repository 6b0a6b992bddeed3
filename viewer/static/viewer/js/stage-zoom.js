// Wheel, drag, pinch and keys of the stage: one view, written to all pictures once a frame.

import { onKeys } from "./keys.js";
import { placed } from "./stage-layout.js";
import { bounds, clamp, drawn, fitted, pan, PIXELATED, pointAt, STEP, zoomTo } from "./zoom.js";

const NOTCH = Math.log(STEP) / 100;
const MOVED = 4;
const HELD = 300;
const SWIPE = 48;
const EDGE = 4;

/** Where a pane stands on the screen, without what shifts it while it blinks. */
function local(frame, event) {
  const box = frame.getBoundingClientRect();
  return { x: event.clientX - box.left - frame.clientLeft, y: event.clientY - box.top - frame.clientTop };
}

function middle(stage) {
  return { x: stage.pane.width / 2, y: stage.pane.height / 2 };
}

/** Looks at a part of the reference, or the nearest there is. */
export function look(stage, view) {
  const found = clamp(view, stage.reference.size, stage.pane, devicePixelRatio);
  stage.view = found;
  stage.isFitted = found.zoom <= bounds(stage.reference.size, stage.pane).least * 1.0001;
  stage.panes.classList.toggle("zoomed", !stage.isFitted);
  stage.redraw();
}

/** Zooms to a factor of what it is; the point under `at` stays there. */
export function zoomAt(stage, factor, at) {
  const { least, most } = bounds(stage.reference.size, stage.pane, devicePixelRatio);
  const zoom = Math.min(Math.max(stage.view.zoom * factor, least), most);
  const point = pointAt(stage.view, stage.reference.size, stage.pane, at);
  look(stage, zoomTo(stage.view, zoom, point));
}

/** Looks at a part of the reference, given as fractions, with some of its surroundings. */
export function showPart(stage, box) {
  const { width, height } = stage.reference.size;
  const wide = stage.pane.width / (width * box.width * 3);
  const high = stage.pane.height / (height * box.height * 3);
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  look(stage, { x, y, zoom: Math.min(wide, high) });
}

function fit(stage) {
  look(stage, fitted(stage.reference.size, stage.pane));
}

function full(stage, at) {
  zoomAt(stage, 1 / devicePixelRatio / stage.view.zoom, at);
}

function isFull(stage) {
  return Math.abs(stage.view.zoom * devicePixelRatio - 1) < 0.001;
}

// Drawing

function draw(stage) {
  for (const one of stage.shown) {
    const lies = placed(stage, one);
    const at = drawn(stage.view, stage.reference.size, stage.pane, lies);
    const style = one.image.style;
    style.setProperty("width", `${one.size.width}px`);
    style.setProperty("height", `${one.size.height}px`);
    style.setProperty("transform", `translate(${at.x}px, ${at.y}px) scale(${at.sx}, ${at.sy})`);
    one.image.classList.toggle("pixelated", at.sx * devicePixelRatio > PIXELATED);
    if (!lies.alike) drawRest(stage, one);
  }
  say(stage);
}

/**
 * The part of the reference that a picture of another shape does not cover is hatched. Only what lies
 * in the pane: zoomed in, the whole would be painted anew in every frame, a hundred times as large.
 */
function drawRest(stage, one) {
  one.rest ||= one.frame.querySelector(".rest");
  if (!one.rest) {
    one.rest = document.createElement("div");
    one.rest.className = "rest";
    one.frame.prepend(one.rest);
  }
  const at = drawn(stage.view, stage.reference.size, stage.pane, { x: 0, y: 0, sx: 1, sy: 1 });
  const [left, right] = within(at.x, stage.reference.size.width * at.sx, stage.pane.width);
  const [top, bottom] = within(at.y, stage.reference.size.height * at.sy, stage.pane.height);
  one.rest.style.setProperty("transform", `translate(${left}px, ${top}px)`);
  one.rest.style.setProperty("width", `${right - left}px`);
  one.rest.style.setProperty("height", `${bottom - top}px`);
}

/** From where to where something is seen in a pane, with its edges just outside if they are. */
function within(start, length, room) {
  const least = Math.max(start, -EDGE);
  return [least, Math.max(least, Math.min(start + length, room + EDGE))];
}

function say(stage) {
  const scale = stage.tools?.querySelector(".scale");
  if (!scale) return;
  const words = `${Math.round(stage.view.zoom * devicePixelRatio * 100)} %`;
  if (scale.textContent !== words) scale.textContent = words;
}

// Wheel

function onWheel(stage, event) {
  const frame = event.target.closest(".frame");
  if (!frame) return;
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
  const turned = Math.max(-300, Math.min(300, event.deltaY * lines));
  // There is nothing smaller than the whole: then the page may scroll on.
  if (stage.isFitted && turned > 0 && !event.ctrlKey) return;
  event.preventDefault();
  const pinched = event.ctrlKey ? 4 : 1;
  zoomAt(stage, Math.exp(-turned * NOTCH * pinched), local(frame, event));
}

// Pointers

function startPointers(stage, hands) {
  const touching = new Map();
  const gesture = { moved: false, picture: null, frame: null, start: null, wasPinch: false };
  const options = { signal: stage.signal };
  const listen = (name, listener) => stage.panes.addEventListener(name, listener, options);

  listen("pointerdown", (event) => {
    const frame = event.target.closest(".frame");
    if (!frame || event.button !== 0 || event.target.closest("input, button")) return;
    touching.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (touching.size > 1) {
      gesture.wasPinch = true;
      return;
    }
    const picture = stage.pictures.find((one) => one.frame === frame);
    Object.assign(gesture, { moved: false, wasPinch: false, picture, frame,
      start: { x: event.clientX, y: event.clientY } });
  });
  listen("pointermove", (event) => {
    const before = touching.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const far = Math.hypot(now.x - gesture.start.x, now.y - gesture.start.y) > MOVED;
    if (!gesture.moved && !far && touching.size === 1) return;
    if (!gesture.moved) {
      gesture.moved = true;
      gesture.frame.setPointerCapture(event.pointerId);
    }
    if (touching.size > 1) pinch(stage, gesture, touching, event.pointerId, now);
    else drag(stage, gesture, { x: now.x - before.x, y: now.y - before.y }, event.altKey);
    touching.set(event.pointerId, now);
  });
  const end = (event) => {
    if (!touching.delete(event.pointerId) || touching.size) return;
    if (event.type === "pointerup" && !gesture.wasPinch) finish(stage, gesture, event, hands);
  };
  listen("pointerup", end);
  listen("pointercancel", end);
  // A link for those without scripts, and with Ctrl or the middle button; a handle otherwise.
  listen("click", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
    if (event.target.closest(".frame") && plain && event.detail > 0) event.preventDefault();
  });
  listen("dragstart", (event) => event.preventDefault());
  listen("dblclick", (event) => {
    const frame = event.target.closest(".frame");
    if (!frame) return;
    if (stage.isFitted) full(stage, local(frame, event));
    else fit(stage);
  });
}

function drag(stage, gesture, by, nudges) {
  if (nudges) {
    gesture.picture.nudge.x += by.x / stage.view.zoom;
    gesture.picture.nudge.y += by.y / stage.view.zoom;
    stage.redraw();
  } else if (!stage.isFitted) look(stage, pan(stage.view, stage.reference.size, by));
}

function pinch(stage, gesture, touching, moving, now) {
  const [id, other] = [...touching].find(([key]) => key !== moving);
  if (id === undefined) return;
  const before = touching.get(moving);
  const old = Math.hypot(before.x - other.x, before.y - other.y);
  const far = Math.hypot(now.x - other.x, now.y - other.y);
  const centre = { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 };
  if (old > 0) zoomAt(stage, far / old, local(gesture.frame, centre));
  const by = { x: (now.x - before.x) / 2, y: (now.y - before.y) / 2 };
  if (!stage.isFitted) look(stage, pan(stage.view, stage.reference.size, by));
}

/** What a gesture was: a swipe or a tap shows another picture of a stack, a click chooses one. */
function finish(stage, gesture, event, hands) {
  const across = event.clientX - gesture.start.x;
  const alone = stage.panes.classList.contains("alone");
  if (gesture.moved) {
    if (alone && stage.isFitted && Math.abs(across) > SWIPE) hands.step(across < 0 ? 1 : -1);
    return;
  }
  if (!alone) {
    hands.choose(gesture.picture);
    return;
  }
  const half = local(gesture.frame, event).x < stage.pane.width / 2;
  hands.step(half ? -1 : 1);
}

// Keys and buttons

function startLoupe(stage, pointer) {
  let before = null;
  let since = 0;
  const follow = () => {
    if (!pointer.at) return;
    stage.view = before.view;
    full(stage, pointer.at);
  };
  return {
    down: (event) => {
      since = event.timeStamp;
      before = { view: stage.view, full: isFull(stage) };
      if (before.full) return;
      full(stage, pointer.at || middle(stage));
      pointer.moved = follow;
    },
    up: (event) => {
      pointer.moved = null;
      const wasHeld = event.timeStamp - since > HELD;
      if (wasHeld) look(stage, before.view);
      else if (before.full) fit(stage);
    },
  };
}

function followPointer(stage) {
  const pointer = { at: null, moved: null };
  stage.panes.addEventListener("pointermove", (event) => {
    const frame = event.target.closest(".frame");
    pointer.at = frame ? local(frame, event) : null;
    pointer.moved?.();
  }, { signal: stage.signal });
  stage.panes.addEventListener("pointerleave", () => (pointer.at = null), { signal: stage.signal });
  return pointer;
}

function move(stage, x, y) {
  const by = { x: x * stage.pane.width * 0.1, y: y * stage.pane.height * 0.1 };
  if (!stage.isFitted) look(stage, pan(stage.view, stage.reference.size, by));
}

function bindKeys(stage, pointer) {
  const at = () => pointer.at || middle(stage);
  const stop = onKeys(stage.element, {
    "+": () => zoomAt(stage, STEP, at()),
    "=": () => zoomAt(stage, STEP, at()),
    "-": () => zoomAt(stage, 1 / STEP, at()),
    0: () => fit(stage),
    z: startLoupe(stage, pointer),
    "Shift+ArrowLeft": () => move(stage, 1, 0),
    "Shift+ArrowRight": () => move(stage, -1, 0),
    "Shift+ArrowUp": () => move(stage, 0, 1),
    "Shift+ArrowDown": () => move(stage, 0, -1),
  }, {
    z: "Every pixel; held: a loupe at the pointer",
    "Shift+ArrowLeft": "Move what is seen", "Shift+ArrowRight": "Move what is seen",
    "Shift+ArrowUp": "Move what is seen", "Shift+ArrowDown": "Move what is seen",
  });
  stage.signal.addEventListener("abort", stop);
}

const NUDGES = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

function nudge(stage, way) {
  const picture = stage.active;
  const [x, y] = NUDGES[way] || [0, 0];
  if (!NUDGES[way]) Object.assign(picture.nudge, { x: 0, y: 0 });
  picture.nudge.x += x / stage.view.zoom;
  picture.nudge.y += y / stage.view.zoom;
  stage.redraw();
}

function bindButtons(stage) {
  const actions = {
    in: () => zoomAt(stage, STEP, middle(stage)),
    out: () => zoomAt(stage, 1 / STEP, middle(stage)),
    fit: () => fit(stage),
    full: () => full(stage, middle(stage)),
    nudge: (button) => nudge(stage, button.dataset.value),
  };
  stage.tools?.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-stage]");
    actions[button?.dataset.stage]?.(button);
  }, { signal: stage.signal });
}

/**
 * Lets a stage be zoomed and panned.
 * @param {{choose: (picture: object) => void, step: (by: number) => void}} hands
 */
export function startZoom(stage, hands) {
  stage.drawers.push(() => draw(stage));
  stage.panes.addEventListener("wheel", (event) => onWheel(stage, event),
    { passive: false, signal: stage.signal });
  startPointers(stage, hands);
  bindKeys(stage, followPointer(stage));
  bindButtons(stage);
}
