// One picture in full screen: whole at first, then as near as one likes, by wheel, keys and fingers.
//
// The numbers are those of `zoom.js` with a single pane: the picture itself is the reference.

import { MOST, PIXELATED, STEP, drawn, fitZoom, pan, place, pointAt, zoomTo } from "./zoom.js";

const TAP = 12;
const SWIPE = 60;
const EDGE = 0.25;
const DOUBLE = 350;

/** @typedef {import("./zoom.js").View} View */
/** @typedef {import("./zoom.js").Point} Point */

const within = (value, low, high) => Math.min(Math.max(value, low), high);

export class PictureStage {
  /**
   * @param {HTMLElement} stage
   * @param {{width: number, height: number}} size
   * @param {{way: (by: number) => void, zoomed: (percent: number) => void}} tell
   */
  constructor(stage, size, tell) {
    this.stage = stage;
    this.size = size;
    this.tell = tell;
    /** @type {View | null} null while it is shown whole, however large the window becomes */
    this.view = null;
    this.pointer = null;
    /** Whether what is seen follows the pointer, over the whole picture. */
    this.isLoupe = false;
    /** @type {Map<number, Point>} */
    this.fingers = new Map();
    this.begun = null;
    this.kind = "";
    this.tapped = 0;
    this.frame = 0;
    this.watch = new ResizeObserver(() => this.draw());
    this.listen();
    this.watch.observe(stage);
    this.draw();
  }

  listen() {
    const on = (name, does, options) => this.stage.addEventListener(name, does, options);
    on("wheel", (event) => this.onWheel(event), { passive: false });
    on("pointerdown", (event) => this.onDown(event));
    on("pointermove", (event) => this.onMove(event));
    on("pointerup", (event) => this.onUp(event));
    on("pointercancel", (event) => this.onUp(event, true));
    on("dblclick", (event) => this.kind === "mouse" && this.toggle(this.at(event)));
    on("dragstart", (event) => event.preventDefault());
  }

  end() {
    this.watch.disconnect();
    cancelAnimationFrame(this.frame);
  }

  get pane() {
    return { width: this.stage.clientWidth || 1, height: this.stage.clientHeight || 1 };
  }

  /** Small pictures are shown as they are, larger ones whole. */
  get least() {
    return Math.min(fitZoom(this.size, this.pane), 1);
  }

  get most() {
    return Math.max(MOST / devicePixelRatio, this.least);
  }

  get now() {
    return this.view ?? { x: 0.5, y: 0.5, zoom: this.least };
  }

  at(event) {
    const box = this.stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  get middle() {
    return { x: this.pane.width / 2, y: this.pane.height / 2 };
  }

  /** Another zoom; what is seen at a place of the stage stays there. */
  zoom(to, at = this.middle) {
    const zoom = within(to, this.least, this.most);
    if (zoom <= this.least * 1.0001) return this.fit();
    this.put(zoomTo(this.now, zoom, pointAt(this.now, this.size, this.pane, at)));
  }

  step(by, at) {
    this.zoom(this.now.zoom * STEP ** by, at);
  }

  fit() {
    this.view = null;
    this.draw();
  }

  /** One pixel of the screen for each of the picture. */
  actual(at = this.pointer ?? this.middle) {
    const zoom = 1 / devicePixelRatio;
    this.zoom(zoom > this.least * 1.0001 ? zoom : Math.min(2 * this.least, this.most), at);
  }

  toggle(at) {
    if (this.view) this.fit();
    else this.actual(at);
  }

  pan(by) {
    if (this.view) this.put(pan(this.view, this.size, by));
  }

  /** By so many tenths of the stage. */
  shift(x, y) {
    this.pan({ x: -x * this.pane.width * 0.1, y: -y * this.pane.height * 0.1 });
  }

  put(view) {
    this.view = { x: within(view.x, 0, 1), y: within(view.y, 0, 1), zoom: view.zoom };
    this.draw();
  }

  /** Once a frame, whatever came in meanwhile. */
  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const picture = this.stage.querySelector("img, canvas");
      if (!picture) return;
      const to = drawn(this.now, this.size, this.pane, place(this.size, this.size));
      picture.style.setProperty("width", `${this.size.width}px`);
      picture.style.setProperty("height", `${this.size.height}px`);
      picture.style.setProperty("transform", `translate(${to.x}px, ${to.y}px) scale(${to.sx})`);
      this.stage.classList.toggle("is-zoomed", this.view !== null);
      this.stage.classList.toggle("is-pixelated", this.now.zoom * devicePixelRatio > PIXELATED);
      this.tell.zoomed(Math.round(this.now.zoom * devicePixelRatio * 100));
    });
  }

  onWheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 0 ? 1 : 33;
    const by = within((event.deltaY * lines) / (event.ctrlKey ? 15 : 100), -4, 4);
    this.step(-by, this.at(event));
  }

  onDown(event) {
    if (event.button !== 0 || event.target.closest("button, .picture-trouble")) return;
    this.kind = event.pointerType;
    this.stage.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this.at(event));
    if (this.fingers.size === 1) this.begun = { ...this.at(event), alone: true };
    else if (this.begun) this.begun.alone = false;
  }

  onMove(event) {
    const to = this.at(event);
    if (event.pointerType === "mouse") this.pointer = to;
    if (this.isLoupe) {
      this.view = null;
      this.actual(to);
    }
    const from = this.fingers.get(event.pointerId);
    if (!from) return;
    this.stage.classList.add("is-dragged");
    if (this.fingers.size === 2) this.pinch(event.pointerId, to);
    else this.pan({ x: to.x - from.x, y: to.y - from.y });
    this.fingers.set(event.pointerId, to);
  }

  pinch(id, to) {
    const [other] = [...this.fingers].filter(([one]) => one !== id).map(([, at]) => at);
    const from = this.fingers.get(id);
    const apart = (one) => Math.hypot(one.x - other.x, one.y - other.y) || 1;
    const middle = (one) => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
    const [before, after] = [middle(from), middle(to)];
    this.zoom((this.now.zoom * apart(to)) / apart(from), before);
    this.pan({ x: after.x - before.x, y: after.y - before.y });
  }

  onUp(event, broken = false) {
    const { begun } = this;
    if (!this.fingers.delete(event.pointerId) || this.fingers.size) return;
    this.stage.classList.remove("is-dragged");
    this.begun = null;
    if (broken || !begun?.alone || event.pointerType === "mouse") return;
    const to = this.at(event);
    const [x, y] = [to.x - begun.x, to.y - begun.y];
    if (Math.hypot(x, y) < TAP) this.onTap(event, to);
    else if (!this.view && Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) this.tell.way(-Math.sign(x));
  }

  /** A finger at the sides goes on and back, two taps zoom. */
  onTap(event, at) {
    const share = at.x / this.pane.width;
    if (!this.view && (share < EDGE || share > 1 - EDGE)) {
      this.tell.way(share < EDGE ? -1 : 1);
    } else if (event.timeStamp - this.tapped < DOUBLE) {
      this.toggle(at);
      this.tapped = 0;
    } else {
      this.tapped = event.timeStamp;
    }
  }
}
