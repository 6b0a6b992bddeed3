// What differs between two pictures of one size, beyond what recompression and resampling do.
//
// As a worker it is sent two bitmaps and answers with the map; the functions are pure, and the page
// uses those for words too.

/** @typedef {{x: number, y: number, width: number, height: number}} Box in fractions of the map */
/** @typedef {{columns: number, rows: number, means: Float32Array, limit: number, median: number,
 *   shift: number[], differing: number, boxes: Box[]}} DifferenceMap */

export const TILE = 16;
const LEAST = 6; // of 255: what stays after a strong recompression
const DEVIATIONS = 6;
const STRONG = 12; // of 255: the median tile of two pictures that have little in common
const MANY = 0.4;

/**
 * By how much each channel of the second picture is brighter than that of the first, at the middle
 * pixel: a mean would follow what was painted into one of them.
 */
export function shiftOf(first, second) {
  return [0, 1, 2].map((channel) => {
    const counts = new Uint32Array(511);
    for (let at = channel; at < first.length; at += 4) counts[second[at] - first[at] + 255]++;
    let left = first.length / 8;
    return counts.findIndex((count) => (left -= count) <= 0) - 255;
  });
}

/**
 * One channel of the second picture less the first, smoothed over 3x3 pixels: hard edges that
 * another size or a recompression moved by a fraction of a pixel cancel out, painted things do not.
 */
export function smoothed(first, second, width, height, channel, shift) {
  const rows = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const value = (x) => {
      const at = (row + Math.min(Math.max(x, 0), width - 1)) * 4 + channel;
      return second[at] - first[at];
    };
    let sum = value(-1) + value(0);
    for (let x = 0; x < width; x++) {
      sum += value(x + 1);
      rows[row + x] = sum;
      sum -= value(x - 1);
    }
  }
  const found = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const above = Math.max(y - 1, 0) * width;
    const under = Math.min(y + 1, height - 1) * width;
    for (let x = 0; x < width; x++) {
      found[y * width + x] = (rows[above + x] + rows[y * width + x] + rows[under + x]) / 9 - shift;
    }
  }
  return found;
}

/** The mean difference in each tile: luma, and a quarter of the two differences of colour. */
export function tileMeans(first, second, width, height, shift) {
  const [reds, greens, blues] = shift.map((mean, channel) =>
    smoothed(first, second, width, height, channel, mean));
  const columns = Math.ceil(width / TILE);
  const rows = Math.ceil(height / TILE);
  const means = new Float32Array(columns * rows);
  const counts = new Uint16Array(columns * rows);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(y / TILE) * columns;
    for (let x = 0; x < width; x++, at++) {
      const luma = 0.299 * reds[at] + 0.587 * greens[at] + 0.114 * blues[at];
      const tile = row + Math.floor(x / TILE);
      means[tile] += Math.abs(luma) + (Math.abs(blues[at] - luma) + Math.abs(reds[at] - luma)) / 4;
      counts[tile]++;
    }
  }
  for (let tile = 0; tile < means.length; tile++) means[tile] /= counts[tile];
  return { columns, rows, means };
}

function medianOf(values) {
  const sorted = Float32Array.from(values).sort();
  return sorted.length ? sorted[sorted.length >> 1] : 0;
}

/** From where on a tile differs: above noise, and above what all tiles have in common. */
export function limitOf(means) {
  const median = medianOf(means);
  const spread = medianOf(means.map((mean) => Math.abs(mean - median)));
  return { median, limit: Math.max(LEAST, median + DEVIATIONS * spread) };
}

/** Tiles above the limit that touch, also by a corner, as boxes in tiles; largest first. */
export function boxesOf(means, columns, rows, limit) {
  const seen = new Uint8Array(means.length);
  const boxes = [];
  for (let start = 0; start < means.length; start++) {
    if (!seen[start] && means[start] > limit) boxes.push(grown(start, means, columns, rows, limit, seen));
  }
  return boxes.sort((one, other) => other.tiles - one.tiles);
}

function grown(start, means, columns, rows, limit, seen) {
  const box = { left: columns, top: rows, right: 0, bottom: 0, tiles: 0 };
  const open = [start];
  seen[start] = 1;
  while (open.length) {
    const tile = open.pop();
    const x = tile % columns;
    const y = (tile - x) / columns;
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x + 1);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y + 1);
    box.tiles++;
    for (let v = Math.max(0, y - 1); v <= Math.min(rows - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(columns - 1, x + 1); u++) {
        const next = v * columns + u;
        if (!seen[next] && means[next] > limit) {
          seen[next] = 1;
          open.push(next);
        }
      }
    }
  }
  return box;
}

/**
 * The map of two pictures as RGBA bytes of one size.
 * @returns {DifferenceMap}
 */
export function differenceMap(first, second, width, height) {
  const shift = shiftOf(first, second);
  const { columns, rows, means } = tileMeans(first, second, width, height, shift);
  const { median, limit } = limitOf(means);
  const found = boxesOf(means, columns, rows, limit);
  const differing = found.reduce((sum, box) => sum + box.tiles, 0);
  const boxes = found.map((box) => {
    const right = Math.min(box.right * TILE, width);
    const bottom = Math.min(box.bottom * TILE, height);
    return {
      x: (box.left * TILE) / width,
      y: (box.top * TILE) / height,
      width: (right - box.left * TILE) / width,
      height: (bottom - box.top * TILE) / height,
      tiles: box.tiles,
    };
  });
  return { columns, rows, means, limit, median, shift, differing, boxes };
}

function whereOf(box) {
  const third = (value) => (value < 1 / 3 ? 0 : value > 2 / 3 ? 2 : 1);
  const across = ["left", "", "right"][third(box.x + box.width / 2)];
  const down = ["upper", "", "lower"][third(box.y + box.height / 2)];
  if (!across && !down) return "in the middle";
  return [down, across].filter(Boolean).join(" ");
}

function shareWords(share) {
  const percent = share * 100;
  return `${percent < 0.1 ? "less than 0.1" : percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Whether the pictures have little in common. */
export function differsAllOver(map) {
  return map.median > STRONG || map.differing / map.means.length > MANY;
}

function brightnessWords(map) {
  const [red, green, blue] = map.shift;
  const luma = Math.round(((0.299 * red + 0.587 * green + 0.114 * blue) / 255) * 100);
  if (!luma) return "";
  return `${Math.abs(luma)} % ${luma > 0 ? "brighter" : "darker"}`;
}

/** What the map says, in a sentence. */
export function differenceWords(map) {
  if (differsAllOver(map)) return "Differs all over: another picture or strong edit";
  const brightness = brightnessWords(map);
  const also = brightness ? `; ${brightness}` : "";
  const [box] = map.boxes;
  if (!box) return `Nothing differs beyond compression${also}`;
  const share = shareWords(map.differing / map.means.length);
  if (map.boxes.length === 1) return `One place differs, ${share} of the picture, ${whereOf(box)}${also}`;
  return `${map.boxes.length} places differ, ${share} of the picture, most ${whereOf(box)}${also}`;
}

function pixelsOf(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#808080"; // what is see-through is the same in both
  context.fillRect(0, 0, bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height).data;
}

function answer(event) {
  const { id, first, second } = event.data;
  const { width, height } = first;
  const map = differenceMap(pixelsOf(first), pixelsOf(second), width, height);
  self.postMessage({ id, map });
}

if (typeof WorkerGlobalScope !== "undefined") self.addEventListener("message", answer);
