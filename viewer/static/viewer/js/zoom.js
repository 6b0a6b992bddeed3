// Zoom and pan of several pictures at once, as numbers in and numbers out.
//
// There is one view for all panes: its centre as fractions of the reference picture's width and
// height, and how many screen units a pixel of the reference takes. Every other picture is placed
// on the reference first, so a small copy beside a large one shows the same part at the same size.

/** @typedef {{width: number, height: number}} Size */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, zoom: number}} View */
/** @typedef {{x: number, y: number, sx: number, sy: number, alike: boolean}} Placed */

export const STEP = 1.25;
export const MOST = 8;
export const PIXELATED = 3;
const SAME_SHAPE = 0.01;

/** Which picture is the reference: the one with most pixels, the first of several. */
export function referenceOf(sizes) {
  const pixels = sizes.map((size) => size.width * size.height);
  return pixels.indexOf(Math.max(...pixels));
}

/**
 * Where a picture lies on the reference, in the reference's pixels: scaled to it when their shapes
 * are the same, else with the centres together and the largest scale that stays within.
 * @returns {Placed}
 */
export function place(size, reference, nudge = { x: 0, y: 0 }) {
  const wide = reference.width / size.width;
  const high = reference.height / size.height;
  const alike = Math.abs(wide / high - 1) <= SAME_SHAPE;
  const sx = alike ? wide : Math.min(wide, high);
  const sy = alike ? high : sx;
  return {
    x: (reference.width - size.width * sx) / 2 + nudge.x,
    y: (reference.height - size.height * sy) / 2 + nudge.y,
    sx,
    sy,
    alike,
  };
}

/** The zoom at which the whole reference is seen. */
export function fitZoom(reference, pane) {
  return Math.min(pane.width / reference.width, pane.height / reference.height);
}

/** The whole reference, in the middle. */
export function fitted(reference, pane) {
  return { x: 0.5, y: 0.5, zoom: fitZoom(reference, pane) };
}

/** The smallest and largest zoom; `density` is how many screen pixels a unit has. */
export function bounds(reference, pane, density = 1) {
  const least = fitZoom(reference, pane);
  return { least, most: Math.max(MOST / density, least) };
}

const within = (value, low, high) => Math.min(Math.max(value, low), high);

/** The nearest view that shows something: half of a pane stays covered, fitted is in the middle. */
export function clamp(view, reference, pane, density = 1) {
  const { least, most } = bounds(reference, pane, density);
  const zoom = within(view.zoom, least, most);
  if (zoom <= least * 1.0001) return fitted(reference, pane);
  return { x: within(view.x, 0, 1), y: within(view.y, 0, 1), zoom };
}

/** The point of the reference, as fractions, that is seen at a place of a pane. */
export function pointAt(view, reference, pane, at) {
  return {
    x: view.x + (at.x - pane.width / 2) / (reference.width * view.zoom),
    y: view.y + (at.y - pane.height / 2) / (reference.height * view.zoom),
  };
}

/** Where in a pane a point of the reference is seen. */
export function placeOf(view, reference, pane, point) {
  return {
    x: pane.width / 2 + (point.x - view.x) * reference.width * view.zoom,
    y: pane.height / 2 + (point.y - view.y) * reference.height * view.zoom,
  };
}

/** Another zoom; the point stays where it is seen. */
export function zoomTo(view, zoom, point) {
  const ratio = view.zoom / zoom;
  return {
    x: point.x - (point.x - view.x) * ratio,
    y: point.y - (point.y - view.y) * ratio,
    zoom,
  };
}

/** The view after the pictures were dragged by so many screen units. */
export function pan(view, reference, by) {
  return {
    x: view.x - by.x / (reference.width * view.zoom),
    y: view.y - by.y / (reference.height * view.zoom),
    zoom: view.zoom,
  };
}

/** How a picture is drawn in a pane: its corner and scale on the screen. */
export function drawn(view, reference, pane, placed) {
  return {
    x: pane.width / 2 + (placed.x - view.x * reference.width) * view.zoom,
    y: pane.height / 2 + (placed.y - view.y * reference.height) * view.zoom,
    sx: placed.sx * view.zoom,
    sy: placed.sy * view.zoom,
  };
}

/**
 * How many columns and rows of panes show the pictures largest.
 * @param {number} count panes, from 1
 * @param {Size} reference
 * @param {Size} room for all panes, with what stands below each of them
 * @param {number} below how high that is
 */
export function arrange(count, reference, room, below = 0, gap = 8) {
  const columns = { 1: [1], 2: [2, 1], 3: [3, 1, 2], 4: [4, 1, 2] }[count] || [2];
  let best = null;
  for (const across of columns) {
    const down = count > 4 ? 1 : Math.ceil(count / across);
    const width = (room.width - gap * (across - 1)) / across;
    const height = (room.height - gap * (down - 1)) / down - below;
    const scale = Math.min(width / reference.width, Math.max(height, 1) / reference.height);
    if (!best || scale > best.scale * 1.001) best = { across, down, width, height, scale };
  }
  return best;
}
